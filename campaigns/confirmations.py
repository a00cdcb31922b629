"""How much of what left is known to have arrived, and of how much nobody will ever tell.

A number that gives no receipts leaves its messages at "sent": that is a normal end and no failure. So the shares are
those of the messages whose number reports (`campaigns.arrivals`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.arrivals import Reporting, is_silent
from campaigns.enums import Channel, DeliveryStatus
from campaigns.models import Campaign, Delivery
from whatsapp.models import Sender

D = DeliveryStatus

LATELY = timedelta(days=7)
KEEP_SECONDS = 300  # what a number did in a week is not another thing a moment later


@dataclass(frozen=True)
class Confirmed:
    """WhatsApp messages of numbers that report: how many left, and what became of them. Who read it has received it."""

    reported: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0  # after it had left
    unheard: int = 0  # sent, and nobody will tell more of it

    @property
    def delivered_percent(self) -> int:
        return _percent(self.delivered, self.reported)

    @property
    def read_percent(self) -> int:
        return _percent(self.read, self.reported)


def _percent(part: int, whole: int) -> int:
    """Rounded down, so that 100 is said only of everybody."""
    return 100 * part // whole if whole else 0


def confirmed_of(campaign: Campaign, counts: Mapping[str, int], numbers: Reporting) -> Confirmed:
    """`counts`: its WhatsApp messages by state, which the page has counted anyway."""
    read = counts.get(D.READ, 0)
    delivered, sent = read + counts.get(D.DELIVERED, 0), counts.get(D.SENT, 0)
    if not numbers or not (delivered or sent or counts.get(D.FAILED)):
        return Confirmed(delivered, delivered, read, unheard=sent)
    reporting = {period.sender for period in numbers}
    found = _left_without(campaign).aggregate(
        silent=Count("pk", filter=is_silent(numbers)),
        failed=Count("pk", filter=Q(state=D.FAILED, sent_at__isnull=False, sender__in=reporting)),
    )
    silent, failed = found["silent"], found["failed"]
    return Confirmed(delivered + silent + failed, delivered, read, failed, unheard=sent - silent)


def _left_without(campaign: Campaign) -> QuerySet[Delivery]:
    """Found by the index of the totals: mostly these are few, since what arrived is in another state."""
    rows = Delivery.objects.filter(campaign=campaign, channel=Channel.WHATSAPP, status__in=[D.SENT, D.FAILED])
    return rows.annotate(state=F("status")).order_by()


# --- of the numbers, lately


def confirmed_lately(*, now: datetime) -> dict[int, Confirmed]:
    """By number, of the last seven days; only those that report. Counted once for everybody who looks."""
    key = f"confirmed-lately-{int(now.timestamp()) // KEEP_SECONDS}"
    known: dict[int, Confirmed] | None = cache.get(key)
    if known is None:
        known = _counted_lately(now)
        cache.set(key, known, KEEP_SECONDS)
    return known


def _counted_lately(now: datetime) -> dict[int, Confirmed]:
    """One question; each number is a part of two indexes."""
    of_number = Delivery.objects.filter(sender=OuterRef("pk")).order_by()
    arrived = of_number.filter(delivered_at__gte=now - LATELY)
    silent = of_number.filter(status=D.SENT, sent_at__gte=now - LATELY).exclude(gateway_message_id="")
    rows = Sender.objects.filter(last_receipt_at__isnull=False).order_by()
    counted = rows.annotate(
        delivered=_count(arrived), read=_count(arrived.filter(read_at__isnull=False)), silent=_count(silent)
    )
    return dict(_each(counted.values_list("pk", "delivered", "read", "silent")))


def _each(rows: Iterable[tuple[int, int, int, int]]) -> Iterable[tuple[int, Confirmed]]:
    for pk, delivered, read, silent in rows:
        yield pk, Confirmed(delivered + silent, delivered, read)


def _count(rows: QuerySet[Delivery]) -> Coalesce:
    number = rows.values("sender").annotate(number=Count("*")).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)
