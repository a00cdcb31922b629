"""What a look at campaigns needs to know of everything around them: the settings, the lanes, the worker.

Each is asked for when somebody needs it, and once, however many campaigns are looked at.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone

from campaigns import installation, slots
from campaigns.arrivals import Reporting, reporting_numbers
from campaigns.enums import AttemptOutcome, Channel
from campaigns.lanes import heaviest_of, is_usable
from campaigns.limits import RunLimits
from campaigns.models import DeliveryAttempt, EventMailbox, Lane
from campaigns.people_limit import people_reached
from campaigns.queues import Queued, Queues, queues
from whatsapp.accounts import Account, limit_of
from whatsapp.models import Sender, SendingSettings

RECENT_CALLS = 400  # of all lanes of a channel together
LATELY = 20_000  # attempts: further back nobody looks for them


class CallTimes(NamedTuple):
    """Seconds that calls took lately: by lane, and of all lanes of the channel. 0 when nothing was sent yet."""

    by_lane: dict[int, float]
    usual: float

    def of(self, lane: Lane) -> float:
        return self.by_lane.get(lane.pk, self.usual)


class Scene:
    """Everything as it is at one moment."""

    def __init__(self, now: datetime):
        self.now = now
        self.counts: dict[str, int] = {}  # what pages counted of tables, by its name
        self._call_times: dict[str, CallTimes] = {}
        self._people: dict[Account, int] = {}

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
        return self._queues.pending.get((campaign_id, channel), [])

    def ahead_of(self, campaign_id: int, channel: str) -> list[tuple[int, Queued]]:
        """What all the others that send have waiting, each with its campaign."""
        all_queues = self._queues.pending.items()
        others = [(pk, queue) for (pk, way), queue in all_queues if pk != campaign_id and way == channel]
        return [(pk, queued) for pk, queue in others for queued in queue]

    def retries(self, campaign_id: int, channel: str) -> Sequence[datetime]:
        """Of a campaign that sends: when the first and the last are due that are tried again later."""
        return self._queues.retries.get((campaign_id, channel), ())

    @cached_property
    def _queues(self) -> Queues:
        return queues()

    def people_reached(self, sender: Sender) -> int:
        """In 24 hours, by all numbers that share its limit. 0 for a number without one: nobody counts them then."""
        if not sender.people_limit:
            return 0
        limit = limit_of(sender)
        if limit not in self._people:
            numbers = [lane.sender for lane in self.lanes if lane.sender]
            among = [number.pk for number in numbers if limit_of(number) == limit]
            self._people[limit] = people_reached(among, now=self.now)
        return self._people[limit]

    @cached_property
    def mailboxes(self) -> dict[int, int]:
        """Of the events that have a mailbox of their own in use: which."""
        chosen = EventMailbox.objects.filter(mailbox__is_enabled=True)
        return dict(chosen.values_list("event", "mailbox"))

    @cached_property
    def reporting(self) -> Reporting:
        return reporting_numbers()

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
