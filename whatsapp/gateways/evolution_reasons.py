"""Why WhatsApp ended the connection of a number, by the codes that Evolution API passes on."""

from whatsapp.gateways.base import State, _

_ENDS = {
    401: (State.LOGGED_OUT, _("the phone removed this device (401)")),
    402: (State.RESTRICTED, _("WhatsApp locked the account for a while (402)")),
    403: (State.RESTRICTED, _("WhatsApp locked the account (403)")),
    405: (State.FAILED, _("WhatsApp does not take this version of the gateway any more (405)")),
    406: (State.RESTRICTED, _("WhatsApp banned the account (406)")),
    440: (State.FAILED, _("another session took the connection over (440)")),
}


def end_for(code: object) -> tuple[State, str] | None:
    """State and words for a code, as a number or as text; None where the gateway connects again by itself."""
    text = str(code).strip()
    number = int(text) if text.isascii() and text.isdigit() else 0
    return _ENDS.get(number)
