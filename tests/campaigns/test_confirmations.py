"""What is said of messages that left: shares of those whose number reports, and no blame for the others."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.arrivals import reporting_numbers
from campaigns.confirmations import KEEP_SECONDS, LATELY, Confirmed, confirmed_lately, confirmed_of
from campaigns.progress import totals
from campaigns.queueing import resendable
from tests.campaigns.hearing import receipt, sent, tell
from tests.campaigns.pages import page
from tests.factories import NOW, make_campaign, make_sender
from whatsapp.models import Sender

pytestmark = pytest.mark.django_db

UNCONFIRMED = "Sent, without confirmation."


@pytest.fixture
def campaign():
    return make_campaign(status="finished", finished_at=NOW)


@pytest.fixture
def reporting():
    """It reported before any of the tests' messages left."""
    long_ago = NOW - 2 * LATELY
    sender = make_sender(name="Taquilla", last_receipt_at=long_ago)
    sent("FIRST", "delivered", sender=sender, left_at=long_ago, delivered_at=long_ago)
    return sender


def look(campaign):
    return confirmed_of(campaign, totals(campaign).get("whatsapp", {}), reporting_numbers())


def messages(campaign, sender, **states):
    return [
        sent(f"{campaign.pk}{sender.pk}{state}{number}", state, sender=sender, campaign=campaign)
        for state, count in states.items()
        for number in range(count)
    ]


def test_the_shares_are_those_of_the_numbers_that_report(campaign, reporting):
    messages(campaign, reporting, read=3, delivered=2, sent=1)
    messages(campaign, make_sender(), sent=4)
    found = look(campaign)
    assert found == Confirmed(reported=6, delivered=5, read=3, failed=0, unheard=4)
    assert (found.delivered_percent, found.read_percent) == (83, 50)


def test_what_failed_after_it_had_left_counts_and_what_was_refused_does_not(campaign, reporting):
    first, *_others = messages(campaign, reporting, sent=2)
    tell(reporting, receipt("failed", first.gateway_message_id))
    sent("", "failed", sender=reporting, campaign=campaign, sent_at=None)
    assert look(campaign) == Confirmed(reported=2, failed=1)


def test_where_no_number_reports_nothing_is_asked(campaign):
    messages(campaign, make_sender(), sent=2)
    counts = totals(campaign)["whatsapp"]
    with CaptureQueriesContext(connection) as asked:
        assert confirmed_of(campaign, counts, {}) == Confirmed(unheard=2)
    assert len(asked) == 0


def test_hundred_percent_is_said_only_of_everybody():
    assert Confirmed(reported=1000, delivered=999).delivered_percent == 99
    assert Confirmed(reported=1000, delivered=1000).delivered_percent == 100
    assert Confirmed().delivered_percent == 0


# --- the page of a campaign


def test_the_page_says_the_shares_and_blames_nobody(boss, campaign, reporting):
    messages(campaign, reporting, read=2, delivered=1, sent=1)
    messages(campaign, make_sender(), sent=3)
    html = boss.get(page("change", campaign.pk)).content.decode()
    assert "75 % delivered, 50 % read, of the 4 messages whose number reports" in html
    assert "3 were sent by numbers that give no receipts: sent is all that is known of them, and no failure" in html


def test_a_campaign_of_a_silent_number_shows_no_shares(boss, campaign):
    messages(campaign, make_sender(), sent=3)
    html = boss.get(page("change", campaign.pk)).content.decode()
    assert "% delivered" not in html
    assert "no failure" in html


def test_an_email_is_no_part_of_it(boss, campaign):
    sent("", "sent", campaign=campaign, channel="email", address="a@example.com")
    assert "c-confirmed" not in boss.get(page("change", campaign.pk)).content.decode()


# --- BR-132: sent, and nobody confirms it


def test_the_list_of_people_says_what_is_known_of_each(boss, campaign, reporting):
    one = messages(campaign, reporting, sent=1)[0]
    html = boss.get(page("change", campaign.pk)).content.decode()
    assert f"<small>{UNCONFIRMED}</small>" in html
    tell(reporting, receipt("delivered", one.gateway_message_id, NOW - timedelta(minutes=3)))
    html = boss.get(page("change", campaign.pk)).content.decode()
    assert "<small>Delivered: 09:57 (Bogotá)</small>" in html
    assert UNCONFIRMED not in html
    tell(reporting, receipt("read", one.gateway_message_id, NOW - timedelta(minutes=2)))
    assert "<small>Read: 09:58 (Bogotá)</small>" in boss.get(page("change", campaign.pk)).content.decode()


