"""The chart of a run: what left when, and what happened meanwhile."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from campaigns import lifecycle
from campaigns.adoption import pause_everything
from campaigns.models import Campaign
from campaigns.run_counts import Counted, count_parts
from tests.campaigns.commands import run as run_command
from tests.campaigns.pages import page
from tests.factories import NOW, make_campaign, make_delivery, make_lane, make_sender, make_settings
from tickets.enums import Action
from tickets.history import record
from whatsapp.models import SendingSettings

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

MINUTE = timedelta(minutes=1)
START = NOW - 20 * MINUTE


@pytest.fixture
def campaign(fixed_clock):
    campaign = make_campaign(status="sending", status_changed_at=START)
    Campaign.objects.filter(pk=campaign.pk).update(prepared_at=START, launched_at=START)
    campaign.refresh_from_db()
    for minutes in (1, 1, 2, 10):
        make_delivery(campaign=campaign, status="sent", sent_at=START + minutes * MINUTE)
    make_delivery(campaign=campaign, status="failed", error_kind="temporary", status_changed_at=START + 2 * MINUTE)
    make_delivery(campaign=campaign, status="uncertain", error_kind="uncertain", status_changed_at=START + 3 * MINUTE)
    make_delivery(status="sent", sent_at=START + MINUTE)  # of another campaign
    return campaign


def run(client, campaign, **asked):
    return client.get(page("run", campaign.pk), asked)


def chart(client, campaign, **asked):
    return run(client, campaign, **asked).context["run"].chart


def marks(client, campaign):
    found = chart(client, campaign)
    return [(found["labels"][mark["at"]], mark["label"]) for mark in found["marks"]]


def numbers(found):
    """By name: the parts that hold something."""
    return {
        series["label"]: {found["labels"][at]: number for at, number in enumerate(series["values"]) if number}
        for series in found["series"]
    }


def test_messages_over_time_by_what_became_of_them(boss, campaign):
    assert NOW.strftime("%H:%M") == "15:00"  # 10:00 there
    found = chart(boss, campaign)
    assert numbers(found) == {
        "Sent": {"09:41:00": 2, "09:42:00": 1, "09:50:00": 1},
        "Failed": {"09:42:00": 1},
        "Uncertain": {"09:43:00": 1},
    }
    assert (found["type"], found["stacked"], found["unit"]) == ("bar", True, "messages in each 30 seconds")


def test_a_state_that_nobody_is_in_has_no_colour(boss, campaign):
    campaign.deliveries.exclude(status="sent").update(status="sent", sent_at=NOW)
    assert [series["label"] for series in chart(boss, campaign)["series"]] == ["Sent"]


def test_before_anything_left_it_says_so(boss):
    campaign = make_campaign(status="sending")
    make_delivery(campaign=campaign)
    response = run(boss, campaign)
    assert response.context["run"].chart is None
    assert "Nothing has left yet." in response.content.decode()


def test_pauses_are_marked_with_their_reason_and_the_going_on(boss, campaign):
    with at(4):
        run_command("pause_campaign", str(campaign.pk), "--reason", "comida")
    with at(8):
        boss.post(page("resume", campaign.pk))
    assert marks(boss, campaign) == [
        ("09:44:00", "09:44 Paused: comida"),
        ("09:48:00", "09:48 Resumed"),
    ]


@contextmanager
def at(minutes):
    with time_machine.travel(START + minutes * MINUTE, tick=False):
        yield


def test_a_pause_that_the_system_made_is_marked_too(boss, campaign):
    """Nobody pressed a button: a copy of the database was found."""
    pause_everything(now=NOW)
    assert marks(boss, campaign) == [("10:00:00", "10:00 Paused: Paused because this database is a copy.")]


def test_opening_again_is_marked_and_the_plain_beginning_and_end_are_not(boss, campaign):
    for minutes, action in ((1, Action.LAUNCHED), (5, Action.EXPORTED)):
        record(boss.user, campaign, action, now=START + minutes * MINUTE)
    Campaign.objects.filter(pk=campaign.pk).update(status="finished", finished_at=NOW)
    make_delivery(campaign=campaign)
    assert lifecycle.reopen_unfinished(now=START + 9 * MINUTE) == 1
    assert marks(boss, campaign) == [("09:49:00", "09:49 Opened again")]


def test_what_ended_it_is_marked_though_it_is_written_down_a_moment_later(boss, campaign):
    lifecycle.cancel(campaign, reason="se suspende", now=NOW - MINUTE)
    record(boss.user, campaign, Action.CANCELLED, sentence="se suspende", now=NOW - MINUTE + timedelta(seconds=1))
    assert marks(boss, campaign) == [("09:59:00", "09:59 Cancelled: se suspende")]


def test_a_change_of_the_pace_is_marked_with_before_and_after(boss, campaign):
    settings, sender = make_settings(), make_sender(name="Taquilla")
    write(settings, 5, Action.SETTINGS, base_delay=("2", "3.5"))
    write(sender, 6, Action.SETTINGS, base_delay=(None, "4"))
    write(sender, 7, Action.CHANGED, name=("Otra", "Taquilla"))  # no news for a run
    write(sender, 8, Action.DRAINED, is_draining=(False, True))
    write(settings, 99, Action.SETTINGS, base_delay=("3.5", "2"))  # later
    assert marks(boss, campaign) == [
        ("09:45:00", "09:45 Base delay (seconds): 2 → 3.5"),
        ("09:46:00", "09:46 Taquilla: Base delay: nothing → 4"),
        ("09:48:00", "09:48 Taquilla: Draining: no → yes"),
    ]


def write(thing, minutes, action, **values):
    before, after = ({name: pair[at] for name, pair in values.items()} for at in (0, 1))
    record("pruebas", thing, action, before=before, after=after, now=START + minutes * MINUTE)


def test_restarts_are_marked_and_who_asked(boss, campaign):
    sender = make_sender(name="Taquilla")
    record(None, sender, Action.RESTARTED, now=START + 3 * MINUTE)
    record(boss.user, sender, Action.RESTARTED, now=START + 5 * MINUTE)
    record(boss.user, sender, Action.NOT_RESTARTED, now=START + 6 * MINUTE)
    assert marks(boss, campaign) == [
        ("09:43:00", "09:43 “Taquilla” was restarted by itself"),
        ("09:45:00", "09:45 “Taquilla” was restarted"),
    ]


def test_a_number_has_nothing_to_do_with_a_campaign_by_e_mail(boss, campaign):
    Campaign.objects.filter(pk=campaign.pk).update(channels="email")
    record(None, make_sender(), Action.RESTARTED, now=START + 3 * MINUTE)
    assert marks(boss, campaign) == []


def test_a_finished_run_ends_with_its_end(boss, campaign):
    Campaign.objects.filter(pk=campaign.pk).update(
        status="finished", finished_at=START + 12 * MINUTE, status_changed_at=START + 12 * MINUTE
    )
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        found = chart(boss, campaign)
    assert (found["labels"][0], found["labels"][-1]) == ("09:40:00", "09:52:00")


def test_it_is_counted_twice_a_minute_and_when_somebody_asks(boss, campaign):
    assert sent(boss, campaign) == 4
    make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        assert (sent(boss, campaign), sent(boss, campaign, now="1")) == (4, 4)
    with time_machine.travel(NOW + timedelta(seconds=3), tick=False):
        assert (sent(boss, campaign), sent(boss, campaign, now="1")) == (4, 5)


def sent(client, campaign, **asked):
    return sum(chart(client, campaign, **asked)["series"][0]["values"])


def test_a_campaign_that_moved_is_counted_anew(boss, campaign):
    chart(boss, campaign)
    boss.post(page("pause", campaign.pk))
    assert [words for _part, words in marks(boss, campaign)] == ["10:00 Paused"]


@pytest.mark.parametrize(("status", "asks"), [("sending", True), ("paused", True), ("finished", False)])
def test_it_asks_again_only_while_something_may_change(boss, campaign, status, asks):
    Campaign.objects.filter(pk=campaign.pk).update(status=status, finished_at=NOW, status_changed_at=NOW)
    assert ('hx-trigger="every 30s"' in run(boss, campaign).content.decode()) is asks


def test_the_page_asks_for_the_chart_later_and_shows_it_at_once_without_javascript(boss, campaign):
    html = boss.get(page("change", campaign.pk)).content.decode()
    assert f'hx-get="{page("run", campaign.pk)}" hx-trigger="load"' in html
    assert f'href="{page("change", campaign.pk)}?run=1#c-run"' in html
    assert "<canvas" not in html
    assert "<canvas" in boss.get(page("change", campaign.pk), {"run": "1"}).content.decode()


def test_it_is_for_those_who_may_see_campaigns(staff, campaign):
    assert run(staff("tickets.view_event"), campaign).status_code == 403
    assert run(staff("campaigns.view_campaign"), campaign).status_code == 200


def test_it_takes_few_queries_however_much_happened(boss, campaign, django_assert_max_num_queries):
    make_lane()
    for minute in range(5):
        record(None, make_sender(), Action.RESTARTED, now=START + minute * MINUTE)
        write(SendingSettings.load(), minute, Action.SETTINGS, step=(1, 2))
        record(None, campaign, Action.PAUSED, now=START + minute * MINUTE)
    with django_assert_max_num_queries(8):
        run(boss, campaign)


def test_a_run_is_counted_from_two_indexes_alone(campaign):
    """Each part is a range of one of them; no row of the table is read."""
    plan = []
    with connection.execute_wrapper(
        lambda run, sql, params, many, context: plan.append((sql, params)) or run(sql, params, many, context)
    ):
        counted = count_parts(campaign, [START, START + 5 * MINUTE, NOW])
    assert counted == [Counted(3, 1, 1), Counted(1, 0, 0)]
    assert len(plan) == 1
    if connection.vendor == "sqlite":
        sql, params = plan[0]
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + sql, params)
            steps = [row[3] for row in cursor.fetchall() if "campaigns_delivery" in row[3]]
        assert len(steps) == 6
        assert all("USING COVERING INDEX delivery_by_" in step for step in steps), steps


def test_a_move_that_was_refused_leaves_no_mark(boss, campaign):
    for _press in range(2):
        boss.post(page("pause", campaign.pk))
    assert [words for _part, words in marks(boss, campaign)] == ["10:00 Paused"]
