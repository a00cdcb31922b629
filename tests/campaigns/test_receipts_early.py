"""Receipts of messages that are not on record: not yet, or never."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import early
from campaigns.models import Delivery
from campaigns.news import apply_early
from tests.campaigns.driving import run_until_idle
from tests.campaigns.hearing import LEFT_AT, receipt, sent, state, status, tell
from tests.factories import NOW, make_contact, make_delivery, make_lane, make_sender
from tests.fakes import FakeGateway
from whatsapp.gateways.base import OutcomeUnknown
from whatsapp.models import ChatIdentity, EarlyReceipt

pytestmark = pytest.mark.django_db
LATER = LEFT_AT + timedelta(minutes=1)


@pytest.fixture
def sender():
    return make_sender()


def kept():
    return sorted(EarlyReceipt.objects.values_list("message_id", "status"))


def test_an_unknown_id_is_kept_once_for_each_thing_that_is_said_of_it(sender):
    for _again in range(2):
        tell(sender, receipt("delivered", "X"), receipt("read", "X"), receipt("delivered", "X"))
    assert kept() == [("X", "delivered"), ("X", "read")]


def test_the_id_of_another_number_is_unknown_too(sender):
    sent("X")
    tell(sender, receipt("delivered", "X"))
    assert kept() == [("X", "delivered")]
    assert apply_early(now=NOW) == 0
    assert kept() == [("X", "delivered")]


def test_an_unknown_id_is_forgotten_after_a_day(sender):
    tell(sender, receipt("delivered", "X"))
    apply_early(now=NOW + early.KEPT_FOR)
    assert kept() == [("X", "delivered")]
    apply_early(now=NOW + early.KEPT_FOR + timedelta(seconds=1))
    assert kept() == []


def test_only_so_many_are_kept_of_a_number_and_the_newest_stay(sender, monkeypatch):
    monkeypatch.setattr(early, "MOST_OF_A_NUMBER", 3)
    other = make_sender()
    tell(other, receipt("delivered", "other"))
    tell(sender, *(receipt("delivered", f"X{number}") for number in range(2)))
    tell(sender, *(receipt("delivered", f"X{number}") for number in range(2, 4)))
    assert kept() == [("X1", "delivered"), ("X2", "delivered"), ("X3", "delivered"), ("other", "delivered")]
    tell(sender, *(receipt("delivered", f"Y{number}") for number in range(5)))
    assert kept() == [("Y2", "delivered"), ("Y3", "delivered"), ("Y4", "delivered"), ("other", "delivered")]


def test_everything_that_a_receipt_says_is_kept_with_it(sender):
    tell(sender, receipt("failed", "X", LATER, error_kind="not_on_whatsapp", detail="no user", chat_id="1@lid"))
    delivery = sent("X", sender=sender)
    assert apply_early(now=NOW) == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error_kind, delivery.error_detail) == ("failed", "not_on_whatsapp", "no user")
    assert kept() == []


def test_an_early_receipt_teaches_who_is_behind_an_id_too(sender):
    tell(sender, receipt("delivered", "X", chat_id="1@lid"))
    delivery = sent("X", sender=sender)
    tell(sender, receipt("delivered", "Y"))
    assert list(ChatIdentity.objects.values_list("chat_id", "phone")) == [("1@lid", delivery.address)]


def test_so_does_the_tick(sender):
    tell(sender, receipt("delivered", "X", chat_id="1@lid"))
    delivery = sent("X", sender=sender)
    apply_early(now=NOW)
    assert list(ChatIdentity.objects.values_list("chat_id", "phone")) == [("1@lid", delivery.address)]


def test_several_early_ones_of_a_message_end_as_they_would_have(sender):
    tell(sender, receipt("read", "X", LATER))
    tell(sender, receipt("delivered", "X", LEFT_AT + timedelta(seconds=5)), now=NOW + timedelta(seconds=1))
    delivery = sent("X", sender=sender)
    assert apply_early(now=NOW + timedelta(minutes=1)) == 1
    assert state(delivery) == ("read", LEFT_AT, LEFT_AT + timedelta(seconds=5), LATER)


def test_a_receipt_without_a_moment_came_when_it_came(sender):
    tell(sender, receipt("delivered", "X"))
    delivery = sent("X", sender=sender)
    apply_early(now=NOW + timedelta(minutes=10))
    assert state(delivery) == ("delivered", LEFT_AT, NOW, None)


def test_only_the_tick_looks_at_those_that_are_not_young(sender):
    tell(sender, receipt("delivered", "X"))
    delivery = sent("X", sender=sender)
    tell(sender, receipt("delivered", "Y"), now=NOW + early.YOUNG + timedelta(seconds=1))
    assert status(delivery) == "sent"
    apply_early(now=NOW + early.YOUNG + timedelta(seconds=1))
    assert status(delivery) == "delivered"


def test_a_reference_waits_until_its_call_is_over(sender):
    """The receipt comes while we still wait for an answer, which then never comes."""
    delivery = sent("", "claimed", sender=sender)
    named = {"reference": f"delivery-{delivery.pk}-1"}
    tell(sender, receipt("sent", "META1", LATER, **named))
    assert apply_early(now=NOW) == 0
    assert EarlyReceipt.objects.get().reference == named["reference"]
    Delivery.objects.filter(pk=delivery.pk).update(status="uncertain")
    assert apply_early(now=NOW) == 1
    assert status(delivery) == "sent"


def test_a_reference_to_no_call_of_ours_is_not_kept(sender):
    delivery = sent("", "claimed", sender=sender)
    tell(sender, receipt("sent", "META1", reference=f"delivery-{delivery.pk}-7"))
    assert EarlyReceipt.objects.get().reference == ""


def test_many_are_applied_in_parts(sender, monkeypatch):
    monkeypatch.setattr(early, "MOST_AT_ONCE", 2)
    tell(sender, *(receipt("delivered", f"X{number}") for number in range(5)))
    for number in range(5):
        sent(f"X{number}", sender=sender)
    assert apply_early(now=NOW) == 5
    assert kept() == []


def test_what_waits_for_a_call_does_not_hold_up_the_tick(sender, monkeypatch):
    monkeypatch.setattr(early, "MOST_AT_ONCE", 1)
    delivery = sent("", "claimed", sender=sender)
    tell(sender, receipt("sent", "X", reference=f"delivery-{delivery.pk}-1"))
    assert apply_early(now=NOW) == 0
    assert kept() == [("X", "sent")]


def test_nothing_is_written_where_nothing_waits(sender):
    tell(sender, receipt("delivered", "X"))
    with CaptureQueriesContext(connection) as asked:
        apply_early(now=NOW)
    assert [one["sql"].split()[0] for one in asked] == ["SELECT", "SELECT"]


def test_a_call_that_ends_in_doubt_is_settled_by_the_receipt_that_came_during_it():
    lane = make_lane()
    delivery = make_delivery(contact=make_contact())
    run_until_idle(FakeGateway(OutcomeUnknown("HTTP 500")))
    assert status(delivery) == "uncertain"
    EarlyReceipt.objects.create(
        sender=lane.sender,
        message_id="META1",
        status="delivered",
        reported_at=NOW,
        received_at=NOW,
        reference=f"delivery-{delivery.pk}-1",
    )
    assert apply_early(now=NOW + timedelta(minutes=1)) == 1
    assert status(delivery) == "delivered"
