"""Days and sending hours as spans of time, in whole microseconds since 1970. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from whatsapp.pacing import Window, clock_change, closed_until, start_of_day

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
NEVER = 10**18  # the year 33658


def ticks(moment: datetime) -> int:
    return (moment - EPOCH) // TICK


def moment_of(at: int) -> datetime:
    return EPOCH + at * TICK


@dataclass(frozen=True)
class Span:
    """From `begins` to just before `ends`; `day` where it is one."""

    begins: int
    ends: int
    day: date = date.min

    def holds(self, moment: int) -> bool:
        return self.begins <= moment < self.ends


class Calendar:
    """Days and hours, asked for by several lanes at about the same moments: the last answers are kept."""

    def __init__(self, window: Window | None, day_zone: tzinfo):
        self.window, self.day_zone = window, day_zone
        self._days, self._open, self._closed = list[Span](), list[Span](), list[Span]()

    def day_of(self, at: int) -> Span:
        if known := _holding(self._days, at):
            return known
        day = moment_of(at).astimezone(self.day_zone).date()
        begins, ends = (ticks(start_of_day(each, self.day_zone)) for each in (day, day + DAY))
        self._days = [Span(min(begins, at), ends, day), *self._days[:1]]
        return self._days[0]

    def opens(self, at: int) -> int:
        """The moment itself while the window is open, else when it opens."""
        if self.window is None or _holding(self._open, at):
            return at
        if known := _holding(self._closed, at):
            return known.ends
        opening = closed_until(self.window, moment_of(at))
        if opening is None:
            self._open = [Span(at, ticks(_certainly_open(self.window, moment_of(at)))), *self._open[:1]]
            return at
        self._closed = [Span(at, ticks(opening)), *self._closed[:1]]
        return ticks(opening)

    def open_until(self, at: int) -> int:
        """From an open moment on the window stays open until then; what comes after has to be asked anew."""
        if self.window is None:
            return NEVER
        self.opens(at)
        known = _holding(self._open, at)
        return known.ends if known else at


def _holding(spans: Iterable[Span], at: int) -> Span | None:
    return next((span for span in spans if span.holds(at)), None)


def _certainly_open(window: Window, moment: datetime) -> datetime:
    """The next closing hour; a change of the clocks when one comes first, since it may move or skip that hour."""
    local = moment.astimezone(window.zone)
    closes = datetime.combine(local.date(), window.closes) - local.replace(tzinfo=None)
    ends = moment + (closes if closes > timedelta(0) else closes + DAY)
    return clock_change(window.zone, moment, ends) or ends
