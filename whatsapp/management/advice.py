"""What to do about each state of a number, for whoever reads it in a terminal (whatsapp.advice is for the pages)."""

from django.utils.translation import gettext_lazy as _

from whatsapp.enums import SenderState

_ADVICE = {
    SenderState.UNKNOWN: _("The gateway does not say clearly how it is. Look at its log, or restart it."),
    SenderState.STARTING: _("Wait a minute. If it stays like this, restart it."),
    SenderState.NEEDS_QR: _("On the telephone of this number open WhatsApp, Linked devices, and scan the QR code."),
    SenderState.LOGGED_OUT: _("Restart it, then scan the new QR code with the telephone of this number."),
    SenderState.FAILED: _("Restart it. If that does not help, look at the log of the gateway."),
    SenderState.RESTRICTED: _("WhatsApp restricts this number. Open WhatsApp on its telephone and read what it says."),
    SenderState.AUTH_ERROR: _("Type the key of the gateway again in the admin, at this number."),
    SenderState.UNREACHABLE: _("See that the gateway is running and that its address is right."),
}


def advice_for(state: str) -> str:
    """One sentence in the reader's language; empty where there is nothing to do."""
    return str(_ADVICE.get(SenderState(state), ""))
