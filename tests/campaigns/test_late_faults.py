"""Messages that were taken and failed later for their number's sake: the number is not used up on a whole campaign."""

from datetime import timedelta

import pytest

from campaigns import lanes
from campaigns.enums import LanePause
from campaigns.keeping import keep_known, kept_numbers
from campaigns.models import Delivery, Lane
from campaigns.news import apply_early, hear
from tests.campaigns.hearing import LEFT_AT, receipt, sent, tell
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_sender
from whatsapp.gateways.base import ErrorKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender():
    return make_sender()


def lane_of(sender):
    return Lane.objects.get(sender=sender)


def fail(sender, kind, message_id="AAAA", **fields):
    tell(sender, receipt("failed", message_id, error_kind=kind, **fields))


@pytest.mark.parametrize(("kind", "reason"), [(ErrorKind.BLOCKED, LanePause.BLOCKED), (ErrorKind.AUTH, LanePause.AUTH)])
def test_a_blocked_number_stops(sender, kind, reason):
    sent(sender=sender)
    fail(sender, kind, detail="the account cannot pay")
    lane = lane_of(sender)
    assert (lane.is_stopped, lane.pause_reason, lane.pause_detail) == (True, reason, "the account cannot pay")
    assert lane.paused_since == NOW


def test_a_report_without_an_end_does_not_take_away_the_end_that_was_told(sender):
    until = NOW + timedelta(hours=1)
    lanes.stop(sender.pk, lanes.Rest(LanePause.BLOCKED, "until four", until), now=NOW)
    sent(sender=sender)
    fail(sender, ErrorKind.BLOCKED)
    lane = lane_of(sender)
    assert (lane.is_stopped, lane.pause_detail, lane.paused_until) == (False, "until four", until)


def test_the_ban_is_on_record_together_with_the_report_that_told_of_it(sender, django_capture_on_commit_callbacks):
    sent(sender=sender)
    with django_capture_on_commit_callbacks(execute=False):  # the process dies with its commit
        hear(sender.pk, [receipt("failed", "AAAA", error_kind=ErrorKind.BLOCKED)], now=NOW)
    assert lane_of(sender).pause_reason == LanePause.BLOCKED


def test_a_number_that_may_write_to_nobody_new_only_writes_to_whom_it_knows(sender):
    sent(sender=sender)
    fail(sender, ErrorKind.NEW_CONTACTS, detail="error 463")
    lane = lane_of(sender)
    assert (lane.known_only_since, lane.known_only_until, lane.is_stopped) == (NOW, None, False)
    assert lane.known_only_detail == "error 463"


@pytest.mark.parametrize("kind", ["", ErrorKind.NOT_ON_WHATSAPP, ErrorKind.RATE_LIMITED, ErrorKind.UNCERTAIN])
def test_what_is_the_matter_with_one_message_stops_no_number(sender, kind):
    sent(sender=sender)
    fail(sender, kind)
    lane = lane_of(sender)
    assert (lane.is_stopped, lane.pause_reason, lane.known_only_since) == (False, "", None)


def test_the_message_has_failed_and_says_so_in_words_of_its_own(sender):
    delivery = sent(sender=sender)
    fail(sender, ErrorKind.NEW_CONTACTS)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error_kind, delivery.error_detail) == ("failed", "receipt_failed", "new_contacts")


def test_what_left_long_ago_says_nothing_about_now(sender):
    sent(sender=sender, left_at=NOW - timedelta(hours=1))
    fail(sender, ErrorKind.BLOCKED)
    assert not lane_of(sender).is_stopped


def test_what_left_before_somebody_used_it_again_does_not_stop_it_once_more(sender):
    sent("OLD", sender=sender)
    Lane.objects.filter(sender=sender).update(trusted_since=LEFT_AT)
    fail(sender, ErrorKind.BLOCKED, "OLD")
    assert not lane_of(sender).is_stopped
    sent("NEW", sender=sender, left_at=LEFT_AT + timedelta(seconds=1))
    fail(sender, ErrorKind.BLOCKED, "NEW")
    assert lane_of(sender).is_stopped


@pytest.mark.usefixtures("fixed_clock")
@pytest.mark.parametrize("field", ["gateway", "base_url", "session_name"])
def test_what_left_from_the_place_of_before_says_nothing_about_the_new_one(sender, field):
    sent(sender=sender)
    setattr(sender, field, {"gateway": "waha"}.get(field, "http://elsewhere.test"))
    sender.save()
    fail(sender, ErrorKind.BLOCKED)
    assert not lane_of(sender).is_stopped


def test_of_many_the_newest_counts(sender):
    Lane.objects.filter(sender=sender).update(trusted_since=LEFT_AT)
    sent("OLD", sender=sender)
    sent("NEW", sender=sender, left_at=NOW)
    tell(sender, *(receipt("failed", one, error_kind=ErrorKind.BLOCKED) for one in ("NEW", "OLD")))
    assert lane_of(sender).is_stopped


@pytest.mark.parametrize("status", ["delivered", "failed"])
def test_a_report_that_changes_nothing_stops_nothing(sender, status):
    sent(sender=sender, status=status)
    fail(sender, ErrorKind.BLOCKED)
    assert not lane_of(sender).is_stopped


def test_one_that_came_too_early_counts_once_its_message_is_on_record(sender):
    fail(sender, ErrorKind.NEW_CONTACTS)
    delivery = sent(sender=sender)
    tell(sender, receipt("sent", "another"))
    assert lane_of(sender).known_only_since == NOW
    delivery.refresh_from_db()
    assert delivery.error_kind == "receipt_failed"
    assert apply_early(now=NOW) == 0


def test_the_tick_listens_too(sender):
    fail(sender, ErrorKind.BLOCKED)
    sent(sender=sender)
    assert apply_early(now=NOW) == 1
    assert lane_of(sender).is_stopped


def test_who_was_not_reached_is_nobody_whom_the_number_knows(sender):
    make_sender()
    person, reached = make_contact(), make_contact()
    sent("A1", sender=sender, contact=person)
    sent("A2", sender=sender, contact=reached)
    fail(sender, ErrorKind.NEW_CONTACTS, "A1")
    campaign = make_campaign(status="sending")
    for one in (person, reached):
        make_delivery(contact=one, campaign=campaign)
    assert kept_numbers(campaign, [person.pk, reached.pk]) == {reached.pk: sender.pk}
    assert keep_known(sender.pk, now=NOW) == 1
    assert Delivery.objects.get(pool=sender.pk).contact == reached
