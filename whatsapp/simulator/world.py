"""Everything that the simulator remembers, behind one lock."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from whatsapp.simulator.arrivals import Arrival, Parcel, Picture
from whatsapp.simulator.journal import Journal
from whatsapp.simulator.options import Options
from whatsapp.simulator.postman import Letter, Postman
from whatsapp.simulator.run import Run
from whatsapp.simulator.verdicts import Verdict


class World:
    def __init__(self, options: Options, journal: Journal | None = None):
        self._lock = threading.Lock()
        self._first_options = options
        # Wall time that cannot step back, whatever happens to the computer's clock meanwhile.
        self._offset = time.time() - time.monotonic()
        self._run = Run(options)
        self._postman = Postman()
        self._journal = journal
        if journal:
            self._run.remember(journal.arrivals())

    @property
    def options(self) -> Options:
        return self._run.session.options

    def reset(self) -> None:
        """As just started: nothing arrived, and the profile that the command line named."""
        with self._lock:
            self._run = Run(self._first_options)
            self._postman.clear()
            if self._journal:
                self._journal.empty()

    def choose(self, values: Mapping[str, Any]) -> Options:
        """Another profile: its options start from the command line's. Raises BadOption."""
        options = self._first_options.changed(values)
        with self._lock:
            self._run.choose(options)
        return options

    def restart(self) -> None:
        with self._lock:
            self._run.session.restart(time.monotonic())

    def scan(self) -> None:
        with self._lock:
            self._run.session.scan()

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
            yield Call(self, run)
        finally:
            with self._lock:
                run.leave()

    def judge(self, run: Run, phone: str, read_at: float) -> Verdict:
        with self._lock:
            return run.judge(phone, read_at)

    def deliver(self, run: Run, parcel: Parcel, read_at: float) -> str:
        with self._lock:
            arrival = run.deliver(parcel, read_at + self._offset)
            if run is self._run:
                self._follow_up(arrival)
            return arrival.id

    def _follow_up(self, arrival: Arrival) -> None:
        if self._journal:
            self._journal.add(arrival)
        options, target, now = self.options, self.options.target, time.monotonic()
        if target:
            self._postman.take(
                Letter(now + receipt.delay, target, options.receipts_header, receipt.body)
                for receipt in self._run.receipts(arrival)
            )

    def picture(self, number: int) -> Picture | None:
        with self._lock:
            return self._run.pictures.get(number)

    def arrivals(self) -> list[Arrival]:
        with self._lock:
            return list(self._run.arrivals)

    def state(self) -> dict[str, Any]:
        with self._lock:
            return self._run.state(time.monotonic()) | {"receipts": self._postman.state()}


class Call:
    """One send. It stays with the run in which it began: what is under way at a reset does not arrive after it."""

    def __init__(self, world: World, run: Run):
        self._world, self._run = world, run
        self._read_at = time.monotonic()

    def judge(self, phone: str) -> Verdict:
        """What becomes of a message that was read just now."""
        return self._world.judge(self._run, phone, self._read_at)

    def deliver(self, parcel: Parcel) -> str:
        """Puts the message on its phone and returns its id."""
        return self._world.deliver(self._run, parcel, self._read_at)
