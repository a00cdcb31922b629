"""The dispatching loop: one thread that owns the database, and threads that only speak HTTP or SMTP.

Each turn is one short transaction: record what came back, claim and write ahead what may leave now. Then it waits for
the first of: an answer, the next due moment, the stop. So one hung gateway delays nobody else, and what a crash can
leave uncertain is what was under way.
"""

import logging
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from campaigns import lanes
from campaigns.attempts import record_unwritable, settle_abandoned
from campaigns.calls import Answer, Call, CallPool, Probe
from campaigns.claims import Claimed, claim
from campaigns.enums import Channel
from campaigns.lifecycle import finish_done
from campaigns.mailer import MailServer
from campaigns.messages import call_for, probe_for
from campaigns.models import Campaign, Lane
from campaigns.outages import OUTAGES, forget_broken_connection
from campaigns.queueing import promote_due
from campaigns.recording import RunLimits, note_claim, note_probe, record_answer, rest_without_gateway
from campaigns.stopping import STOP, StopPipe
from campaigns.windows import channels_with_work, open_now, sending
from whatsapp.gateways.base import Gateway
from whatsapp.models import Sender
from whatsapp.registry import gateway_for

logger = logging.getLogger(__name__)

LONGEST_LOOK = 1.0  # seconds between two turns: a pause, a new campaign or a new number is noticed within this
LOOK_FOR_LANES = 0.5
PATIENCE = 3.0  # seconds that an ending slice waits for its calls before it hands over its slot


class Planned(NamedTuple):
    """A call or a look that leaves after the commit of the turn that wrote it ahead."""

    call: Call | Probe
    claimed: Claimed | None
    lane_id: int


