"""An entry of the history in words, in the language of whoever reads it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.date_formats import formatted
from tickets.enums import Action
from tickets.history import THE_PERSON
from tickets.models import HistoryEntry

TONES = {
    Action.ADDED: "ok",
    Action.LAUNCHED: "info",
    Action.SCHEDULED: "violet",
    Action.ASKED: "warn",
    Action.PAUSED: "warn",
    Action.RESUMED: "info",
    Action.CANCELLED: "bad",
    Action.DELETED: "bad",
    Action.RESENT: "info",
    Action.REOPENED: "info",
    Action.SETTINGS: "violet",
    Action.RESTARTED: "warn",
    Action.NOT_RESTARTED: "bad",
    Action.DRAINED: "warn",
    Action.SWITCHED: "warn",
    Action.SILENCED: "bad",
    Action.HEARD_AGAIN: "ok",
    Action.UNDONE: "warn",
    Action.MERGED: "violet",
    Action.MERGED_AWAY: "violet",
    Action.OPTED_OUT: "warn",
    Action.OPTED_IN: "ok",
    Action.VOIDED: "bad",
    Action.TAKEN_BACK: "warn",
    Action.BLOCKED: "warn",
    Action.UNBLOCKED: "ok",
    Action.REISSUED: "violet",
    Action.TRANSFERRED: "violet",
}
# What values are called that are no field of the object.
FACTS: dict[str, str | Promise] = {
    "accept_number": gettext_lazy("number taken as it is"),
    "address": gettext_lazy("address"),
    "answer": gettext_lazy("answer"),
    "birthday": gettext_lazy("birthday"),
    "campaigns": gettext_lazy("campaigns"),
    "channel": gettext_lazy("channel"),
    "copy": gettext_lazy("copy"),
    "copy_of": gettext_lazy("copy of"),
    "created": gettext_lazy("new"),
    "decision": gettext_lazy("decision"),
    "contact": gettext_lazy("contact"),
    "deliveries": gettext_lazy("messages"),
    "doubles": gettext_lazy("messages that would have come twice"),
    "error_kind": gettext_lazy("reason"),
    "errors": gettext_lazy("rows with an error"),
    "existing": gettext_lazy("had one already"),
    "email": gettext_lazy("by e-mail"),
    "file": gettext_lazy("file"),
    "filters": gettext_lazy("filters"),
    "for_event": gettext_lazy("event"),
    "format": gettext_lazy("kind of file"),
    "gate": gettext_lazy("gate"),
    "from_whom": gettext_lazy("given by"),
    "in_place_of": gettext_lazy("in place of"),
    "is_stopped": gettext_lazy("stopped"),
    "kind": gettext_lazy("kind"),
    "left": gettext_lazy("messages to go"),
    "link": gettext_lazy("link"),
    "messages": gettext_lazy("messages"),
    "number": gettext_lazy("sent from"),
    "only": gettext_lazy("only"),
    "people": gettext_lazy("people"),
    "persons_told": gettext_lazy("people of the team"),
    "reason": gettext_lazy("reason"),
    "replacement": gettext_lazy("replaced by"),
    "replies": gettext_lazy("replies"),
    "rows": gettext_lazy("rows"),
    "skipped": gettext_lazy("skipped"),
    "silent_hours": gettext_lazy("not arrived after so many hours"),
    "source": gettext_lazy("source"),
    "tag": gettext_lazy("tag"),
    "tags": gettext_lazy("tags"),
    "ticket": gettext_lazy("ticket"),
    "tickets": gettext_lazy("tickets"),
    "to_whom": gettext_lazy("given to"),
    "updated": gettext_lazy("updated"),
    "uncertain": gettext_lazy("uncertain ones"),
    "unconfirmed": gettext_lazy("messages without a receipt"),
    "whatsapp": gettext_lazy("by WhatsApp"),
    "withdrawn": gettext_lazy("messages taken back"),
}
# How values of such a name are said, where an app that knows more has told us.
_VALUES: dict[str, Callable[[str], object]] = {}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)\Z")
LONGEST_VALUE = 160
PARTS_OF_DJANGO = {"added", "changed", "deleted"}


def say_values(name: str, words: Callable[[str], object]) -> None:
    """For values that only another app can put into words. Called once at start-up."""
    _VALUES[name] = words


@dataclass(frozen=True)
class Fact:
    """One value; `before` is None where there was none to compare with."""

    name: str
    after: str
    before: str | None = None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.name}: {self.after}"
        return f"{self.name}: {self.before} → {self.after}"


def action_words(action: str) -> str:
    return str(Action(action).label) if action in Action.values else action


def tone_of(action: str) -> str:
    return TONES.get(Action(action), "neutral") if action in Action.values else "neutral"


def who(entry: HistoryEntry) -> str:
    if entry.actor == THE_PERSON:
        return _("the person")
    return entry.actor or _("the system")


def facts_of(entry: HistoryEntry) -> list[Fact]:
    model = _model_of(entry)
    names = dict.fromkeys([*entry.before, *entry.after])
    # What begins with a line below is for the program; nothing that stays nothing is not worth a line.
    told = [
        name for name in names if not name.startswith("_") and (_says(entry.before, name) or _says(entry.after, name))
    ]
    return [_fact(model, name, entry) for name in told]


def sentence_of(entry: HistoryEntry) -> str:
    """Free text of an entry; a line of Django's own pages is read in the language of now."""
    if not _is_from_django(entry.sentence):
        return entry.sentence
    flag = ADDITION if entry.action == Action.ADDED else 0
    try:
        return LogEntry(change_message=entry.sentence, action_flag=flag).get_change_message()
    except (LookupError, TypeError, ValueError, AttributeError):  # somebody typed what looks like such a line
        return entry.sentence


