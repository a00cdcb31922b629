"""What Meta says of a number when it is asked for its fields."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whatsapp.gateways.answers import look
from whatsapp.gateways.base import ErrorKind, State, Status
from whatsapp.gateways.cloud_errors import error_in
from whatsapp.gateways.http import Answer
from whatsapp.gateways.scrubbing import scrub

BASIC_FIELDS = "status,quality_rating"
FIELDS = f"{BASIC_FIELDS},whatsapp_business_manager_messaging_limit,health_status"

_LIMIT = "whatsapp_business_manager_messaging_limit"
_STATES = {
    "CONNECTED": (State.READY, ""),
    "FLAGGED": (State.READY, "FLAGGED: too many people complain; Meta may lower the limit of this number"),
    "RATE_LIMITED": (State.RESTRICTED, "RATE_LIMITED: the number reached what it may send"),
    "RESTRICTED": (State.RESTRICTED, "RESTRICTED: the number may write to nobody who has not written first, for now"),
    "PAUSED": (State.RESTRICTED, "PAUSED by Meta"),
    "BANNED": (State.RESTRICTED, "BANNED: Meta closed this number"),
    "PENDING": (State.FAILED, "PENDING: the number is not registered at Meta yet"),
    "UNVERIFIED": (State.FAILED, "UNVERIFIED: the number has to be confirmed at Meta first"),
    "OFFLINE": (State.FAILED, "OFFLINE: the number has no connection to WhatsApp"),
    "DISCONNECTED": (State.FAILED, "DISCONNECTED: the number has no connection to WhatsApp"),
    "MIGRATED": (State.FAILED, "MIGRATED: the number has moved to another account"),
    "DELETED": (State.FAILED, "DELETED: the number is not at Meta any more"),
}
_BY_KIND = {
    ErrorKind.AUTH: State.AUTH_ERROR,
    ErrorKind.BLOCKED: State.RESTRICTED,
    ErrorKind.RATE_LIMITED: State.UNKNOWN,
    ErrorKind.NOT_READY: State.STARTING,
    ErrorKind.TEMPORARY: State.UNREACHABLE,
    ErrorKind.UNREACHABLE: State.UNREACHABLE,
    ErrorKind.UNCERTAIN: State.UNREACHABLE,
}
_TIER = re.compile(r"(?:TIER_)?(\d+)(K?)")
_UNKNOWN_FIELD = re.compile(r"nonexisting field|unknown field", re.IGNORECASE)


def lacks_a_field(answer: Answer) -> bool:
    """An older version of the API refuses the whole question for one field that it has not got."""
    return answer.status == 400 and bool(_UNKNOWN_FIELD.search(answer.text()))


def status_from(answer: Answer, *, secrets: Iterable[str] = ()) -> Status:
    body = answer.json()
    if not answer.is_success or not isinstance(body, Mapping) or body.get("error"):
        error = error_in(answer, secrets=secrets)
        return Status(_BY_KIND.get(error.kind, State.FAILED), error.detail)
    word = str(body.get("status") or "").upper()
    state, words = _STATES.get(word, (State.UNKNOWN, word or "Meta does not say whether the number is ready"))
    if state is State.READY and look(body, "health_status.can_send_message") == "BLOCKED":
        state = State.RESTRICTED
    parts = (words, _quality(body.get("quality_rating")), *_health(body))
    detail = scrub("; ".join(part for part in parts if part), secrets=secrets)
    return Status(state, detail, new_people_a_day=people_a_day(body.get(_LIMIT)))


def people_a_day(tier: Any) -> int | None:
    """0: no limit. None: not said, or not in words that are known."""
    word = tier.strip().upper() if isinstance(tier, str) else ""
    if word in {"UNLIMITED", "TIER_UNLIMITED"}:
        return 0
    found = _TIER.fullmatch(word)
    return int(found[1]) * (1000 if found[2] else 1) if found else None


def _quality(rating: Any) -> str:
    word = rating.upper() if isinstance(rating, str) else ""
    return f"quality {word}" if word in {"GREEN", "YELLOW", "RED"} else ""


def _health(body: Mapping[str, Any]) -> Iterator[str]:
    """Why something between us and people is blocked or limited, in Meta's words."""
    for entity in _list(look(body, "health_status.entities")):
        if not isinstance(entity, Mapping) or entity.get("can_send_message") not in {"BLOCKED", "LIMITED"}:
            continue
        yield f"{entity.get('entity_type')} {entity['can_send_message']}"
        for error in _list(entity.get("errors")):
            yield str(look(error, "error_description") or "")
        for line in _list(entity.get("additional_info")):
            yield str(line)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
