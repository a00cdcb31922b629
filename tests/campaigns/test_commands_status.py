"""`campaign_status` and `tick`: what they tell people, and the JSON that programs read."""

import json
from dataclasses import fields
from datetime import timedelta

import pytest
import time_machine
from django.utils import translation

from campaigns.management.commands.tick import DONE
from campaigns.models import Dispatcher, Lane
from campaigns.tick import Tidied
from campaigns.tick import tick as tidy
from tests.campaigns.commands import refusal, run
from tests.factories import NOW, make_campaign, make_delivery, make_lane, make_sender

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_ten():
    """In English, at a time that stands still: 10:00 in Bogotá."""
    with translation.override("en"), time_machine.travel(NOW, tick=False):
        tidy(now=NOW)  # a sign of life of the background
        yield


def make_busy(**fields):
    """Two sent, one failed, one skipped, one pending on WhatsApp; one pending by e-mail."""
    campaign = make_campaign(name="Aviso", status="sending", zone="America/Bogota", **fields)
    for status, kind in (("sent", ""), ("read", ""), ("failed", "not_on_whatsapp"), ("skipped", "opted_out")):
        make_delivery(campaign=campaign, status=status, error_kind=kind, sent_at=NOW)
    make_delivery(campaign=campaign)
    make_delivery(campaign=campaign, channel="email", address="ana@example.com")
    return campaign


def test_the_json_has_its_keys_and_nothing_else():
    taquilla = make_sender(name="Taquilla", daily_cap=50)
    lane = make_lane(sender=taquilla, next_send_at=NOW + timedelta(seconds=3), position=2, last_call_at=NOW)
    campaign = make_busy()
    assert Lane.objects.get(channel="whatsapp") == lane
    assert json.loads("\n".join(run("campaign_status", campaign.pk, "--json"))) == {
        "id": campaign.pk,
        "name": "Aviso",
        "status": "sending",
        "total": 6,
        "by_state": {"pending": 2, "sent": 1, "read": 1, "failed": 1, "skipped": 1},
        "by_channel": {
            "whatsapp": {"pending": 1, "sent": 1, "read": 1, "failed": 1, "skipped": 1},
            "email": {"pending": 1},
        },
        "waiting": {
            "reason": "pace",
            "until": "2026-11-25T15:00:03+00:00",
            "sentence": "Pause between two messages, so that WhatsApp does not limit the number.",
        },
        "finish_at": "2026-11-25T15:00:03+00:00",
        "numbers": [
            {
                "name": "Taquilla",
                "state": "unknown",
                "position": 2,
                "delay": 0.0,
                "slow_down": 1.0,
                "sent_today": 0,
                "cap_today": 50,
                "waiting": {
                    "reason": "pace",
                    "until": "2026-11-25T15:00:03+00:00",
                    "sentence": "Pause between two messages, so that WhatsApp does not limit the number.",
                },
                "known_only": None,
                "people_reached": 0,
                "people_limit": 0,
            }
        ],
    }


def test_people_see_states_by_channel_reasons_and_times_with_their_zone():
    taquilla = make_sender(name="Taquilla")
    make_lane(sender=taquilla, next_send_at=NOW + timedelta(minutes=3), position=2, last_call_at=NOW)
    campaign = make_busy()
    assert run("campaign_status", campaign.pk) == [
        f"{campaign.pk}  Aviso: Sending",
        "         WhatsApp  E-mail  Total",
        "Pending         1       1      2",
        "Sent            1       0      1",
        "Read            1       0      1",
        "Failed          1       0      1",
        "Skipped         1       0      1",
        "Total           5       1      6",
        "Failed   1  The number has no WhatsApp. Ask the person for another number, or send it by e-mail.",
        "Skipped  1  Asked for no more messages on this channel",
        "Pause between two messages, so that WhatsApp does not limit the number. Until 10:03 (Bogotá).",
        "At this pace it ends at about 10:03 (Bogotá).",
        "          Today  Pause",
        "Taquilla  0      0.0 s",
    ]


