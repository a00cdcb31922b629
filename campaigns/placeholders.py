"""The names between braces in a message: which exist, how a text is checked, how it becomes a person's text. Pure.

One syntax: `{name}` or `{name|what to write when there is nothing}`. Everything that is wrong with a text is found when
it is saved and reported at once; rendering has nothing left to complain about. A value is never looked at again after
it was put in, so braces in somebody's name are just braces.
"""

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from campaigns.values import clean_text, clean_value, single_line

# The name that is offered, and other words for it. Case, accents, spaces, hyphens and underscores make no difference.
PERSON_NAMES = {
    "nombre": ("first_name",),
    "apodo": ("nickname",),
    "nombre_completo": ("name", "full_name"),
}
EVENT_NAMES = {
    "evento": ("event",),
    "fecha": ("date",),
    "hora": ("time",),
    "lugar": ("venue",),
    "direccion": ("address",),
}
TICKET_NAMES = {
    "codigo": ("code",),
    "enlace": ("link", "enlace_entrada", "ticket_link"),
    "acompanantes": ("companions",),
}
PAGE_NAMES = {"preferencias": ("preferences",)}  # where the person chooses what they get
ALIASES = {**PERSON_NAMES, **EVENT_NAMES, **TICKET_NAMES, **PAGE_NAMES}
_LINKS = {"enlace", *TICKET_NAMES["enlace"], "preferencias", *PAGE_NAMES["preferencias"]}

LONGEST_QUOTE = 40
# What programmers would write to reach inside a value.
_REACHING = re.compile(r"[.\[\]():!%$<>=\"'`\\/+*&;]")
_DOUBLE = re.compile(r"\{{2,}[^{}\n]*\}*")
_SINGLE = re.compile(r"\{([^{}\n]*)\}")
_UNCLOSED = re.compile(r"\{[^{}\n]*")
_BRACE = re.compile(r"[{}]")


class ProblemCode(StrEnum):
    UNKNOWN = "unknown"
    NEEDS_EVENT = "needs_event"  # a known name, but this message belongs to no event
    NEEDS_TICKET = "needs_ticket"
    EMPTY = "empty"  # {}
    NUMBER = "number"  # {0}
    EXPRESSION = "expression"  # {nombre.__class__}
    DOUBLE = "double"  # {{nombre}}
    UNCLOSED = "unclosed"
    LONE = "lone"  # a closing brace that closes nothing


@dataclass(frozen=True)
class Problem:
    code: ProblemCode
    quoted: str  # the offending text as it was typed
    suggestion: str = ""  # a known name that looks like it


class BadTemplate(ValueError):
    """A text that must not be saved, with everything that is wrong with it and the names that could be used."""

    def __init__(self, problems: Iterable[Problem], known: Collection[str]):
        self.problems = tuple(dict.fromkeys(problems))
        self.known = frozenset(known)
        super().__init__(", ".join(f"{problem.code}: {problem.quoted}" for problem in self.problems))


@dataclass(frozen=True)
class Rendered:
    """`fallbacks_used` and `empty` hold names as the template spells them."""

    text: str
    fallbacks_used: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()

    @property
    def line(self) -> str:
        """The text on one line, for subjects."""
        return single_line(self.text)


@dataclass(frozen=True)
class Slot:
    """A place where a value goes."""

    name: str
    key: str
    fallback: str | None = None


@dataclass(frozen=True)
class Template:
    parts: tuple[str | Slot, ...]

    @property
    def names(self) -> frozenset[str]:
        """What the text asks for, folded."""
        return frozenset(part.key for part in self.parts if isinstance(part, Slot))

    def render(self, values: Mapping[str, str]) -> Rendered:
        by_key = {fold(name): value for name, value in values.items()}
        text, fallbacks, empty = _Text(), set(), set()
        for part in self.parts:
            if isinstance(part, str):
                text.add(part)
            elif value := clean_value(by_key.get(part.key, "")):
                text.add(value, alone=part.key in _LINKS)
            elif part.fallback is not None:
                fallbacks.add(part.name)
                text.add(part.fallback)
            else:
                empty.add(part.name)
        return Rendered(text.whole, frozenset(fallbacks), frozenset(empty))


class _Text:
    """Text that grows, and that keeps a blank on both sides of a link: what sticks to a link breaks it."""

    def __init__(self) -> None:
        self.whole = ""
        self._needs_blank = False

    def add(self, piece: str, *, alone: bool = False) -> None:
        if not piece:
            return
        touches = self.whole and not self.whole[-1].isspace() and not piece[0].isspace()
        if touches and (alone or self._needs_blank):
            self.whole += " "
        self.whole += piece
        self._needs_blank = alone


