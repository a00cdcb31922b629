"""Pictures and documents that Meta keeps for a number, so that a campaign's picture travels there once.

In the memory of this process only: whatever is lost with it is handed over again.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from whatsapp.gateways.base import Connection, Document, Picture

MOST = 500
KEPT_FOR = 25 * 86_400.0  # seconds; Meta forgets after 30 days

Key = tuple[str, str, str, str]


def key_of(connection: Connection, media: Picture | Document) -> Key:
    """Meta's id of a picture is worth something to the number that handed it over, and to no other."""
    digest = hashlib.sha256(media.content).hexdigest()
    return connection.base_url.rstrip("/"), connection.session_name, digest, media.mime


class Shelf:
    """The least recently used make room. Safe to use from several threads."""

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.time):
        self._most, self._clock = most, clock
        self._ids: OrderedDict[Key, tuple[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Key) -> str:
        """Meta's id; empty where it has to be handed over (again)."""
        with self._lock:
            media_id, since = self._ids.get(key, ("", 0.0))
            if not media_id or self._clock() - since >= KEPT_FOR:
                self._ids.pop(key, None)
                return ""
            self._ids.move_to_end(key)
            return media_id

    def put(self, key: Key, media_id: str) -> None:
        with self._lock:
            self._ids[key] = media_id, self._clock()
            self._ids.move_to_end(key)
            while len(self._ids) > self._most:
                self._ids.popitem(last=False)

    def forget(self, key: Key) -> None:
        with self._lock:
            self._ids.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._ids.clear()

    def __len__(self) -> int:
        return len(self._ids)


SHELF = Shelf()
