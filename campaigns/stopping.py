"""How a running task learns at once that the worker is to stop.

The worker makes a pipe before it forks and writes to it when SIGTERM comes. A task waits on the other end, so that a
dispatcher in the middle of a pause stops within milliseconds. A pipe, since a process that is killed while it waits
for a multiprocessing.Event leaves that event unusable for everybody.
"""

import contextlib
import os
import select
from collections.abc import Iterable


class StopPipe:
    """Readable for ever once `stop` was called; nobody reads from it, so that everybody sees it."""

    def __init__(self) -> None:
        self._read: int | None = None
        self._write: int | None = None

    def open(self) -> None:
        """Make the pipe; called once, by the worker, before it forks."""
        self._read, self._write = os.pipe()

    def stop(self) -> None:
        if self._write is not None:
            with contextlib.suppress(OSError):
                os.write(self._write, b"x")

    def is_set(self) -> bool:
        return self._read is not None and bool(select.select([self._read], [], [], 0)[0])

    def wait(self, seconds: float, also: Iterable[int] = ()) -> None:
        """Return after `seconds`, or as soon as the stop comes or one of the descriptors in `also` is readable."""
        watched = [*also, *([self._read] if self._read is not None else [])]
        select.select(watched, [], [], max(seconds, 0))


STOP = StopPipe()