def known_names(*, has_event: bool, has_ticket: bool, attributes: Iterable[str] = ()) -> frozenset[str]:
    """What may stand between braces in one message. `attributes` are the keys of its people's own data."""
    groups: list[Mapping[str, Iterable[str]]] = [PERSON_NAMES, PAGE_NAMES]
    if has_event:
        groups.append(EVENT_NAMES)
    if has_ticket:
        groups.append(TICKET_NAMES)
    own = {name.strip() for name in attributes if name.strip() and not _BRACE.search(name)}
    return frozenset({word for group in groups for name, others in group.items() for word in (name, *others)} | own)


def offered_names(known: Collection[str]) -> list[str]:
    """The known names to show to a person: each once, ours first."""
    ours = [name for name in ALIASES if name in known]
    covered = {fold(word) for name in ours for word in (name, *ALIASES[name])}
    return ours + sorted((name for name in known if fold(name) not in covered), key=fold)


def parse_template(text: str, known: Collection[str]) -> Template:
    """Raises BadTemplate with all that is wrong."""
    keys = {fold(name) for name in known}
    found = list(_read(clean_text(text), keys))
    if problems := [piece for piece in found if isinstance(piece, Problem)]:
        raise BadTemplate(problems, known)
    return Template(tuple(piece for piece in found if isinstance(piece, str | Slot)))


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """`Código `, `CODIGO` and `codigo` are one name; so are `mesa 2`, `mesa-2` and `mesa_2`."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    return re.sub(r"[\s_\-]+", "_", plain.casefold()).strip("_")


def _read(text: str, keys: Collection[str]) -> Iterator[str | Slot | Problem]:
    position = 0
    while brace := _BRACE.search(text, position):
        if brace.start() > position:
            yield text[position : brace.start()]
        piece, position = _read_brace(text, brace.start(), keys)
        yield piece
    if position < len(text):
        yield text[position:]


def _read_brace(text: str, start: int, keys: Collection[str]) -> tuple[Slot | Problem, int]:
    """What stands at a brace, and where it ends."""
    if double := _DOUBLE.match(text, start):
        return _problem(ProblemCode.DOUBLE, double[0]), double.end()
    if single := _SINGLE.match(text, start):
        return _read_slot(single[0], single[1], keys), single.end()
    if unclosed := _UNCLOSED.match(text, start):
        return _problem(ProblemCode.UNCLOSED, unclosed[0].rstrip()), unclosed.end()
    return _read_lone(text, start)


def _read_lone(text: str, start: int) -> tuple[Problem, int]:
    """Closing braces that close nothing, quoted with the word before them."""
    end = start + len(text[start:]) - len(text[start:].lstrip("}"))
    word = re.split(r"[\s{}]", text[:start])[-1]
    return _problem(ProblemCode.LONE, word + text[start:end]), end


def _read_slot(quoted: str, inside: str, keys: Collection[str]) -> Slot | Problem:
    written, bar, fallback = inside.partition("|")
    name, key = written.strip(), fold(written)
    if key and key in keys:
        return Slot(name, key, fallback.strip() if bar else None)
    code = _complaint(name, key)
    return _problem(code, quoted, suggestion=_similar(key, keys) if code == ProblemCode.UNKNOWN else "")


def _complaint(name: str, key: str) -> ProblemCode:
    if not name:
        return ProblemCode.EMPTY
    if name.isdecimal():
        return ProblemCode.NUMBER
    if _REACHING.search(name) or "__" in name:
        return ProblemCode.EXPRESSION
    if key in _words(TICKET_NAMES):
        return ProblemCode.NEEDS_TICKET
    return ProblemCode.NEEDS_EVENT if key in _words(EVENT_NAMES) else ProblemCode.UNKNOWN


def _words(names: Mapping[str, Iterable[str]]) -> set[str]:
    return {*names, *(word for others in names.values() for word in others)}


def _similar(key: str, keys: Collection[str]) -> str:
    return next(iter(difflib.get_close_matches(key, sorted(keys), 1, 0.75)), "")


def _problem(code: ProblemCode, quoted: str, *, suggestion: str = "") -> Problem:
    short = quoted if len(quoted) <= LONGEST_QUOTE else quoted[: LONGEST_QUOTE - 1] + "…"
    return Problem(code, short, suggestion)
