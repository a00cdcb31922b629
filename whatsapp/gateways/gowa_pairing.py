"""The QR code with which a device is linked to GOWA.

GOWA makes a code only when asked, and the asking ends the linking that is under way. So a code, once made, is shown
until it lapses, however often somebody looks: else the page that looks again would interrupt whoever scans. What is
shown is remembered in this process alone, which is the one with the pages.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_WINDOW = 180.0  # seconds in which somebody who asked for a link is expected to scan
_AFTER_FAILURE = 15.0
_SHORTEST, _LONGEST = 15.0, 115.0
_LINK = re.compile(r"/statics/qrcode/[\w-]+\.png(?=$|\?)")
_NEVER = float("-inf")


@dataclass(frozen=True)
class Code:
    """What GOWA answered to the wish for a code. `image` is a PNG that can be scanned for `seconds`; empty: why not."""

    image: bytes = b""
    seconds: float = _AFTER_FAILURE  # or after which to ask again
    detail: str = ""
    is_linked: bool = False  # it needs none


@dataclass
class Pairing:
    """What one device shows. Moments by `time.monotonic`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    shown: Code = Code()
    lapses_at: float = _NEVER
    wanted_until: float = _NEVER

    def code(self, make: Callable[[], Code]) -> Code:
        """The one that is shown; a new one where it has lapsed. One thread asks, the others wait for its answer."""
        with self.lock:
            if time.monotonic() >= self.lapses_at:
                self.shown = make()
                self.lapses_at = time.monotonic() + self.shown.seconds
            return self.shown

    def begin(self) -> None:
        """Somebody wants to link the device."""
        self.lapses_at, self.wanted_until = _NEVER, time.monotonic() + _WINDOW

    def end(self) -> None:
        """The device is linked."""
        self.lapses_at = self.wanted_until = _NEVER

    @property
    def is_wanted(self) -> bool:
        return time.monotonic() < self.wanted_until


_pairings: dict[tuple[str, ...], Pairing] = {}


def pairing_of(*device: str) -> Pairing:
    return _pairings.setdefault(device, Pairing())


def path_in(link: object) -> str:
    """Of the PNG, below our own address of GOWA: the link names the host under which GOWA sees itself."""
    found = _LINK.search(link) if isinstance(link, str) else None
    return found[0] if found else ""


def lifetime(duration: object) -> float:
    """Seconds for which a code can be scanned: GOWA names half of them, after which it deletes its own picture."""
    is_number = isinstance(duration, int | float) and not isinstance(duration, bool)
    half = float(duration) if is_number and 0 < duration < 1000 else 10.0  # type: ignore[arg-type,operator]
    return min(max(2 * half - 5.0, _SHORTEST), _LONGEST)
