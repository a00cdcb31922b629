"""Everything that the simulator remembers, behind one lock."""

import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from whatsapp.simulator.options import Options
from whatsapp.simulator.profiles import Session, Verdict

REMEMBERED = 10_000
PICTURE_BYTES = 32 * 1024 * 1024  # pictures of older messages go when these are full


@dataclass(frozen=True)
class Picture:
    mime: str
    content: bytes


@dataclass(frozen=True)
class Arrival:
    """A message that reached its phone."""

    number: int
    id: str
    phone: str
    text: str
    has_media: bool
    received_at: float  # seconds since 1970, when its request was read
    profile: str


class World:
    def __init__(self, options: Options):
        self._lock = threading.Lock()
        self._first_options = options
        # Wall time that cannot step back, whatever happens to the computer's clock meanwhile.
        self._offset = time.time() - time.monotonic()
        self._in_flight = 0
        self._begin(options)

    def _begin(self, options: Options) -> None:
        self._session = Session(options)
        self._run = secrets.token_hex(5).upper()  # ids are never those of an earlier run
        self._collapses = 0
        self._arrivals: deque[Arrival] = deque(maxlen=REMEMBERED)
        self._pictures: dict[int, Picture] = {}
        self._picture_bytes = 0
        self._delivered = 0
        self._answers: Counter[str] = Counter()
        self._max_in_flight = self._in_flight

    @property
    def options(self) -> Options:
        return self._session.options

    def reset(self) -> None:
        """As just started: nothing arrived, and the profile that the command line named."""
        with self._lock:
            self._begin(self._first_options)

    def choose(self, values: Mapping[str, Any]) -> Options:
        """Another profile: its options start from the command line's. Raises BadOption."""
        options = self._first_options.changed(values)
        with self._lock:
            self._collapses += self._session.collapses
            self._session = Session(options)
        return options

    def restart(self) -> None:
        with self._lock:
            self._session.restart(time.monotonic())

    def status(self) -> dict[str, object]:
        with self._lock:
            return self._session.status(time.monotonic())

    @contextmanager
    def call(self) -> Iterator[None]:
        """Around each send, so that calls that overlap can be seen."""
        with self._lock:
            self._in_flight += 1
            self._max_in_flight = max(self._max_in_flight, self._in_flight)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1

    def judge(self, phone: str) -> tuple[Verdict, float]:
        """What becomes of a message that was read just now, and that moment."""
        with self._lock:
            now = time.monotonic()
            verdict = replace(self._session.judge(phone, now), latency=self.options.latency)
            self._answers["hang-up" if verdict.hangs_up else str(verdict.status)] += 1
            return verdict, now + self._offset

    def deliver(self, phone: str, text: str, picture: Picture | None, received_at: float) -> str:
        """Puts the message on its phone and returns its id."""
        with self._lock:
            self._delivered += 1
            number = self._delivered
            message_id = f"3EB0{self._run}{number:08X}"
            profile = self._session.options.profile
            self._arrivals.append(Arrival(number, message_id, phone, text, bool(picture), received_at, profile))
            if picture:
                self._keep(number, picture)
            return message_id

    def _keep(self, number: int, picture: Picture) -> None:
        self._pictures[number] = picture
        self._picture_bytes += len(picture.content)
        while self._picture_bytes > PICTURE_BYTES and len(self._pictures) > 1:
            oldest = next(iter(self._pictures))
            self._picture_bytes -= len(self._pictures.pop(oldest).content)

    def picture(self, number: int) -> Picture | None:
        with self._lock:
            return self._pictures.get(number)

    def arrivals(self) -> list[Arrival]:
        with self._lock:
            return list(self._arrivals)

    def state(self) -> dict[str, Any]:
        with self._lock:
            return {
                "profile": self.options.profile,
                "options": self.options.as_dict(),
                "ready": self._session.is_ready(time.monotonic()),
                "delivered": self._delivered,
                "answers": dict(self._answers),
                "calls": self._answers.total(),
                "collapses": self._collapses + self._session.collapses,
                "in_flight": self._in_flight,
                "max_in_flight": self._max_in_flight,
            }
