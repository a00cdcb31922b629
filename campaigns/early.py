"""Receipts whose message is not on record yet, kept until it is: some overtake our own save of the gateway's answer.

A number is also used from its telephone, and the receipts of what is typed there come too. Nobody ever asks for those:
so many are kept for so long, and no more.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from campaigns.heard import Heard
from campaigns.models import Delivery
from campaigns.references import parse_reference
from campaigns.statements import insert_missing
from whatsapp.models import EarlyReceipt
from whatsapp.webhooks.base import ReceiptStatus

KEPT_FOR = timedelta(days=1)
YOUNG = timedelta(minutes=3)  # looked at with every post of the number; the others once a minute
MOST_OF_A_NUMBER = 10_000
MOST_AT_ONCE = 1000
COLUMNS = (
    *("sender", "message_id", "status", "reported_at", "error_kind", "detail", "reference", "chat_id"),
    "received_at",
)


def keep(sender_id: int, receipts: Sequence[Heard], *, now: datetime) -> None:
    """The oldest of the number make room. With a reference only what is about a call that is under way."""
    if not receipts:
        return
    newest = receipts[-MOST_OF_A_NUMBER:]
    _make_room(sender_id, len(newest))
    # In order, so that two who keep the same ones do not wait for each other in a circle.
    insert_missing(EarlyReceipt, COLUMNS, sorted({_row(sender_id, one, now) for one in newest}))


def _row(sender_id: int, one: Heard, now: datetime) -> tuple[object, ...]:
    reference = str(one.reference) if one.reference else ""
    said = (one.message_id, one.status.value, one.at or now, one.error_kind, one.detail, reference, one.chat_id)
    return (sender_id, *said, now)


def _make_room(sender_id: int, wanted: int) -> None:
    kept = EarlyReceipt.objects.filter(sender=sender_id)
    too_many = kept.count() + wanted - MOST_OF_A_NUMBER
    if too_many > 0:
        oldest = list(kept.order_by("pk").values_list("pk", flat=True)[:too_many])
        forget(oldest)


def ready(*, sender_id: int | None = None, since: datetime | None = None) -> QuerySet[EarlyReceipt]:
    """Those whose message is on record by now, or whose call may be over."""
    # Of the number a value is asked for and not the column: else its index would be used, and read from end to end.
    of_message = Delivery.objects.annotate(number=F("sender") + 0).exclude(gateway_message_id="")
    of_message = of_message.filter(number=OuterRef("sender"), gateway_message_id=OuterRef("message_id"))
    found = EarlyReceipt.objects.filter(Exists(of_message) | ~Q(reference=""))
    if sender_id is not None:
        found = found.filter(sender=sender_id)
    return found if since is None else found.filter(received_at__gte=since)


def taken(rows: Iterable[EarlyReceipt]) -> dict[int, Heard]:
    """By the key of each."""
    return {
        row.pk: Heard(
            row.message_id,
            ReceiptStatus(row.status),
            row.reported_at,
            row.error_kind,
            row.detail,
            parse_reference(row.reference),
            row.chat_id,
        )
        for row in rows
    }


def forget(keys: Sequence[int]) -> None:
    for start in range(0, len(keys), MOST_AT_ONCE):
        EarlyReceipt.objects.filter(pk__in=keys[start : start + MOST_AT_ONCE]).delete()


def forget_old(*, now: datetime) -> int:
    """A part at a time, so that nobody waits long for the database."""
    old = EarlyReceipt.objects.filter(received_at__lt=now - KEPT_FOR).order_by("received_at")
    keys = list(old.values_list("pk", flat=True)[:MOST_OF_A_NUMBER])
    forget(keys)
    return len(keys)
