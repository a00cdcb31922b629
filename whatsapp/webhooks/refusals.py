"""Why a post is turned away, and the line about it in the log: who, why and from where, and never what was in it."""

import ipaddress
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from enum import Enum

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger(__name__)

LINES_A_MINUTE = 5  # for each reason and process: a flood must not fill the disk
_LONGEST_ID = 19


class Why(Enum):
    METHOD = 405, "only POST and GET are taken"
    TOO_LONG = 413, "too long"
    ADDRESS = 404, "no such address"
    NO_HOOK = 404, "its gateway posts no reports"
    NO_SECRET = 403, "no secret is stored for its reports"
    FORGED = 403, "not genuine"
    CHALLENGE = 403, "a question that is not the provider's"
    CUT_OFF = 400, "cut off"
    NO_JSON = 400, "no JSON"
    FULL = 503, "too many reports are waiting to be read"

    def __init__(self, status: int, words: str):
        self.status = status
        self.words = words


class Refused(Exception):
    def __init__(self, why: Why):
        super().__init__(why.words)
        self.why = why


class Complaints:
    """At most so many lines a minute for each reason; how many were left out stands in the next one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._minute = -1
        self._lines: Counter[Why] = Counter()
        self._left_out: Counter[Why] = Counter()

    def note(self, sender_id: int, why: Why, address: str) -> None:
        with self._lock:
            minute = int(self._clock() // 60)
            if minute != self._minute:
                self._minute = minute
                self._lines.clear()
            if self._lines[why] >= LINES_A_MINUTE:
                self._left_out[why] += 1
                return
            self._lines[why] += 1
            unsaid = self._left_out.pop(why, 0)
        more = f" (and {unsaid} more like it before)" if unsaid else ""
        logger.warning(
            "A report for number %s from %s was refused: %s%s", str(sender_id)[:_LONGEST_ID], address, why.words, more
        )


COMPLAINTS = Complaints()


def client_address(request: HttpRequest) -> str:
    """Of a chain of proxies only the last hop is believed. What is no address is not repeated."""
    said = str(request.META.get("REMOTE_ADDR", ""))
    if settings.BEHIND_PROXY and (hops := request.headers.get("X-Forwarded-For", "")):
        said = hops.rsplit(",", 1)[-1].strip()
    try:
        return str(ipaddress.ip_address(said))
    except ValueError:
        return "somewhere"
