"""Meta's `components` of a template, read into what matters here, and what of it cannot be filled in. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from whatsapp.gateways.answers import look
from whatsapp.gateways.base import Template, _


class HeaderFormat(StrEnum):
    NONE = ""
    TEXT = "text"
    IMAGE = "image"
    DOCUMENT = "document"
    OTHER = "other"


@dataclass(frozen=True)
class Button:
    text: str
    url: str = ""  # with {{1}} at its end where each person gets another one
    example: str = ""


@dataclass(frozen=True)
class Parts:
    header_format: HeaderFormat
    header_text: str
    header_examples: Mapping[str, str]  # by the name of the place
    body_text: str
    body_examples: Mapping[str, str]
    footer_text: str
    buttons: tuple[Button, ...]
    problem: str = ""


_CODES = _("This template is for codes to sign in with, and this program sends none.")
_HEADER = _(
    "The header of this template is a video, a place or a product. Only text, pictures and documents work here."
)
_UNKNOWN = _("This template has a part of a kind that this program does not know.")
_EMPTY = _("This template has no text.")
_CATALOGUE = _("This template shows products of a catalogue, which this program has not got.")
_PROBLEM_OF_PART = {
    "CAROUSEL": _("This template is a carousel of cards, which cannot be filled in here."),
    "LIMITED_TIME_OFFER": _("This template is an offer with a countdown, which cannot be filled in here."),
    "CALL_PERMISSION_REQUEST": _("This template asks for leave to call, and this program makes no calls."),
}
_KNOWN_PARTS = {"HEADER", "BODY", "FOOTER", "BUTTONS"}
_PROBLEM_OF_BUTTON = {
    "COPY_CODE": _("This template has a button that copies a code, which cannot be filled in here."),
    "OTP": _CODES,
    "FLOW": _("This template opens a form inside WhatsApp, which cannot be filled in here."),
    **dict.fromkeys(("CATALOG", "MPM", "SPM"), _CATALOGUE),
}
# Nothing has to be said of these when the template is sent.
_KNOWN_BUTTONS = {"URL", "QUICK_REPLY", "PHONE_NUMBER", "VOICE_CALL", "REQUEST_CONTACT_INFO"}
_FORMATS = {"TEXT": HeaderFormat.TEXT, "IMAGE": HeaderFormat.IMAGE, "DOCUMENT": HeaderFormat.DOCUMENT}


def parts_of(template: Template) -> Parts:
    by_kind = {_kind(part): part for part in template.parts}
    header, body = by_kind.get("HEADER"), by_kind.get("BODY", {})
    buttons = [button for button in _list(by_kind.get("BUTTONS", {}).get("buttons")) if isinstance(button, Mapping)]
    form = HeaderFormat.NONE if header is None else _FORMATS.get(_word(header.get("format")), HeaderFormat.OTHER)
    problems = [*_problems(template, set(by_kind), buttons)]
    if form is HeaderFormat.OTHER:
        problems.append(_HEADER)
    if not _text(body.get("text")):
        problems.append(_EMPTY)
    return Parts(
        header_format=form,
        header_text=_text((header or {}).get("text")),
        header_examples=_examples(header or {}, "header_text"),
        body_text=_text(body.get("text")),
        body_examples=_examples(body, "body_text"),
        footer_text=_text(by_kind.get("FOOTER", {}).get("text")),
        buttons=tuple(_button(button) for button in buttons),
        problem=problems[0] if problems else "",
    )


def _problems(template: Template, kinds: set[str], buttons: list[Mapping[str, Any]]) -> Iterator[str]:
    if template.category.upper() == "AUTHENTICATION":
        yield _CODES
    for kind in sorted(kinds - _KNOWN_PARTS):
        yield _PROBLEM_OF_PART.get(kind, _UNKNOWN)
    for kind in (_kind(button) for button in buttons):
        if kind not in _KNOWN_BUTTONS:
            yield _PROBLEM_OF_BUTTON.get(kind, _UNKNOWN)


def _button(button: Mapping[str, Any]) -> Button:
    examples = _list(button.get("example"))
    return Button(_text(button.get("text")), _text(button.get("url")), _text(examples[0]) if examples else "")


def _examples(part: Mapping[str, Any], name: str) -> dict[str, str]:
    """Meta lists them in a list for the body, plainly for the header, and in pairs where the places have names."""
    if named := _list(look(part, f"example.{name}_named_params")):
        return {_text(look(pair, "param_name")): _text(look(pair, "example")) for pair in named}
    listed = _list(look(part, f"example.{name}"))
    if listed and isinstance(listed[0], list):
        listed = listed[0]
    return {str(number): _text(example) for number, example in enumerate(listed, 1)}


def _kind(part: Mapping[str, Any]) -> str:
    return _word(part.get("type"))


def _word(value: Any) -> str:
    return _text(value).upper()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
