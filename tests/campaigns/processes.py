"""Dispatchers as processes that can be stopped between any two lines: frozen, killed, answered late.

Nothing runs by itself here. A process makes one turn of its loop when it is told to; a call that it has started hangs
until somebody says how it ends; what the telephones really got is kept by the gateway, not by us.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from campaigns.attempts import Ended
from campaigns.calls import Answer, Call, Probe, _sent
from campaigns.dispatch import Dispatch
from campaigns.stopping import StopPipe
from tests.fakes import Clock
from whatsapp.gateways.base import (
    Accepted,
    Connection,
    ErrorKind,
    Gateway,
    GatewayError,
    Message,
    NotSent,
    OutcomeUnknown,
    Refused,
    State,
    Status,
    Stopped,
    Throttled,
    Unreachable,
)

ERRORS: dict[str, Callable[[], GatewayError]] = {
    "refused": lambda: Refused("no", kind=ErrorKind.NOT_ON_WHATSAPP),
    "not ready": lambda: NotSent("asleep"),
    "throttled": lambda: Throttled("slow"),
    "throttled for 90 s": lambda: Throttled("slow", retry_after=90.0),
    "unreachable": lambda: Unreachable("refused"),
    "blocked": lambda: Stopped("banned"),
    "blocked for an hour": lambda: Stopped("locked", retry_after=3600.0),
    "later": lambda: NotSent("busy", kind=ErrorKind.TEMPORARY),
    "silence": lambda: OutcomeUnknown("time-out"),
}
ANSWERS = ("accepted", *ERRORS)
ARRIVE = frozenset({"accepted", "silence"})  # of an unknown outcome the worst is assumed: the person has it


class Telephones(Gateway):
    """Every message that reached a person, by its text, which names campaign and person."""

    name = "telephones"
    label = "Telephones"

    def __init__(self) -> None:
        super().__init__(Connection("http://localhost"))
        self.arrived: Counter[str] = Counter()
        self.answer = "accepted"

    def send(self, message: Message) -> Accepted:
        if self.answer in ARRIVE:
            self.arrived[message.text] += 1
        if self.answer in ERRORS:
            raise ERRORS[self.answer]()
        return Accepted(message_id=f"ID{self.arrived.total()}", http_status=200)

    def status(self) -> Status:
        return Status(State.READY if self.answer == "accepted" else State.NEEDS_QR)

    def restart(self) -> str:
        return "ok"


class HeldCalls:
    """In place of the threads: a call that was started left at once, and hangs until it is answered."""

    def __init__(self, started: Callable[[int], None], clock: Clock):
        self.started, self.clock = started, clock
        self.left_at: dict[int, datetime] = {}
        self.hanging: dict[int, Call | Probe] = {}
        self.answers: list[Answer] = []

    def fileno(self) -> int:
        raise AssertionError("nobody waits here")

    def start(self, calls) -> None:
        for call in calls:
            self.hanging[call.key] = call
            self.left_at[call.key] = self.clock.now
            if isinstance(call, Call):
                self.started(call.key)

    def finished(self) -> list[Answer]:
        answers, self.answers = self.answers, []
        return answers

    def close(self) -> None:
        assert not self.hanging


class Process:
    """One slice of one dispatcher."""

    def __init__(self, telephones: Telephones, clock: Clock, *, budget: float, started: Callable[[int], None]):
        self.telephones, self.clock = telephones, clock
        self.loop = Dispatch(budget=budget, clock=clock, stop=StopPipe(), gateway=lambda sender: telephones)
        self.loop.flights.pool.close()
        self.loop.flights.pool = self.calls = HeldCalls(started, clock)
        self.is_over = False

    def turn(self) -> None:
        """What `Dispatch.run` does between two waits, and what it does at its end."""
        loop = self.loop
        if loop._is_over():
            loop._safely(loop._release_idle)
            loop._safely(loop._record_finished)
            if loop.is_careful:  # it has just learnt that a lane is not its own any more
                loop._safely(loop._record_finished)
        else:
            loop._safely(loop._turn)
            if not loop._has_nothing_to_wait_for() or loop._finds_more():
                return
        if not loop.flights.flying:
            loop._safely(loop._release_idle)
            loop.flights.pool.close()
            self.is_over = True

    def answer(self, key: int, how: str) -> None:
        """One of its calls ends; the process learns of it in its next turn."""
        call = self.calls.hanging.pop(key)
        self.telephones.answer = how
        if isinstance(call, Probe):
            self.calls.answers.append(Answer(key, status=call.look()))
            return
        accepted, error = None, None
        try:
            accepted = _sent(call, lambda: self.calls.left_at[key])
        except GatewayError as raised:
            error = raised
        ended = Ended(finished_at=self.clock.now, latency_ms=0, accepted=accepted, error=error)
        self.calls.answers.append(Answer(key, ended=ended))

    def kill(self) -> None:
        """kill -9. What hangs has been written to the gateway; nobody will ever record the answer."""
        for key in list(self.calls.hanging):
            self.answer(key, "accepted")
        self.is_over = True