def test_an_email_needs_no_confirmation(boss, campaign):
    sent("", "sent", campaign=campaign, channel="email", address="a@example.com")
    assert UNCONFIRMED not in boss.get(page("change", campaign.pk)).content.decode()


def test_the_page_of_the_message_says_that_it_is_a_normal_end_and_shows_all_times(boss, campaign, reporting):
    one = messages(campaign, reporting, sent=1)[0]
    address = reverse("admin:campaigns_delivery_change", args=[one.pk])
    assert f"{UNCONFIRMED} A normal end" in boss.get(address).content.decode()
    tell(
        reporting,
        receipt("delivered", one.gateway_message_id, NOW - timedelta(minutes=3)),
        receipt("read", one.gateway_message_id, NOW - timedelta(minutes=1)),
    )
    html = boss.get(address).content.decode()
    assert UNCONFIRMED not in html
    assert all(f"{moment} (Bogotá)" in html for moment in ("09:55", "09:57", "09:59"))


def test_what_is_only_sent_is_not_offered_to_be_sent_again(boss, campaign, reporting):
    messages(campaign, reporting, sent=2)
    assert resendable(campaign, uncertain=True).count() == 0
    assert "Resend" not in boss.get(page("change", campaign.pk)).content.decode()


# --- the card of a number


def test_the_card_of_a_number_says_how_its_week_was(boss, reporting, campaign):
    messages(campaign, reporting, read=1, delivered=2, sent=1)
    tell(reporting, *(receipt("delivered", one) for one in _ids(reporting, "delivered")))
    tell(reporting, *(receipt("read", one) for one in _ids(reporting, "read")))
    html = boss.get(reverse("admin:whatsapp_sender_changelist")).content.decode()
    assert "75 % delivered, 25 % read" in html
    assert "of 4 messages" in html


def _ids(sender, status):
    return sender.deliveries.filter(status=status).values_list("gateway_message_id", flat=True)


def test_a_number_that_reports_nothing_has_no_shares(boss, campaign):
    messages(campaign, make_sender(), sent=1)
    assert "% delivered" not in boss.get(reverse("admin:whatsapp_sender_changelist")).content.decode()


def test_what_is_older_than_a_week_does_not_count(fixed_clock, campaign, reporting):
    old, new = NOW - LATELY - timedelta(seconds=1), NOW - LATELY
    Sender.objects.update(last_receipt_at=NOW)
    for moment in (old, new):
        sent(f"S{moment}", sender=reporting, campaign=campaign, left_at=moment)
        sent(f"D{moment}", "delivered", sender=reporting, campaign=campaign, left_at=moment, delivered_at=moment)
    assert confirmed_lately(now=NOW) == {reporting.pk: Confirmed(reported=2, delivered=1)}


def test_all_numbers_are_counted_with_one_question_and_kept_for_a_while(fixed_clock, campaign, reporting):
    for _number in range(3):
        messages(campaign, make_sender(last_receipt_at=NOW), sent=1)
    with CaptureQueriesContext(connection) as asked:
        first = confirmed_lately(now=NOW)
        messages_before = len(asked)
        assert confirmed_lately(now=NOW) == first
    assert (len(first), messages_before, len(asked)) == (4, 1, 1)
    assert confirmed_lately(now=NOW + timedelta(seconds=KEEP_SECONDS)) == first


def test_the_counts_of_numbers_come_from_indexes(fixed_clock, campaign, reporting):
    messages(campaign, reporting, sent=1)
    with CaptureQueriesContext(connection) as asked:
        confirmed_lately(now=NOW)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + asked[0]["sql"])
            plan = " ".join(row[3] for row in cursor.fetchall())
        assert plan.count("delivery_first_receipt (sender_id=? AND delivered_at>?)") == 2
        assert plan.count("delivery_unconfirmed (sender_id=? AND sent_at>?)") == 1
