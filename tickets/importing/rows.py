"""From the cells of a row to a person, or to the reason why there is none."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from tickets.accepted_numbers import as_written
from tickets.birth_dates import BadBirthday, Birthday, read_birthday
from tickets.formulas import without_guard
from tickets.importing.cells import clean_address, clean_text, has_substance
from tickets.importing.faults import BadRow, Code, RowFault, RowWarning
from tickets.importing.headers import Column, Field
from tickets.importing.records import Record
from tickets.models import Contact, Tag
from tickets.models.contact import LONGEST_VALUE
from tickets.models.ticket import MOST_COMPANIONS
from tickets.phone_writing import says_none
from tickets.phones import BadPhone, Phone, PhoneFault, normalize_phone

LONGEST_NAME = Contact._meta.get_field("name").max_length or 0
LONGEST_NICKNAME = Contact._meta.get_field("nickname").max_length or 0
LONGEST_TAG = Tag._meta.get_field("name").max_length or 0
LONGEST_EMAIL = Contact._meta.get_field("email").max_length or 0
# Tags are parted by commas and the like; one that has such a sign in its name stands in quotation marks.
_TAGS = re.compile(r'\s*"((?:[^"]|"")+)"\s*(?=[,;|\n]|$)|([^,;|\n]+)')
_TAG_SIGNS = re.compile(r'[,;|\n]|^\s*"')
_WHOLE_NUMBER = re.compile(r"(\d{1,3})(?:[.,]0+)?")


@dataclass(frozen=True)
class Person:
    """A row that can be imported. Empty means that the row says nothing about it."""

    line: int
    name: str
    nickname: str
    phone: str
    email: str
    attributes: dict[str, str]
    tags: tuple[str, ...]
    companions: int | None
    birthday: Birthday | None = None
    warnings: tuple[tuple[Code, str], ...] = ()  # each with what stood there


def read_person(
    record: Record, columns: Sequence[Column], country: str, accepted: Collection[str] = frozenset()
) -> Person:
    """Raises BadRow with the first thing that is wrong. `accepted`: numbers that the plan refuses and we take."""
    _refuse_wrong_shape(record, columns)
    by_field = _texts_by_field(record, columns)
    name = _read_name(by_field)
    typed = " ".join(by_field.get(Field.PHONE, [""]))
    phone = _read_phone(typed, country, accepted)
    email = _read_email(" ".join(by_field.get(Field.EMAIL, [""])))
    if not phone and not email:
        raise BadRow(RowFault.UNREACHABLE, typed)
    birthday, doubt = _read_birthday(" ".join(by_field.get(Field.BIRTHDAY, [])))
    return Person(
        line=record.line,
        name=name,
        nickname=_within(clean_text(" ".join(by_field.get(Field.NICKNAME, []))), LONGEST_NICKNAME),
        phone=phone.e164 if phone else "",
        email=email,
        attributes=_read_attributes(record, columns),
        tags=_read_tags(by_field.get(Field.TAGS, [])),
        companions=_read_companions(" ".join(by_field.get(Field.COMPANIONS, []))),
        birthday=birthday,
        warnings=tuple(
            (code, value) for code, value in ((phone and phone.warning, typed), doubt or (None, "")) if code
        ),
    )


def _refuse_wrong_shape(record: Record, columns: Sequence[Column]) -> None:
    if record.fault:
        raise BadRow(record.fault, record.text)
    surplus = [cell for cell in record.cells[len(columns) :] if cell.strip()]
    if surplus:
        raise BadRow(RowFault.TOO_MANY_CELLS, surplus[0])
    if len(record.cells) < len(columns):
        raise BadRow(RowFault.TOO_FEW_CELLS, ", ".join(record.cells))


def _texts_by_field(record: Record, columns: Sequence[Column]) -> dict[Field, list[str]]:
    texts: dict[Field, list[str]] = {}
    for column, cell in zip(columns, record.cells, strict=False):
        if column.field:
            if column.field is not Field.BIRTHDAY:  # where a date is welcome
                _refuse_odd(cell)
            texts.setdefault(column.field, []).append(without_guard(cell))
    return texts


def _refuse_odd(cell: str) -> None:
    """A date, a decimal or an error of a spreadsheet is no name, no address and no number of anybody."""
    if fault := getattr(cell, "fault", None):
        raise BadRow(fault, cell)


def _read_name(by_field: dict[Field, list[str]]) -> str:
    name = clean_text(" ".join([*by_field.get(Field.NAME, []), *by_field.get(Field.SURNAME, [])]))
    if not has_substance(name):
        raise BadRow(RowFault.NO_NAME, name)
    return _within(name, LONGEST_NAME)


def _read_phone(typed: str, country: str, accepted: Collection[str]) -> Phone | None:
    try:
        return normalize_phone(typed, country)
    except BadPhone as error:
        if error.code is PhoneFault.NO_PHONE:
            return None
        if (number := as_written(typed)) in accepted:
            return Phone(number)
        raise BadRow(error.code, typed) from error


def _read_email(typed: str) -> str:
    email = clean_address(typed)
    try:
        validate_email(email)
    except ValidationError as error:
        if says_none(email):
            return ""
        raise BadRow(RowFault.TWO_EMAILS if email.count("@") > 1 else RowFault.BAD_EMAIL, typed) from error
    return _within(email, LONGEST_EMAIL)


def _read_attributes(record: Record, columns: Sequence[Column]) -> dict[str, str]:
    values = {
        column.key: clean_text(without_guard(cell))
        for column, cell in zip(columns, record.cells, strict=False)
        if column.key and cell.strip()
    }
    return {key: _within(value, LONGEST_VALUE) for key, value in values.items() if value}


def _read_tags(cells: Sequence[str]) -> tuple[str, ...]:
    found = (one for cell in cells for one in _TAGS.finditer(cell))
    names = (clean_text(one[1].replace('""', '"') if one[1] else one[2]) for one in found)
    return tuple(_within(name, LONGEST_TAG) for name in names if name)


def written_tags(names: Iterable[str]) -> str:
    """As `read_person` takes them apart again."""
    quoted = '"{}"'.format
    return "; ".join(quoted(name.replace('"', '""')) if _TAG_SIGNS.search(name) else name for name in names)


def _read_companions(typed: str) -> int | None:
    text = clean_text(typed)
    if says_none(text):
        return None
    number = _WHOLE_NUMBER.fullmatch(text)
    if number is None or int(number[1]) > MOST_COMPANIONS:
        raise BadRow(RowFault.BAD_COMPANIONS, typed)
    return int(number[1])


def _read_birthday(typed: str) -> tuple[Birthday | None, tuple[Code, str] | None]:
    """With the doubt about it, if any: nobody is left out of a list because of their birthday."""
    text = clean_text(typed)
    if says_none(text):
        return None, None
    try:
        return read_birthday(text), None
    except BadBirthday as bad:
        return None, (RowWarning.NO_SUCH_DAY if bad.is_date else RowWarning.BAD_BIRTHDAY, typed)


def _within(text: str, longest: int) -> str:
    if len(text) > longest:
        raise BadRow(RowFault.TEXT_TOO_LONG, text)
    return text
