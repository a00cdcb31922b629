"""How many wait in every campaign that sends, by channel, pool and priority."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL

from campaigns.enums import CampaignStatus, Channel, DeliveryStatus
from campaigns.models import Campaign, Delivery

# As part of the text: with a parameter SQLite would read every row again, to see that its index was right.
PENDING = RawSQL(f"'{DeliveryStatus.PENDING}'", ())  # noqa: S611  (a word of ours)
ORDER = ("pool", "priority")


class Queued(NamedTuple):
    """Messages that wait for their turn, of one campaign and channel."""

    pool: int
    priority: int
    number: int


class Queues(NamedTuple):
    """By campaign and channel: who waits, and when the first and the last are due that are tried again later."""

    pending: dict[tuple[int, str], list[Queued]]
    retries: dict[tuple[int, str], tuple[datetime, datetime]]


def queues() -> Queues:
    """One question, and a second where somebody keeps a number or comes first.

    Most queues are of one pool and one priority. Whether they are is seen at the two ends of the index, and to count
    such a queue takes databases half as long as to group it.
    """
    found, mixed = Queues({}, {}), Q()
    parts = [_ends(channel) for channel in Channel.values]
    for campaign, channel, number, pool, priority, *others, soonest, latest in parts[0].union(*parts[1:], all=True):
        if number and [pool, priority] == others:
            found.pending[campaign, channel] = [Queued(pool, priority, number)]
        elif number:
            mixed |= Q(campaign=campaign, channel=channel)
        if soonest is not None:
            found.retries[campaign, channel] = (soonest, latest)
    if mixed:
        grouped = Delivery.objects.filter(mixed, status=PENDING).order_by().values_list("campaign", "channel", *ORDER)
        for campaign, channel, *queued in grouped.annotate(number=Count("*")):
            found.pending.setdefault((campaign, channel), []).append(Queued(*queued))
    return found


def _ends(channel: str) -> QuerySet[Campaign, tuple[Any, ...]]:
    """Of each campaign: how many wait, the ends of their queue, and the moments of retries."""
    rows = Delivery.objects.filter(campaign=OuterRef("pk"), channel=channel).order_by()
    pending, retried = rows.filter(status=PENDING), rows.filter(status=DeliveryStatus.WAITING)
    first, last = pending.order_by(*ORDER), pending.order_by(*(F(name).desc() for name in ORDER))
    values = {
        "channel": Value(channel),
        "number": Subquery(pending.values("campaign").annotate(number=Count("*")).values("number")),
        **{f"first_{name}": Subquery(first.values(name)[:1]) for name in ORDER},
        **{f"last_{name}": Subquery(last.values(name)[:1]) for name in ORDER},
        "soonest": Subquery(retried.order_by("due_at").values("due_at")[:1]),
        "latest": Subquery(retried.order_by("-due_at").values("due_at")[:1]),
    }
    sending = Campaign.objects.filter(status=CampaignStatus.SENDING, prepared_at__isnull=False).order_by()
    return sending.annotate(**values).values_list("pk", *values)
