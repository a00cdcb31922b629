"""Birthdays as lists have them: the day and the month, whatever stands around them. Pure: the year is not kept."""

import re
import unicodedata
from calendar import isleap, monthrange
from typing import Any, NamedTuple

LEAP_YEAR = 2000
_MONTHS = (
    "ene enero jan january",
    "feb febrero february",
    "mar marzo march",
    "abr abril apr april",
    "may mayo",
    "jun junio june",
    "jul julio july",
    "ago agosto aug august",
    "sep sept septiembre set setiembre september",
    "oct octubre october",
    "nov noviembre november",
    "dic diciembre dec december",
)
MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}

_TIME = re.compile(r"[ t]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z| ?[ap]\.? ?m\.?)?$")
_ISO = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})")
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2}) ?[-/. ] ?(?P<month>\d{1,2})(?: ?[-/. ] ?(?P<year>\d{4}|\d{2}))?")
_OF = r"(?:[-/. ,]| de | del | of )+"
_DAY_AND_NAME = re.compile(
    rf"(?P<day>\d{{1,2}})(?:o|º|ro|st|nd|rd|th)?{_OF}(?P<name>[a-z]+)\.?(?:{_OF}(?P<year>\d{{4}}|\d{{2}}))?"
)
_NAME_AND_DAY = re.compile(rf"(?P<name>[a-z]+)\.?{_OF}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:{_OF}(?P<year>\d{{4}}))?")


class Birthday(NamedTuple):
    day: int
    month: int

    def __str__(self) -> str:
        return f"{self.day:02d}/{self.month:02d}"


class BadBirthday(ValueError):
    """`is_date`: it is written as a date, and there is no such day."""

    def __init__(self, text: str, *, is_date: bool) -> None:
        super().__init__(text)
        self.is_date = is_date


def read_birthday(text: str) -> Birthday:
    """The day comes first, as in Spanish; 29 February is one, unless its year had none. Raises BadBirthday."""
    plain = _TIME.sub("", _folded(text).strip(" '\"."))
    for form in (_ISO, _DAY_FIRST, _DAY_AND_NAME, _NAME_AND_DAY):
        if found := form.fullmatch(plain):
            return _checked(found.groupdict(), text)
    raise BadBirthday(text, is_date=False)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def _checked(parts: dict[str, str | None], text: str) -> Birthday:
    month = int(parts.get("month") or 0) or MONTH_NUMBERS.get(parts.get("name") or "", 0)
    if not month:
        raise BadBirthday(text, is_date=False)
    day, year = int(parts["day"] or 0), parts.get("year") or ""
    if not (1 <= month <= 12 and 1 <= day <= monthrange(LEAP_YEAR, month)[1]):
        raise BadBirthday(text, is_date=True)
    # 1900 counts: it is what spreadsheets write for "no year". Two digits say no century.
    if (day, month) == (29, 2) and len(year) == 4 and int(year) != 1900 and not isleap(int(year)):
        raise BadBirthday(text, is_date=True)
    return Birthday(day, month)


def birthday_of(person: Any) -> Birthday | None:
    """Of a contact; None where nobody wrote it down."""
    return Birthday(person.birth_day, person.birth_month) if person.birth_day else None
