"""Segments: a filter of contacts with a name, asked anew whenever somebody wants to know who is in it.

A rule that nobody understands, or none at all, means nobody: a message must never reach everybody by mistake. Each
rule is asked for every row, as EXISTS over an index where it is about other tables.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db import models
from django.db.models import Exists, Func, OuterRef, Q, QuerySet, Value
from django.db.models.lookups import IExact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.conditions import STATE, has_any_tag
from tickets.enums import TicketStatus
from tickets.holders import register_holders
from tickets.models import Contact, Event, Segment, Ticket
from tickets.phone_writing import digits_of

FEWEST_DIGITS = 3  # of a text that is also looked for in numbers


class YesNo(models.TextChoices):
    ANY = "", _("does not matter")
    YES = "yes", _("yes")
    NO = "no", _("no")


class Wants(models.TextChoices):
    ANY = "", _("does not matter")
    WHATSAPP = "whatsapp", _("over WhatsApp")
    EMAIL = "email", _("by e-mail")
    EITHER = "either", _("over WhatsApp or by e-mail")


class Holds(models.TextChoices):
    """What somebody has of an event; without one, of any event."""

    ANY = "", _("does not matter")
    TICKET = "ticket", _("has a valid ticket")
    INSIDE = "inside", _("has a valid ticket and is inside")
    OUTSIDE = "outside", _("has a valid ticket and is not inside")
    NONE = "none", _("has no valid ticket")


def contacts_of(segment: Segment) -> QuerySet[Contact]:
    """Everybody who is in it at this moment."""
    return Contact.objects.filter(matching(segment.rules))


def people_of(segments: QuerySet[Segment]) -> QuerySet[Contact]:
    """Everybody who is in at least one of them."""
    return Contact.objects.filter(in_any(list(segments.values_list("rules", flat=True))))


def in_any(rules: Collection[Mapping[str, Any]]) -> Q:
    return reduce(or_, map(matching, rules), _nobody())


def matching(rules: Mapping[str, Any]) -> Q:
    """As a condition on contacts. All rules hold together."""
    if not rules or not all(name in _RULES for name in rules):
        return _nobody()
    try:
        return reduce(and_, (_RULES[name](value, rules) for name, value in rules.items()), Q())
    except (TypeError, ValueError, KeyError):
        return _nobody()


def _nobody() -> Q:
    return Q(pk__in=())


def _all_tags(tags: Sequence[int], _rules: Mapping[str, Any]) -> Q:
    return reduce(and_, (has_any_tag([tag]) for tag in tags), Q())


def _presence(field: str) -> Callable[[str, Mapping[str, Any]], Q]:
    def rule(value: str, _rules: Mapping[str, Any]) -> Q:
        return {YesNo.YES: ~Q(**{field: ""}), YesNo.NO: Q(**{field: ""})}[YesNo(value)]

    return rule


def _wants(value: str, _rules: Mapping[str, Any]) -> Q:
    whatsapp = ~Q(phone="") & Q(whatsapp_opt_out_at=None)
    email = ~Q(email="") & Q(email_opt_out_at=None)
    return {Wants.WHATSAPP: whatsapp, Wants.EMAIL: email, Wants.EITHER: whatsapp | email}[Wants(value)]


def _holds(value: str, rules: Mapping[str, Any]) -> Q:
    held = Ticket.objects.annotate(state=STATE).filter(holder=OuterRef("pk"), state=TicketStatus.VALID)
    if event := rules.get("event"):
        held = held.filter(event=int(event))
    match Holds(value):
        case Holds.INSIDE:
            held = held.filter(people_inside__gt=0)
        case Holds.OUTSIDE:
            held = held.filter(people_inside=0)
        case Holds.NONE:
            return ~Q(Exists(held))
        case Holds.ANY:
            raise ValueError(value)
    return Q(Exists(held))


def _event(value: int, rules: Mapping[str, Any]) -> Q:
    """Says of which event; what people have of it is the other rule. Nobody without ticket of one that is gone."""
    return Q(Exists(Event.objects.filter(pk=int(value)))) if rules.get("holds") else _nobody()


def _since(value: str, _rules: Mapping[str, Any]) -> Q:
    return Q(created_at__gte=timezone.make_aware(datetime.combine(date.fromisoformat(value), time.min)))


def _datum(value: Sequence[str], _rules: Mapping[str, Any]) -> Q:
    name, text = value
    # The text that the database keeps: "12" and 12 are the same to whoever reads it.
    return Q(IExact(_Datum(str(name)), Value(str(text))))


class _Datum(Func):
    """Other data by its name. Django's own would take the name “2026” for a place in a list."""

    function = "jsonb_extract_path_text"
    output_field = models.TextField()

    def __init__(self, name: str):
        super().__init__(models.F("attributes"), Value(name))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        column, values = compiler.compile(self.source_expressions[0])
        name, names = compiler.compile(self.source_expressions[1])
        found = f"(SELECT CAST(value AS TEXT) FROM json_each({column}) WHERE key = {name})"  # noqa: S608  (a column of ours)
        return found, (*values, *names)


def _text(value: str, _rules: Mapping[str, Any]) -> Q:
    words = [Q(name__icontains=word) | Q(nickname__icontains=word) for word in value.split()]
    if not words:
        raise ValueError(value)
    digits = digits_of(value)
    is_number = len(digits) >= FEWEST_DIGITS and not any(sign.isalpha() for sign in value)
    found = reduce(and_, words)
    return found | Q(phone__contains=digits) if is_number else found


_RULES: dict[str, Callable[[Any, Mapping[str, Any]], Q]] = {
    "any_tags": lambda tags, _rules: has_any_tag(tags),
    "all_tags": _all_tags,
    "no_tags": lambda tags, _rules: ~has_any_tag(tags),
    "language": lambda value, _rules: Q(language=str(value)),
    "phone": _presence("phone"),
    "email": _presence("email"),
    "wants": _wants,
    "event": _event,
    "holds": _holds,
    "since": _since,
    "datum": _datum,
    "birth_month": lambda value, _rules: Q(birth_month=int(value)),
    "text": _text,
}
TAG_RULES = ("any_tags", "all_tags", "no_tags")


# --- who uses them ------------------------------------------------------------------------------------------------

Use = Callable[[Segment], Sequence[str]]
_uses: list[Use] = []


def add_use(use: Use) -> None:
    """`use` gives the names of what would change if this segment went. Called once at start-up, by the apps above."""
    _uses.append(use)


def uses_of(segment: Segment) -> list[str]:
    return [name for use in _uses for name in use(segment)]


def segments_with_tag(tag: int) -> list[Segment]:
    """Segments are few, and their rules are short."""
    return [one for one in Segment.objects.all() if any(tag in one.rules.get(name, ()) for name in TAG_RULES)]


register_holders(Segment, people_of)
