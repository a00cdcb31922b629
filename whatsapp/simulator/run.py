"""What has happened since the simulator was started or emptied. Its owner sees to it that one thread at a time asks."""

import secrets
from collections import Counter, deque
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
class Parcel:
    """A message on its way."""

    phone: str  # digits
    text: str
    picture: Picture | None = None


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


class Run:
    def __init__(self, options: Options):
        self.session = Session(options)
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

    def enter(self) -> None:
        self._in_flight += 1
        self._max_in_flight = max(self._max_in_flight, self._in_flight)

    def leave(self) -> None:
        self._in_flight -= 1

    def judge(self, phone: str, now: float) -> Verdict:
        verdict = replace(self.session.judge(phone, now), latency=self.session.options.latency)
        self._answers["hang-up" if verdict.hangs_up else str(verdict.status)] += 1
        return verdict

    def deliver(self, parcel: Parcel, received_at: float) -> str:
        self._delivered += 1
        number = self._delivered
        message_id = f"3EB0{self._id}{number:08X}"
        profile = self.session.options.profile
        self.arrivals.append(
            Arrival(number, message_id, parcel.phone, parcel.text, bool(parcel.picture), received_at, profile)
        )
        if parcel.picture:
            self._keep(number, parcel.picture)
        return message_id

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
            "delivered": self._delivered,
            "answers": dict(self._answers),
            "calls": self._answers.total(),
            "collapses": self._earlier_collapses + self.session.collapses,
            "in_flight": self._in_flight,
            "max_in_flight": self._max_in_flight,
        }
