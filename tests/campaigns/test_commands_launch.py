"""`launch_campaign` at another time: an hour in a zone, or so long before or after the event."""

from datetime import timedelta

import pytest

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.models import Campaign
from tests.campaigns.commands import refusal, run
from tests.factories import NOW, make_campaign, make_contact, make_event, make_sender

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.usefixtures("fixed_clock")]


@pytest.fixture
def draft(fixed_clock):
    make_sender()
    make_contact()
    return make_campaign(
        status="draft", launched_at=None, event=make_event(), audience=describe(everybody=True), channels="email"
    )


def later(campaign, *options):
    lines = run("launch_campaign", campaign.pk, *options)
    campaign.refresh_from_db()
    return lines


def test_an_hour_is_meant_in_the_campaigns_place(draft):
    lines = later(draft, "--at", "2026-12-05 20:00")
    assert (draft.status, draft.scheduled_at.isoformat()) == ("scheduled", "2026-12-06T01:00:00+00:00")
    assert lines[-1] == "Planned: Saturday 5 Dec, 20:00 (Bogotá). As of now that is 1 message."


def test_or_in_another(draft):
    later(draft, "--at", "2026-12-05 20:00", "--zone", "Europe/Madrid")
    assert draft.scheduled_at.isoformat() == "2026-12-05T19:00:00+00:00"


@pytest.mark.parametrize(
    ("option", "value", "counted_from", "minutes"),
    [
        ("--before-event", "1d", "event_start", -1440),
        ("--before-event", "1d12h", "event_start", -2160),
        ("--before-event", "90m", "event_start", -90),
        ("--before-event", "0m", "event_start", 0),
        ("--after-event", "2h", "event_end", 120),
    ],
)
def test_counted_from_the_event(draft, option, value, counted_from, minutes):
    lines = later(draft, option, value)
    assert (draft.status, draft.schedule_from, draft.schedule_minutes) == ("scheduled", counted_from, minutes)
    assert lines[-1] == "If the event moves, it moves with it."


def test_br_085_an_hour_that_comes_twice_is_said(draft):
    """In New York the clocks are put back on 7 November 2027."""
    Campaign.objects.update(not_after=NOW + timedelta(days=900))
    lines = later(draft, "--at", "2027-11-07 01:30", "--zone", "America/New_York")
    assert draft.scheduled_at.isoformat() == "2027-11-07T05:30:00+00:00"
    assert lines[-2].startswith("Planned: Sunday 7 Nov 2027, 00:30 (Bogotá).")
    assert lines[-1] == "The clocks are put back then, so 01:30 comes twice. It is the first of the two."


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--at", "mañana"), "Write a date and a time"),
        (("--at", ""), "Give a date and a time"),
        (("--at", "2026-11-25 10:00"), "send it now"),
        (("--at", "2027-09-05 00:30", "--zone", "America/Santiago"), "does not exist in America/Santiago"),
        (("--at", "2026-12-05 20:00", "--zone", "Bogota"), "There is no time zone “Bogota”"),
        (("--at", "2026-12-05 20:00", "--zone", "../etc"), "There is no time zone"),
        (("--zone", "Europe/Madrid"), "without --at"),
        (("--before-event", "1 day"), "is no time to count"),
        (("--before-event", ""), "is no time to count"),
        (("--before-event", "40d"), "send it now"),
        (("--before-event", "1d", "--wait"), "--wait follows"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(draft, options, words):
    assert words in refusal("launch_campaign", draft.pk, *options)
    assert Campaign.objects.get().status == "draft"


def test_without_an_event_there_is_nothing_to_count_from(draft):
    Campaign.objects.update(event=None)
    assert "no event to count from" in refusal("launch_campaign", draft.pk, "--after-event", "1d")


def test_what_is_planned_already_is_not_planned_again(draft):
    later(draft, "--before-event", "1d")
    refusal("launch_campaign", draft.pk, "--before-event", "2d")
    draft.refresh_from_db()
    assert draft.schedule_minutes == -1440


def test_what_is_late_can_be_planned_again(draft):
    later(draft, "--before-event", "1d")
    lifecycle.ask(draft, "why", now=NOW)
    later(draft, "--before-event", "2d")
    assert (draft.status, draft.schedule_minutes) == ("scheduled", -2880)


def test_the_status_says_for_when_it_is_planned(draft):
    later(draft, "--before-event", "1d")
    lines = run("campaign_status", draft.pk)
    assert lines[1] == "Planned: 1 day before the beginning of the event: Thursday 24 Dec, 10:00 (Bogotá)"
