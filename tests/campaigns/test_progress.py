"""Where a campaign stands, why it waits, and when it ends."""

from datetime import timedelta

import pytest
from django.utils import translation

from campaigns.models import Dispatcher, Lane
from campaigns.progress import errors_by_kind, snapshot
from campaigns.scene import Scene
from tests.factories import (
    NOW,
    make_call,
    make_campaign,
    make_contact,
    make_delivery,
    make_lane,
    make_settings,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _worker_is_alive():
    Dispatcher.objects.filter(slot=0).update(heartbeat_at=NOW)


def sending(count=1, **fields):
    campaign = make_campaign(status="sending", **fields)
    for _ in range(count):
        make_delivery(campaign=campaign, contact=make_contact())
    return campaign


def waiting(campaign):
    found = snapshot(campaign, Scene(NOW)).waiting
    return (found.reason, found.until) if found else None


def test_the_states_add_up_to_the_total():
    campaign = make_campaign(status="sending")
    for status in ("pending", "failed", "skipped", "uncertain", "waiting"):
        make_delivery(campaign=campaign, status=status)
    make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    shot = snapshot(campaign, Scene(NOW))
    assert (shot.total, sum(shot.by_state.values()), shot.done, shot.percent) == (6, 6, 4, 66)


def test_a_hundred_percent_is_shown_only_when_nobody_is_left():
    campaign = make_campaign(status="sending")
    for _ in range(199):
        make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    make_delivery(campaign=campaign)
    assert snapshot(campaign, Scene(NOW)).percent == 99


def test_json_has_the_promised_keys():
    make_lane()
    data = snapshot(sending(10), Scene(NOW)).as_json()
    assert (data["status"], data["total"], data["by_state"]) == ("sending", 10, {"pending": 10})
    assert data["waiting"] is None
    assert data["finish_at"] == (NOW + timedelta(seconds=18)).isoformat()


def test_nothing_waits_when_the_lane_is_free():
    make_lane()
    assert waiting(sending()) is None


def test_without_a_worker_that_is_the_reason():
    make_lane()
    Dispatcher.objects.update(heartbeat_at=NOW - timedelta(minutes=10))
    assert waiting(sending()) == ("worker", None)


def test_a_pause_is_the_reason_before_all_others():
    assert waiting(make_campaign(status="paused")) == ("paused", None)


def test_the_list_that_is_being_written():
    assert waiting(make_campaign(status="sending", prepared_at=None)) == ("preparing", None)


def test_without_a_number_that_is_the_reason():
    assert waiting(sending()) == ("no_number", None)


def test_the_gap_between_two_messages():
    until = NOW + timedelta(seconds=3)
    make_lane(next_send_at=until, position=4)
    assert waiting(sending()) == ("pace", until)


def test_a_number_that_is_not_ready():
    until = NOW + timedelta(seconds=15)
    make_lane(pause_reason="not_ready", paused_until=until)
    assert waiting(sending()) == ("not_ready", until)


def test_a_blocked_number_needs_a_person():
    make_lane(pause_reason="blocked", is_stopped=True)
    campaign = sending()
    assert (waiting(campaign), snapshot(campaign, Scene(NOW)).waiting.needs_person) == (("blocked", None), True)


def test_another_number_that_is_free_takes_the_reason_away():
    make_lane(pause_reason="blocked", is_stopped=True)
    make_lane()
    assert waiting(sending()) is None


def test_outside_the_hours():
    make_lane()
    make_settings(window_from="12:00", window_to="20:00", window_timezone="America/Bogota")  # it is 10:00 there
    assert waiting(sending()) == ("window", NOW + timedelta(hours=2))


def test_the_daily_limit():
    make_settings(daily_cap=5, window_timezone="America/Bogota")
    make_lane(sent_on="2026-11-25", sent_today=5)
    assert waiting(sending()) == ("daily_cap", NOW + timedelta(hours=14))


def test_only_later_tries_are_left():
    make_lane()
    campaign = make_campaign(status="sending")
    due = NOW + timedelta(minutes=2)
    make_delivery(campaign=campaign, channel="email", address="a@example.com", status="waiting", due_at=due)
    assert waiting(campaign) == ("retry", due)


def test_the_end_is_later_when_another_campaign_takes_turns():
    make_lane()
    make_settings(base_delay=2, step=0)
    campaign = sending(10)
    alone = snapshot(campaign, Scene(NOW)).finish_at
    sending(10)
    assert (snapshot(campaign, Scene(NOW)).finish_at - alone).total_seconds() == 20.0


def test_the_end_counts_from_the_position_in_the_run():
    lane = make_lane()
    Lane.objects.filter(pk=lane.pk).update(position=60, last_call_at=NOW)
    assert snapshot(sending(3), Scene(NOW)).finish_at == NOW + timedelta(seconds=10)


def test_campaigns_with_less_urgent_messages_do_not_count():
    make_lane()
    campaign = sending(10, priority=10)
    alone = snapshot(campaign, Scene(NOW)).finish_at
    other = make_campaign(status="sending")
    for _ in range(5):
        make_delivery(campaign=other, contact=make_contact(), priority=20)
    assert snapshot(campaign, Scene(NOW)).finish_at == alone


def test_the_message_that_is_leaving_is_not_counted_twice():
    lane = make_lane(position=1, last_call_at=NOW, next_send_at=NOW + timedelta(seconds=2))
    campaign = sending(2)
    leaving = make_delivery(campaign=campaign, status="claimed", claimed_at=NOW)
    leaving.attempts.create(number=1, lane=lane, sender=lane.sender, fence=1, started_at=NOW)
    assert snapshot(campaign, Scene(NOW)).finish_at == NOW + timedelta(seconds=4)


def test_it_does_not_end_before_the_last_one_is_tried_again():
    make_lane()
    campaign = sending(2)
    due = NOW + timedelta(minutes=20)
    make_delivery(campaign=campaign, status="waiting", due_at=due)
    assert snapshot(campaign, Scene(NOW)).finish_at == due


def test_e_mails_take_the_time_of_their_server_on_every_connection(settings):
    settings.EMAIL_LANES, settings.EMAIL_CONNECTIONS = 1, 5
    lane = Lane.objects.get(channel="email", number=1)
    campaign = make_campaign(status="sending")
    for _ in range(11):
        make_delivery(campaign=campaign, channel="email", address="a@example.com")
    assert snapshot(campaign, Scene(NOW)).finish_at == NOW  # nothing is known of the server yet
    make_call(lane, 400)
    assert snapshot(campaign, Scene(NOW)).finish_at == NOW + timedelta(seconds=3 * 0.4)


def test_each_number_has_its_own_calls_to_judge_by():
    fast, slow = make_lane(), make_lane()
    make_settings(base_delay=0, step=0, maximum_delay=0)
    for lane, latency in ((fast, 1000), (slow, 4000)):
        make_call(lane, latency)
    assert snapshot(sending(5), Scene(NOW)).finish_at == NOW + timedelta(seconds=4)


def test_several_days_have_their_reason():
    make_lane()
    make_settings(daily_cap=4, window_timezone="America/Bogota")
    with translation.override("en"):
        assert snapshot(sending(9), Scene(NOW)).days_sentence == "It needs 3 days because of the daily limit."


def test_one_day_needs_no_reason():
    make_lane()
    make_settings(daily_cap=4, window_timezone="America/Bogota")
    assert snapshot(sending(4), Scene(NOW)).days_sentence == ""


def test_errors_are_grouped_by_kind():
    campaign = make_campaign(status="finished", finished_at=NOW)
    for kind in ("not_on_whatsapp", "not_on_whatsapp", "invalid_number"):
        make_delivery(campaign=campaign, status="failed", error_kind=kind)
    make_delivery(campaign=campaign, status="skipped", error_kind="no_phone", address="")
    assert errors_by_kind(campaign) == [
        ("failed", "not_on_whatsapp", 2),
        ("failed", "invalid_number", 1),
        ("skipped", "no_phone", 1),
    ]
