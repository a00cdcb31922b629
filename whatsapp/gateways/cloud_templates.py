"""What has to be filled into one of Meta's templates, and what it says once it is filled. Pure.

places = places_of(template)
places.problem            # why it cannot be used here; empty: it can
places.header_format      # whether it wants a picture or a document
[place.key for place in places.all]
values = {"body.1": "Ana", "button0.1": "abc123"}
unsaid(places, values)    # the places that would stay empty, which Meta refuses
filled(places, values)    # how it reads
use_of(template, values)  # what a message carries
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from whatsapp.gateways.base import Parameter, Template, TemplateUse
from whatsapp.gateways.cloud_parts import Button, HeaderFormat, Parts, parts_of

APPROVED = "APPROVED"
HOLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class Where(StrEnum):
    HEADER = "header"
    BODY = "body"
    BUTTON = "button"


@dataclass(frozen=True)
class Place:
    """One thing to be filled in."""

    where: Where
    name: str  # as it stands between the braces: "1", or "first_name"
    context: str  # the text around it: of a button the address that it completes
    example: str = ""  # what Meta was shown when the template was sent in
    index: int = 0  # which button, the first is 0
    label: str = ""  # what stands on the button

    @property
    def key(self) -> str:
        """Unique in its template and the same whenever it is read: header.1, body.first_name, button0.1."""
        return f"{self.where}{self.index if self.where is Where.BUTTON else ''}.{self.name}"


@dataclass(frozen=True)
class Places:
    """A template as far as it matters to whoever fills it in."""

    header_format: HeaderFormat
    header_text: str
    body_text: str
    footer_text: str
    buttons: tuple[Button, ...]
    header: tuple[Place, ...]
    body: tuple[Place, ...]
    links: tuple[Place, ...]  # of the buttons
    is_named: bool  # the places of header and body have names, not numbers
    problem: str = ""  # a sentence in English, to be translated: why it cannot be used here

    @property
    def all(self) -> tuple[Place, ...]:
        return self.header + self.body + self.links

    @property
    def needs_picture(self) -> bool:
        return self.header_format is HeaderFormat.IMAGE

    @property
    def needs_document(self) -> bool:
        return self.header_format is HeaderFormat.DOCUMENT


def is_approved(status: str) -> bool:
    """Whether Meta lets a template of this status leave."""
    return status.upper() == APPROVED


def places_of(template: Template) -> Places:
    parts = parts_of(template)
    return Places(
        header_format=parts.header_format,
        header_text=parts.header_text,
        body_text=parts.body_text,
        footer_text=parts.footer_text,
        buttons=parts.buttons,
        header=tuple(_places(Where.HEADER, parts.header_text, parts.header_examples)),
        body=tuple(_places(Where.BODY, parts.body_text, parts.body_examples)),
        links=tuple(_links(parts)),
        is_named=template.has_named_parameters,
        problem=parts.problem,
    )


def _places(where: Where, text: str, examples: Mapping[str, str]) -> Iterator[Place]:
    for name in _names(text):
        yield Place(where, name, text, examples.get(name, ""))


def _links(parts: Parts) -> Iterator[Place]:
    for index, button in enumerate(parts.buttons):
        for name in _names(button.url):
            yield Place(Where.BUTTON, name, button.url, button.example, index, button.text)


def _names(text: str) -> list[str]:
    """Each once; numbers by size, because Meta takes the values in that order, names as they come."""
    names = list(dict.fromkeys(HOLE.findall(text)))
    return sorted(names, key=int) if all(name.isdecimal() for name in names) else names


def cleaned(value: str) -> str:
    """In one line and with single blanks: Meta refuses line breaks, tabs and runs of blanks in a value."""
    return " ".join(value.split())


def unsaid(places: Places, values: Mapping[str, str]) -> list[Place]:
    """Places without a value that says anything: Meta would refuse the message."""
    return [place for place in places.all if not cleaned(values.get(place.key, ""))]


def filled(places: Places, values: Mapping[str, str]) -> str:
    """The whole message as a person reads it. A place without a value stays as it is in the template."""
    lines = [
        _fill(places.header_text, places.header, values),
        _fill(places.body_text, places.body, values),
        places.footer_text,
        "\n".join(_button(places, index, values) for index in range(len(places.buttons))),
    ]
    return "\n\n".join(line for line in lines if line)


def _button(places: Places, index: int, values: Mapping[str, str]) -> str:
    button = places.buttons[index]
    url = _fill(button.url, tuple(place for place in places.links if place.index == index), values)
    return f"[{button.text}] {url}".strip()


def _fill(text: str, places: tuple[Place, ...], values: Mapping[str, str]) -> str:
    known = {place.name: cleaned(values.get(place.key, "")) for place in places}
    return HOLE.sub(lambda hole: known.get(hole[1]) or hole[0], text)


def use_of(template: Template, values: Mapping[str, str]) -> TemplateUse:
    """Raises KeyError for a place without a value."""
    places = places_of(template)
    return TemplateUse(
        template.name,
        template.language,
        header=tuple(_parameter(place, values, places.is_named) for place in places.header),
        body=tuple(_parameter(place, values, places.is_named) for place in places.body),
        buttons=tuple(_parameter(place, values, is_named=False) for place in places.links),
    )


def _parameter(place: Place, values: Mapping[str, str], is_named: bool) -> Parameter:
    return Parameter(cleaned(values[place.key]), place.name if is_named else "", place.index)
