"""Why WhatsApp ended the connection of a number, by the codes that Evolution API passes on."""

from whatsapp.gateways.base import State

_ENDS = {
    401: (State.LOGGED_OUT, "the phone removed this device"),
    402: (State.RESTRICTED, "WhatsApp locked the account for a while"),
    403: (State.RESTRICTED, "WhatsApp locked the account"),
    405: (State.FAILED, "WhatsApp does not take this version of the gateway any more"),
    406: (State.RESTRICTED, "WhatsApp banned the account"),
    440: (State.FAILED, "another session took the connection over"),
}


def end_for(code: object) -> tuple[State, str] | None:
    """State and words for a code, as a number or as text; None where the gateway connects again by itself."""
    text = str(code).strip()
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number not in _ENDS:
        return None
    state, words = _ENDS[number]
    return state, f"{words} ({number})"