def test_a_number_that_waits_says_why_and_that_it_was_slowed_down():
    make_lane(
        sender=make_sender(name="Taquilla"),
        pause_reason="rate_limited",
        paused_until=NOW + timedelta(minutes=5),
        current_delay=3.0,
        slow_down=1.5,
    )
    assert run("campaign_status", make_busy().pk)[-1] == (
        "Taquilla  0      3.0 s (×1.5)  “Taquilla” was asked to go slower and waits. Until 10:05 (Bogotá)."
    )


def test_a_draft_has_no_table():
    campaign = make_campaign(name="Aviso", status="draft")
    assert run("campaign_status", campaign.pk) == [f"{campaign.pk}  Aviso: Draft"]


def test_another_day_is_named():
    campaign = make_campaign(
        name="Aviso", status="scheduled", scheduled_at=NOW + timedelta(days=1), zone="Europe/Madrid"
    )
    assert run("campaign_status", campaign.pk)[1:] == ["Waits for its time. Until 26 Nov 2026, 16:00 (Madrid)."]


def test_a_worker_that_is_gone_is_said_first():
    Dispatcher.objects.update(heartbeat_at=NOW - timedelta(hours=1))
    campaign = make_campaign(status="sending", prepared_at=None)
    assert run("campaign_status", campaign.pk)[1:] == [
        "The background worker is not running. Ask your technician to start it."
    ]


def test_without_a_number_the_latest_twenty_are_listed():
    campaigns = [make_campaign(name=f"Aviso {number}", zone="America/Bogota") for number in range(21)]
    newest = campaigns[-1]
    make_delivery(campaign=newest, status="sent", sent_at=NOW)
    make_delivery(campaign=newest)
    lines = run("campaign_status")
    assert lines[0].split() == ["ID", "Name", "State", "Done", "Total", "Created"]
    assert lines[1].split() == [str(newest.pk), "Aviso", "20", "Draft", "1", "2", "10:00", "(Bogotá)"]
    assert [line.split()[2] for line in lines[1:]] == [str(number) for number in range(20, 0, -1)]


def test_the_list_needs_as_few_queries_for_three_as_for_one(django_assert_num_queries):
    make_delivery(campaign=make_campaign())
    with django_assert_num_queries(2):
        run("campaign_status")
    make_delivery(campaign=make_campaign())
    make_delivery(campaign=make_campaign())
    with django_assert_num_queries(2):
        run("campaign_status")


def test_the_list_as_json_is_the_same_objects():
    campaign = make_busy()
    one = json.loads("\n".join(run("campaign_status", campaign.pk, "--json")))
    assert json.loads("\n".join(run("campaign_status", "--json"))) == [one]


def test_an_empty_list_is_said():
    assert run("campaign_status") == ["There is no campaign yet."]
    assert run("campaign_status", "--json") == ["[]"]


def test_an_unknown_number_is_refused():
    assert refusal("campaign_status", "0") == (
        "There is no campaign with the number “0”. `manage.py campaign_status` lists the latest."
    )


def test_tick_says_what_it_did():
    due = make_campaign(status="scheduled", scheduled_at=NOW)
    done = make_campaign(status="sending")
    assert run("tick") == ["1  scheduled campaigns started", "1  campaigns finished"]
    due.refresh_from_db()
    done.refresh_from_db()
    assert (due.status, done.status) == ("sending", "finished")


def test_tick_with_nothing_to_do_says_so():
    assert run("tick") == ["There was nothing to tidy up."]


def test_tick_leaves_the_work_to_another_that_runs():
    campaign = make_campaign(status="sending")
    Dispatcher.objects.filter(slot=Dispatcher.TICK).update(lease_owner="x", lease_expires_at=NOW + timedelta(minutes=1))
    assert run("tick") == ["It is being done by another process at this moment."]
    campaign.refresh_from_db()
    assert campaign.status == "sending"


def test_tick_has_words_for_everything_that_it_counts():
    assert set(DONE) == {field.name for field in fields(Tidied)}


def test_tests_are_not_in_the_list():
    campaign = make_campaign(name="Aviso", status="finished", finished_at=NOW)
    make_campaign(name="Prueba", status="sending", trial_of=campaign)
    assert [found["name"] for found in json.loads("\n".join(run("campaign_status", "--json")))] == ["Aviso"]
