"""Everything that the simulator remembers, behind one lock."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from whatsapp.simulator.options import Options
from whatsapp.simulator.profiles import Verdict
from whatsapp.simulator.run import Arrival, Parcel, Picture, Run


class World:
    def __init__(self, options: Options):
        self._lock = threading.Lock()
        self._first_options = options
        # Wall time that cannot step back, whatever happens to the computer's clock meanwhile.
        self._offset = time.time() - time.monotonic()
        self._run = Run(options)

    @property
    def options(self) -> Options:
        return self._run.session.options

    def reset(self) -> None:
        """As just started: nothing arrived, and the profile that the command line named."""
        with self._lock:
            self._run = Run(self._first_options)

    def choose(self, values: Mapping[str, Any]) -> Options:
        """Another profile: its options start from the command line's. Raises BadOption."""
        options = self._first_options.changed(values)
        with self._lock:
            self._run.choose(options)
        return options

    def restart(self) -> None:
        with self._lock:
            self._run.session.restart(time.monotonic())

    def status(self) -> dict[str, object]:
        with self._lock:
            return self._run.session.status(time.monotonic())

    @contextmanager
    def call(self) -> Iterator["Call"]:
        """Around each send, so that calls that overlap can be seen."""
        with self._lock:
            run = self._run
            run.enter()
        try:
            yield Call(run, self._lock, self._offset)
        finally:
            with self._lock:
                run.leave()

    def picture(self, number: int) -> Picture | None:
        with self._lock:
            return self._run.pictures.get(number)

    def arrivals(self) -> list[Arrival]:
        with self._lock:
            return list(self._run.arrivals)

    def state(self) -> dict[str, Any]:
        with self._lock:
            return self._run.state(time.monotonic())


class Call:
    """One send. It stays with the run in which it began: what is under way at a reset does not arrive after it."""

    def __init__(self, run: Run, lock: threading.Lock, offset: float):
        self._run, self._lock = run, lock
        self._read_at = time.monotonic()
        self._received_at = self._read_at + offset

    def judge(self, phone: str) -> Verdict:
        """What becomes of a message that was read just now."""
        with self._lock:
            return self._run.judge(phone, self._read_at)

    def deliver(self, parcel: Parcel) -> str:
        """Puts the message on its phone and returns its id."""
        with self._lock:
            return self._run.deliver(parcel, self._received_at)
