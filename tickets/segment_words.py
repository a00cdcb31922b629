"""The rules of segments in words, for lists and for whoever may not change them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_date
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from tickets.date_formats import formatted
from tickets.models import Event, Segment, Tag
from tickets.segments import TAG_RULES, Holds, Wants, YesNo


class SegmentWords:
    """Of several segments: the names of tags and events are looked up once."""

    def __init__(self, segments: Iterable[Segment]):
        rules = [segment.rules for segment in segments]
        tags = {tag for one in rules for name in TAG_RULES for tag in one.get(name, ())}
        events = {one["event"] for one in rules if one.get("event")}
        self._tags = dict(Tag.objects.filter(pk__in=tags).values_list("pk", "name")) if tags else {}
        self._events = dict(Event.objects.filter(pk__in=events).values_list("pk", "name")) if events else {}

    def of(self, rules: Mapping[str, Any]) -> list[str]:
        says = {
            "any_tags": lambda: _("with one of the tags %(names)s") % {"names": self._names(rules["any_tags"])},
            "all_tags": lambda: _("with all of the tags %(names)s") % {"names": self._names(rules["all_tags"])},
            "no_tags": lambda: _("without the tags %(names)s") % {"names": self._names(rules["no_tags"])},
            "language": lambda: _("language: %(name)s") % {"name": _language(rules["language"])},
            "phone": lambda: _("with a WhatsApp number") if _is(rules["phone"]) else _("without a WhatsApp number"),
            "email": lambda: _("with an e-mail address") if _is(rules["email"]) else _("without an e-mail address"),
            "wants": lambda: _("gets announcements %(way)s") % {"way": _label(Wants, rules["wants"])},
            "holds": lambda: self._holds(rules),
            "since": lambda: _("added since %(day)s") % {"day": _day(rules["since"])},
            "datum": lambda: f"{rules['datum'][0]}: {rules['datum'][1]}",
            "birth_month": lambda: _("birthday in %(month)s") % {"month": MONTHS.get(rules["birth_month"], "–")},
            "text": lambda: _("name or number contains “%(text)s”") % {"text": rules["text"]},
        }
        return [say() for name, say in says.items() if rules.get(name)]

    def _names(self, tags: Iterable[int]) -> str:
        return ", ".join(f"“{name}”" for name in sorted(self._tags.get(tag, "–") for tag in tags))

    def _holds(self, rules: Mapping[str, Any]) -> str:
        event = self._events.get(rules.get("event", 0))
        words = _label(Holds, rules["holds"])
        return f"{words}: “{event}”" if event else _("%(words)s of any event") % {"words": words}


def _is(value: str) -> bool:
    return value == YesNo.YES


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else "–"


def _language(code: str) -> str:
    return _(str(dict(settings.LANGUAGES).get(code, code)))


def _day(text: str) -> str:
    day = parse_date(text)
    return formatted(day, "j M Y") if day else text
