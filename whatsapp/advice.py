"""What staff should do about each state of a number, in plain words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from whatsapp.enums import SenderState
from whatsapp.models import Sender
from whatsapp.registry import class_of
from whatsapp.said import in_words

S = SenderState

ADVICE: dict[str, str | Promise] = {
    S.UNKNOWN: _("Nobody has asked this number's gateway yet. Press “Check now”."),
    S.READY: _("Everything is in order. Messages leave at the pace of the settings."),
    S.STARTING: _("The gateway is starting. This takes up to a minute; sending goes on by itself."),
    S.NEEDS_QR: _(
        "On the phone of this number open WhatsApp, then Settings, Linked devices, Link a device, and scan the QR code."
    ),
    S.LOGGED_OUT: _(
        "The phone ended the connection. Press “Restart”, wait for the QR code and scan it. Nothing is lost meanwhile."
    ),
    S.FAILED: _("The gateway answers that it does not work. Restart it; if that does not help, call your technician."),
    S.RESTRICTED: _(
        "WhatsApp restricted this number. Stop using it for now, look at WhatsApp on the phone for the reason, and "
        "send from another number. Do not restart it again and again: that makes it worse."
    ),
    S.AUTH_ERROR: _("The gateway does not accept our key. Type the right one in the form below."),
    S.UNREACHABLE: _(
        "The gateway does not answer. Is its computer switched on and the program running? Is the address below right? "
        "Sending goes on by itself as soon as it answers."
    ),
}

# Of a gateway that cannot be restarted from here.
_WITHOUT_RESTART: dict[str, str | Promise] = {
    S.LOGGED_OUT: _(
        "The connection of this number was ended. Look at the pages of its gateway; nothing is lost meanwhile."
    ),
    S.FAILED: _("The gateway answers that it does not work. Look at its own pages for the reason."),
    S.STARTING: _("The number is being set up at its gateway. Sending goes on by itself when that is done."),
}


def advice_of(sender: Sender) -> str | Promise:
    """What staff should do about the state that the number has."""
    gateway = class_of(sender)
    if gateway is not None and not gateway.capabilities.restarts and sender.state in _WITHOUT_RESTART:
        return _WITHOUT_RESTART[sender.state]
    return ADVICE[sender.state]


def said_by(sender: Sender) -> str:
    """What its gateway said, in the reader's language where the words are ours."""
    return in_words(sender.state_detail)


TONES: dict[str, str] = {
    S.UNKNOWN: "neutral",
    S.READY: "ok",
    S.STARTING: "info",
    S.NEEDS_QR: "warn",
    S.LOGGED_OUT: "bad",
    S.FAILED: "bad",
    S.RESTRICTED: "bad",
    S.AUTH_ERROR: "bad",
    S.UNREACHABLE: "bad",
}

# States that end soon, so that looking again by itself is worth it.
PASSING = frozenset({S.STARTING, S.NEEDS_QR})
