"""What has happened since the simulator was started or emptied. Its owner sees to it that one thread at a time asks."""

import secrets
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from whatsapp.simulator.arrivals import Arrival, Parcel, Picture
from whatsapp.simulator.options import Options
from whatsapp.simulator.profiles import Session
from whatsapp.simulator.receipts import Receipt, Reporter
from whatsapp.simulator.verdicts import Verdict

REMEMBERED = 10_000
PICTURE_BYTES = 32 * 1024 * 1024  # pictures of older messages go when these are full


class Run:
    def __init__(self, options: Options):
        self.session = Session(options)
        self._reporter = Reporter(options)
        self.arrivals: deque[Arrival] = deque(maxlen=REMEMBERED)
        self.pictures: dict[int, Picture] = {}
        self._id = secrets.token_hex(5).upper()  # so that ids are never those of an earlier run
        self._picture_bytes = 0
        self._delivered = 0
        self._answers: Counter[str] = Counter()
        self._earlier_collapses = 0
        self._in_flight = 0
        self._max_in_flight = 0

    def choose(self, options: Options) -> None:
        self._earlier_collapses += self.session.collapses
        self.session = Session(options)
        self._reporter = Reporter(options)

    def remember(self, arrivals: Sequence[Arrival]) -> None:
        """What a simulator that was here before had taken."""
        self.arrivals.extend(arrivals)
        self._delivered = len(arrivals)

    def enter(self) -> None:
        self._in_flight += 1
        self._max_in_flight = max(self._max_in_flight, self._in_flight)

    def leave(self) -> None:
        self._in_flight -= 1

    def judge(self, phone: str, now: float) -> Verdict:
        verdict = replace(self.session.judge(phone, now), latency=self.session.latency())
        self._answers["hang-up" if verdict.hangs_up else str(verdict.status)] += 1
        return verdict

    def deliver(self, parcel: Parcel, received_at: float) -> Arrival:
        self._delivered += 1
        number = self._delivered
        message_id = f"3EB0{self._id}{number:08X}"
        profile = self.session.options.profile
        arrival = Arrival(number, message_id, parcel.phone, parcel.text, bool(parcel.picture), received_at, profile)
        self.arrivals.append(arrival)
        if parcel.picture:
            self._keep(number, parcel.picture)
        return arrival

    def receipts(self, arrival: Arrival) -> list[Receipt]:
        return self._reporter.receipts(arrival.id, arrival.phone)

    def _keep(self, number: int, picture: Picture) -> None:
        self.pictures[number] = picture
        self._picture_bytes += len(picture.content)
        while self._picture_bytes > PICTURE_BYTES and len(self.pictures) > 1:
            oldest = next(iter(self.pictures))
            self._picture_bytes -= len(self.pictures.pop(oldest).content)

    def state(self, now: float) -> dict[str, Any]:
        options = self.session.options
        return {
            "profile": options.profile,
            "options": options.as_dict(),
            "ready": self.session.is_ready(now),
            "wants_scan": self.session.wants_scan,
            "delivered": self._delivered,
            "answers": dict(self._answers),
            "calls": self._answers.total(),
            "collapses": self._earlier_collapses + self.session.collapses,
            "in_flight": self._in_flight,
            "max_in_flight": self._max_in_flight,
        }
