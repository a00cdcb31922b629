"""What the answer to GET /status means."""

from collections.abc import Iterable
from typing import Any

from whatsapp.gateways.answers import error_text, first, look
from whatsapp.gateways.base import State, Status
from whatsapp.gateways.http import Answer
from whatsapp.gateways.meanings import WRONG_ADDRESS
from whatsapp.gateways.qr_images import code_text, png_in_data_url
from whatsapp.gateways.scrubbing import scrub
from whatsapp.gateways.strangers import status_of_stranger

_READY_FLAGS = ("ready", "isReady", "connected", "isConnected")
_READY_PLACES = (*_READY_FLAGS, *(f"data.{flag}" for flag in _READY_FLAGS))
_STATE_PLACES = ("status", "state", "data.status", "data.state")
_QR_PLACES = ("qr", "qrCode", "qr_code", "qrcode", "data.qr", "data.qrCode")
_QR_FLAGS = ("hasQR", "hasQr", "has_qr", "qr_pending", "data.hasQR")
_WORDS = {
    State.READY: ("ready", "connected", "open", "authenticated+ready", "working", "inchat"),
    State.STARTING: ("initializing", "starting", "connecting", "opening", "loading", "authenticated", "reconnecting"),
    State.NEEDS_QR: ("qr", "scan_qr_code", "needs_qr", "waiting_qr", "qr_pending", "pairing"),
    State.LOGGED_OUT: ("logged_out", "logout", "unpaired", "unpaired_idle", "auth_failure"),
    State.FAILED: ("failed", "error", "disconnected", "closed", "close", "conflict", "timeout", "stopped"),
    State.RESTRICTED: ("banned", "restricted", "blocked", "tos_block", "smb_tos_block"),
}
_STATES = {word: state for state, words in _WORDS.items() for word in words}


def status_from(answer: Answer, *, secrets: Iterable[str] = ()) -> Status:
    """Ready only where the gateway says so and nothing beside it says otherwise."""
    body, said = answer.json(), scrub(error_text(answer), secrets=secrets)
    if not answer.is_success and not (answer.status == 503 and isinstance(body, dict)):
        return status_of_stranger(answer, said)
    if not isinstance(body, dict):
        return Status(State.UNREACHABLE, WRONG_ADDRESS.hint)
    state = _state(body)
    if state is State.READY and not answer.is_success:
        state = State.UNKNOWN
    if state is not State.NEEDS_QR:
        return Status(state, said or _silence(state))
    code = first(body, _QR_PLACES)
    return Status(state, said, qr_text=code_text(code), qr_image=png_in_data_url(code))


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
