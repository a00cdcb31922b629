"""What can be wrong with a phone number, or worth knowing about one, and the sentences for it. Pure."""

from enum import StrEnum


class PhoneFault(StrEnum):
    """Why a text is not one number that can receive WhatsApp."""

    NO_PHONE = "no_phone"  # the person has none: not a mistake in itself
    SCIENTIFIC = "scientific"
    TWO_NUMBERS = "two_numbers"
    EXTENSION = "extension"
    NOT_DIGITS = "not_digits"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    MISSING_AREA_CODE = "missing_area_code"
    OLD_LANDLINE = "old_landline"
    INVALID = "invalid"


class PhoneWarning(StrEnum):
    """What a person should know about a number that is accepted."""

    LANDLINE = "landline"
    ASSUMED_MOBILE = "assumed_mobile"
    LANDLINE_OR_OLD_MOBILE = "landline_or_old_mobile"
    NINTH_DIGIT_ADDED = "ninth_digit_added"


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the translators; `phone_messages` translates it, so that this module needs no Django."""
    return sentence


SENTENCES: dict[PhoneFault | PhoneWarning, str] = {
    PhoneFault.NO_PHONE: gettext_noop("There is no phone number here. Leave it empty when the person has none."),
    PhoneFault.SCIENTIFIC: gettext_noop(
        "The spreadsheet shortened this number to “%(number)s” and its last digits are lost. "
        "Give the column the format “Text”, type the number again and save the file."
    ),
    PhoneFault.TWO_NUMBERS: gettext_noop(
        "There are two numbers in “%(number)s”. Leave one here and give the other a row of its own."
    ),
    PhoneFault.EXTENSION: gettext_noop(
        "“%(number)s” has an extension, and extensions have no WhatsApp. Write a mobile number."
    ),
    PhoneFault.NOT_DIGITS: gettext_noop(
        "“%(number)s” is not a phone number. Write its digits only, with + and the country code if it is from abroad."
    ),
    PhoneFault.TOO_SHORT: gettext_noop("“%(number)s” has too few digits."),
    PhoneFault.TOO_LONG: gettext_noop(
        "“%(number)s” has too many digits. If it is from another country, write + and the country code in front."
    ),
    PhoneFault.MISSING_AREA_CODE: gettext_noop("“%(number)s” has no area code. Write it in front of the number."),
    PhoneFault.OLD_LANDLINE: gettext_noop(
        "“%(number)s” is a Colombian landline as it was written before 2021. They begin with 60 now, and a mobile "
        "number is better."
    ),
    PhoneFault.INVALID: gettext_noop("“%(number)s” is not a valid number. Check its digits and its country code."),
    PhoneWarning.LANDLINE: gettext_noop("“%(number)s” may be a landline, and those often have no WhatsApp."),
    PhoneWarning.ASSUMED_MOBILE: gettext_noop(
        "“%(number)s” has no 9 after the country code of Argentina. It is taken for a mobile number."
    ),
    PhoneWarning.LANDLINE_OR_OLD_MOBILE: gettext_noop(
        "“%(number)s” is a landline, or a Brazilian mobile number without its ninth digit."
    ),
    PhoneWarning.NINTH_DIGIT_ADDED: gettext_noop(
        "“%(number)s” is a Brazilian mobile number without its ninth digit, which was added."
    ),
}
