"""From one person, one event and one ticket to the values of a message, and the room that a message has. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Final

from campaigns.placeholders import ALIASES, fold
from campaigns.values import clean_value
from tickets.dates import date_words, in_zone, time_words
from tickets.names import first_name

# Characters that each part of a message may have.
LIMITS: Final[Mapping[str, int]] = {"whatsapp": 4096, "caption": 1024, "subject": 200}

# Mail programs know it as the beginning of what stands below a letter.
FOOTER: Final = "\n\n-- \n"
_CLOSINGS: Final[Mapping[str, tuple[str, str, str]]] = {
    "es": (
        "¿No quieres más avisos?",
        "Elige qué recibes de nosotros:",
        "Qué recibes de nosotros, y cómo cambiarlo:",
    ),
    "en": (
        "No more announcements?",
        "Choose what you get from us:",
        "What you get from us, and how to change it:",
    ),
}

# *bold*, _italic_ and ~struck out~ around whole words on one line, as WhatsApp reads them; addresses stay whole.
_MARKED = re.compile(r"(?<![\w*_~/])([*_~])(?=\S)([^*_~\n]+?)(?<=\S)\1(?![\w*_~/])")
_TYPEWRITTEN = re.compile(r"```(.+?)```", re.DOTALL)


@dataclass(frozen=True)
class Person:
    name: str
    nickname: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
    preferences: str = ""  # the address of the page on which they choose what they get


@dataclass(frozen=True)
class Occasion:
    """The event of a message."""

    name: str
    starts_at: datetime
    zone: tzinfo
    venue: str = ""
    address: str = ""


@dataclass(frozen=True)
class Pass:
    """The ticket of a message."""

    code: str
    link: str
    companions: int = 0
    attributes: Mapping[str, object] = field(default_factory=dict)


def values_for(
    person: Person, occasion: Occasion | None = None, ticket: Pass | None = None, *, language: str = "es"
) -> dict[str, str]:
    """Everything that a template may ask for, under each of its names. Our names win over the data of the ticket, and
    those over the person's."""
    own = {
        "nombre": first_name(person.name),
        "apodo": person.nickname.strip() or first_name(person.name),
        "nombre_completo": person.name,
        "preferencias": person.preferences,
    }
    if occasion:
        own |= _occasion_values(occasion, language)
    if ticket:
        own |= {"codigo": ticket.code, "enlace": ticket.link, "acompanantes": str(ticket.companions)}
    of_ticket = _attribute_values(ticket.attributes, language) if ticket else {}
    return (
        _attribute_values(person.attributes, language)
        | {name: value for name, value in of_ticket.items() if clean_value(value)}
        | {word: value for name, value in own.items() for word in (name, *ALIASES[name])}
    )


def length_of(text: str) -> int:
    """Characters as Unicode code points, markup included: the number that is shown is the number that is enforced.

    How WhatsApp counts is written nowhere. A flag is one sign to the eye and two code points, so this is rather strict;
    nothing is ever cut.
    """
    return len(text)


def closing_of(*, is_ticket: bool, is_email: bool, language: str) -> str:
    """What stands at the end of a message in front of the link to the person's preferences; empty for none."""
    more, choose, what = _CLOSINGS["en" if language.startswith("en") else "es"]
    if is_email:
        return FOOTER + (what if is_ticket else f"{more} {choose}") + " "
    return "" if is_ticket else f"\n\n{more} "


def footer_in(text: str) -> tuple[str, str]:
    """An e-mail's text without the footer that `closing_of` began, and the footer."""
    body, mark, footer = text.rpartition(FOOTER)
    return (body, footer) if mark and "/preferencias/" in footer else (text, "")


def without_marks(text: str) -> str:
    """A WhatsApp text as an e-mail shows it: the signs for bold, italic and the like would be read as signs there."""
    return _MARKED.sub(r"\2", _TYPEWRITTEN.sub(r"\1", text))


def too_long(text: str, part: str) -> int:
    """How many characters there are too many for this part of a message; 0 when it fits."""
    return max(0, length_of(text) - LIMITS[part])


@lru_cache(maxsize=64)  # the same for everybody of one campaign and language
def _occasion_values(occasion: Occasion, language: str) -> dict[str, str]:
    starts = in_zone(occasion.starts_at, occasion.zone)
    return {
        "evento": occasion.name,
        "fecha": date_words(starts, language),
        "hora": time_words(starts, language),
        "lugar": occasion.venue or occasion.address,
        "direccion": occasion.address,
    }


def _attribute_values(attributes: Mapping[str, object], language: str) -> dict[str, str]:
    """Two columns that differ only in an accent are one name: the first that says something counts."""
    values: dict[str, str] = {}
    for name, raw in attributes.items():
        text = _as_text(raw, language)
        if not clean_value(values.get(fold(name), "")):
            values[fold(name)] = text
    return values


def _as_text(value: object, language: str) -> str:
    """JSON holds more than text; what is no single value has no place in a sentence."""
    if isinstance(value, bool):
        yes, no = ("yes", "no") if language.startswith("en") else ("sí", "no")
        return yes if value else no
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else ""
