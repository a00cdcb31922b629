"""A number whose messages are all taken and fail afterwards is not used up on a whole campaign."""

from datetime import timedelta

import pytest
from django.utils import translation

from campaigns.enums import LanePause
from campaigns.lane_waits import rest_sentence
from campaigns.lanes import lock_out_new_people, wake
from campaigns.late_faults import LOOKED_AT
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Lane
from tests.campaigns.driving import run_until_idle
from tests.campaigns.hearing import receipt, sent, tell
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_sender, make_settings
from tests.fakes import FakeGateway
from whatsapp.gateways.base import ErrorKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender():
    make_settings(breaker_threshold=5)
    return make_sender()


def lane_of(sender):
    return Lane.objects.get(sender=sender)


def is_stopped(sender):
    return lane_of(sender).pause_reason == LanePause.FAILING


def leave(sender, *ids, status="sent"):
    """One after another, the last a second ago."""
    for ago, one in enumerate(reversed(ids), start=1):
        at = NOW - timedelta(seconds=ago)
        delivery = sent(one, sender=sender, status=status, left_at=at)
        delivery.attempts.update(started_at=at)


def fail(sender, *ids, now=NOW, **fields):
    tell(sender, *(receipt("failed", one, **fields) for one in ids), now=now)


def test_after_several_in_a_row_it_takes_no_new_work_and_says_why(sender):
    leave(sender, *"ABCDE")
    fail(sender, *"ABCD")
    assert not is_stopped(sender)
    fail(sender, "E", detail="error 463")
    lane = lane_of(sender)
    assert (lane.pause_reason, lane.is_stopped, lane.pause_detail) == (LanePause.FAILING, True, "error 463")
    campaign = make_campaign(status="sending")
    make_delivery(campaign=campaign, contact=make_contact())
    with translation.override("en"):
        assert "failed afterwards" in rest_sentence(lane)
    gateway = FakeGateway()
    run_until_idle(gateway, budget=60)
    assert gateway.sent == []


def test_all_in_one_post_are_as_many(sender):
    leave(sender, *"ABCDE")
    fail(sender, *"ABCDE")
    assert is_stopped(sender)


@pytest.mark.parametrize("status", ["delivered", "read"])
def test_one_that_arrived_among_them_shows_that_it_works(sender, status):
    leave(sender, *"ABCDEFGH")
    tell(sender, receipt(status, "E"))
    fail(sender, *"ABCDFGH")
    assert not is_stopped(sender)


def test_failures_after_the_last_arrival_count(sender):
    leave(sender, *"ABCDEF")
    tell(sender, receipt("delivered", "A"))
    fail(sender, *"BCDEF")
    assert is_stopped(sender)


def test_a_person_who_has_no_whatsapp_says_nothing_of_the_number(sender):
    leave(sender, *"ABCDE")
    fail(sender, *"ABCDE", error_kind=ErrorKind.NOT_ON_WHATSAPP)
    assert not is_stopped(sender)


def test_a_gateway_that_only_reports_failures_is_no_such_case(sender):
    leave(sender, *"AaaBbbCccDddEee")
    fail(sender, *"ABCDE")
    assert not is_stopped(sender)


def test_what_left_after_the_newest_failure_may_still_be_on_its_way(sender):
    leave(sender, *"ABCDEvwxyz")
    fail(sender, *"ABCDE")
    assert is_stopped(sender)


def test_another_numbers_failures_are_its_own(sender):
    other = make_sender()
    leave(other, *"ABC")
    leave(sender, *"DEFGH")
    fail(other, *"ABC")
    fail(sender, *"DE")
    assert not is_stopped(sender)
    assert not is_stopped(other)


def test_a_low_threshold_for_calls_makes_no_single_report_stop_it(sender):
    make_settings(breaker_threshold=1)
    leave(sender, *"ABC")
    fail(sender, *"AB")
    assert not is_stopped(sender)
    fail(sender, "C")
    assert is_stopped(sender)


def test_whoever_uses_it_again_is_believed(sender):
    leave(sender, *"ABCDEF")
    fail(sender, *"ABCDE")
    assert wake(sender.pk, now=NOW)
    fail(sender, "F")
    assert not is_stopped(sender)


def test_a_reason_that_is_known_stays_the_one_that_is_shown(sender):
    leave(sender, *"ABCDEF")
    fail(sender, "A", error_kind=ErrorKind.BLOCKED)
    fail(sender, *"BCDEF")
    assert lane_of(sender).pause_reason == LanePause.BLOCKED


