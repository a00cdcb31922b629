"""What each reason means and what somebody can do about it, in plain words for staff."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.enums import SkipReason
from whatsapp.gateways.base import ErrorKind

K = ErrorKind


@dataclass(frozen=True)
class Explanation:
    sentence: str | Promise
    suggestion: str | Promise = ""


TOO_LONG = "too_long"

_EXPLANATIONS: dict[str, Explanation] = {
    K.INVALID_NUMBER: Explanation(
        _("The number or address was refused as not valid."), _("Correct it in the contact, then send a new message.")
    ),
    K.NOT_ON_WHATSAPP: Explanation(
        _("The number has no WhatsApp."), _("Ask the person for another number, or send it by e-mail.")
    ),
    K.REJECTED_CONTENT: Explanation(
        _("The message was refused."), _("Read the detail: perhaps the text or the picture is not allowed.")
    ),
    K.TEMPORARY: Explanation(_("The mail server did not take it for now, several times."), _("Send it again later.")),
    K.NOT_READY: Explanation(
        _("WhatsApp was not ready."), _("Nothing to do: it goes on by itself when the number is ready.")
    ),
    K.RATE_LIMITED: Explanation(
        _("The service asked to go slower."), _("Nothing to do: it waits and goes on by itself.")
    ),
    K.BLOCKED: Explanation(_("WhatsApp blocked the number."), _("Look at the telephone of that number.")),
    K.AUTH: Explanation(_("The key of the service is wrong."), _("Correct it on the page of the number.")),
    K.UNREACHABLE: Explanation(
        _("The service did not answer."), _("Nothing to do here: it is tried again. Check that its program is running.")
    ),
    K.UNCERTAIN: Explanation(
        _("It left, but no clear answer came: it may have arrived."),
        _("Ask the person, or look at the telephone, before you send it again."),
    ),
    TOO_LONG: Explanation(
        _("The finished text is longer than the channel allows."), _("Shorten the text and send it to these people.")
    ),
}


def explain(kind: str) -> Explanation:
    """Of an error kind or of a reason to skip somebody; what is unknown is shown as it is."""
    if kind in _EXPLANATIONS:
        return _EXPLANATIONS[kind]
    if kind in SkipReason.values:
        return Explanation(SkipReason(kind).label)
    return Explanation(kind)
