"""Moments that are counted from an event, across clock changes, and that follow it; and until when a message may leave."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from campaigns import lifecycle, queueing
from campaigns.enums import CampaignStatus
from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign
from campaigns.rescheduling import reschedule_all
from campaigns.scheduling import Schedule, counted, last_moment_of, moment_of, planned_words, twice_words, why_not
from campaigns.tick import tick
from tests.factories import NOW, make_campaign, make_delivery, make_event, make_settings
from tickets.models import Event

S = CampaignStatus
GRACE = timedelta(minutes=15)
DAY, HOUR = 24 * 60, 60
SANTIAGO, MADRID, BOGOTA = (ZoneInfo(name) for name in ("America/Santiago", "Europe/Madrid", "America/Bogota"))


def local(text, zone):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def words(moment, zone):
    return moment.astimezone(zone).isoformat(" ", "minutes")


# --- counting


@pytest.mark.parametrize(
    ("zone", "anchor", "minutes", "moment"),
    [
        # The same hour on the wall, although the day between has 23 hours.
        (SANTIAGO, "2026-09-06 20:00", -DAY, "2026-09-05 20:00-04:00"),
        # 00:30 does not exist on 6 September: the first hour behind the gap.
        (SANTIAGO, "2026-09-07 00:30", -DAY, "2026-09-06 01:30-03:00"),
        (SANTIAGO, "2026-09-05 00:30", DAY, "2026-09-06 01:30-03:00"),
        # Hours are time that passes.
        (SANTIAGO, "2026-09-06 20:00", -23 * HOUR, "2026-09-05 20:00-04:00"),
        # 02:30 comes twice on 25 October: the first of the two.
        (MADRID, "2026-10-26 02:30", -DAY, "2026-10-25 02:30+02:00"),
        (MADRID, "2026-10-25 20:00", -DAY, "2026-10-24 20:00+02:00"),
        (MADRID, "2026-10-25 20:00", -23 * HOUR, "2026-10-24 22:00+02:00"),
        # Days first, by the wall; then the rest, as time that passes.
        (MADRID, "2026-10-25 04:00", -(DAY + 2 * HOUR), "2026-10-24 02:00+02:00"),
        (MADRID, "2026-10-25 04:00", -2 * HOUR, "2026-10-25 02:00+01:00"),
        (BOGOTA, "2026-12-06 20:00", -DAY, "2026-12-05 20:00-05:00"),
        (BOGOTA, "2026-12-06 20:00", 0, "2026-12-06 20:00-05:00"),
    ],
)
def test_days_are_counted_on_the_wall_and_hours_as_time(zone, anchor, minutes, moment):
    assert words(counted(local(anchor, zone), minutes, zone), zone) == moment


def test_an_event_in_the_second_of_two_hours_is_not_moved_to_the_first():
    second = local("2026-10-25 02:30", MADRID).replace(fold=1)
    assert counted(second, 0, MADRID).astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_said_which():
    with translation.override("en"):
        first = local("2026-10-25 02:30", MADRID)
        assert twice_words(first, MADRID).endswith("It is the first of the two.")
        assert twice_words(first.replace(fold=1), MADRID).endswith("It is the second of the two.")
        assert twice_words(local("2026-10-25 04:30", MADRID), MADRID) == ""


# --- a campaign and its event

pytestmark = pytest.mark.django_db


def planned(event=None, *, counted_from="event_start", minutes=-DAY, **fields):
    """Scheduled relative to an event that begins in thirty days."""
    campaign = make_campaign(event=event or make_event(), launched_at=None, prepared_at=None, **fields)
    schedule = Schedule.counted(campaign.event, counted_from, minutes)
    lifecycle.schedule(campaign, schedule.at, counted_from=counted_from, minutes=minutes, now=NOW)
    return campaign


def now_of(campaign):
    return Campaign.objects.get(pk=campaign.pk)


def test_the_moment_is_the_events_of_now():
    campaign = planned()
    assert moment_of(campaign) == campaign.scheduled_at == NOW + timedelta(days=29)
    assert moment_of(make_campaign(event=campaign.event, scheduled_at=NOW)) is None


def test_it_moves_with_the_event():
    campaign = planned(counted_from="event_end", minutes=2 * HOUR)
    event = campaign.event
    event.starts_at, event.ends_at = event.starts_at + timedelta(days=7), event.ends_at + timedelta(days=7)
    event.save()
    found = now_of(campaign)
    assert (found.status, found.scheduled_at) == (S.SCHEDULED, NOW + timedelta(days=37, hours=5))


def test_another_zone_of_the_event_moves_it_too():
    event = make_event(timezone="Europe/Madrid", starts_at=local("2027-03-28 10:00", MADRID))
    campaign = planned(event)
    event.timezone = "America/Bogota"
    event.save()
    assert now_of(campaign).scheduled_at - campaign.scheduled_at == timedelta(hours=-1)


def test_what_has_a_time_of_its_own_stays():
    campaign = make_campaign(event=make_event(), status=S.SCHEDULED, scheduled_at=NOW + GRACE)
    campaign.event.starts_at += timedelta(days=1)
    campaign.event.ends_at += timedelta(days=1)
    campaign.event.save()
    assert now_of(campaign).scheduled_at == NOW + GRACE


def test_an_event_that_was_changed_unheard_is_noticed_by_the_tick():
    campaign = planned()
    Event.objects.update(starts_at=NOW + timedelta(days=20))
    tick(now=NOW)
    assert now_of(campaign).scheduled_at == NOW + timedelta(days=19)


def test_a_time_that_jumps_into_the_past_always_asks():
    """Also within the grace: nobody chose that it leaves at this moment."""
    make_settings(schedule_grace_minutes=60)
    campaign = planned()
    Event.objects.update(starts_at=NOW + timedelta(days=1) - timedelta(minutes=1))
    tick(now=NOW)
    found = now_of(campaign)
    assert (found.status, found.scheduled_at) == (S.OVERDUE, NOW - timedelta(minutes=1))
    assert found.status_reason


def test_a_time_that_has_come_by_itself_starts():
    campaign = planned()
    tick(now=campaign.scheduled_at + timedelta(seconds=30))
    assert now_of(campaign).status == S.SENDING


def test_only_what_is_scheduled_follows():
    campaign = planned()
    lifecycle.launch(campaign, now=NOW)
    Event.objects.update(starts_at=NOW + timedelta(days=20))
    reschedule_all(now=NOW)
    assert now_of(campaign).scheduled_at == NOW + timedelta(days=29)


@pytest.mark.parametrize("is_counted", [True, False])
def test_a_closed_event_asks_at_once(is_counted):
    event = make_event()
    campaign = planned(event) if is_counted else make_campaign(event=event, status=S.SCHEDULED, scheduled_at=NOW)
    event.is_active = False
    event.save()
    found = now_of(campaign)
    assert found.status == S.OVERDUE
    assert found.status_reason


def test_a_draft_again_has_no_time():
    campaign = planned()
    lifecycle.unschedule(campaign, now=NOW)
    assert (campaign.status, campaign.scheduled_at) == (S.DRAFT, None)
    assert (campaign.schedule_from, campaign.schedule_minutes) == ("", 0)


def test_a_new_time_of_its_own_is_counted_from_nothing():
    campaign = planned()
    lifecycle.ask(campaign, "why", now=NOW)
    lifecycle.schedule(campaign, NOW + GRACE, now=NOW)
    assert (campaign.status, campaign.schedule_from, campaign.status_reason) == (S.SCHEDULED, "", "")


# --- what is due


def test_a_time_that_was_changed_while_the_tick_looked_does_not_start(monkeypatch):
    campaign = make_campaign(status=S.SCHEDULED, scheduled_at=NOW, launched_at=None)

    def move_it(*args, **kwargs):
        Campaign.objects.update(scheduled_at=NOW + timedelta(days=1))
        return ""

    monkeypatch.setattr(lifecycle, "reason_to_ask", move_it)
    assert lifecycle.start_due(now=NOW, grace=GRACE) == 0
    assert now_of(campaign).status == S.SCHEDULED


def test_a_plan_that_is_newer_than_what_was_read_is_not_asked_about():
    campaign = make_campaign(status=S.SCHEDULED, scheduled_at=NOW, launched_at=None)
    Campaign.objects.update(scheduled_at=NOW + timedelta(days=1))
    with pytest.raises(IllegalMove):
        lifecycle.ask(campaign, "why", now=NOW)
    assert now_of(campaign).status == S.SCHEDULED


def test_what_may_not_leave_any_more_asks_also_within_the_grace():
    event = make_event(starts_at=NOW - timedelta(hours=3), ends_at=NOW)
    before_the_end = make_campaign(
        event=event, status=S.SCHEDULED, scheduled_at=NOW - timedelta(minutes=1), launched_at=None
    )
    after_it = make_campaign(event=event, status=S.SCHEDULED, scheduled_at=NOW, launched_at=None)
    lifecycle.start_due(now=NOW, grace=GRACE)
    assert [now_of(c).status for c in (before_the_end, after_it)] == [S.OVERDUE, S.SENDING]


@pytest.mark.parametrize(("late", "status"), [(0, S.SENDING), (15, S.SENDING), (16, S.OVERDUE)])
def test_beyond_the_grace_it_asks_and_says_why(late, status):
    campaign = make_campaign(status=S.SCHEDULED, scheduled_at=NOW, launched_at=None)
    lifecycle.start_due(now=NOW + timedelta(minutes=late), grace=GRACE)
    found = now_of(campaign)
    assert (found.status, bool(found.status_reason)) == (status, status == S.OVERDUE)


@pytest.mark.parametrize(
    ("at", "is_fine"), [(0, False), (1, True), (30 * DAY + 3 * HOUR - 1, True), (30 * DAY + 3 * HOUR, False)]
)
def test_a_ticket_is_planned_between_now_and_the_end_of_the_event(at, is_fine):
    campaign = make_campaign(kind="tickets", event=make_event(), launched_at=None)
    assert (why_not(campaign, Schedule(NOW + timedelta(minutes=at)), now=NOW) == "") is is_fine


# --- not later than

ENDS = NOW + timedelta(hours=1)


def sending(**fields):
    event = make_event(starts_at=NOW - timedelta(hours=2), ends_at=ENDS)
    campaign = make_campaign(status=S.SENDING, event=event, **fields)
    make_delivery(campaign=campaign)
    return campaign


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({"kind": "tickets"}, ENDS),
        ({}, ENDS),
        ({"not_after": NOW}, NOW),
        ({"not_after": ENDS + timedelta(days=1)}, ENDS + timedelta(days=1)),
        ({"launched_at": ENDS}, None),  # thanks, afterwards
        ({"launched_at": ENDS, "kind": "tickets"}, ENDS),
    ],
)
def test_the_last_moment_is_the_end_of_the_event_unless_somebody_set_one(fields, limit):
    campaign = sending(**fields)
    assert last_moment_of(campaign) == limit
    # The filter that expires says the same.
    moments = [NOW - timedelta(seconds=1), NOW, ENDS - timedelta(seconds=1), ENDS, ENDS + timedelta(days=2)]
    for moment in moments:
        campaign.deliveries.update(status="pending")
        assert queueing.expire_late(now=moment) == int(limit is not None and limit <= moment)


def test_without_an_event_there_is_no_limit():
    campaign = make_campaign(status=S.SENDING)
    assert last_moment_of(campaign) is None
    make_delivery(campaign=campaign)
    assert queueing.expire_late(now=NOW + timedelta(days=999)) == 0


def test_the_limit_moves_with_the_event():
    campaign = sending()
    campaign.event.ends_at += timedelta(hours=1)
    campaign.event.save()
    assert queueing.expire_late(now=ENDS) == 0
    assert queueing.expire_late(now=ENDS + timedelta(hours=1)) == 1


def test_expiring_takes_as_many_queries_for_three_as_for_one(django_assert_num_queries):
    for _ in range(3):
        sending()
    with django_assert_num_queries(1):
        assert queueing.expire_late(now=ENDS) == 3


def test_what_is_not_launched_yet_is_judged_as_if_it_were():
    campaign = make_campaign(event=make_event(starts_at=NOW, ends_at=ENDS), launched_at=None)
    assert last_moment_of(campaign, launched_at=NOW) == ENDS
    assert last_moment_of(campaign, launched_at=ENDS) is None


# --- in words


@pytest.mark.parametrize(
    ("counted_from", "minutes", "said"),
    [
        ("event_start", -DAY, "1 day before the beginning of the event: Thursday 24 Dec, 10:00 (Bogotá)"),
        ("event_start", 0, "At the beginning of the event: Friday 25 Dec, 10:00 (Bogotá)"),
        ("event_end", 0, "At the end of the event: Friday 25 Dec, 13:00 (Bogotá)"),
        ("event_end", 2 * DAY, "2 days after the end of the event: Sunday 27 Dec, 13:00 (Bogotá)"),
        ("event_start", 90, "1 hour and 30 minutes after the beginning of the event: Friday 25 Dec, 11:30 (Bogotá)"),
        ("event_end", 30 * DAY, "30 days after the end of the event: Sunday 24 Jan 2027, 13:00 (Bogotá)"),
    ],
)
def test_a_plan_in_words(counted_from, minutes, said):
    with translation.override("en"):
        assert planned_words(planned(counted_from=counted_from, minutes=minutes), now=NOW) == said


def test_the_words_of_a_counted_time_are_in_the_events_place():
    event = make_event(timezone="Europe/Madrid")
    with translation.override("en"):
        assert planned_words(planned(event, zone="America/Bogota"), now=NOW).endswith("24 Dec, 16:00 (Madrid)")
        own = make_campaign(event=event, zone="America/Bogota", scheduled_at=NOW)
        assert planned_words(own, now=NOW) == "Wednesday 25 Nov, 10:00 (Bogotá)"
        assert planned_words(make_campaign(), now=NOW) == ""


def test_spanish_days_are_written_small():
    with translation.override("es"):
        assert planned_words(planned(), now=NOW).endswith("jueves 24 dic, 10:00 (Bogotá)")
