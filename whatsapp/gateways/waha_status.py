"""What WAHA says of a session, in an answer or in a report."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from whatsapp.gateways.answers import look
from whatsapp.gateways.base import ErrorKind, State, Status, _
from whatsapp.gateways.ends import stated_end
from whatsapp.gateways.http import Answer
from whatsapp.gateways.meanings import WRONG_ADDRESS
from whatsapp.gateways.waha_errors import error_in

SHOWS_CODE = "SCAN_QR_CODE"
_PASSKEY = _("WhatsApp asks for a passkey. Finish linking the phone in the dashboard of WAHA.")
STATES: dict[str, tuple[State, str]] = {
    "WORKING": (State.READY, ""),
    SHOWS_CODE: (State.NEEDS_QR, ""),
    "PASSKEY_REQUIRED": (State.NEEDS_QR, _PASSKEY),
    "PASSKEY_CONFIRMATION_REQUIRED": (State.NEEDS_QR, _PASSKEY),
    "STARTING": (State.STARTING, ""),
    "STOPPED": (State.FAILED, _("The session of WAHA was stopped. A restart starts it.")),
    "FAILED": (
        State.FAILED,
        _("The session of WAHA failed: it may be logged out, or its QR code ran out. Restart it to get a new code."),
    ),
}
LOCKED = _("WhatsApp lets this number write to nobody new for now. Do not restart it: that does not help.")
_LOCKED_OPEN_END = _("WhatsApp lets this number write to nobody new, and does not say until when.")
_NO_SESSION = _("WAHA has no session of this name, or it was not started. Create and start it in WAHA.")
_CONTRADICTION = _("WAHA says that the session works, and its engine that it is not connected.")
_SILENCE = _("the answer of the gateway does not say whether it is ready")
_BY_KIND = {
    ErrorKind.AUTH: State.AUTH_ERROR,
    ErrorKind.UNREACHABLE: State.UNREACHABLE,
    ErrorKind.RATE_LIMITED: State.UNKNOWN,
}
_NOBODY_BEHIND = {502, 503, 504}  # a proxy answers


def status_from(answer: Answer, *, secrets: Iterable[str] = ()) -> Status:
    """Ready only where WAHA says so and nothing beside it says otherwise."""
    if not answer.is_success:
        return _refused(answer, secrets)
    body = answer.json()
    if not isinstance(body, Mapping):
        return Status(State.UNREACHABLE, WRONG_ADDRESS.hint)
    state, detail = STATES.get(str(body.get("status")), (State.UNKNOWN, _SILENCE))
    return _works(answer, body) if state is State.READY else Status(state, detail)


def active_lock(lock: Any) -> Mapping[str, Any] | None:
    """WhatsApp's reach-out time-lock, while it is on. WAHA goes on naming one that was lifted."""
    return lock if isinstance(lock, Mapping) and lock.get("isActive") is True else None


def _refused(answer: Answer, secrets: Iterable[str]) -> Status:
    error = error_in(answer, secrets=secrets)
    if answer.status == 404 and error.kind is ErrorKind.NOT_READY:
        return Status(State.FAILED, _NO_SESSION)
    if answer.status in _NOBODY_BEHIND:
        return Status(State.UNREACHABLE, error.detail)
    return Status(_BY_KIND.get(error.kind, State.FAILED), error.detail)


def _works(answer: Answer, body: Mapping[str, Any]) -> Status:
    if look(body, "engine.gows.connected") is False:
        return Status(State.UNKNOWN, _CONTRADICTION)
    if (lock := active_lock(look(body, "me.reachoutTimelock"))) is None:
        return Status(State.READY)
    # Only the lock itself is searched for an end: the rest of the session holds what its owner wrote into it.
    ends_in = stated_end(Answer(answer.status, json.dumps(lock).encode(), answer.headers), "")
    return Status(State.READY, _LOCKED_OPEN_END if ends_in is None else LOCKED, locked_for=ends_in)
