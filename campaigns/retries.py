"""How long to wait before trying again. Pure."""

SHORTEST_WAIT = 1.0


def backoff(tries: int, *, base: float, factor: float, cap: float, chance: float) -> float:
    """Seconds before the next try after `tries` failures, with full jitter.

    `chance` is a number from 0 to 1. Spreading over the whole interval keeps many waiting lanes from coming back at
    the same moment (exponential backoff with full jitter, as described by the AWS Architecture Blog, 2015).
    """
    try:
        grown = base * factor ** max(tries - 1, 0)
    except OverflowError:
        grown = cap
    return max(SHORTEST_WAIT, min(cap, grown) * chance)
