"""The types of an event's tickets: which there are, and which one is meant. A ticket carries the name of its type."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from tickets.enums import TicketStatus
from tickets.models import Event, Ticket, TicketType

GENERAL = "General"  # of an event that tells no types apart


class CannotIssue(Exception):
    """No ticket was issued; `str()` is the sentence that says why."""


class UnknownType(CannotIssue):
    """The event has types, and this is none of them."""

    def __init__(self, event: Event, typed: str, names: Sequence[str]):
        super().__init__(event, typed, names)
        self.event, self.typed, self.names = event, typed, names

    def __str__(self) -> str:
        facts = {"event": self.event, "type": self.typed, "types": ", ".join(self.names)}
        if not self.typed:
            return _("“%(event)s” has several types of tickets. Choose one of them: %(types)s.") % facts
        return _("“%(event)s” has no tickets of the type “%(type)s”. Choose one of these: %(types)s.") % facts


def type_names(event: Event) -> list[str]:
    """Empty where any word will do."""
    return list(TicketType.objects.filter(event=event).order_by("name").values_list("name", flat=True))


def resolve_type(event: Event, typed: str) -> str:
    """The type that is meant by what somebody typed. Nothing typed means the only one there is. Raises UnknownType."""
    names, typed = type_names(event), typed.strip()
    if not names:
        return typed or GENERAL
    if not typed and len(names) == 1:
        return names[0]
    if typed in names:
        return typed
    alike = [name for name in names if name.casefold() == typed.casefold()]
    if len(alike) != 1:
        raise UnknownType(event, typed, names)
    return alike[0]


def type_number(event: Event, name: str) -> int | None:
    """Of the row, which stays the same when the type gets another name. None: the event tells no types apart."""
    return TicketType.objects.filter(event=event, name=name).values_list("pk", flat=True).first()


def lock_type(event: Event, name: str, number: int | None) -> str:
    """Its name as it is now, for the rest of the caller's transaction. Raises UnknownType where it is gone."""
    if number is None:
        return name
    rows = TicketType.objects.select_for_update(no_key=True).filter(pk=number).order_by()
    now = rows.values_list("name", flat=True).first()
    if now is None:
        raise UnknownType(event, name, type_names(event))
    return now


def type_of_imported(event: Event) -> str:
    """Lists name no type: “General”, or the only one of the event. Raises UnknownType."""
    return GENERAL if GENERAL in type_names(event) else resolve_type(event, "")


def has_tickets(event: Event, name: str) -> bool:
    """Those that hold a place: what was voided or replaced is in nobody's way."""
    return Ticket.objects.filter(event=event, type=name, status__in=TicketStatus.held).exists()


def rename_type(event: Event, before: str, after: str) -> int:
    """Every ticket carries the name, so all of them are written. How many those were.

    Part of the transaction that gives the row of the type its name: whoever issues tickets of it holds that row.
    """
    with transaction.atomic():
        Event.objects.select_for_update(no_key=True).get(pk=event.pk)  # no places are counted under two names
        named = Ticket.objects.filter(event=event, type=before).update(type=after)
        # Where it had to wait for a ticket that was issued anew, the new one is there only now.
        return named + Ticket.objects.filter(event=event, type=before).update(type=after)
