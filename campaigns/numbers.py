"""Each WhatsApp number as it stands: where it is in its run, what it may still send today, and why it waits."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from campaigns.enums import LanePause
from campaigns.lane_waits import Waiting, known_only_waiting, waiting_of_lane
from campaigns.lanes import clock_of, is_known_only
from campaigns.limits import RunLimits
from campaigns.models import Lane
from campaigns.scene import Scene
from whatsapp.enums import SenderState
from whatsapp.pacing import Veto, cap_of_day, position_at, sent_on_day

ORDINARY = frozenset({Veto.PACE})  # the gap between two messages is no reason to worry


@dataclass(frozen=True)
class Number:
    name: str
    sender_id: int
    state: str
    position: int  # messages of the current run
    delay: float  # seconds after the last message
    slow_down: float
    sent_today: int
    cap_today: int  # 0: no limit
    is_warming_up: bool
    waiting: Waiting | None
    is_stopped: bool
    is_draining: bool
    known_only: Waiting | None = None  # it writes to nobody new
    people_limit: int = 0  # in 24 hours, by Meta; 0: none that is known
    people_reached: int = 0  # by all numbers of its account, where there is a limit

    @property
    def has_nearly_all_people(self) -> bool:
        return bool(self.people_limit) and 10 * self.people_reached >= 9 * self.people_limit

    @property
    def rests(self) -> str:
        """The sentence, where it is more than the ordinary gap."""
        return self.waiting.sentence if self.waiting and self.waiting.reason not in ORDINARY else ""

    @property
    def is_slow(self) -> bool:
        return self.slow_down > 1

    @property
    def rests_for_its_state(self) -> bool:
        """What is known of the number says it already, with what to do about it."""
        is_about_state = self.waiting is not None and self.waiting.reason in (
            LanePause.NOT_READY,
            LanePause.UNREACHABLE,
        )
        return is_about_state and self.state != SenderState.READY

    @property
    def is_nearly_full(self) -> bool:
        """Nine tenths of what it may send today have left."""
        return bool(self.cap_today) and 10 * self.sent_today >= 9 * self.cap_today

    @property
    def left_today(self) -> int:
        return max(self.cap_today - self.sent_today, 0)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "state": self.state,
            "position": self.position,
            "delay": self.delay,
            "slow_down": round(self.slow_down, 2),
            "sent_today": self.sent_today,
            "cap_today": self.cap_today,
            "waiting": self.waiting and self.waiting.as_json(),
            "known_only": self.known_only and self.known_only.as_json(),
            "people_reached": self.people_reached,
            "people_limit": self.people_limit,
        }


def numbers_in_use(scene: Scene) -> list[Number]:
    found = [_number_in(scene, lane) for lane in scene.lanes if lane.sender and lane.sender.is_enabled]
    return sorted(found, key=lambda number: number.name)


def number_in(scene: Scene, sender_id: int) -> Number | None:
    """One of them, in use or not; None for a number that has no lane yet."""
    lane = next((lane for lane in scene.lanes if lane.sender_id == sender_id), None)
    return _number_in(scene, lane) if lane else None


def _number_in(scene: Scene, lane: Lane) -> Number:
    reached = scene.people_reached(lane.sender) if lane.sender else 0
    return replace(number_of(lane, scene.limits, now=scene.now), people_reached=reached)


def number_of(lane: Lane, limits: RunLimits, *, now: datetime) -> Number:
    assert lane.sender is not None
    pace, clock = limits.pace(lane), clock_of(lane)
    today = now.astimezone(limits.day_zone).date()
    return Number(
        name=lane.sender.name,
        sender_id=lane.sender.pk,
        state=lane.sender.state,
        position=position_at(clock, pace, now),
        delay=lane.current_delay,
        slow_down=lane.slow_down,
        sent_today=sent_on_day(clock, today),
        cap_today=cap_of_day(clock, pace, today),
        is_warming_up=lane.sender.is_new and cap_of_day(clock, pace, today) != pace.daily_cap,
        waiting=waiting_of_lane(lane, limits, now=now),
        is_stopped=lane.is_stopped,
        is_draining=lane.sender.is_draining,
        known_only=known_only_waiting(lane) if is_known_only(lane) else None,
        people_limit=lane.sender.people_limit or 0,
    )
