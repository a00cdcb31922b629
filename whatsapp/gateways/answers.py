"""Reading answers of gateways that all mean the same and never look the same."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from whatsapp.gateways.http import Answer
from whatsapp.gateways.scrubbing import plain

LONGEST_WAIT = 24 * 3600.0
ID_LENGTH = 200
_ID_PLACES = (
    "messageId",
    "message_id",
    "provider_message_id",
    "id",
    "key.id",
    "message.id",
    "response.id",
    "data.messageId",
    "data.message_id",
    "data.id",
    "data.key.id",
    "result.id",
)
_ERROR_PLACES = ("error", "message", "response.err", "response.message", "errors", "detail", "error_description")


def look(body: Any, path: str) -> Any:
    """The value at a dotted path; None where there is none."""
    for name in path.split("."):
        if not isinstance(body, Mapping):
            return None
        body = body.get(name)
    return body


def first(body: Any, paths: Iterable[str]) -> Any:
    """The first value that is there at all; False and 0 are values."""
    return next((value for value in (look(body, path) for path in paths) if value is not None), None)


def message_id(body: Any) -> str:
    """The id that receipts carry, whatever was wrapped around it; empty where none was given."""
    for path in _ID_PLACES:
        if found := _core(look(body, path)):
            return found
    return ""


def _core(value: Any) -> str:
    if isinstance(value, Mapping):
        return _core(value.get("_serialized")) or _core(value.get("id"))
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return bare_id(value)[:ID_LENGTH] if isinstance(value, str) else ""


def bare_id(text: str) -> str:
    """`true_573000000001@c.us_3EB0AA11` is 3EB0AA11: the chat in it may change between message and receipt."""
    parts = text.strip().split("_")
    if len(parts) >= 3 and parts[0].lower() in {"true", "false"}:
        return parts[2]  # a fourth part names the writer in a group
    hexadecimal = [part for part in parts if re.fullmatch(r"[0-9A-Fa-f]{8,}", part)]
    return hexadecimal[-1] if hexadecimal else text.strip()


def error_text(answer: Answer) -> str:
    """What the gateway says went wrong, in one line; the beginning of the page where it is no JSON."""
    body = answer.json()
    if isinstance(body, Mapping):
        return plain(" ".join(_words(body)))
    return plain(answer.text()[:4000])


def _words(body: Mapping[str, Any]) -> list[str]:
    """Every place is read, not only the first: `{"error": "Bad Request", "message": "number …"}` is common."""
    words: list[str] = []
    for path in _ERROR_PLACES:
        for word in _flat(look(body, path)):
            if word not in words:
                words.append(word)
    return words


def _flat(value: Any, depth: int = 0) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if depth > 4:
        return []
    if isinstance(value, Mapping):
        return [
            word
            for name in ("message", "msg", "error", "err", "description")
            for word in _flat(value.get(name), depth + 1)
        ]
    if isinstance(value, list):
        return [word for part in value[:10] for word in _flat(part, depth + 1)]
    return []


def retry_after(answer: Answer, now: datetime | None = None) -> float | None:
    """Seconds to wait, not below nothing and not above a day; None where the header says nothing that can be used."""
    seconds = stated_wait(answer, now or clock_of(answer))
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT)


def clock_of(answer: Answer) -> datetime:
    """The gateway's own clock where it tells the time: ours may differ."""
    return http_date(answer.headers.get("date", "")) or datetime.now(UTC)


def stated_wait(answer: Answer, since: datetime) -> float | None:
    """The seconds of Retry-After, whether it gives them or a date."""
    text = answer.headers.get("retry-after", "").strip()
    seconds = _number(text)
    if seconds is None and (moment := http_date(text)) is not None:
        return (moment - since).total_seconds()
    return seconds


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
