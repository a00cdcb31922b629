"""The delay rule as a curve: the pause after each message of a run, as it is saved and as it is typed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from whatsapp.pacing import Pace, gap_after

MOST_POINTS = 60
SHORTEST = 30  # messages
LONGEST = 10_000  # messages: a rule that grows more slowly is shown growing


@dataclass(frozen=True)
class Curve:
    """`messages` counts from 1; the pauses are seconds, without those between batches, which would dwarf them.

    `then` is empty where nothing else is typed, `at_most` where chance adds nothing.
    """

    messages: tuple[int, ...]
    now: tuple[float, ...]
    then: tuple[float, ...] = ()
    at_most: tuple[float, ...] = ()


def curve(now: Pace, then: Pace) -> Curve:
    """From the first message to a little beyond the one from which both stay as they are."""
    indexes = _indexes(max(_settles(now), _settles(then)))
    shown_now, shown_then = _pauses(now, indexes), _pauses(then, indexes)
    return Curve(
        messages=tuple(index + 1 for index in indexes),
        now=shown_now,
        then=shown_then if shown_then != shown_now else (),
        at_most=_pauses(then, indexes, chance=1.0) if then.jitter > 0 else (),
    )


def _pauses(pace: Pace, indexes: Sequence[int], *, chance: float = 0.0) -> tuple[float, ...]:
    plain = replace(pace, batch_size=0)
    return tuple(round(gap_after(index, plain, chance=chance), 3) for index in indexes)


def _settles(pace: Pace) -> int:
    """The first message whose pause does not grow any more."""
    if pace.step <= 0 or pace.base >= pace.maximum:
        return 0
    growths = min((pace.maximum - pace.base) / pace.step, LONGEST)
    return ceil(growths) * pace.every


def _indexes(settled: int) -> range:
    end = min(max(ceil(settled * 1.25), SHORTEST), LONGEST)
    return range(0, end, ceil(end / MOST_POINTS))
