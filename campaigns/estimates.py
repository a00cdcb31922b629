"""How long a send takes, computed from the rule and never from a table. Pure.

Sums over many messages are taken level by level, not message by message: the gap grows in steps and then stays.
"""

from bisect import bisect_left, bisect_right
from dataclasses import replace
from datetime import timedelta

from campaigns.calendars import TICK
from whatsapp.pacing import Pace, gap_after

MOST = 1_000_000  # messages that anybody asks about
ENDLESS = 1000 * MOST
NO_QUIET = 1e9  # seconds: a run that never ends


def ticks_of(seconds: float) -> int:
    """As many microseconds as the engine makes of it."""
    return timedelta(seconds=seconds) // TICK


class Rhythm:
    """When the messages of one number start, in microseconds from the first, while only the pace is between them.

    A gap as long as the quiet time begins a new run: then all runs are alike, and each lasts one `period`.
    """

    def __init__(self, pace: Pace, *, call_seconds: float = 0.0, chance: float = 0.0, slow_down: float = 1.0):
        self.pace = pace
        self.call = ticks_of(call_seconds)
        self._plain = replace(pace, batch_size=0)
        self._how = {"call_seconds": call_seconds, "chance": chance, "slow_down": slow_down}
        self._firsts, self._starts = [0], [0]  # of each level: its first message, and when that starts
        self._gaps = [self._gaps_of(0)]
        self._quiet_from = self._first_before_quiet()
        self.run = self._left_of_run(0)  # messages
        self.period = self.in_run(self.run) if self.run < ENDLESS else 0

    def start(self, index: int) -> int:
        runs, index = divmod(index, self.run)
        return runs * self.period + self.in_run(index)

    def first_from(self, moment: int) -> int:
        """The first message that starts at this moment or later; the moment is later than the first start."""
        if not self.period:
            return self._first_in_run(moment)
        runs, moment = divmod(moment, self.period)
        return runs * self.run + (self._first_in_run(moment) if moment else 0)

    def gap(self, index: int) -> int:
        """From the end of call `index` to the next start."""
        gap, pause = self._gaps[self._level(index)]
        return pause if self.pace.batch_size and (index + 1) % self.pace.batch_size == 0 else gap

    def from_position(self, index: int) -> tuple["Rhythm", int]:
        """What follows from a position in a run on, and for how many messages.

        A number whose pace was changed may stand where runs do not get any more: there it ends that run first.
        """
        if index < self.run:
            return self, ENDLESS
        return Rhythm(replace(self.pace, quiet=NO_QUIET), **self._how), self._left_of_run(index)

    def in_run(self, index: int) -> int:
        """When it starts if no run ever ends."""
        return self._start(self._level(index), index)

    def _gaps_of(self, index: int) -> tuple[int, int]:
        """The gap after a message of the level of `index`, and after one that ends a batch."""
        seconds = gap_after(index, self._plain, chance=self._how["chance"], slow_down=self._how["slow_down"])
        return ticks_of(seconds), ticks_of(max(seconds, self.pace.batch_pause))

    def _left_of_run(self, index: int) -> int:
        last = max(index, self._quiet_from)
        if self.pace.batch_size and self.pace.batch_pause >= self.pace.quiet:
            last = min(last, index + -(index + 1) % self.pace.batch_size)
        return last - index + 1 if last < ENDLESS else ENDLESS

    def _first_before_quiet(self) -> int:
        """The first message whose own delay is as long as the quiet time."""
        every, quiet = self.pace.every, ticks_of(self.pace.quiet)
        level = bisect_left(range(MOST), quiet, key=lambda level: self._gaps_of(level * every)[0])
        return level * every if level < MOST else ENDLESS

    def _level(self, index: int) -> int:
        if self._firsts[-1] <= index:
            self._grow(index)
        return bisect_right(self._firsts, index) - 1

    def _grow(self, index: int = 0, moment: int = 0) -> None:
        """Write the levels down, as far as this message and this moment."""
        while self._firsts[-1] <= index or self._starts[-1] < moment:
            level = len(self._firsts) - 1
            if self.pace.step <= 0 or self.pace.base + level * self.pace.step >= self.pace.maximum:
                break  # it stays
            first = self._firsts[-1] + self.pace.every
            self._starts.append(self._start(level, first))
            self._firsts.append(first)
            self._gaps.append(self._gaps_of(first))

    def _start(self, level: int, index: int) -> int:
        first, (gap, pause) = self._firsts[level], self._gaps[level]
        batches = index // self.pace.batch_size - first // self.pace.batch_size if self.pace.batch_size else 0
        return self._starts[level] + (index - first) * (self.call + gap) + batches * (pause - gap)

    def _first_in_run(self, moment: int) -> int:
        self._grow(moment=moment)
        level = bisect_left(self._starts, moment) - 1
        first, (gap, pause) = self._firsts[level], self._gaps[level]
        longest = self.call + (pause if self.pace.batch_size else gap)
        if not longest:
            return ENDLESS
        since = moment - self._starts[level]
        most = -(-since // (self.call + gap)) if self.call + gap else -(-since // longest) * self.pace.batch_size
        return self._search(level, moment, first + since // longest, first + most)

    def _search(self, level: int, moment: int, low: int, high: int) -> int:
        while low < high:
            middle = (low + high) // 2
            if self._start(level, middle) < moment:
                low = middle + 1
            else:
                high = middle
        return low


def waiting_seconds(messages: int, pace: Pace, *, start: int = 0) -> float:
    """The pauses of `messages` messages from one number, without the gateway's own time.

    There is no wait after the last message. `start` is the position in the run that the first one has.
    """
    rhythm = Rhythm(pace)
    ticks = rhythm.in_run(start + max(messages - 1, 0)) - rhythm.in_run(start)
    return round(ticks * TICK / timedelta(seconds=1), 3)


def busiest_share(messages: int, senders: int) -> int:
    """How many messages the busiest of several equal numbers gets."""
    return -(-max(messages, 0) // max(senders, 1))


def longest_wait(messages: int, pace: Pace, *, senders: int = 1) -> float:
    """The waiting time of the busiest of several equal numbers that share the messages."""
    return waiting_seconds(busiest_share(messages, senders), pace)


def total_seconds(messages: int, pace: Pace, *, senders: int = 1, call_seconds: float = 0.0) -> float:
    """Waiting time plus the time that the calls themselves take, one after another on each number."""
    busiest = busiest_share(messages, senders)
    return round(waiting_seconds(busiest, pace) + busiest * call_seconds, 3)
