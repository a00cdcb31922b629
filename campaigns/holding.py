"""The lanes that one dispatcher holds: leases, and when each may do something again."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction

from campaigns import lanes
from campaigns.attempts import settle_abandoned
from campaigns.models import Lane
from campaigns.statements import update

# What a turn may change on a lane; the lease is changed by updates of its own.
LANE_FIELDS = (
    "next_send_at",
    "last_call_at",
    "position",
    "current_delay",
    "slow_down",
    "failures_in_a_row",
    "noes_in_a_row",
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
    "known_only_since",
    "known_only_until",
    "known_only_detail",
)
PAUSE = frozenset({"pause_reason", "pause_detail", "paused_since", "paused_until", "is_stopped"})
KNOWN_ONLY = frozenset({"known_only_since", "known_only_until", "known_only_detail"})
# Each is one thing in several columns, of which all are written or none. A webhook, a person or the tick may say it
# too: what they said since we looked stands, as these columns of it show.
TOGETHER = {
    PAUSE: ("pause_reason", "paused_until", "is_stopped"),
    KNOWN_ONLY: ("known_only_since", "known_only_until"),
}


def state_of(lane: Lane) -> dict[str, object]:
    return {name: getattr(lane, name) for name in LANE_FIELDS}


class LeaseLost(Exception):
    """Somebody else holds the lane now: what this turn wrote must not stand."""

    def __init__(self, lane_id: int):
        super().__init__(lane_id)
        self.lane_id = lane_id


class Holding:
    """While the lease is ours nobody else moves the lane on, so that its row is kept in memory and written back.

    Every write asks for the lease again; a turn that claims always writes. `due` says when a lane is to be looked at
    again; a lane without an entry is looked at in the next turn.
    """

    def __init__(self) -> None:
        self.owner = secrets.token_hex(12)
        self.lanes: dict[int, Lane] = {}
        self.due: dict[int, datetime] = {}
        self._as_stored: dict[int, dict[str, object]] = {}

    def take(self, free: Iterable[Lane], *, now: datetime) -> None:
        """Lease them, and settle at once what former holders left open: all in one transaction, for one write lock."""
        wanted = [lane for lane in free if lane.pk not in self.lanes]
        if not wanted:
            return
        with transaction.atomic():
            # Read back in here: a lease that nobody knows of would block its lane until it runs out.
            self._read([lane.pk for lane in wanted if self._lease(lane, now=now)])

    def _lease(self, lane: Lane, *, now: datetime) -> bool:
        fence = lanes.take_lease(lane.pk, self.owner, now=now)
        if fence is None:
            return False
        lane.fence = fence
        settle_abandoned(lane, now=now)
        return True

    def refresh(self) -> None:
        """Notice what somebody else did: woke a lane, switched a number off, changed its key, took the lease."""
        held = list(self.lanes)
        self.due.clear()
        if held:
            self._read(held)

    def _read(self, lane_ids: list[int]) -> None:
        rows = Lane.objects.select_related("sender", "mailbox").filter(pk__in=lane_ids, lease_owner=self.owner)
        found = list(rows)  # before anything is forgotten: the database may be away
        for lane_id in lane_ids:
            self.forget(lane_id)
        self.lanes |= {lane.pk: lane for lane in found}

    def due_lanes(self, *, now: datetime) -> set[int]:
        return {lane_id for lane_id in self.lanes if lane_id not in self.due or self.due[lane_id] <= now}

    def next_due(self) -> datetime | None:
        return min((at for lane_id, at in self.due.items() if lane_id in self.lanes), default=None)

    def begin(self, lane_ids: Iterable[int]) -> dict[int, Lane]:
        """Those of the lanes that are ours, for a turn that ends with `save` or with `roll_back`."""
        ours = {lane_id: self.lanes[lane_id] for lane_id in sorted(lane_ids) if lane_id in self.lanes}
        self._as_stored = {lane_id: state_of(lane) for lane_id, lane in ours.items()}
        return ours

    def save(self) -> None:
        """Raises LeaseLost."""
        for lane_id in self._as_stored:
            if lane_id in self.lanes:
                self._write(self.lanes[lane_id])

    def _write(self, lane: Lane) -> None:
        before = self._as_stored.get(lane.pk)
        changes = changed(lane, before) if before else {}
        held = {"id": lane.pk, "lease_owner": self.owner, "fence": lane.fence}
        for group, shown_by in TOGETHER.items():
            if before and not group.isdisjoint(changes):
                told = {name: changes.pop(name) for name in group}
                update(Lane, told, held | {name: before[name] for name in shown_by})
                changes = changes or {"fence": lane.fence}  # whether the lease is still ours is asked below
        if changes and not update(Lane, changes, held):
            raise LeaseLost(lane.pk)

    def committed(self) -> None:
        self._as_stored = {}

    def roll_back(self, lanes_before: dict[int, Lane]) -> None:
        """The transaction did not stand: neither does what it changed on the lanes, or let go of."""
        self.lanes = lanes_before
        for lane_id, state in self._as_stored.items():
            for name, value in state.items():
                setattr(self.lanes[lane_id], name, value)
        self._as_stored = {}

    def forget(self, lane_id: int) -> None:
        self.lanes.pop(lane_id, None)
        self.due.pop(lane_id, None)

    def release(self, lane_ids: Iterable[int]) -> None:
        freed = list(lane_ids)
        for lane_id in freed:
            self._write(self.lanes[lane_id])
        if freed:
            lanes.release_leases(self.owner, freed)
        for lane_id in freed:
            self.forget(lane_id)

    def release_idle(self, is_busy: Callable[[int], bool]) -> None:
        """Not the lanes whose calls are under way or unrecorded: nobody else may call there before the gap is known."""
        self.release([lane_id for lane_id in self.lanes if not is_busy(lane_id)])

    def renew(self, *, now: datetime) -> None:
        expiry = lanes.renew_leases(self.owner, self.lanes, now=now)
        for lane in self.lanes.values():
            if lane.lease_expires_at and lane.lease_expires_at > now:
                lane.lease_expires_at = expiry


def changed(lane: Lane, before: dict[str, object]) -> dict[str, object]:
    """What is to be written."""
    now = state_of(lane)
    names = {name for name, value in now.items() if value != before[name]}
    for group in TOGETHER:
        if not names.isdisjoint(group):
            names.update(group)
    return {name: value for name, value in now.items() if name in names}
