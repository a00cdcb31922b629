"""When the last of so many messages will have left, from the same rules by which the engine sends them. Pure.

Lanes share the messages: each takes the next one as soon as it may. What a lane does never depends on the others, so
each is followed on its own, day by day, and the messages are those that start earliest over all lanes. Nothing is
counted message by message: what leaves between two waits for anything but the pace is one stretch.

Moments are whole microseconds, as exact as the engine's own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from campaigns.calendars import NEVER, TICK, Calendar, moment_of, ticks
from campaigns.estimates import ENDLESS, NO_QUIET, Rhythm
from whatsapp.pacing import (
    GOOD_SENDS_TO_EASE,
    LaneClock,
    Pace,
    Veto,
    Window,
    cap_of_day,
    caps_on,
    day_number,
    faster,
    position_at,
    sent_on_day,
)

FARTHEST = timedelta(days=366)  # nobody plans further: limits that small are a mistake
EXPECTED = 0.5  # of the chance that jitter takes


@dataclass(frozen=True)
class LaneAhead:
    """A lane as it stands, and how it will go on."""

    clock: LaneClock
    pace: Pace
    call_seconds: float = 0.0
    good_in_a_row: int = 0  # messages since the last trouble: they ease a slow-down
    is_busy: bool = False  # a call is under way; its message is not among those to come


@dataclass(frozen=True)
class Forecast:
    """`ends_at` is None where no end is in sight: no lane may send, or it takes longer than `FARTHEST`."""

    ends_at: datetime | None
    days: int = 0  # on which messages leave
    by_lane: tuple[int, ...] = ()
    waits_for: Veto | None = None  # what makes it last several days: hours, a daily limit, the first days of a number
    is_far: bool = False  # it goes on, for longer than anybody plans


def forecast(
    lanes: Sequence[LaneAhead],
    messages: int,
    *,
    now: datetime,
    day_zone: tzinfo,
    window: Window | None = None,
    chance: float = EXPECTED,
) -> Forecast:
    """Of `messages` messages that wait now. With `chance` 1.0 the end is the latest that jitter allows."""
    calendar = Calendar(window, day_zone)
    courses = [_Course(lane, calendar, chance=chance, now=now) for lane in lanes]
    farthest, left, days = ticks(now + FARTHEST), messages, 0
    while left > 0:
        begins = min((course.at for course in courses), default=NEVER)
        if begins >= farthest:
            return Forecast(None, is_far=begins < NEVER)
        ends = calendar.day_of(begins).ends
        planned = [list(course.until(ends, most=left)) for course in courses]
        shares = _shared(planned, left)
        for course, stretches, share in zip(courses, planned, shares, strict=True):
            course.take(stretches, share)
        left, days = left - sum(shares), days + 1
    return _summary(courses, days, now=now)


def waiting_time(messages: int, paces: Sequence[Pace]) -> float:
    """The seconds of the rule alone, without calls, limits and chance, when these numbers begin together and share."""
    rhythms = [Rhythm(replace(pace, quiet=NO_QUIET)) for pace in paces]
    stretches = [_Stretch(0, 0, messages, rhythm, None) for rhythm in rhythms]
    return round(_start_of(messages, stretches) * TICK / timedelta(seconds=1), 3) if messages and paces else 0.0


def _summary(courses: Sequence["_Course"], days: int, *, now: datetime) -> Forecast:
    ends = max((course.ended for course in courses), default=ticks(now))
    waits = [reason for course in courses for reason in course.waits]
    return Forecast(
        ends_at=moment_of(ends),
        days=days,
        by_lane=tuple(course.taken for course in courses),
        waits_for=max(sorted(set(waits)), key=waits.count, default=None) if days > 1 else None,
    )


@dataclass(frozen=True)
class _Stretch:
    """Messages of one lane that leave one after another, with nothing but the pace and the calls between them."""

    first: int  # the start of the first one, which has position `index` in its run
    index: int
    count: int
    rhythm: Rhythm
    after: Veto | None  # what the first one had to wait for, beside the pace

    def start(self, number: int) -> int:
        return self.first + self.rhythm.start(self.index + number) - self.rhythm.start(self.index)

    def before(self, moment: int) -> int:
        """How many of them start before a moment."""
        if moment <= self.first:
            return 0
        since = moment - self.first + self.rhythm.start(self.index)
        return min(self.rhythm.first_from(since) - self.index, self.count)


def _shared(planned: Sequence[Sequence[_Stretch]], messages: int) -> list[int]:
    """How many of one day's messages each lane sends: those that start earliest, of equals the first lane's."""
    totals = [sum(stretch.count for stretch in stretches) for stretches in planned]
    if sum(totals) <= messages:
        return totals
    last = _start_of(messages, [stretch for stretches in planned for stretch in stretches])
    shares = [_before(last, stretches) for stretches in planned]
    for index, stretches in enumerate(planned):
        shares[index] += min(_before(last + 1, stretches) - shares[index], messages - sum(shares))
    return shares


def _before(moment: int, stretches: Sequence[_Stretch]) -> int:
    return sum(stretch.before(moment) for stretch in stretches)


def _start_of(number: int, stretches: Sequence[_Stretch]) -> int:
    """The start of the `number`-th of all messages in the order of time."""
    low = min(stretch.first for stretch in stretches)
    high = max(stretch.start(stretch.count - 1) for stretch in stretches)
    while low < high:
        middle = (low + high) // 2
        if _before(middle + 1, stretches) >= number:
            high = middle
        else:
            low = middle + 1
    return low


class _Course:
    """One lane on its way through the days. `at` is when its next message may start."""

    def __init__(self, lane: LaneAhead, calendar: Calendar, *, chance: float, now: datetime):
        self.lane, self.calendar, self.chance = lane, calendar, chance
        clock = _answered(lane, now=now) if lane.is_busy else lane.clock
        self.clock, self.good = clock, lane.good_in_a_row
        self.rhythm = self._rhythm()
        self.taken, self.waits = 0, list[Veto]()
        self.ended = ticks(clock.last_call_at) if lane.is_busy and clock.last_call_at else ticks(now)
        self.wait: Veto | None = None
        begins = max(moment for moment in (now, clock.next_send_at, clock.paused_until) if moment)
        self.at = NEVER if clock.is_stopped else self._allowed_from(ticks(begins))

    def _rhythm(self) -> Rhythm:
        return Rhythm(
            self.lane.pace,
            call_seconds=self.lane.call_seconds,
            chance=self.chance,
            slow_down=self.clock.slow_down,
        )

    def until(self, ends: int, *, most: int) -> Iterator[_Stretch]:
        """Up to `most` messages that start before `ends`, if no other lane takes them."""
        while most > 0 and self.at < ends:
            stretch = self._stretch(most)
            most -= stretch.count
            yield stretch

    def take(self, stretches: Sequence[_Stretch], messages: int) -> None:
        """So many of them were for this lane."""
        self.taken += messages
        for stretch in stretches:
            if (count := min(messages, stretch.count)) == 0:
                break
            self.ended = max(self.ended, stretch.start(count - 1) + self.rhythm.call)
            self.waits += [stretch.after] if stretch.after else []
            messages -= count

    def _stretch(self, most: int) -> _Stretch:
        index = position_at(self.clock, self.lane.pace, moment_of(self.at))
        day = self.calendar.day_of(self.at)
        rhythm, alike = self.rhythm.from_position(index)
        most = min(most, alike, self._room(day.day), self._until_easier())
        longest = _Stretch(self.at, index, most, rhythm, self.wait)
        stretch = replace(longest, count=longest.before(min(day.ends, self.calendar.open_until(self.at))))
        self._go_on(stretch, day.day)
        return stretch

    def _go_on(self, stretch: _Stretch, day: date) -> None:
        last = (stretch.index + stretch.count - 1) % stretch.rhythm.run
        ends = stretch.start(stretch.count - 1) + self.rhythm.call
        self.clock = replace(
            self.clock,
            position=last + 1,
            last_call_at=moment_of(ends),
            sent_today=sent_on_day(self.clock, day) + stretch.count,
            days_used=day_number(self.clock, day),
            sent_on=day,
        )
        self._note_good(stretch.count)  # before the gap: what goes well eases that one already
        self.at = self._allowed_from(ends + self.rhythm.gap(last))

    def _until_easier(self) -> int:
        return ENDLESS if self.clock.slow_down <= 1.0 else GOOD_SENDS_TO_EASE - self.good % GOOD_SENDS_TO_EASE

    def _note_good(self, messages: int) -> None:
        self.good += messages
        if self.clock.slow_down > 1.0 and self.good % GOOD_SENDS_TO_EASE == 0:
            self.clock = replace(self.clock, slow_down=faster(self.clock.slow_down))
            self.rhythm = self._rhythm()

    def _allowed_from(self, at: int) -> int:
        """The first moment from `at` on that neither the hours nor a limit of the day forbid."""
        self.wait = None
        while True:
            until, reason = self.calendar.opens(at), Veto.WINDOW
            if until == at:
                day = self.calendar.day_of(at)
                full = self._full(day.day)
                if full is None:
                    return at
                until, reason = day.ends, full
            self.wait, at = self.wait or reason, until

    def _full(self, day: date) -> Veto | None:
        sent = sent_on_day(self.clock, day)
        return next((reason for cap, reason in caps_on(self.clock, self.lane.pace, day) if sent >= cap), None)

    def _room(self, day: date) -> int:
        cap = cap_of_day(self.clock, self.lane.pace, day)
        return cap - sent_on_day(self.clock, day) if cap else ENDLESS


def _answered(lane: LaneAhead, *, now: datetime) -> LaneClock:
    """The clock of a busy lane as it will be when its call has taken as long as they usually do."""
    started = lane.clock.last_call_at or now
    ends = max(now, started + timedelta(seconds=lane.call_seconds))
    gap = (lane.clock.next_send_at or started) - started  # written ahead when the call was made
    return replace(lane.clock, last_call_at=ends, next_send_at=ends + gap)