@pytest.mark.parametrize("kind", [ErrorKind.NEW_CONTACTS, ErrorKind.RATE_LIMITED, ErrorKind.TEMPLATE])
def test_a_reason_that_is_named_has_its_own_consequence_and_no_other(sender, kind):
    leave(sender, *"ABCDE")
    Delivery.objects.update(sent_at=NOW - timedelta(minutes=2))  # too long ago to go slower for it
    fail(sender, *"ABCDE", error_kind=kind, detail="named")
    assert not lane_of(sender).is_stopped


def test_a_lock_for_new_people_keeps_its_end(sender):
    lock_out_new_people(sender.pk, "until five", NOW + timedelta(hours=2), now=NOW)
    leave(sender, *"ABCDE")
    fail(sender, *"ABCDE")
    assert not lane_of(sender).is_stopped


def test_e_mails_that_leave_meanwhile_hide_nothing(sender):
    leave(sender, *"ABCDE")
    lane = Lane.objects.filter(channel="email").first()
    letter = make_delivery(channel="email", contact=make_contact(), status="sent", sent_at=NOW)
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(
            delivery=letter, number=n, lane=lane, fence=1, started_at=NOW, finished_at=NOW, outcome="accepted"
        )
        for n in range(1, LOOKED_AT + 1)
    )
    fail(sender, *"ABCDE")
    assert is_stopped(sender)


def test_one_person_who_was_sent_it_again_and_again_is_one(sender):
    delivery = sent("Z", sender=sender, left_at=NOW - timedelta(seconds=1), calls=5)
    for number in range(1, 6):
        at = NOW - timedelta(minutes=6 - number)
        delivery.attempts.filter(number=number).update(outcome="accepted", started_at=at)
    fail(sender, "Z")
    assert not is_stopped(sender)


def test_what_arrived_from_another_number_after_it_failed_here_is_no_arrival_of_this_one(sender):
    other = make_sender()
    leave(sender, *"ABCDE")
    again = sent("Z", sender=other, left_at=NOW - timedelta(seconds=1), calls=2, status="delivered", delivered_at=NOW)
    again.attempts.filter(number=1).update(
        sender=sender, lane=lane_of(sender), outcome="accepted", started_at=NOW - timedelta(seconds=2)
    )
    fail(sender, *"ABCDE")
    assert is_stopped(sender)


# --- other reasons that are told afterwards


def test_a_template_that_is_refused_afterwards_pauses_its_campaign_and_no_other(sender):
    first, second = (make_campaign(status="sending", status_changed_at=NOW - timedelta(hours=1)) for _ in range(2))
    sent("A", sender=sender, campaign=first)
    sent("B", sender=sender, campaign=second)
    fail(sender, "A", error_kind=ErrorKind.TEMPLATE, detail="it was paused")
    states = dict(Campaign.objects.values_list("pk", "status"))
    assert (states[first.pk], states[second.pk]) == ("paused", "sending")
    assert "it was paused" in Campaign.objects.get(pk=first.pk).status_reason
    assert lane_of(sender).pause_reason == LanePause.NONE


def test_what_left_before_somebody_resumed_the_campaign_does_not_pause_it_again(sender):
    campaign = make_campaign(status="sending", status_changed_at=NOW - timedelta(seconds=1))
    sent("A", sender=sender, campaign=campaign)
    fail(sender, "A", error_kind=ErrorKind.TEMPLATE)
    campaign.refresh_from_db()
    assert campaign.status == "sending"


def test_one_that_came_too_fast_makes_the_number_rest_a_little_and_go_slower(sender):
    leave(sender, "A", "B")
    fail(sender, "A", error_kind=ErrorKind.RATE_LIMITED, detail="130429")
    lane = lane_of(sender)
    assert (lane.pause_reason, lane.is_stopped) == (LanePause.RATE_LIMITED, False)
    assert lane.paused_until == NOW + timedelta(seconds=30)
    assert lane.slow_down > 1
    before = lane.slow_down
    fail(sender, "B", error_kind=ErrorKind.RATE_LIMITED)  # it left before the rest
    assert lane_of(sender).slow_down == before


def test_one_that_came_too_fast_a_while_ago_changes_nothing(sender):
    sent("A", sender=sender, left_at=NOW - timedelta(minutes=5))
    fail(sender, "A", error_kind=ErrorKind.RATE_LIMITED)
    assert (lane_of(sender).pause_reason, lane_of(sender).slow_down) == (LanePause.NONE, 1)
