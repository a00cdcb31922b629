"""Waiting for what other processes do."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], *, seconds: float = 60, what: str = "it") -> None:
    """Look until it is so; a generous limit turns a hang into a failure with a name."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.02)
