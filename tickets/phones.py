"""Phone numbers in one canonical form. Pure: no database, no settings, no clock."""

from dataclasses import dataclass

import phonenumbers


class BadPhone(ValueError):
    """The text is not one number that can receive WhatsApp; `str()` is a sentence for the person who typed it."""


@dataclass(frozen=True)
class Phone:
    e164: str
    warning: str = ""


def normalize_phone(raw: str, country: str = "CO") -> Phone:
    parsed = phonenumbers.parse(raw, country)
    return Phone(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
