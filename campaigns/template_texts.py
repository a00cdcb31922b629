"""What a campaign says in the places of its template, for each person: filled in, judged, and frozen."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

from campaigns.filling import filled
from campaigns.placeholders import BadTemplate, Problem, Slot, parse_template
from campaigns.placeholders import Template as Text
from campaigns.rendering import length_of
from campaigns.template_choice import Choice
from tickets.preferences import without_real_links
from whatsapp.gateways.base import Parameter, TemplateUse
from whatsapp.gateways.cloud_templates import HOLE, Place, Where, cleaned
from whatsapp.gateways.cloud_templates import filled as as_read

NOTHING = "-"  # in a place for which a person has no value: Meta refuses the message where one is empty
LIMITS = {Where.HEADER: 60, Where.BODY: 1024}  # characters, filled in
_SAFE_IN_ADDRESS = "/?#[]@!$&'()*+,;=:%~-._"


@dataclass(frozen=True)
class TemplateTexts:
    """The parsed texts of all places, ready for many people."""

    choice: Choice
    texts: Mapping[str, Text]  # by the key of the place

    @classmethod
    def of(cls, stored: Mapping[str, Any], known: Collection[str]) -> "TemplateTexts | None":
        """From `Campaign.template`. Raises BadTemplate with all that is wrong with any of the texts."""
        choice = Choice.of(stored)
        if choice is None:
            return None
        texts: dict[str, Text] = {}
        problems: list[Problem] = []
        for place in choice.places.all:
            try:
                texts[place.key] = _never_empty(parse_template(choice.values.get(place.key, ""), known))
            except BadTemplate as error:
                problems += error.problems
        if problems:
            raise BadTemplate(problems, known)
        return cls(choice, texts)

    def form(self, same: Mapping[str, str]) -> "TemplateForm":
        """`same`: the values that are the same for everybody."""
        return TemplateForm(self, same)


def _never_empty(text: Text) -> Text:
    """What nobody wrote a fallback for has one here."""
    return Text(tuple(part if isinstance(part, str) else _with_fallback(part) for part in text.parts))


def _with_fallback(slot: Slot) -> Slot:
    return slot if slot.fallback else replace(slot, fallback=NOTHING)


class TemplateForm:
    """The template with all that is the same for everybody filled in once."""

    def __init__(self, texts: TemplateTexts, same: Mapping[str, str]) -> None:
        self.choice, self.places = texts.choice, texts.choice.places
        done = {key: filled(text, same) for key, text in texts.texts.items()}
        self.texts = {key: text for key, (text, _fallbacks) in done.items()}
        self.always = frozenset(name for _text, fallbacks in done.values() for name in fallbacks)
        self.needed = frozenset(name for text in self.texts.values() for name in text.names)
        self._links = {place.key: place.context.partition("{{")[0] for place in self.places.links}
        self._lengths = [_Length(Where.HEADER, self.places.header_text, self.places.header)]
        self._lengths.append(_Length(Where.BODY, self.places.body_text, self.places.body))

    @cached_property
    def _whole(self) -> "Filled":
        return self._write({})

    def write(self, values: Mapping[str, str]) -> "Filled":
        return self._write(values) if self.needed else self._whole

    def _write(self, values: Mapping[str, str]) -> "Filled":
        said: dict[str, str] = {}
        fallbacks = self.always
        for key, text in self.texts.items():
            rendered = text.render(values)
            said[key] = self._value(key, rendered.text)
            fallbacks |= rendered.fallbacks_used
        too_long = next((found for length in self._lengths if (found := length.beyond(said))), "")
        return Filled(self.choice, said, fallbacks, too_long)

    def _value(self, key: str, text: str) -> str:
        value = cleaned(text)
        if key in self._links:
            value = link_value(value, self._links[key])
        return value or NOTHING


class _Length:
    """How long a part of the template becomes, without putting it together."""

    def __init__(self, where: Where, text: str, places: tuple[Place, ...]) -> None:
        names = HOLE.findall(text)
        self._limit, self._own = LIMITS[where], length_of(HOLE.sub("", text))
        self._times = {place.key: names.count(place.name) for place in places}

    def beyond(self, said: Mapping[str, str]) -> str:
        """Both numbers where it is longer than Meta takes it."""
        length = self._own + sum(times * length_of(said[key]) for key, times in self._times.items())
        return f"{length} > {self._limit}" if length > self._limit else ""


def link_value(value: str, begins: str) -> str:
    """What completes a button's address: a whole address is cut to what comes behind the button's own beginning."""
    return quote(value.removeprefix(begins), safe=_SAFE_IN_ADDRESS)


@dataclass(frozen=True)
class Filled:
    """The template as one person gets it. `too_long` names both numbers where Meta would refuse it."""

    choice: Choice
    values: Mapping[str, str]
    fallbacks: frozenset[str]
    too_long: str = ""

    @property
    def text(self) -> str:
        """As the person reads it."""
        return as_read(self.choice.places, self.values)

    @property
    def stored(self) -> str:
        """As the column of a delivery holds it: all that the call needs, so that a second try is the same message."""
        choice, places = self.choice, self.choice.places
        frozen: dict[str, Any] = {"name": choice.template.name, "language": choice.template.language}
        if choice.media:
            frozen["media"] = choice.media
        if choice.file:
            frozen["file"] = choice.file
        for part, found in (("header", places.header), ("body", places.body), ("buttons", places.links)):
            if found:
                frozen[part] = [_frozen(place, self.values[place.key], places.is_named) for place in found]
        return json.dumps(frozen, ensure_ascii=False, separators=(",", ":"))


def _frozen(place: Place, value: str, is_named: bool) -> dict[str, Any]:
    if place.where is Where.BUTTON:
        return {"text": value, "index": place.index}
    return {"text": value, "name": place.name} if is_named else {"text": value}


def use_in(frozen: Mapping[str, Any]) -> TemplateUse:
    """What a message carries, from `Delivery.template`."""
    parts = {part: tuple(Parameter(**one) for one in frozen.get(part, ())) for part in ("header", "body", "buttons")}
    return TemplateUse(frozen["name"], frozen["language"], **parts)


def without_real_links_of(use: TemplateUse) -> TemplateUse:
    """For readers other than the person: with the links that open their page made into ones that open nothing."""
    return replace(
        use,
        header=tuple(replace(one, text=without_real_links(one.text)) for one in use.header),
        body=tuple(replace(one, text=without_real_links(one.text)) for one in use.body),
        buttons=tuple(replace(one, text=_without_token(one.text)) for one in use.buttons),
    )


def _without_token(text: str) -> str:
    """Of a button only what comes behind its beginning is known: that may be the part of the link that opens it."""
    before = "/preferencias/"
    return without_real_links(before + without_real_links(text)).removeprefix(before)


def values_in(choice: Choice, frozen: Mapping[str, Any]) -> dict[str, str]:
    """The values of one person by the key of their place, from `Delivery.template`."""
    places = choice.places
    found: dict[str, str] = {}
    for part, listed in (("header", places.header), ("body", places.body), ("buttons", places.links)):
        found |= {place.key: one["text"] for place, one in zip(listed, frozen.get(part, ()), strict=False)}
    return found
