"""Posts receipts, one after another in a thread of its own, so that no message ever waits for them."""

import heapq
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from whatsapp.simulator.loopback import Target, is_this_computer

WAITING = 20_000  # receipts; more than these are dropped, and counted
SECONDS = 5.0  # as long as the service that the simulator stands in for waits for an answer


@dataclass(frozen=True)
class Letter:
    due: float  # on the monotonic clock
    target: Target
    header: str
    body: dict[str, object]


@dataclass
class _Ledger:
    """What became of the letters since the last `clear`."""

    counts: Counter[str] = field(default_factory=Counter)
    is_out: bool = False  # one is on its way


class Postman:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = count()
        self._letters: list[tuple[float, int, Letter]] = []
        self._ledger = _Ledger()
        self._thread: threading.Thread | None = None

    def take(self, letters: Iterable[Letter]) -> None:
        with self._changed:
            for letter in letters:
                if len(self._letters) >= WAITING:
                    self._ledger.counts["dropped"] += 1
                    continue
                heapq.heappush(self._letters, (letter.due, next(self._numbers), letter))
            if self._letters and self._thread is None:
                self._thread = threading.Thread(target=self._walk, name="postman", daemon=True)
                self._thread.start()
            self._changed.notify()

    def clear(self) -> None:
        """Throws away what waits. What is on its way is counted nowhere."""
        with self._changed:
            self._letters.clear()
            self._ledger = _Ledger()

    def state(self) -> dict[str, int]:
        with self._changed:
            counted = {name: self._ledger.counts[name] for name in ("posted", "refused", "failed", "dropped")}
            return {"waiting": len(self._letters) + self._ledger.is_out} | counted

    def _walk(self) -> None:
        while True:
            letter, ledger = self._next()
            outcome = _post(letter)
            with self._changed:
                ledger.counts[outcome] += 1
                ledger.is_out = False

    def _next(self) -> tuple[Letter, _Ledger]:
        with self._changed:
            while not self._letters or (wait := self._letters[0][0] - time.monotonic()) > 0:
                self._changed.wait(wait if self._letters else None)
            self._ledger.is_out = True
            return heapq.heappop(self._letters)[2], self._ledger


def _post(letter: Letter) -> str:
    """No redirects, no proxy, no second try: as the service does it."""
    connection = http.client.HTTPConnection(letter.target.host, letter.target.port, timeout=SECONDS)
    try:
        connection.connect()
        if not is_this_computer(connection.sock.getpeername()[0]):  # what `localhost` means is up to a file
            return "failed"
        connection.request("POST", letter.target.path, json.dumps(letter.body), _headers(letter))
        return "posted" if 200 <= connection.getresponse().status < 300 else "refused"
    except (OSError, http.client.HTTPException):
        return "failed"
    finally:
        connection.close()


def _headers(letter: Letter) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": "simulator"}
    if letter.header:
        name, _, words = letter.header.partition(":")
        headers[name] = words.strip()
    return headers
