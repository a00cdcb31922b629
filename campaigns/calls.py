"""The threads that speak HTTP and SMTP, and nothing else: none of them touches the database.

Whatever a call raises ends as one of the gateway's typed errors, so that the loop never meets another.
"""

import contextlib
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from campaigns.attempts import Ended
from campaigns.number_look import NumberLook
from whatsapp.gateways.base import Accepted, GatewayError, OutcomeUnknown, Overtaken, Refused, State, Status

logger = logging.getLogger(__name__)

MOST_THREADS = 64


@dataclass(frozen=True)
class NotRestarted(Status):
    """What a gateway said that was asked to start again and certainly does not; `detail` says why."""


@dataclass(frozen=True)
class Call:
    """One message on its way: `prepare` builds it, `send` lets it leave. `key` finds the claim again.

    It must not leave at `not_after` or later: by then somebody else may hold the lane, a person may have decided about
    the message, and its campaign may be paused. A computer can stand still for hours between a commit and a call.
    """

    key: int
    prepare: Callable[[], object]
    send: Callable[[object], Accepted]
    not_after: datetime
    look: NumberLook | None = None  # part of `prepare`


@dataclass(frozen=True)
class Probe:
    """A look at a number whose lane rests."""

    key: int
    look: Callable[[], Status]


@dataclass(frozen=True)
class Answer:
    key: int
    ended: Ended | None = None  # of a call
    status: Status | None = None  # of a probe


class CallPool:
    """Runs calls in threads and makes a file descriptor readable when one has ended."""

    def __init__(self, clock: Callable[[], datetime]):
        self._clock = clock
        self._threads = ThreadPoolExecutor(max_workers=MOST_THREADS, thread_name_prefix="call")
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._is_open = True
        self._waking = threading.Lock()  # a descriptor that was closed may be somebody else's a moment later
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def fileno(self) -> int:
        return self._read

    def start(self, calls: Iterable[Call | Probe]) -> None:
        for call in calls:
            self._threads.submit(self._run, call)

    def finished(self) -> list[Answer]:
        """Everything that ended since the last look."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._read, 4096)
        answers = []
        with contextlib.suppress(queue.Empty):
            while True:
                answers.append(self._answers.get_nowait())
        return answers

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._waking:
            self._is_open = False
            os.close(self._read)
            os.close(self._write)

    def _run(self, call: Call | Probe) -> None:
        answer = (
            Answer(call.key, status=_seen(call))
            if isinstance(call, Probe)
            else Answer(call.key, ended=self._make(call))
        )
        self._answers.put(answer)
        with self._waking, contextlib.suppress(BlockingIOError):
            if self._is_open:
                os.write(self._write, b"x")

    def _make(self, call: Call) -> Ended:
        started = time.monotonic()
        accepted, error = None, None
        try:
            accepted = _sent(call, self._clock)
        except GatewayError as raised:
            error = raised
        latency = round((time.monotonic() - started) * 1000)
        return Ended(self._clock(), latency, accepted=accepted, error=error, look=call.look)


def _seen(probe: Probe) -> Status:
    """Looking never raises by contract; an adapter that does must not leave its lane waiting for ever."""
    try:
        return probe.look()
    except Exception as error:
        logger.exception("A look at a number ended in an error that its gateway does not know")
        return Status(State.FAILED, type(error).__name__)


def _sent(call: Call, clock: Callable[[], datetime]) -> Accepted:
    try:
        message = call.prepare()
    except GatewayError:
        raise
    except Exception as error:  # a picture that is gone, say: certainly nothing left
        logger.exception("A message could not be put together")
        raise Refused(type(error).__name__) from error
    if clock() >= call.not_after:  # as late as can be: what is left until the connection is made are microseconds
        raise Overtaken("")
    try:
        return call.send(message)
    except GatewayError:
        raise
    except Exception as error:  # our own bug, perhaps after the message left
        logger.exception("A call ended in an error that its gateway does not know")
        raise OutcomeUnknown(type(error).__name__) from error
