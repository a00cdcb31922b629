"""When the lock of a number ends, where an answer says so."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from whatsapp.gateways.answers import clock_of, http_date, stated_wait
from whatsapp.gateways.http import Answer

LONGEST_LOCK = timedelta(days=90).total_seconds()
_DEPTH = 4
# Names are compared without underscores and capitals: time_enforcement_ends is timeEnforcementEnds.
_MOMENTS = {
    "timeenforcementends",
    "endsat",
    "expiresat",
    "expiration",
    "lockeduntil",
    "restricteduntil",
    "blockeduntil",
    "banneduntil",
}
_WAITS = {"retryafter", "retryafterseconds", "expiresin", "endsin"}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_IN_WORDS = re.compile(
    r"\b(?:expires?|ends?|lifted|vence|expira|termina|acaba) (?:in|en) ((?:\d+(?:\.\d+)? ?(?:[smhd]\w*)[ ,]*)+)",
    re.IGNORECASE,
)
_PART = re.compile(r"(\d+(?:\.\d+)?) ?([smhd])", re.IGNORECASE)


def stated_end(answer: Answer, said: str, now: datetime | None = None) -> float | None:
    """Seconds until then; None where no end in the future is stated.

    Of several the last: a proxy in between may ask for a minute's patience while the lock lasts for days.
    """
    since = now or clock_of(answer)
    waits = [stated_wait(answer, since) or 0.0, *_in_body(answer.json(), since, _DEPTH), *_in_words(said)]
    return max((min(wait, LONGEST_LOCK) for wait in waits if math.isfinite(wait) and wait > 0), default=None)


def _in_body(value: Any, since: datetime, depth: int) -> Iterator[float]:
    if not isinstance(value, Mapping) or depth == 0:
        return
    for name, inner in value.items():
        plain = name.replace("_", "").lower()
        if plain in _WAITS and (seconds := _number(inner)) is not None:
            yield seconds
        elif plain in _MOMENTS and (moment := _moment(inner)):
            yield (moment - since).total_seconds()
        else:
            yield from _in_body(inner, since, depth - 1)


def _in_words(said: str) -> Iterator[float]:
    """`The ban expires in 24h0m0s`."""
    if found := _IN_WORDS.search(said):
        yield sum(float(number) * _UNITS[unit.lower()] for number, unit in _PART.findall(found[1]))


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _moment(value: Any) -> datetime | None:
    """From seconds or milliseconds since 1970, or from a date in words."""
    number = _number(value)
    if number is None:
        return _iso(value) or http_date(value) if isinstance(value, str) else None
    try:
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
