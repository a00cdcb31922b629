"""How much a new number may send on its first days. Pure."""

from collections.abc import Sequence

MOST_A_DAY = 1_000_000
MOST_STEPS = 60


class BadSteps(ValueError):
    pass


def steps_of(text: str) -> tuple[int, ...]:
    """Messages a day from “20, 40, 80”; raises BadSteps. Nothing written means no steps."""
    words = text.replace(";", ",").split(",") if text.strip() else []
    if len(words) > MOST_STEPS or not all(word.strip().isascii() and word.strip().isdigit() for word in words):
        raise BadSteps(text)
    steps = tuple(int(word) for word in words)
    if not all(1 <= step <= MOST_A_DAY for step in steps):
        raise BadSteps(text)
    return steps


def cap_on(day: int, steps: Sequence[int]) -> int:
    """The most that may leave on the number's `day`-th day of sending (1 is the first); 0 when nothing limits it."""
    return steps[max(day, 1) - 1] if day <= len(steps) else 0
