"""Calls under way, and answers that came back and are not on record yet."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from campaigns.calls import Answer, Call, CallPool, Probe
from campaigns.claims import Claimed


class Planned(NamedTuple):
    """A call or a look that leaves after the commit of the turn that wrote it ahead."""

    call: Call | Probe
    claimed: Claimed | None
    lane_id: int
    fence: int
    restart_id: int | None = None  # the look asks the gateway to start again first


class Flights:
    """An answer is kept until the transaction that records it is committed, whatever the database does meanwhile."""

    def __init__(self, clock: Callable[[], datetime]):
        self.pool = CallPool(clock)
        self.flying: dict[int, Planned] = {}  # by the key of the call
        self.unrecorded: list[Answer] = []

    def collect(self) -> None:
        self.unrecorded += self.pool.finished()

    def start(self, planned: Iterable[Planned]) -> None:
        planned = list(planned)
        self.flying |= {plan.call.key: plan for plan in planned}
        self.pool.start(plan.call for plan in planned)

    def forget_recorded(self) -> int:
        """After the commit, and only then. Returns how many of them were messages."""
        messages = sum(1 for answer in self.unrecorded if self.flying.pop(answer.key).claimed is not None)
        self.unrecorded = []
        return messages

    def lanes_that_answered(self) -> set[int]:
        return {self.flying[answer.key].lane_id for answer in self.unrecorded}

    def concerns(self, lane_id: int) -> bool:
        """A call is on its way, or has answered and is not on record yet."""
        return any(plan.lane_id == lane_id for plan in self.flying.values())

    def under_way(self, lane_id: int) -> int:
        """Calls on their way; those that have answered are not, although the answer may not be recorded yet."""
        answered = {answer.key for answer in self.unrecorded}
        return sum(1 for key, plan in self.flying.items() if plan.lane_id == lane_id and key not in answered)
