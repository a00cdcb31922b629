"""What becomes of tickets after they were issued: the only code that changes a ticket's status.

Each move locks its tickets, in the order in which every other part locks them, and touches only those that are still
in a state from which it leads: a second press or a stale page finds nothing left to do.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.codes import new_code, new_token
from tickets.enums import TicketStatus
from tickets.models import Contact, Ticket
from tickets.ticket_rows import ROUNDS, NewTicket, as_json, draw_ticket, insert_tickets

# A code that exists already is drawn again. With 39 bits even the second round is a rarity.
VALID = frozenset({TicketStatus.VALID})


class CannotMove(Exception):
    """The ticket stays what it is; `str()` is the sentence that says why."""


@transaction.atomic
def void_tickets(ids: Iterable[int], *, reason: str = "", now: datetime | None = None) -> list[Ticket]:
    """Take the right to enter back. Returns those of these tickets that were valid or blocked until now."""
    return _move(ids, TicketStatus.held, TicketStatus.VOIDED, reason, now)


@transaction.atomic
def block_tickets(ids: Iterable[int], *, reason: str = "", now: datetime | None = None) -> list[Ticket]:
    """They open no door for the time being, and keep their places. Returns those that were valid until now."""
    return _move(ids, VALID, TicketStatus.BLOCKED, reason, now)


@transaction.atomic
def unblock_tickets(ids: Iterable[int], *, reason: str = "", now: datetime | None = None) -> list[Ticket]:
    """Returns those that were blocked until now: they are valid again."""
    return _move(ids, frozenset({TicketStatus.BLOCKED}), TicketStatus.VALID, reason, now)


@transaction.atomic
def reissue_tickets(
    ids: Iterable[int], *, reason: str = "", now: datetime | None = None
) -> list[tuple[Ticket, Ticket]]:
    """New codes and links for the same rights. The old ticket and the new one, of those that were valid until now.

    Who is inside stays inside: the new ticket admits nobody whom the old one admitted already.
    """
    old = _move(ids, VALID, TicketStatus.REPLACED, reason, now)
    rows = [
        _successor(ticket, ticket.holder_id, ticket.number, people_inside=ticket.people_inside, pin=ticket.pin)
        for ticket in old
    ]
    _insert(rows)
    new = {ticket.replaces_id: ticket for ticket in Ticket.objects.filter(replaces__in=[ticket.pk for ticket in old])}
    return [(ticket, new[ticket.pk]) for ticket in old]


def replace_ticket(ticket: Ticket, *, reason: str = "", now: datetime | None = None) -> Ticket | None:
    """The same for one. None: it was not valid."""
    return next((new for _old, new in reissue_tickets([ticket.pk], reason=reason, now=now)), None)


@transaction.atomic
def transfer_ticket(ticket: Ticket, to: Contact, *, reason: str = "", now: datetime | None = None) -> Ticket:
    """The ticket of somebody else in place of this one, with its companions and its other data, without its PIN.

    Where the new holder has one of the same number, it becomes their next. Raises CannotMove.
    """
    # Contacts before tickets, as everywhere: nobody gives the new holder a ticket of the same number meanwhile.
    holder = Contact.objects.select_for_update(no_key=True).filter(pk=to.pk).first()
    if holder is None:
        raise CannotMove(_("This contact was deleted or merged meanwhile. Please choose again."))
    if holder.pk == ticket.holder_id:
        raise CannotMove(_("%(name)s has this ticket already.") % {"name": holder.name})
    moved = _move([ticket.pk], VALID, TicketStatus.REPLACED, reason, now, holder=ticket.holder_id)
    if not moved:
        raise CannotMove(_("This ticket is not valid any more, so it was not given to anybody."))
    if moved[0].people_inside:  # the transaction takes the move back
        raise CannotMove(_("Somebody has come in with this ticket already, so it cannot be given to anybody else."))
    _insert([_successor(moved[0], holder.pk, _free_number(moved[0], holder))])
    return Ticket.objects.get(replaces=ticket.pk)


def _move(
    ids: Iterable[int],
    sources: Collection[str],
    to: TicketStatus,
    reason: str,
    now: datetime | None,
    **guard: int,
) -> list[Ticket]:
    there = Ticket.objects.filter(pk__in=list(ids), status__in=sorted(sources), **guard)
    tickets = list(there.select_for_update(no_key=True).order_by("pk"))
    written = {"status": to, "status_reason": reason[:200], "status_changed_at": now or timezone.now()}
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets], status__in=sorted(sources)).update(**written)
    for ticket in tickets:
        for name, value in written.items():
            setattr(ticket, name, value)
    return tickets


def _successor(old: Ticket, holder_id: int, number: int, *, people_inside: int = 0, pin: str = "") -> NewTicket:
    return draw_ticket(
        old.event_id,
        holder_id,
        old.type,
        old.companions,
        number=number,
        people_inside=people_inside,
        pin=pin,
        attributes=as_json(old.attributes),
        replaces_id=old.pk,
    )


def _free_number(ticket: Ticket, holder: Contact) -> int:
    theirs = Ticket.objects.filter(holder=holder, event=ticket.event_id, type=ticket.type, status__in=TicketStatus.held)
    taken = set(theirs.values_list("number", flat=True))
    return next(number for number in (ticket.number, *range(1, len(taken) + 2)) if number not in taken)


def _insert(rows: Sequence[NewTicket]) -> None:
    missing = list(rows)
    for _round in range(ROUNDS):
        if insert_tickets(missing) == len(missing):
            return
        replaced = [row.replaces_id for row in missing]
        there = set(Ticket.objects.filter(replaces__in=replaced).values_list("replaces", flat=True))
        left = (row for row in missing if row.replaces_id not in there)
        missing = [replace(row, code=new_code(), token=new_token()) for row in left]
    raise RuntimeError(f"no free ticket codes after {ROUNDS} rounds")
