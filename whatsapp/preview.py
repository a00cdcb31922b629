"""What a pace means in time, before anything is sent. Pure: computed from the rule, never from a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from whatsapp.pacing import Pace, delay_after, gap_after

COUNTS = (10, 25, 50, 100, 200, 1000)
MOST_STEPS = 8


@dataclass(frozen=True)
class Total:
    """The waiting of a whole run, in seconds: without chance, and with all that chance may add."""

    messages: int
    seconds: float
    at_most: float

    @property
    def words(self) -> str:
        return duration(self.seconds)

    @property
    def words_at_most(self) -> str:
        return duration(self.at_most)


@dataclass(frozen=True)
class Step:
    """From this message on (1 for the first) this many seconds follow each."""

    message: int
    seconds: float


def waiting(pace: Pace, messages: int, *, chance: float = 0.0) -> float:
    """Seconds of waiting in a run of this many messages; nothing follows the last one."""
    return round(sum(gap_after(index, pace, chance=chance) for index in range(messages - 1)), 3)


def totals(pace: Pace, counts: Iterable[int] = COUNTS) -> list[Total]:
    return [Total(count, waiting(pace, count), waiting(pace, count, chance=1.0)) for count in counts]


def steps(pace: Pace, most: int = MOST_STEPS) -> list[Step]:
    """Where the delay grows, up to its maximum: after message 1, 11, 21 and so on with the default rule."""
    return list(islice(_steps(pace), most))


def _steps(pace: Pace) -> Iterable[Step]:
    index, before = 0, None
    while (delay := delay_after(index, pace)) != before:
        yield Step(index + 1, round(delay, 3))
        index, before = index + pace.every, delay


def duration(seconds: float) -> str:
    """1 h 21 min 30 s: the same letters in Spanish and in English."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest} s" if rest else ""]
    return " ".join(part for part in parts if part) or "0 s"
