"""What the answer to GET /status means."""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from whatsapp.gateways.answers import error_text, first, look
from whatsapp.gateways.base import State, Status
from whatsapp.gateways.http import Answer
from whatsapp.gateways.scrubbing import scrub

_READY_FLAGS = ("ready", "isReady", "connected", "isConnected")
_READY_PLACES = (*_READY_FLAGS, *(f"data.{flag}" for flag in _READY_FLAGS))
_STATE_PLACES = ("status", "state", "data.status", "data.state")
_QR_PLACES = ("qr", "qrCode", "qr_code", "qrcode", "data.qr", "data.qrCode")
_QR_FLAGS = ("hasQR", "hasQr", "has_qr", "qr_pending", "data.hasQR")
_LONGEST_QR = 3000  # a QR code holds no more
_PNG = b"\x89PNG\r\n\x1a\n"
_WORDS = {
    State.READY: ("ready", "connected", "open", "authenticated+ready", "working", "inchat"),
    State.STARTING: ("initializing", "starting", "connecting", "opening", "loading", "authenticated", "reconnecting"),
    State.NEEDS_QR: ("qr", "scan_qr_code", "needs_qr", "waiting_qr", "qr_pending", "pairing"),
    State.LOGGED_OUT: ("logged_out", "logout", "unpaired", "unpaired_idle", "auth_failure"),
    State.FAILED: ("failed", "error", "disconnected", "closed", "close", "conflict", "timeout", "stopped"),
    State.RESTRICTED: ("banned", "restricted", "blocked", "tos_block", "smb_tos_block"),
}
_STATES = {word: state for state, words in _WORDS.items() for word in words}
_NOT_A_GATEWAY = "this is not the address of a gateway"
_BY_HTTP = {
    401: State.AUTH_ERROR,
    403: State.AUTH_ERROR,
    405: State.UNREACHABLE,
    429: State.UNKNOWN,
    502: State.UNREACHABLE,  # a proxy answers, and nobody behind it
    504: State.UNREACHABLE,
}


def status_from(answer: Answer, *, secrets: Iterable[str] = ()) -> Status:
    """Ready only where the gateway says so and nothing beside it says otherwise."""
    body, said = answer.json(), scrub(error_text(answer), secrets=secrets)
    if not answer.is_success and not (answer.status == 503 and isinstance(body, dict)):
        return _refused(answer, said)
    if not isinstance(body, dict):
        return Status(State.UNREACHABLE, _NOT_A_GATEWAY)
    state = _state(body)
    if state is State.READY and not answer.is_success:
        state = State.UNKNOWN
    if state is not State.NEEDS_QR:
        return Status(state, said or _silence(state))
    text, image = _qr(first(body, _QR_PLACES))
    return Status(state, said, qr_text=text, qr_image=image)


def _refused(answer: Answer, said: str) -> Status:
    if 300 <= answer.status < 400 or (answer.status == 404 and answer.json() is None):
        return Status(State.UNREACHABLE, f"HTTP {answer.status}: {_NOT_A_GATEWAY}")
    return Status(_BY_HTTP.get(answer.status, State.FAILED), f"HTTP {answer.status}" + (f": {said}" if said else ""))


def _state(body: dict[str, Any]) -> State:
    flag, named = first(body, _READY_PLACES), _named(body)
    if flag is True or (flag is None and named is State.READY):
        # Some stay "ready" after their session died, and only a second field tells: then nobody knows.
        return State.READY if named in {None, State.READY, State.STARTING} else State.UNKNOWN
    if first(body, _QR_PLACES) or first(body, _QR_FLAGS) is True:
        return State.NEEDS_QR
    if named is not None:
        return State.UNKNOWN if named is State.READY else named
    if body.get("error"):
        return State.FAILED
    return State.UNKNOWN if flag is None else State.STARTING


def _named(body: dict[str, Any]) -> State | None:
    words = (value.strip().lower() for value in (look(body, path) for path in _STATE_PLACES) if isinstance(value, str))
    return next((_STATES[word] for word in words if word in _STATES), None)


def _silence(state: State) -> str:
    return "the answer of the gateway does not say whether it is ready" if state is State.UNKNOWN else ""


def _qr(value: Any) -> tuple[str, bytes]:
    """Text to be drawn, or a finished picture; nothing where it is neither, such as a page."""
    if not isinstance(value, str):
        return "", b""
    if value.startswith("data:image/png;base64,"):
        return "", _png(value.partition(",")[2])
    is_code = len(value) <= _LONGEST_QR and not value.startswith(("<", "data:")) and not any(map(str.isspace, value))
    return (value, b"") if is_code else ("", b"")


def _png(encoded: str) -> bytes:
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return content if content.startswith(_PNG) else b""
