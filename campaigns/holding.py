"""The lanes that one dispatcher holds: leases, and when each may do something again."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction

from campaigns import lanes
from campaigns.attempts import settle_abandoned
from campaigns.models import Lane

# What a turn may change on a lane; the lease is changed by updates of its own.
LANE_FIELDS = (
    "next_send_at",
    "last_call_at",
    "position",
    "current_delay",
    "slow_down",
    "failures_in_a_row",
    "good_in_a_row",
    "sent_on",
    "sent_today",
    "days_used",
    "pause_reason",
    "pause_detail",
    "paused_since",
    "paused_until",
    "probes",
    "is_stopped",
)


def state_of(lane: Lane) -> dict[str, object]:
    return {name: getattr(lane, name) for name in LANE_FIELDS}


class Holding:
    """`due` says when a lane is to be looked at again; a lane without an entry is looked at in the next turn."""

    def __init__(self) -> None:
        self.owner = secrets.token_hex(12)
        self.fences: dict[int, int] = {}  # lane id -> fence
        self.due: dict[int, datetime] = {}
        self.as_loaded: dict[int, dict[str, object]] = {}

    def take(self, lane: Lane, *, now: datetime) -> None:
        """Lease it, and settle at once what a former holder left open."""
        with transaction.atomic():
            fence = lanes.take_lease(lane.pk, self.owner, now=now)
            if fence is None:
                return
            lane.fence = fence
            settle_abandoned(lane, now=now)
        self.fences[lane.pk] = fence
        self.due.pop(lane.pk, None)

    def due_lanes(self, *, now: datetime) -> set[int]:
        return {lane_id for lane_id in self.fences if lane_id not in self.due or self.due[lane_id] <= now}

    def next_due(self) -> datetime | None:
        return min((at for lane_id, at in self.due.items() if lane_id in self.fences), default=None)

    def load(self, lane_ids: Iterable[int]) -> dict[int, Lane]:
        """Those of the lanes that are still ours, locked until the turn ends."""
        locked = Lane.objects.select_for_update(of=("self",)).select_related("sender", "mailbox")
        found = locked.filter(pk__in=list(lane_ids), lease_owner=self.owner).order_by("pk")
        ours = {lane.pk: lane for lane in found if lane.fence == self.fences.get(lane.pk)}
        self.as_loaded = {lane_id: state_of(lane) for lane_id, lane in ours.items()}
        return ours

    def save(self, held: dict[int, Lane]) -> None:
        for lane_id, lane in held.items():
            if (state := state_of(lane)) != self.as_loaded[lane_id]:
                Lane.objects.filter(pk=lane_id).update(**state)

    def forget(self, lane_id: int) -> None:
        self.fences.pop(lane_id, None)
        self.due.pop(lane_id, None)

    def release(self, lane_ids: Iterable[int]) -> None:
        freed = list(lane_ids)
        if freed:
            lanes.release_leases(self.owner, freed)
        for lane_id in freed:
            self.forget(lane_id)

    def release_idle(self, under_way: Callable[[int], int]) -> None:
        """Not the lanes whose calls are under way: nobody else may call there before the lease has run out."""
        self.release([lane_id for lane_id in self.fences if not under_way(lane_id)])

    def renew(self, *, now: datetime) -> None:
        lanes.renew_leases(self.owner, self.fences, now=now)
