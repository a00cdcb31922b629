"""Whoever told WhatsApp itself to stop us, and us something else since: the last word counts, whenever it is read."""

import json
from datetime import timedelta

import pytest

from campaigns.models import Delivery, DeliveryAttempt, Reply
from tests.campaigns.driving import run_until_idle
from tests.campaigns.hearing import receipt, sent
from tests.campaigns.replying import answers, arrives, said, writes
from tests.factories import NOW, make_contact, make_delivery, make_lane, make_sender
from tests.fakes import FakeGateway
from tests.whatsapp.cloud_answers import ACCOUNT, NUMBER, messages, post
from tests.whatsapp.cloud_answers import status as meta_status
from tickets.models import Contact
from whatsapp.gateways.base import ErrorKind, Refused
from whatsapp.models import WebhookPost
from whatsapp.webhooks.reading import read_posts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REFUSED_AT = NOW - 30 * MINUTE


@pytest.fixture
def sender():
    return make_sender()


@pytest.fixture
def ana():
    return make_contact(name="Ana", phone="+573000000001")


def refusal(message_id="AAAA", at=REFUSED_AT):
    return receipt("failed", message_id, at, error_kind="unsubscribed")


def refused(sender, *news, now=NOW):
    arrives(sender, *(news or [refusal()]), now=now)


def stopped_at(contact):
    return Contact.objects.values_list("whatsapp_opt_out_at", flat=True).get(pk=contact.pk)


def alta(contact, at):
    return said("ALTA", phone=contact.phone, message_id=f"alta-{at}", at=at)


def test_an_opt_out_is_dated_as_the_report_says(sender, ana):
    sent(sender=sender, contact=ana)
    refused(sender)
    assert stopped_at(ana) == REFUSED_AT


@pytest.mark.parametrize("at", [None, NOW + HOUR])
def test_without_a_moment_or_with_one_to_come_it_is_now(sender, ana, at):
    sent(sender=sender, contact=ana)
    refused(sender, refusal(at=at))
    assert stopped_at(ana) == NOW


def test_of_two_refusals_in_one_post_the_later_one_counts(sender, ana):
    sent("A1", sender=sender, contact=ana)
    sent("A2", sender=sender, contact=ana)
    refused(sender, refusal("A1", NOW - MINUTE), refusal("A2", REFUSED_AT))
    assert stopped_at(ana) == NOW - MINUTE


# --- an ALTA that was written afterwards


@pytest.mark.parametrize("is_first", [True, False])
def test_an_alta_that_is_read_together_with_an_older_refusal_counts(sender, ana, is_first):
    sent(sender=sender, contact=ana)
    both = [alta(ana, REFUSED_AT + MINUTE), refusal()]
    refused(sender, *(both if is_first else reversed(both)))
    assert stopped_at(ana) is None


def test_an_alta_that_is_read_after_the_refusal_takes_it_back(sender, ana):
    sent(sender=sender, contact=ana)
    refused(sender)
    writes(ana, "ALTA", sender, at=REFUSED_AT + MINUTE)
    assert (stopped_at(ana), ana.whatsapp_consent_at, answers().count()) == (None, REFUSED_AT + MINUTE, 1)


def test_an_older_refusal_that_is_read_after_the_alta_changes_nothing(sender, ana):
    waiting = make_delivery(contact=ana, address=ana.phone)
    sent(sender=sender, contact=ana)
    writes(ana, "ALTA", sender, at=REFUSED_AT + MINUTE)
    refused(sender)
    waiting.refresh_from_db()
    assert (stopped_at(ana), waiting.status) == (None, "pending")


def test_an_alta_from_before_the_refusal_does_not_hold_it_up(sender, ana):
    sent(sender=sender, contact=ana)
    writes(ana, "ALTA", sender, at=REFUSED_AT - MINUTE)
    refused(sender)
    assert stopped_at(ana) == REFUSED_AT


def test_an_older_refusal_of_another_message_does_not_undo_a_resume(sender, ana):
    sent("A1", sender=sender, contact=ana)
    sent("A2", sender=sender, contact=ana)
    refused(sender, refusal("A1"))
    writes(ana, "ALTA", sender, at=REFUSED_AT + 2 * MINUTE)
    refused(sender, refusal("A1"), refusal("A2", REFUSED_AT + MINUTE))
    assert stopped_at(ana) is None


def test_a_newer_refusal_after_a_resume_counts(sender, ana):
    sent("A1", sender=sender, contact=ana)
    sent("A2", sender=sender, contact=ana)
    refused(sender, refusal("A1"))
    writes(ana, "ALTA", sender, at=REFUSED_AT + MINUTE)
    refused(sender, refusal("A2", REFUSED_AT + 2 * MINUTE))
    assert stopped_at(ana) == REFUSED_AT + 2 * MINUTE


@pytest.mark.parametrize(("later", "end"), [(HOUR, REFUSED_AT), (HOUR + MINUTE, None)])
def test_a_consent_of_another_kind_counts_when_it_is_more_than_an_hour_newer(sender, ana, later, end):
    sent(sender=sender, contact=ana)
    Contact.objects.filter(pk=ana.pk).update(whatsapp_consent_at=REFUSED_AT + later)
    refused(sender, now=NOW + HOUR)
    assert stopped_at(ana) == end


def test_so_it_is_in_one_post_of_meta(ana):
    number = make_sender(gateway="cloud", session_name=NUMBER, options={"account": ACCOUNT})
    sent("wamid.AAAA", sender=number, contact=ana)
    refused_at, wrote_at = REFUSED_AT, REFUSED_AT + MINUTE
    report = meta_status("failed", timestamp=_seconds(refused_at), errors=[{"code": 131050, "title": "Stopped"}])
    word = {"from": ana.phone[1:], "id": "wamid.BBBB", "timestamp": _seconds(wrote_at), "type": "text"}
    word |= {"text": {"body": "ALTA"}}
    body = post(messages(statuses=[report], contacts=[{"wa_id": ana.phone[1:]}], messages=[word]))
    WebhookPost.objects.create(sender=number, received_at=NOW, body=json.dumps(body), digest="0" * 64)
    assert read_posts(now=NOW, limit=100) == 1
    ana.refresh_from_db()
    assert (Delivery.objects.get(gateway_message_id="wamid.AAAA").error_kind, Reply.objects.get().meaning) == (
        "unsubscribed",
        "resume",
    )
    assert (ana.whatsapp_opt_out_at, ana.whatsapp_consent_at) == (None, wrote_at)


def _seconds(moment):
    return str(int(moment.timestamp()))


# --- told at once, as the answer to our call


def test_a_refusal_of_the_call_itself_is_of_that_moment(ana):
    make_lane()
    make_delivery(contact=ana, address=ana.phone)
    run_until_idle(FakeGateway(Refused("131050", kind=ErrorKind.OPTED_OUT)), budget=60)
    assert stopped_at(ana) == DeliveryAttempt.objects.get().finished_at
