"""Messages that have left, the address that their receipts are posted to, and what became of them."""

import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from benchmarks.jobs.seed import add_people, make_campaign
from benchmarks.jobs.tables import analyze
from campaigns.models import Delivery
from campaigns.news import hear
from whatsapp.models import Sender, WebhookPost
from whatsapp.webhooks.base import Receipt, ReceiptStatus

LOOK_SECONDS = 0.2


def past(*, messages: int, first: int) -> None:
    """A finished campaign whose messages left from the first number. `first` is the number of its first person."""
    at, sender = timezone.now() - timedelta(minutes=10), Sender.objects.order_by("pk")[0]
    left: dict[str, Any] = {"status": "sent", "sender": sender, "sent_at": at, "claimed_at": at, "attempts_made": 1}
    number = Cast(F("slot") - (first - 1), CharField())
    with transaction.atomic():
        campaign = make_campaign("announcement", status="finished", name="De antes", now=at)
        add_people(campaign, messages, first=first, **left)
        Delivery.objects.filter(campaign=campaign).update(gateway_message_id=Concat(Value("PAST"), number))
    analyze()


def address() -> str:
    sender = Sender.objects.order_by("pk")[0]
    return reverse("whatsapp:hook", args=[sender.pk, sender.hook_key])


def wait(*, messages: int, most_seconds: float) -> dict[str, Any]:
    """Until every post was read; then how many messages are known to have been read, and when that was."""
    ends = time.monotonic() + most_seconds
    while WebhookPost.objects.filter(applied_at=None).exists() and time.monotonic() < ends:
        time.sleep(LOOK_SECONDS)
    read = Delivery.objects.filter(gateway_message_id__startswith="PAST", status="read")
    return {
        "at": time.monotonic(),
        "lost": messages - read.filter(delivered_at__isnull=False, read_at__isnull=False).count(),
        "unread": WebhookPost.objects.filter(applied_at=None).count(),
        "problems": WebhookPost.objects.exclude(problem="").count(),
    }


def at_once(*, messages: int) -> dict[str, Any]:
    """All receipts in one post, applied to the rows by this process."""
    sender = Sender.objects.order_by("pk")[0]
    statuses = (ReceiptStatus.SENT, ReceiptStatus.DELIVERED, ReceiptStatus.READ)
    news = [Receipt(f"PAST{number}", status) for number in range(1, messages + 1) for status in statuses]
    with CaptureQueriesContext(connection) as asked:
        began = time.perf_counter()
        with transaction.atomic():
            changed = hear(sender.pk, news, now=timezone.now())
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "statements": len(asked), "changed": changed}
