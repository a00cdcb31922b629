"""What a look at campaigns needs to know of everything around them: the settings, the lanes, the worker.

Each is asked for when somebody needs it, and once, however many campaigns are looked at.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, DateTimeField, Exists, Max, Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils import timezone

from campaigns import installation, slots
from campaigns.enums import AttemptOutcome, CampaignStatus, Channel, DeliveryStatus
from campaigns.lanes import heaviest_of, is_usable
from campaigns.limits import RunLimits
from campaigns.models import Campaign, Delivery, DeliveryAttempt, EventMailbox, Lane
from whatsapp.models import SendingSettings

RECENT_CALLS = 400  # of all lanes of a channel together
NO_MOMENT = Value(None, output_field=DateTimeField())
LATELY = 20_000  # attempts: further back nobody looks for them


class CallTimes(NamedTuple):
    """Seconds that calls took lately: by lane, and of all lanes of the channel. 0 when nothing was sent yet."""

    by_lane: dict[int, float]
    usual: float

    def of(self, lane: Lane) -> float:
        return self.by_lane.get(lane.pk, self.usual)


class Queued(NamedTuple):
    """Messages that wait for their turn, of one campaign and channel."""

    pool: int
    priority: int
    number: int


# By campaign and channel: who waits, and when the first and the last are due that are tried again later.
Open = tuple[dict[tuple[int, str], list[Queued]], dict[tuple[int, str], list[datetime]]]


class Scene:
    """Everything as it is at one moment."""

    def __init__(self, now: datetime):
        self.now = now
        self.counts: dict[str, int] = {}  # what pages counted of tables, by its name
        self._call_times: dict[str, CallTimes] = {}

    @cached_property
    def limits(self) -> RunLimits:
        return RunLimits(SendingSettings.load(), heaviest_of(self.lanes))

    @property
    def lanes(self) -> list[Lane]:
        """All there are, in the order of their making."""
        return self._lanes[0]

    def is_busy(self, lane: Lane) -> bool:
        """A call of it is under way."""
        return lane.pk in self._lanes[1]

    @cached_property
    def _lanes(self) -> tuple[list[Lane], frozenset[int]]:
        under_way = DeliveryAttempt.objects.filter(lane=OuterRef("pk"), outcome=AttemptOutcome.STARTED)
        known = Lane.objects.annotate(is_busy=Exists(under_way))
        found = list(known.select_related("sender", "mailbox").order_by("pk"))
        return [*found], frozenset(lane.pk for lane in found if lane.is_busy)

    def usable(self, channel: str) -> list[Lane]:
        return [lane for lane in self.lanes if lane.channel == channel and is_usable(lane)]

    def queue(self, campaign_id: int, channel: str) -> list[Queued]:
        """Of a campaign that sends: who waits in it, by pool and priority."""
        return self._open[0].get((campaign_id, channel), [])

    def ahead_of(self, campaign_id: int, channel: str) -> list[tuple[int, Queued]]:
        """What all the others that send have waiting, each with its campaign."""
        others = [(pk, queue) for (pk, way), queue in self._open[0].items() if pk != campaign_id and way == channel]
        return [(pk, queued) for pk, queue in others for queued in queue]

    def retries(self, campaign_id: int, channel: str) -> list[datetime]:
        """Of a campaign that sends: when the first and the last are due that are tried again later."""
        return self._open[1].get((campaign_id, channel), [])

    @cached_property
    def _open(self) -> Open:
        """One question for all of them, by way of the indexes of the queue and of the totals."""
        queues: dict[tuple[int, str], list[Queued]] = {}
        retries: dict[tuple[int, str], list[datetime]] = {}
        pending = _open_in(DeliveryStatus.PENDING, first=NO_MOMENT, last=NO_MOMENT)
        for campaign, channel, pool, priority, number, first, last in pending.union(
            _open_in(DeliveryStatus.WAITING, first=Min("due_at"), last=Max("due_at")), all=True
        ):
            if first is None:
                queues.setdefault((campaign, channel), []).append(Queued(pool, priority, number))
            else:
                known = retries.get((campaign, channel), [])
                retries[campaign, channel] = [min(first, *known), max(last, *known)] if known else [first, last]
        return queues, retries

    @cached_property
    def mailboxes(self) -> dict[int, int]:
        """Of the events that have a mailbox of their own in use: which."""
        chosen = EventMailbox.objects.filter(mailbox__is_enabled=True)
        return dict(chosen.values_list("event", "mailbox"))

    @cached_property
    def known(self) -> installation.Known:
        return installation.what_is_known()

    @property
    def nobody_works(self) -> bool:
        return slots.is_silence(self.known.heartbeat_at or slots.last_heartbeat(), self.now)

    def call_times(self, channel: str) -> CallTimes:
        if channel not in self._call_times:
            self._call_times[channel] = call_times(channel)
        return self._call_times[channel]


def scene_of(request: HttpRequest) -> Scene:
    """That of the page and of the frame around it, which then ask together."""
    known: Scene | None = getattr(request, "scene", None)
    if known is None:
        known = request.scene = Scene(timezone.now())  # type: ignore[attr-defined]
    return known


def _open_in(status: str, **moments: Any) -> QuerySet[Any, Any]:
    """Of the campaigns that send: how many are in that state, by channel, pool and priority."""
    sending = Campaign.objects.filter(status=CampaignStatus.SENDING, prepared_at__isnull=False)
    # As part of the text: with a parameter SQLite would read every row again, to see that its index was right.
    written = RawSQL(f"'{DeliveryStatus(status)}'", ())  # noqa: S611  (a word of ours)
    rows = Delivery.objects.filter(campaign__in=sending.values("pk"), status=written).order_by()
    grouped = rows.values("campaign", "channel", "pool", "priority").annotate(number=Count("pk"), **moments)
    return grouped.values_list("campaign", "channel", "pool", "priority", "number", "first", "last")


def call_times(channel: str) -> CallTimes:
    newest = DeliveryAttempt.objects.order_by("-pk").values("pk")[:1]
    accepted = DeliveryAttempt.objects.filter(
        pk__gt=Subquery(newest) - LATELY, outcome=AttemptOutcome.ACCEPTED, sender__isnull=channel != Channel.WHATSAPP
    )
    recent = list(accepted.order_by("-pk").values_list("lane", "latency_ms")[:RECENT_CALLS])
    by_lane = {lane: _mean([took for other, took in recent if other == lane]) for lane in {lane for lane, _ in recent}}
    return CallTimes(by_lane, _mean([took for _, took in recent]))


def _mean(milliseconds: Collection[int | None]) -> float:
    known = [took for took in milliseconds if took is not None]
    return round(sum(known) / len(known) / 1000, 3) if known else 0.0
