"""Which lanes have something to do: the one place that dispatchers, the tick and the watchdog ask."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from campaigns import safe_mode
from campaigns.enums import Channel
from campaigns.lanes import lane_veto, pools_of, usable_lanes
from campaigns.limits import RunLimits
from campaigns.models import Campaign, Lane
from campaigns.queueing import pools_in_use
from campaigns.windows import open_now, sending


@dataclass(frozen=True)
class Work:
    """By channel, the pools in which somebody waits whose campaign may send at this hour."""

    pools: dict[str, frozenset[int]]

    def is_for(self, lane: Lane) -> bool:
        return not self.pools_of(lane).isdisjoint(pools_of(lane))

    def pools_of(self, lane: Lane) -> frozenset[int]:
        return self.pools.get(lane.channel, frozenset())


NOTHING = Work({})


def work_now(campaigns: list[Campaign], limits: RunLimits, *, now: datetime) -> Work:
    return Work({channel: _pools(campaigns, channel, limits, now=now) for channel in Channel.values})


def _pools(campaigns: list[Campaign], channel: str, limits: RunLimits, *, now: datetime) -> frozenset[int]:
    if safe_mode.blocks(channel):
        return frozenset()
    return frozenset(
        pool
        for campaign in open_now(campaigns, channel, limits.settings, now=now)
        for pool in pools_in_use(campaign.pk, channel)
    )


def free_lanes(work: Work, limits: RunLimits, *, now: datetime, before: datetime) -> list[Lane]:
    """Lanes with work that nobody holds and that may send, or look at their number, before a moment."""
    chosen = Q(pk__in=[])
    for channel, pools in work.pools.items():
        if pools:
            chosen |= usable_lanes(channel)
    unheld = Q(lease_expires_at=None) | Q(lease_expires_at__lte=now)
    lanes = Lane.objects.filter(chosen, unheld).select_related("sender", "mailbox").order_by("pk")
    return [lane for lane in lanes if work.is_for(lane) and _may_act(lane, limits, now=now, before=before)]


def is_due_before_tick(work: Work, limits: RunLimits, *, now: datetime) -> bool:
    """A free lane is due later than a slice ends, and before the tick asks again: nobody else would look in time."""
    return bool(free_lanes(work, limits, now=now, before=now + timedelta(seconds=settings.TICK_SECONDS)))


def _may_act(lane: Lane, limits: RunLimits, *, now: datetime, before: datetime) -> bool:
    wait = lane_veto(lane, limits.pace(lane), day_zone=limits.day_zone, now=now)
    return wait is None or (wait.until is not None and wait.until < before)


def idle_lanes(*, now: datetime, before: datetime) -> list[Lane]:
    """The same with the settings as they are now, for whoever looks only once."""
    limits = RunLimits.load()
    return free_lanes(work_now(sending(), limits, now=now), limits, now=now, before=before)