def _is_from_django(sentence: str) -> bool:
    """And no reason in brackets, which somebody typed."""
    if not sentence.startswith("[{"):
        return False
    try:
        parts = json.loads(sentence)
    except (ValueError, RecursionError):
        return False
    return all(isinstance(part, dict) and part and part.keys() <= PARTS_OF_DJANGO for part in parts)


def details_of(entry: HistoryEntry) -> list[str]:
    """What stands beside the action: each value, then what somebody wrote."""
    sentence = sentence_of(entry)
    return [*map(str, facts_of(entry)), *([sentence] if sentence else [])]


def _says(values: dict[str, Any], name: str) -> bool:
    return values.get(name) not in (None, "", [], {})


def _fact(model: type[Model] | None, name: str, entry: HistoryEntry) -> Fact:
    label = capfirst(_label(model, name))
    if name not in entry.after:  # of something that is no more: what it was
        return Fact(label, value_words(model, name, entry.before[name]))
    after = value_words(model, name, entry.after[name])
    if name not in entry.before:
        return Fact(label, after)
    return Fact(label, after, value_words(model, name, entry.before[name]))


def _label(model: type[Model] | None, name: str) -> str:
    field = _field(model, name)
    return str(field.verbose_name) if field is not None else str(FACTS.get(name, name))


def value_words(model: type[Model] | None, name: str, value: Any) -> str:
    if not _says({"": value}, ""):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _short(", ".join(value_words(None, name, one) for one in value))
    if isinstance(value, dict):
        return _short(", ".join(f"{key}: {value_words(None, '', one)}" for key, one in value.items()))
    if name in _VALUES:
        return _short(str(_VALUES[name](value)))
    choices = dict(getattr(_field(model, name), "flatchoices", ()) or ())
    if value in choices:
        return str(choices[value])
    return _moment_in(value) or _short(str(value))


def _moment_in(value: Any) -> str:
    """In words; empty for whatever is no moment, even if it looks like one."""
    if not isinstance(value, str) or not _MOMENT.match(value):
        return ""
    try:
        return moment_words(datetime.fromisoformat(value))
    except (ValueError, OverflowError):
        return ""


def moment_words(moment: datetime) -> str:
    """In the site's own zone, which stands at the foot of every page."""
    return formatted(localtime(moment), "j M Y, H:i")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _field(model: type[Model] | None, name: str) -> Any:
    if model is None or not name:
        return None
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if hasattr(field, "verbose_name") else None


def _model_of(entry: HistoryEntry) -> type[Model] | None:
    kind = entry.content_type
    if kind is None:
        return None
    try:
        return apps.get_model(kind.app_label, kind.model)
    except LookupError:  # of an app that is not installed any more
        return None
