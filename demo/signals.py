"""Ctrl-C, a request to end and a closed terminal: one way out, on which everything that was started is stopped."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from django.utils.translation import gettext as _

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Not an Exception: nothing on the way may take it for an error of its own."""

    def __init__(self, number: int):
        super().__init__(number)
        self.status = 128 + number


def listen() -> None:
    for number in ENDS:
        signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    _ignore()
    raise Stopped(number)


def _ignore() -> None:
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def stopping_in_peace() -> Iterator[None]:
    """Whatever ends what is done within, the clearing up after it is not interrupted by a second Ctrl-C."""
    try:
        yield
    finally:
        _ignore()
        with suppress(OSError):  # the terminal may be gone
            print(_("Stopping everything that was started…"), flush=True)
