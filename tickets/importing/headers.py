"""Which column of a list is what: names that people give to columns, in Spanish and English."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from tickets.importing.cells import clean_text, words_of
from tickets.importing.faults import FileRefused


class Field(StrEnum):
    NAME = "name"
    SURNAME = "surname"
    NICKNAME = "nickname"
    PHONE = "phone"
    EMAIL = "email"
    TAGS = "tags"
    COMPANIONS = "companions"
    BIRTHDAY = "birthday"


@dataclass(frozen=True)
class Column:
    header: str  # as it stands in the file, on one line
    field: Field | None = None
    key: str = ""  # of the contact's other data, usable as a placeholder, where there is no field

    @property
    def is_left_out(self) -> bool:
        return self.field is None and not self.key


@dataclass(frozen=True)
class Vocabulary:
    """A header belongs to a field when all its words are known here and one of them is a `core` word."""

    core: tuple[str, ...]  # the first ones win where two columns would do
    extra: frozenset[str] = frozenset()

    def rank(self, words: Sequence[str]) -> int | None:
        """Smaller is better; None: another field."""
        if any(word not in self.core and word not in self.extra for word in words):
            return None
        return min((self.core.index(word) for word in words if word in self.core), default=None)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The order matters: a column is of the first field that knows all its words ("last name" is no name).
VOCABULARY: dict[Field, Vocabulary] = {
    Field.SURNAME: Vocabulary(
        ("apellidos", "apellido", "surname", "lastname", "last", "family"),
        _words("name primer segundo paterno materno"),
    ),
    Field.NICKNAME: Vocabulary(("apodo", "nickname", "nick", "alias", "mote"), _words("name")),
    Field.NAME: Vocabulary(
        (
            "nombre",
            "nombres",
            "name",
            "invitado",
            "invitada",
            "invitados",
            "asistente",
            "asistentes",
            "participante",
            "participantes",
            "persona",
            "titular",
            "attendee",
            "guest",
        ),
        _words("completo completa full apellido apellidos first given pila"),
    ),
    Field.PHONE: Vocabulary(
        (
            "whatsapp",
            "wsp",
            "wpp",
            "celular",
            "celulares",
            "cel",
            "movil",
            "mobile",
            "cell",
            "cellphone",
            "telefono",
            "telefonos",
            "telephone",
            "phone",
            "tel",
            "tfno",
            "tlf",
        ),
        _words("number contacto contact principal personal value 1"),
    ),
    Field.EMAIL: Vocabulary(
        ("email", "emails", "mail", "correo", "correos"),
        _words("electronico electronicos direccion address contacto contact principal personal value 1"),
    ),
    Field.TAGS: Vocabulary(("etiquetas", "etiqueta", "tags", "tag", "labels", "label")),
    Field.COMPANIONS: Vocabulary(("acompanantes", "companions"), _words("cantidad number extra extras")),
    Field.BIRTHDAY: Vocabulary(
        ("cumpleanos", "cumple", "birthday", "nacimiento", "birthdate", "birth", "dob", "nac", "bday"),
        _words("fecha fec f dia date day"),
    ),
}
# "e" is what is left of "e-mail"; "n", "no" and "num" stand for "número".
STOP_WORDS = _words("de del la las el los tu su y o u e con the of your and or numero numeros num nro no n")
OWN_COLUMN = "Pregonero: "  # of what the product itself adds to the rows that it gives back; never anybody's data
# How the product's own lists name other data: exactly, whatever its name could be taken for.
BRACED = re.compile(r"\{(.{1,60})\}")
FULL_NAME_WORDS = _words("completo completa full apellido apellidos")
LONGEST_KEY = 40
LONGEST_HEADER = 200  # of a longer one only so much is read and shown: a workbook can hold a book in each cell
MOST_LISTED = 12


def read_header(cells: Sequence[str]) -> list[Column]:
    """One column for each cell. What is no field becomes other data of the contact."""
    cells = [cell[:LONGEST_HEADER] for cell in cells]
    winners = _winners([_best_field(cell) for cell in cells], cells)
    keys: set[str] = set()
    return [
        Column(clean_text(cell), field=winners[number])
        if number in winners
        else Column(clean_text(cell), key="" if cell.startswith(OWN_COLUMN) else _new_key(cell, number, keys))
        for number, cell in enumerate(cells)
    ]


def attribute_names(cells: Sequence[str]) -> list[str]:
    """Under which name each column would be kept as other data."""
    taken: set[str] = set()
    return [_new_key(cell, number, taken) for number, cell in enumerate(cells)]


def count_fields(cells: Sequence[str]) -> int:
    """How many fields a row would give if it were the header."""
    return len({field for field, _rank in map(_best_field, cells) if field})


def refuse_unusable(columns: Sequence[Column]) -> None:
    """Without a name and a way to reach people there is nobody to import."""
    fields = {column.field for column in columns}
    has_name = bool(fields & {Field.NAME, Field.SURNAME})
    has_address = bool(fields & {Field.PHONE, Field.EMAIL})
    if has_name and has_address:
        return
    if has_name:
        sentence = _("This list has no column for the phone number or the e-mail address. Its columns are: %(found)s.")
    elif has_address:
        sentence = _("This list has no column for the name. Its columns are: %(found)s.")
    else:
        sentence = _(
            "None of the columns of this list could be recognised. They are: %(found)s. "
            "The first row has to name the columns, for example: Nombre, Celular, Correo."
        )
    raise FileRefused("columns", sentence % {"found": _listed(columns)})


def _best_field(header: str) -> tuple[Field | None, int]:
    if BRACED.fullmatch(header.strip()) or header.startswith(OWN_COLUMN):
        return None, 0
    words = [word for word in words_of(header[:LONGEST_HEADER]) if word not in STOP_WORDS]
    for field, vocabulary in VOCABULARY.items():
        if words and (rank := vocabulary.rank(words)) is not None:
            return field, rank
    return None, 0


def _winners(candidates: Sequence[tuple[Field | None, int]], cells: Sequence[str]) -> dict[int, Field]:
    """One column for each field, the best and then the first; of surnames all, unless the name is full already."""
    winners: dict[int, Field] = {}
    for field in Field:
        numbers = [number for number, (found, _rank) in enumerate(candidates) if found is field]
        if field is not Field.SURNAME and numbers:
            winners[_preferred(field, numbers, candidates, cells)] = field
    names = [cells[number] for number, field in winners.items() if field is Field.NAME]
    if not any(_is_full_name(name) for name in names):
        winners |= {number: Field.SURNAME for number, (found, _rank) in enumerate(candidates) if found is Field.SURNAME}
    return winners


def _preferred(
    field: Field, numbers: list[int], candidates: Sequence[tuple[Field | None, int]], cells: Sequence[str]
) -> int:
    def preference(number: int) -> tuple[bool, int, int]:
        return field is Field.NAME and not _is_full_name(cells[number]), candidates[number][1], number

    return min(numbers, key=preference)


def _is_full_name(header: str) -> bool:
    return not FULL_NAME_WORDS.isdisjoint(words_of(header))


def _new_key(header: str, number: int, taken: set[str]) -> str:
    """Letters, digits and low lines, as a placeholder needs; unique in the list. In braces it stands as it is."""
    if (braced := BRACED.fullmatch(header.strip())) and braced[1] not in taken:
        taken.add(braced[1])
        return braced[1]
    plain = "_".join(word for word in words_of(header[:LONGEST_HEADER]) if word.isascii())[:LONGEST_KEY].strip("_")
    base = plain if plain[:1].isalpha() else f"columna_{plain or number + 1}"
    key, count = base, 1
    while key in taken:
        count += 1
        key = f"{base}_{count}"
    taken.add(key)
    return key


def _listed(columns: Sequence[Column]) -> str:
    names = [f"“{column.header[:LONGEST_KEY]}”" for column in columns if column.header]
    more = [_("and %(count)d more") % {"count": len(names) - MOST_LISTED}] if len(names) > MOST_LISTED else []
    return ", ".join(names[:MOST_LISTED] + more) or "—"
