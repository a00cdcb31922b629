"""Receipts that come when everything seems to be over: after the end of the campaign, or of the other channel."""

from datetime import timedelta

import pytest

from campaigns import kept_counts, lifecycle
from campaigns.claims import claim
from campaigns.enums import Channel, Origin
from campaigns.event_reach import Rank, reach
from campaigns.models import Campaign, Delivery, Lane
from campaigns.preparing import prepare
from campaigns.progress import totals
from campaigns.reminders import soon_without_ticket
from campaigns.second_channel import send_due
from campaigns.stopping import StopPipe
from campaigns.tick import tick
from campaigns.windows import sending
from tests.campaigns.hearing import receipt, sent, status, tell
from tests.campaigns.pages import page
from tests.factories import NOW, make_campaign, make_delivery, make_event, make_sender, make_ticket

pytestmark = pytest.mark.django_db

HOURS = 6
LONG_AGO = NOW - timedelta(hours=HOURS + 1)


@pytest.fixture
def number():
    """It reports, and did so before anything of the tests left."""
    sender = make_sender(last_receipt_at=LONG_AGO - timedelta(hours=1))
    reported = LONG_AGO - timedelta(hours=1)
    sent("FIRST", "delivered", sender=sender, left_at=reported, delivered_at=reported)
    return sender


def sent_ticket(event, number, message_id="AAAA"):
    """A ticket that left by WhatsApp hours ago, of which nothing was heard."""
    ticket = make_ticket(event=event)
    campaign = make_campaign(kind="tickets", event=event, status="finished", finished_at=LONG_AGO)
    values = {"ticket": ticket, "contact": ticket.holder, "dedupe_key": f"ticket:{ticket.pk}", "campaign": campaign}
    return sent(message_id, sender=number, left_at=LONG_AGO, **values)


def second_campaign():
    """That of the other channel, with its list written."""
    assert send_due(now=NOW) == 1
    campaign = Campaign.objects.get(origin=Origin.SECOND_CHANNEL)
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    return campaign


# --- a campaign that is over


def test_the_counts_of_a_finished_campaign_follow_and_it_stays_finished(number):
    campaign = make_campaign(status="finished", finished_at=LONG_AGO)
    for message_id in ("A1", "A2", "A3"):
        sent(message_id, sender=number, campaign=campaign, left_at=LONG_AGO)
    tell(number, receipt("read", "A1"), receipt("delivered", "A2"), receipt("failed", "A3"))
    assert totals(campaign) == {"whatsapp": {"read": 1, "delivered": 1, "failed": 1}}
    tick(now=NOW)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.finished_at) == ("finished", LONG_AGO)


def test_the_page_of_a_finished_campaign_shows_what_came_late(boss, number):
    campaign = make_campaign(status="finished", finished_at=LONG_AGO)
    sent("A1", sender=number, campaign=campaign, left_at=LONG_AGO)
    failed = sent("A2", sender=number, campaign=campaign, left_at=LONG_AGO)
    boss.get(page("change", campaign.pk))
    tell(number, receipt("read", "A1"), receipt("failed", "A2"))
    html = boss.get(page("change", campaign.pk)).content.decode()
    assert "50 % delivered, 50 % read" in html
    assert "It left, and later WhatsApp reported that it could not be delivered." in html
    assert page("resend", campaign.pk) in html
    assert lifecycle.resend(campaign, kinds=("receipt_failed",), now=NOW) == 1
    assert status(failed) == "pending"


def test_a_resend_that_is_not_needed_any_more_does_not_hold_its_campaign_open(number):
    campaign = make_campaign(status="finished", finished_at=LONG_AGO)
    failed = sent("A1", "failed", sender=number, campaign=campaign, left_at=LONG_AGO)
    lifecycle.resend(campaign, now=NOW)
    assert status(failed) == "pending"
    tell(number, receipt("delivered", "A1"))
    tick(now=NOW)
    campaign.refresh_from_db()
    assert (status(failed), campaign.status) == ("delivered", "finished")


def test_a_cancelled_campaign_stays_cancelled(number):
    campaign = make_campaign(status="cancelled")
    left = sent("A1", sender=number, campaign=campaign)
    taken_back = make_delivery(campaign=campaign, status="cancelled", sender=number, gateway_message_id="A2")
    tell(number, receipt("delivered", "A1"), receipt("delivered", "A2"))
    assert [status(left), status(taken_back)] == ["delivered", "cancelled"]


# --- the other channel


def test_a_receipt_in_time_keeps_the_other_channel_from_it(number):
    event = make_event(second_channel_hours=HOURS)
    sent_ticket(event, number)
    tell(number, receipt("delivered"))
    assert send_due(now=NOW) == 0


def test_a_receipt_stops_the_other_channel_before_it_leaves(number):
    event = make_event(second_channel_hours=HOURS)
    first = sent_ticket(event, number)
    campaign = second_campaign()
    tell(number, receipt("delivered"))
    lane = Lane.objects.filter(channel="email").first()
    assert claim(lane, sending(), room=1, now=NOW) == []
    by_email = Delivery.objects.get(campaign=campaign)
    assert (by_email.status, by_email.error_kind, status(first)) == ("skipped", "already_sent", "delivered")


def test_a_receipt_after_the_other_channel_has_taken_over_counts_once(number):
    event = make_event(second_channel_hours=HOURS)
    first = sent_ticket(event, number)
    campaign = second_campaign()
    Delivery.objects.filter(campaign=campaign).update(status="sent", sent_at=NOW)
    before = reach(event, NOW)
    assert (before.by_channel(Channel.WHATSAPP)[Rank.SILENT], before.lost) == (1, 0)
    tell(number, receipt("read"))
    after = reach(event, NOW)
    assert (after.by_channel(Channel.WHATSAPP)[Rank.CONFIRMED], after.lost) == (1, 0)
    assert (status(first), Delivery.objects.get(campaign=campaign).status) == ("read", "sent")
    assert send_due(now=NOW + timedelta(hours=HOURS)) == 0


def test_a_failure_that_comes_late_sends_it_the_other_way(number):
    event = make_event(second_channel_hours=HOURS)
    sent_ticket(event, number)
    tell(number, receipt("failed", error_kind="not_on_whatsapp"))
    assert [one.ticket_id for one in Delivery.objects.filter(campaign=second_campaign())] == [event.tickets.get().pk]


# --- whoever asks about arrivals


def test_the_reminder_before_the_event_knows_what_has_arrived(number):
    event = make_event(starts_at=NOW + timedelta(hours=5))
    sent_ticket(event, number, "A1")
    sent_ticket(event, number, "A2")
    assert [one.tickets for one in soon_without_ticket(now=NOW)] == [2]
    tell(number, receipt("delivered", "A1"))
    assert [one.tickets for one in soon_without_ticket(now=NOW)] == [1]
    tell(number, receipt("read", "A2"))
    assert soon_without_ticket(now=NOW) == []


def test_a_headcount_that_was_kept_is_counted_anew(number):
    """Who has not read it gets a reminder: one more has read it by now."""
    event = make_event()
    sent_ticket(event, number, "A1")
    audience = {"again": True, "ticket_state": "unread"}
    reminder = make_campaign(kind="tickets", event=event, audience=audience, body="{entrada}")
    before = kept_counts._mark(reminder)
    assert kept_counts._mark(reminder) == before
    tell(number, receipt("read", "A1"))
    assert kept_counts._mark(reminder) != before