class Dispatch:
    """One slice of one dispatcher. `run` returns how many calls were recorded."""

    def __init__(
        self,
        *,
        budget: float,
        clock: Callable[[], datetime] = timezone.now,
        stop: StopPipe = STOP,
        gateway: Callable[[Sender], Gateway] = gateway_for,
        heartbeat: Callable[[datetime], None] = lambda now: None,
    ):
        self.owner = secrets.token_hex(12)
        self.clock, self.stop, self.gateway, self.heartbeat = clock, stop, gateway, heartbeat
        self.ends = clock() + timedelta(seconds=budget)
        self.pool = CallPool(clock)
        self.mailbox = MailServer()
        self.held: dict[int, int] = {}  # lane id -> fence
        self.flying: dict[int, Planned] = {}  # by the key of the call
        self.unrecorded: list[Answer] = []
        self.recorded = 0
        self.looked_at: datetime | None = None
        self.renewed_at = clock()
        self.next_due: datetime | None = None  # in this slice
        self.soonest: datetime | None = None  # in this slice or after it

    # --- the loop

    def run(self, hand_over: Callable[[], None] = lambda: None) -> int:
        """Serve lanes until the budget ends, nothing is due or the stop comes. `hand_over` frees the slot."""
        try:
            while not self._is_over():
                self._safely(self._turn)
                if self._has_nothing_to_wait_for():
                    break
                self._wait()
            self._drain(until=self.clock() + timedelta(seconds=PATIENCE))
            self._safely(hand_over)
            if self.flying:  # a gateway that hangs: its lane comes free when the call ends
                self._drain(until=None)
                self._safely(hand_over)
        finally:
            # Not the lanes whose calls are under way: nobody else may call there before the lease has run out.
            self._safely(self._release_idle)
            self.mailbox.close()
            self.pool.close()
        return self.recorded

    def _is_over(self) -> bool:
        return self.stop.is_set() or self.clock() >= self.ends

    def _has_nothing_to_wait_for(self) -> bool:
        return not self.flying and (self.next_due is None or self.next_due >= self.ends)

    def _wait(self) -> None:
        now = self.clock()
        until = min(self.next_due or self.ends, self.ends, now + timedelta(seconds=LONGEST_LOOK))
        self.stop.wait((until - now).total_seconds(), also=[self.pool.fileno()])

    def _safely(self, step: Callable[[], None]) -> None:
        """A database that is locked or restarting costs a turn, never an answer: those are kept until recorded."""
        try:
            step()
        except OUTAGES:
            logger.exception("A turn of the dispatcher failed; it is tried again")
            forget_broken_connection()
            self.next_due = self.clock() + timedelta(seconds=LONGEST_LOOK)
            time.sleep(0.05)  # let whoever holds the database finish

    # --- one turn

    def _turn(self) -> None:
        self.unrecorded += self.pool.finished()
        now = self.clock()
        self._look_for_lanes(now)
        held = dict(self.held)
        try:
            with transaction.atomic():
                limits = RunLimits.load()
                self._record(limits)
                planned = self._claim(limits, now)
        except OUTAGES:
            self.held = held  # what the transaction let go of is ours again
            raise
        self._forget()
        self.flying |= {plan.call.key: plan for plan in planned}
        self.pool.start(plan.call for plan in planned)
        if not self.flying:
            finish_done(now=now)

    def _look_for_lanes(self, now: datetime) -> None:
        """Lease what has due work, and settle at once what a former holder left open."""
        if self.held and self.looked_at and now - self.looked_at < timedelta(seconds=LOOK_FOR_LANES):
            return
        self.looked_at = now
        promote_due(now=now)
        finish_done(now=now)
        channels = channels_with_work(RunLimits.load().settings, now=now)
        for lane in lanes.free_lanes(channels, now=now, before=self.ends):
            if lane.pk not in self.held:
                self._take(lane, now)

    def _take(self, lane: Lane, now: datetime) -> None:
        with transaction.atomic():
            fence = lanes.take_lease(lane.pk, self.owner, now=now)
            if fence is None:
                return
            lane.fence = fence
            settle_abandoned(lane, now=now)
        self.held[lane.pk] = fence

    def _record(self, limits: RunLimits) -> None:
        for answer in self.unrecorded:
            plan = self.flying[answer.key]
            lane = self._lane(plan.lane_id)
            if plan.claimed is None:
                note_probe(lane, answer, now=self.clock())
                continue
            try:
                with transaction.atomic():
                    record_answer(plan.claimed, lane, answer, limits)
                self._note_next(lane)
            except (DataError, IntegrityError):  # this answer cannot be written as it is, and must not stop the others
                logger.exception("An answer could not be recorded; the message counts as uncertain")
                record_unwritable(plan.claimed.attempt, now=self.clock())

    def _note_next(self, lane: Lane | None) -> None:
        """When a lane that has just answered may do something again: whoever comes after us is called in time."""
        if lane is not None and not lane.is_stopped:
            at = lane.paused_until or lane.next_send_at or self.clock()
            self.soonest = min(self.soonest or at, at)

    def _lane(self, lane_id: int) -> Lane | None:
        """The lane while it is still ours, locked until the turn ends; None when the lease was lost."""
        locked = Lane.objects.select_for_update(of=("self",)).select_related("sender")
        return locked.filter(pk=lane_id, lease_owner=self.owner, fence=self.held.get(lane_id, -1)).first()

    def _forget(self) -> None:
        """After the commit, and only then."""
        self.recorded += sum(1 for answer in self.unrecorded if self.flying.pop(answer.key).claimed is not None)
        self.unrecorded = []

    # --- claiming

    def _claim(self, limits: RunLimits, now: datetime) -> list[Planned]:
        self._renew(now)
        self.next_due = self.soonest = None
        campaigns = sending()
        planned: list[Planned] = []
        for lane_id in list(self.held):
            lane = self._lane(lane_id)
            if lane is not None and lane.lease_expires_at and lane.lease_expires_at > now:
                planned += self._claim_on(lane, campaigns, limits, now)
            elif not self._in_flight(lane_id):
                del self.held[lane_id]  # lost: another dispatcher has it now
        return planned

    def _claim_on(self, lane: Lane, campaigns: list[Campaign], limits: RunLimits, now: datetime) -> list[Planned]:
        if not lanes.is_usable(lane):
            return self._let_go(lane)
        if self._is_over():
            return self._come_back(lane, now)
        if wait := lanes.lane_veto(lane, limits.pace(lane), day_zone=limits.day_zone, now=now):
            return self._come_back(lane, wait.until)
        room = self._room(lane)
        if room <= 0:
            return []
        gateway = self._gateway_of(lane, now)
        if gateway is None and lane.sender is not None:
            return self._let_go(lane)
        if lane.pause_reason and gateway is not None:
            return [Planned(probe_for(lane.pk, gateway), None, lane.pk)]
        claimed = claim(lane, open_now(campaigns, lane.channel, limits.settings, now=now), room=room, now=now)
        if not claimed:
            return self._let_go(lane)
        note_claim(lane, len(claimed), limits, now=now)
        return [Planned(call_for(one, gateway=gateway, mailbox=self.mailbox), one, lane.pk) for one in claimed]

    def _gateway_of(self, lane: Lane, now: datetime) -> Gateway | None:
        """None for e-mail, and for a gateway that is not installed any more: then the lane rests and says so."""
        if lane.sender is None:
            return None
        try:
            return self.gateway(lane.sender)
        except KeyError:
            rest_without_gateway(lane, now=now)
            return None

    def _room(self, lane: Lane) -> int:
        """One call at a time on a number; on an e-mail lane as many as there are connections, one while it rests."""
        limit = settings.EMAIL_CONNECTIONS if lane.channel == Channel.EMAIL and not lane.pause_reason else 1
        return limit - self._in_flight(lane.pk)

    def _in_flight(self, lane_id: int) -> int:
        """Calls on their way; those that have answered are not, although the answer may not be recorded yet."""
        answered = {answer.key for answer in self.unrecorded}
        return sum(1 for key, plan in self.flying.items() if plan.lane_id == lane_id and key not in answered)

    def _come_back(self, lane: Lane, at: datetime | None) -> list[Planned]:
        if at is not None:
            self.soonest = min(self.soonest or at, at)
        if at is None or at >= self.ends or self._is_over():
            return self._let_go(lane)
        self.next_due = min(self.next_due or at, at)
        return []

    def _let_go(self, lane: Lane) -> list[Planned]:
        """Nothing to do here before the slice ends: somebody else may have the lane."""
        if not self._in_flight(lane.pk):
            lanes.release_leases(self.owner, [lane.pk])
            self.held.pop(lane.pk, None)
        return []

    # --- leases and the end

    def _renew(self, now: datetime) -> None:
        if (now - self.renewed_at).total_seconds() >= settings.LEASE_SECONDS / 4:
            lanes.renew_leases(self.owner, self.held, now=now)
            self.heartbeat(now)
            self.renewed_at = now

    def _drain(self, *, until: datetime | None) -> None:
        """Claim nothing new; wait for what is under way and record it."""
        self._release_idle()
        while self.flying and (until is None or self.clock() < until):
            self._safely(self._record_finished)
            if self.flying:
                StopPipe().wait(LONGEST_LOOK / 4, also=[self.pool.fileno()])
        self._release_idle()

    def _record_finished(self) -> None:
        self.unrecorded += self.pool.finished()
        with transaction.atomic():
            self._record(RunLimits.load())
            self._renew(self.clock())
        self._forget()
        self._release_idle()
        if not self.flying:
            finish_done(now=self.clock())

    def _release_idle(self) -> None:
        idle = [lane_id for lane_id in self.held if not self._in_flight(lane_id)]
        lanes.release_leases(self.owner, idle)
        for lane_id in idle:
            del self.held[lane_id]
