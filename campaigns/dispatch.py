"""The dispatching loop: one thread that owns the database, and threads that only speak HTTP or SMTP.

Each turn is one short transaction: record what came back, claim and write ahead what may leave now. Then it waits for
the first of: an answer, the next due moment, the stop. So one hung gateway delays nobody else, and what a crash can
leave uncertain is what was under way.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from campaigns import lanes
from campaigns.claims import claim
from campaigns.enums import Channel
from campaigns.flights import Flights, Planned
from campaigns.holding import Holding, LeaseLost
from campaigns.lifecycle import finish_done
from campaigns.mailboxes import MailServers
from campaigns.messages import call_for, probe_for
from campaigns.models import Lane
from campaigns.outages import OUTAGES, forget_broken_connection
from campaigns.queueing import expire_late, promote_due
from campaigns.recording import keep_gap, note_claim, note_probe, record_answer, record_apart, rest_without_gateway
from campaigns.restarting import restart_due
from campaigns.stopping import STOP, StopPipe
from campaigns.surroundings import Surroundings
from campaigns.windows import is_over, open_on
from campaigns.work import free_lanes, is_due_before_tick
from whatsapp.gateways.base import Gateway
from whatsapp.models import Sender
from whatsapp.registry import gateway_for

logger = logging.getLogger(__name__)

LONGEST_LOOK = 1.0  # seconds between two turns: a pause, a new campaign or a new number is noticed within this
LOOK_FOR_LANES = timedelta(seconds=0.5)
PATIENCE = 3.0  # seconds that an ending slice waits for its calls before it hands over its slot


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
        self.clock, self.stop, self.gateway, self.heartbeat = clock, stop, gateway, heartbeat
        self.ends = clock() + timedelta(seconds=budget)
        self.flights = Flights(clock)
        self.holding = Holding()
        self.servers = MailServers()
        self.around = Surroundings()
        self.is_careful = False  # after a turn that failed: each answer apart, so that one cannot spoil the others
        self.recorded = 0
        self.looked_at: datetime | None = None
        self.renewed_at = clock()

    # --- the loop

    def run(self, hand_over: Callable[[], None] = lambda: None) -> int:
        """Serve lanes until the budget ends, nothing is due or the stop comes. `hand_over` frees the slot."""
        try:
            while not self._is_over():
                self._safely(self._turn)
                if self._has_nothing_to_wait_for() and not self._finds_more():
                    break
                self._wait()
            self._drain(until=self.clock() + timedelta(seconds=PATIENCE))
            self._safely(hand_over)
            if self.flights.flying:  # a gateway that hangs: its lane comes free when the call ends
                self._drain(until=None, hand_over=hand_over)
        finally:
            self._safely(self._release_idle)
            self.servers.close()
            self.flights.pool.close()
        return self.recorded

    def _is_over(self) -> bool:
        return self.stop.is_set() or self.clock() >= self.ends

    @property
    def next_due(self) -> datetime | None:
        return self.holding.next_due()

    def _has_nothing_to_wait_for(self) -> bool:
        if self.flights.flying or self.is_careful:
            return False
        return self.next_due is None or self.next_due >= self.ends

    def _finds_more(self) -> bool:
        """One last look: what a number that stopped just now had kept may leave from another one."""
        self.looked_at = None
        self._safely(lambda: self._look_around(self.clock()))
        return bool(self.holding.lanes) or is_due_before_tick(self.around.work, self.around.limits, now=self.clock())

    def _wait(self) -> None:
        now = self.clock()
        until = min(self.next_due or self.ends, self.ends, now + timedelta(seconds=LONGEST_LOOK))
        self.stop.wait((until - now).total_seconds(), also=[self.flights.pool.fileno()])

    def _safely(self, step: Callable[[], object]) -> None:
        """A database that is locked or restarting costs a turn, never an answer: those are kept until recorded."""
        try:
            step()
        except (*OUTAGES, LeaseLost, ValueError) as error:  # the last: an answer that no database can hold
            if isinstance(error, LeaseLost):
                logger.warning("Lane %s went to another dispatcher; the turn is tried again", error.lane_id)
            else:
                logger.exception("A turn of the dispatcher failed; it is tried again")
            forget_broken_connection()
            self.is_careful = True
            again = self.clock() + timedelta(seconds=LONGEST_LOOK)
            self.holding.due = dict.fromkeys(self.holding.lanes, again)
            time.sleep(0.05)  # let whoever holds the database finish

    # --- one turn

    def _turn(self) -> None:
        self.flights.collect()
        now = self.clock()
        has_looked = self._look_around(now)
        self._renew(now)
        if not has_looked and self.around.numbers_changed():
            self.holding.refresh()
        answered, due = self.flights.lanes_that_answered(), self.holding.due_lanes(now=now)
        if answered or due:
            self._committed(self._in_one_transaction(lambda: self._record_and_claim(answered | due, now)))
        if answered and not self.flights.flying:
            finish_done(now=now, among=self.around.campaigns)  # at once, and not with the next look

    def _in_one_transaction(self, step: Callable[[], list[Planned]]) -> list[Planned]:
        before = dict(self.holding.lanes)
        try:
            with transaction.atomic():
                planned = step()
                self.holding.save()
        except BaseException as error:
            self.holding.roll_back(before)
            if isinstance(error, LeaseLost):
                self.holding.forget(error.lane_id)
            raise
        self.holding.committed()
        return planned

    def _committed(self, planned: list[Planned]) -> None:
        self.is_careful = False
        self.recorded += self.flights.forget_recorded()
        self.flights.start(planned)
        self.holding.due |= {plan.lane_id: self.ends for plan in planned}  # their answers wake us

    def _look_around(self, now: datetime) -> bool:
        """Twice a second: what became due, who has work, which lanes are free or were touched by somebody else."""
        if self.holding.lanes and self.looked_at and now - self.looked_at < LOOK_FOR_LANES:
            return False
        self.looked_at = now
        promote_due(now=now)
        self.around.look(now=now)
        if any(is_over(campaign, now) for campaign in self.around.campaigns):
            expire_late(now=now)
        finish_done(now=now, among=self.around.campaigns)
        self.holding.refresh()
        self.holding.take(free_lanes(self.around.work, self.around.limits, now=now, before=self.ends), now=now)
        return True

    def _record_and_claim(self, lane_ids: set[int], now: datetime) -> list[Planned]:
        self.around.refresh()
        held = self.holding.begin(lane_ids)
        self._record(held)
        return [plan for lane in held.values() for plan in self._claim_if_ours(lane, now)]

    # --- recording

    def _record(self, held: dict[int, Lane]) -> None:
        limits = self.around.limits
        for answer in self.flights.unrecorded:
            plan = self.flights.flying[answer.key]
            lane = held.get(plan.lane_id)
            if lane is not None and lane.fence != plan.fence:
                if plan.claimed is not None:
                    keep_gap(lane, answer, limits)
                lane = None  # lost and taken again meanwhile: it has gone on without this call
            if plan.claimed is None:
                note_probe(lane, answer, restart_id=plan.restart_id, now=self.clock())
            elif self.is_careful:
                record_apart(plan.claimed, lane, answer, limits)
            else:
                record_answer(plan.claimed, lane, answer, limits)

    # --- claiming

    def _claim_if_ours(self, lane: Lane, now: datetime) -> list[Planned]:
        if lane.lease_expires_at and lane.lease_expires_at > now:
            return self._claim_on(lane, now)
        return self._let_go(lane)  # it stood still for too long; what has just been recorded is kept all the same

    def _claim_on(self, lane: Lane, now: datetime) -> list[Planned]:
        limits = self.around.limits
        if not lanes.is_usable(lane):
            return self._let_go(lane)
        if self._is_over():
            return self._come_back(lane, now)
        if wait := self.around.veto(lane, now=now):
            return self._come_back(lane, wait.until)
        room = self._room(lane)
        if room <= 0:
            return self._let_go(lane)  # its answer wakes us
        gateway = self._gateway_of(lane, now)
        if gateway is None and lane.sender is not None:
            return self._let_go(lane)
        if lane.pause_reason and gateway is not None:
            restart_id = restart_due(lane, gateway, limits.settings, now=now)
            look = probe_for(lane.pk, gateway, restarting=restart_id is not None)
            return [Planned(look, None, lane.pk, lane.fence, restart_id)]
        campaigns = open_on(lane, self.around.campaigns, limits.settings, now=now)
        claimed = claim(lane, campaigns, room=room, now=now, pools=self.around.work.pools_of(lane))
        if not claimed:
            return self._come_back(lane, now) if claimed is None else self._let_go(lane)
        note_claim(lane, len(claimed), limits, now=now)
        self.around.people.note(lane, len(claimed))
        return [
            Planned(call_for(one, gateway=gateway, servers=self.servers, lane=lane), one, lane.pk, lane.fence)
            for one in claimed
        ]

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
        return limit - self.flights.under_way(lane.pk)

    def _come_back(self, lane: Lane, at: datetime | None) -> list[Planned]:
        if at is None or at >= self.ends or self._is_over():
            return self._let_go(lane)
        self.holding.due[lane.pk] = at
        return []

    def _let_go(self, lane: Lane) -> list[Planned]:
        """Nothing to do here before an answer comes or the slice ends: an idle lane may be somebody else's."""
        if self.flights.under_way(lane.pk):
            self.holding.due[lane.pk] = self.ends
        else:
            self.holding.release([lane.pk])
        return []

    # --- leases and the end

    def _renew(self, now: datetime) -> None:
        if (now - self.renewed_at).total_seconds() >= settings.LEASE_SECONDS / 4:
            self.holding.renew(now=now)
            self.heartbeat(now)
            self.renewed_at = now

    def _drain(self, *, until: datetime | None, hand_over: Callable[[], None] = lambda: None) -> None:
        """Claim nothing new; wait for what is under way and record it. Each lane that comes free is handed over."""
        self._safely(self._release_idle)
        while self.flights.flying and (until is None or self.clock() < until):
            before = len(self.flights.flying)
            self._safely(self._record_finished)
            if len(self.flights.flying) < before:
                self._safely(hand_over)
            if self.flights.flying:
                StopPipe().wait(LONGEST_LOOK / 4, also=[self.flights.pool.fileno()])
        self._safely(self._release_idle)

    def _record_finished(self) -> None:
        self.flights.collect()
        self._in_one_transaction(self._record_only)
        self._committed([])
        self._renew(self.clock())
        self._release_idle()
        if not self.flights.flying:
            finish_done(now=self.clock(), among=self.around.campaigns)

    def _record_only(self) -> list[Planned]:
        self._record(self.holding.begin(self.flights.lanes_that_answered()))
        return []

    def _release_idle(self) -> None:
        self.holding.release_idle(self.flights.concerns)
