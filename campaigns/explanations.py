"""What each reason means and what somebody can do about it, in plain words for staff, in their language."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.enums import SkipReason
from campaigns.outcomes import CONSEQUENCES


@dataclass(frozen=True)
class Explanation:
    sentence: str | Promise
    suggestion: str | Promise = ""


TOO_LONG = "too_long"
RECEIPT_FAILED = "receipt_failed"

_EXPLANATIONS: dict[str, Explanation] = {
    RECEIPT_FAILED: Explanation(
        _("It left, and later WhatsApp reported that it could not be delivered."),
        _("Read the detail. Send it again, or another way."),
    ),
    TOO_LONG: Explanation(
        _("The finished text is longer than the channel allows."), _("Shorten the text and send it to these people.")
    ),
} | {str(kind): Explanation(_(known.sentence), _(known.suggestion)) for kind, known in CONSEQUENCES.items()}

# Of a WhatsApp message that no receipt has come for. It has no reason, and needs none.
SENT_ONLY = Explanation(
    _("Sent, without confirmation."),
    _("A normal end: many numbers give no receipts, and telephones are switched off. Do not send it again for that."),
)


def explain(kind: str) -> Explanation:
    """Of an error kind or of a reason to skip somebody; what is unknown is shown as it is."""
    if kind in _EXPLANATIONS:
        return _EXPLANATIONS[kind]
    if kind in SkipReason.values:
        return Explanation(SkipReason(kind).label)
    return Explanation(kind)
