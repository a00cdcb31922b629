"""The pace of a WhatsApp number, as arithmetic. Pure: no database, no settings, no clock, no sleeping.

Source of the delay rule: the system that this one replaces,

    delay after message i (i = 0, 1, 2, ... in the run) = min(base + (i // every) * step, maximum)

counted from the end of one call to the start of the next, so that a slow gateway is never hurried.
All durations are seconds; all moments are aware datetimes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from whatsapp.warm_up import cap_on

SLOW_DOWN_STEP = 1.5
SLOW_DOWN_MOST = 4.0
GOOD_SENDS_TO_EASE = 20  # messages in a row that were accepted


@dataclass(frozen=True)
class Pace:
    """The limits of one number, frozen from what staff edited."""

    base: float = 2.0
    step: float = 0.5
    every: int = 10
    maximum: float = 5.0
    jitter: float = 0.0  # share of the delay that chance may add, 0..1
    batch_size: int = 0  # messages; 0 = no batches
    batch_pause: float = 0.0
    quiet: float = 1800.0  # after this long without a message a new run begins
    daily_cap: int = 0  # messages a day; 0 = no limit
    stretch: float = 1.0  # of the delay: the weight of the heaviest number in use over the weight of this one
    warm_up: tuple[int, ...] = ()  # of a new number: messages on the first, second … day on which it sends


@dataclass(frozen=True)
class Window:
    """The hours in which messages may leave; over midnight when `opens` is later than `closes`."""

    opens: time
    closes: time
    zone: tzinfo


class Veto(StrEnum):
    """Why a number may not send at this moment. Exactly one is shown, with its end."""

    STOPPED = "stopped"  # until a person acts
    PAUSED = "paused"  # not ready, unreachable, limited, resting: the lane knows which
    WINDOW = "window"
    DAILY_CAP = "daily_cap"
    WARM_UP = "warm_up"  # a new number has sent what it may on one of its first days
    BATCH = "batch"
    PACE = "pace"  # the ordinary gap between two messages


@dataclass(frozen=True)
class Wait:
    """No right to call. `until` is None where only a person can end it."""

    reason: Veto
    until: datetime | None


@dataclass(frozen=True)
class LaneClock:
    """What a lane remembers of its own past, enough to decide about its next message."""

    position: int = 0  # messages that left, or may have left, in the current run
    last_call_at: datetime | None = None  # end of the last call, or its start while it is under way
    next_send_at: datetime | None = None
    sent_on: date | None = None  # the day that `sent_today` counts
    sent_today: int = 0
    days_used: int = 0  # days on which it sent, `sent_on` included
    slow_down: float = 1.0  # after a provider asked to go slower
    paused_until: datetime | None = None
    is_stopped: bool = False


def delay_after(index: int, pace: Pace) -> float:
    """Seconds to wait after message `index` (0 for the first) of a run, by the rule alone."""
    return min(pace.base + (index // pace.every) * pace.step, pace.maximum)


def gap_after(index: int, pace: Pace, *, chance: float = 0.0, slow_down: float = 1.0) -> float:
    """Seconds from the end of call `index` to the start of the next one.

    `chance` is a number from 0 to 1; jitter only ever adds. The pause between batches replaces a shorter delay.
    """
    delay = delay_after(index, pace) * max(slow_down, 1.0) * max(pace.stretch, 1.0) * (1.0 + pace.jitter * chance)
    if ends_batch(index, pace):
        return max(delay, pace.batch_pause)
    return delay


def slower(slow_down: float) -> float:
    """The factor after a provider asked for a slower pace."""
    return min(max(slow_down, 1.0) * SLOW_DOWN_STEP, SLOW_DOWN_MOST)


def faster(slow_down: float) -> float:
    """One step back towards the ordinary pace."""
    eased = slow_down / SLOW_DOWN_STEP
    return 1.0 if eased < 1.001 else eased


def ends_batch(index: int, pace: Pace) -> bool:
    return pace.batch_size > 0 and (index + 1) % pace.batch_size == 0


def position_at(clock: LaneClock, pace: Pace, now: datetime) -> int:
    """The position of the next message: 0 again after a quiet time."""
    if clock.last_call_at is None or now - clock.last_call_at >= timedelta(seconds=pace.quiet):
        return 0
    return clock.position


def sent_on_day(clock: LaneClock, day: date) -> int:
    return clock.sent_today if clock.sent_on == day else 0


def day_number(clock: LaneClock, day: date) -> int:
    """Which of its days of sending `day` is for the number, 1 for the first."""
    return max(clock.days_used, 1) if clock.sent_on == day else clock.days_used + 1


def caps_on(clock: LaneClock, pace: Pace, day: date) -> list[tuple[int, Veto]]:
    """What limits the messages of that day, and the reason that is shown when it is reached."""
    warm_up = cap_on(day_number(clock, day), pace.warm_up)
    caps = [(pace.daily_cap, Veto.DAILY_CAP), (warm_up, Veto.WARM_UP)]
    return [(cap, reason) for cap, reason in caps if cap]


def cap_of_day(clock: LaneClock, pace: Pace, day: date) -> int:
    """The most messages of that day; 0 when nothing limits them."""
    return min((cap for cap, _ in caps_on(clock, pace, day)), default=0)


def veto(clock: LaneClock, pace: Pace, *, day_zone: tzinfo, now: datetime) -> Wait | None:
    """None when the lane may call its gateway now, else the one reason and its end."""
    if clock.is_stopped:
        return Wait(Veto.STOPPED, None)
    if clock.paused_until and clock.paused_until > now:
        return Wait(Veto.PAUSED, clock.paused_until)
    today = now.astimezone(day_zone).date()
    for cap, reason in caps_on(clock, pace, today):
        if sent_on_day(clock, today) >= cap:
            return Wait(reason, start_of_day(today + timedelta(days=1), day_zone))
    if clock.next_send_at and clock.next_send_at > now:
        in_batch_pause = clock.position > 0 and ends_batch(clock.position - 1, pace)
        return Wait(Veto.BATCH if in_batch_pause else Veto.PACE, clock.next_send_at)
    return None


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """Midnight, or the first moment of the day where a clock change skips midnight."""
    return _existing(datetime.combine(day, time.min), zone)


def closed_until(window: Window | None, now: datetime) -> datetime | None:
    """None when the window is open now (or there is none), else the first moment when it is."""
    if window is None or window.opens == window.closes or _is_open(window, now):
        return None
    now = now.astimezone(UTC)  # within its own zone, Python would compare the clocks on the wall
    return min(moment for moment in _openings(window, now) if moment > now and _is_open(window, moment))


def _is_open(window: Window, moment: datetime) -> bool:
    """By the clock on the wall, whatever was done to it in that night."""
    clock = moment.astimezone(window.zone).time()
    if window.opens < window.closes:
        return window.opens <= clock < window.closes
    return clock >= window.opens or clock < window.closes


def _openings(window: Window, now: datetime) -> Iterator[datetime]:
    """When it may open next: at its hour, at both of them where it comes twice, or when the clocks jump into it."""
    today = now.astimezone(window.zone).date()
    for days in range(3):  # a short window may fall into the hour that is skipped
        wall = datetime.combine(today + timedelta(days=days), window.opens, window.zone)
        yield from (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if change := clock_change(window.zone, now, now + timedelta(days=3)):
        yield change


def clock_change(zone: tzinfo, low: datetime, high: datetime) -> datetime | None:
    """The moment between two others, both in UTC, when the clocks are changed; None when they are not."""
    before = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == before:
        return None
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)  # clocks are changed on a full second


def _existing(wall: datetime, zone: tzinfo) -> datetime:
    """The wall time as UTC; moved forward over the gap where a clock change skips it."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def delays(pace: Pace, *, start: int = 0) -> Iterator[float]:
    """The gaps of a run without chance, from position `start` on, without end."""
    index = start
    while True:
        yield gap_after(index, pace)
        index += 1
