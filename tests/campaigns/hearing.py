"""Messages that have left, and what their number is told about them."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.test import TestCase

from campaigns.models import Delivery, Lane
from campaigns.news import hear
from tests.factories import NOW, make_contact, make_delivery, make_sender
from whatsapp.webhooks.base import OwnMessage, Receipt, ReceiptStatus

LEFT_AT = NOW - timedelta(minutes=5)
TIMES = ("sent_at", "delivered_at", "read_at")


def sent(message_id="AAAA", status="sent", *, sender=None, left_at=LEFT_AT, calls=1, **fields):
    """A message that its gateway took, with the call that was made for it."""
    sender = sender or make_sender()
    times = {} if status in ("uncertain", "claimed") else {"sent_at": left_at}
    values: dict[str, Any] = {"attempts_made": calls, "claimed_at": left_at, "contact": make_contact()}
    delivery = make_delivery(
        sender=sender,
        status=status,
        gateway_message_id=message_id,
        **values | times | {"status_changed_at": left_at} | fields,
    )
    outcome = {"claimed": "started", "uncertain": "uncertain"}.get(status, "accepted")
    for number in range(1, calls + 1):
        is_last = number == calls
        call(delivery, number, outcome=outcome if is_last else "not_sent", message_id=message_id if is_last else "")
    return delivery


def call(delivery, number, *, outcome="accepted", message_id="", started_at=None, sender=None):
    sender = sender or delivery.sender
    started_at = started_at or LEFT_AT - timedelta(seconds=1)
    return delivery.attempts.create(
        number=number,
        lane=Lane.objects.get(sender=sender),
        sender=sender,
        fence=1,
        started_at=started_at,
        finished_at=None if outcome == "started" else started_at + timedelta(seconds=1),
        outcome=outcome,
        gateway_message_id=message_id,
    )


def receipt(status, message_id="AAAA", at=None, **fields):
    return Receipt(message_id, ReceiptStatus(status), at, **fields)


def own(text, message_id="OWN1", at=None, *, phone="", chat_id=""):
    return OwnMessage(message_id, chat_id or f"{phone[1:]}@c.us", phone, text, at)


def tell(sender, *news, now=NOW):
    """With what follows the commit of the post."""
    with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
        return hear(sender.pk, list(news), now=now)


def state(delivery):
    delivery = Delivery.objects.get(pk=delivery.pk)
    return delivery.status, *(getattr(delivery, name) for name in TIMES)


def status(delivery):
    return Delivery.objects.values_list("status", flat=True).get(pk=delivery.pk)
