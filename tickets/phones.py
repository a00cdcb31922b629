"""Phone numbers in one canonical form. Pure: no database, no settings, no clock.

The numbering plans come from `phonenumbers`, which is kept up to date by others. What is written here is only what
people type, what spreadsheets do to it, and what WhatsApp knows about three countries that the plans do not.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberType, ValidationResult

from tickets.phone_faults import SENTENCES, PhoneFault, PhoneWarning
from tickets.phone_writing import digits_of, visible, written_wrong

__all__ = [
    "BadPhone",
    "Phone",
    "PhoneFault",
    "PhoneWarning",
    "is_known_country",
    "normalize_phone",
    "other_forms",
    "twins",
]


class BadPhone(ValueError):
    """The text is not one number that can receive WhatsApp; `str()` is a sentence for the person who typed it."""

    def __init__(self, code: PhoneFault, raw: str) -> None:
        super().__init__(SENTENCES[code] % {"number": raw.strip()})
        self.code = code
        self.raw = raw


_UNREADABLE = {  # everything else that the parser finds wrong with bare digits is that there are too few
    NumberParseException.TOO_LONG: PhoneFault.TOO_LONG,
    NumberParseException.INVALID_COUNTRY_CODE: PhoneFault.INVALID,
}


@dataclass(frozen=True)
class Phone:
    e164: str
    warning: PhoneWarning | None = None


def normalize_phone(raw: str, country: str = "CO") -> Phone:
    """The canonical number; `country` is that of numbers written without a country code. Raises BadPhone."""
    text = visible(raw)
    if fault := written_wrong(text):
        raise BadPhone(fault, raw)
    try:
        number, warning = _by_country(_parse(text, country))
    except NumberParseException as error:
        raise BadPhone(_UNREADABLE.get(error.error_type, PhoneFault.TOO_SHORT), raw) from error
    if not phonenumbers.is_valid_number(number):
        raise BadPhone(_why_invalid(number), raw)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Phone(e164, warning or _line_warning(number))


def other_forms(e164: str) -> tuple[str, ...]:
    """How lists, accounts and webhooks also write this canonical number, in the international form.

    None of them is what we send to, save in Brazil, where both may be somebody's number: see `twins`.
    """
    forms = _OTHER_FORMS.get(e164[:3])
    return tuple(forms(e164)) if forms else ()


def twins(e164: str) -> tuple[str, ...]:
    """Those of the other forms that `normalize_phone` leaves as they are: the same person may stand under either."""
    return other_forms(e164) if e164.startswith("+55") else ()


def is_known_country(country: str) -> bool:
    """Two capital letters of a country that has phone numbers."""
    return country in phonenumbers.SUPPORTED_REGIONS


def _parse(text: str, country: str) -> PhoneNumber:
    digits = digits_of(text)
    # 00 means + here in every country. Left to the plans, Colombia's carrier prefix 005 turns 0057... into Russia.
    if "+" in text or digits.startswith("00"):
        return phonenumbers.parse("+" + digits.removeprefix("00"))
    return phonenumbers.parse(digits, country)


def _by_country(number: PhoneNumber) -> tuple[PhoneNumber, PhoneWarning | None]:
    habit = _HABITS.get(number.country_code or 0)
    return habit(number) if habit else (number, None)


def _mexico(number: PhoneNumber) -> tuple[PhoneNumber, PhoneWarning | None]:
    """The 1 after +52, and the 044, 045 and 01 before it, ended in 2019; webhooks and lists still have them."""
    old = re.fullmatch(r"(?:044|045|01|1)(\d{10})", _national(number))
    return (_make(52, old[1]) if old else number), None


def _argentina(number: PhoneNumber) -> tuple[PhoneNumber, PhoneWarning | None]:
    """Mobiles have a 9 after +54. Many people leave it out, and nobody invites a landline over WhatsApp."""
    national = _national(number)
    if re.fullmatch(r"9\d{12}", national):  # the 9 and the old 15 together
        number = _make(54, national[1:])
    if phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE:
        mobile = _make(54, "9" + _national(number))
        if phonenumbers.is_valid_number(mobile):
            return mobile, PhoneWarning.ASSUMED_MOBILE
    return number, None


def _brazil(number: PhoneNumber) -> tuple[PhoneNumber, PhoneWarning | None]:
    """Old mobiles of eight digits began with 6 to 9 and got a 9 in front; those with 2 to 5 may be landlines."""
    old = re.fullmatch(r"(\d\d)([6-9]\d{7})", _national(number))
    if old and not phonenumbers.is_valid_number(number):
        return _make(55, f"{old[1]}9{old[2]}"), PhoneWarning.NINTH_DIGIT_ADDED
    if phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE:
        return number, PhoneWarning.LANDLINE_OR_OLD_MOBILE
    return number, None


_HABITS: dict[int, Callable[[PhoneNumber], tuple[PhoneNumber, PhoneWarning | None]]] = {
    52: _mexico,
    54: _argentina,
    55: _brazil,
}


def _other_mexican(e164: str) -> list[str]:
    return [f"+521{e164[3:]}"] if re.fullmatch(r"\+52\d{10}", e164) else []


def _other_argentine(e164: str) -> list[str]:
    """Without the 9, as some accounts are; and with the 15 behind the area code, as people write."""
    mobile = re.fullmatch(r"\+549(\d{10})", e164)
    if mobile is None:
        return []
    # The 9 counts as a part of the area code there.
    length = phonenumbers.length_of_national_destination_code(phonenumbers.parse(e164)) - 1
    area, own = mobile[1][:length], mobile[1][length:]
    old = [f"+54{area}15{own}", f"+549{area}15{own}"] if length > 0 else []
    return [f"+54{mobile[1]}", *old]


def _other_brazilian(e164: str) -> list[str]:
    """Accounts from before the ninth digit keep their old name at WhatsApp."""
    if new := re.fullmatch(r"(\+55\d\d)9(\d{8})", e164):
        return [f"{new[1]}{new[2]}"]
    old = re.fullmatch(r"(\+55\d\d)(\d{8})", e164)
    mobile = f"{old[1]}9{old[2]}" if old else ""
    return [mobile] if mobile and phonenumbers.is_valid_number(phonenumbers.parse(mobile)) else []


_OTHER_FORMS: dict[str, Callable[[str], list[str]]] = {
    "+52": _other_mexican,
    "+54": _other_argentine,
    "+55": _other_brazilian,
}


def _make(country_code: int, national: str) -> PhoneNumber:
    return phonenumbers.parse(f"+{country_code}{national}")


def _national(number: PhoneNumber) -> str:
    return str(phonenumbers.national_significant_number(number))


_CAN_BE_MOBILE = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)


def _line_warning(number: PhoneNumber) -> PhoneWarning | None:
    """The kind of line is worth a word, never a refusal: some plans do not tell mobiles from landlines."""
    return None if phonenumbers.number_type(number) in _CAN_BE_MOBILE else PhoneWarning.LANDLINE


def _why_invalid(number: PhoneNumber) -> PhoneFault:
    national = _national(number)
    if number.country_code == 54 and re.fullmatch(r"15\d{6,8}", national):
        return PhoneFault.MISSING_AREA_CODE
    if number.country_code == 57 and re.fullmatch(r"[124-8]\d{7}", national):
        return PhoneFault.OLD_LANDLINE
    if phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return PhoneFault.MISSING_AREA_CODE
    return _wrong_length(number, len(national))


def _wrong_length(number: PhoneNumber, length: int) -> PhoneFault:
    """Measured against mobiles: the plans count rare special numbers too and call too much possible."""
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    plan = PhoneMetadata.metadata_for_region(region)
    lengths = [n for n in plan.mobile.possible_length if n > 0] if plan and plan.mobile else []
    if lengths and length < min(lengths):
        return PhoneFault.TOO_SHORT
    if lengths and length > max(lengths):
        return PhoneFault.TOO_LONG
    return PhoneFault.INVALID
