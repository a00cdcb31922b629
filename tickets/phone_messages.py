"""The sentences about phone numbers, in the reader's language."""

from django.utils.translation import gettext

from tickets.phone_faults import SENTENCES, PhoneFault, PhoneWarning
from tickets.phones import BadPhone

LONGEST_SHOWN = 60


def phone_sentence(code: PhoneFault | PhoneWarning, number: str) -> str:
    """What is wrong, or worth knowing, about `number` as it was typed."""
    return gettext(SENTENCES[code]) % {"number": number.strip()[:LONGEST_SHOWN]}


def bad_phone_sentence(error: BadPhone) -> str:
    return phone_sentence(error.code, error.raw)
