"""Issuing, voiding and replacing tickets: the only code that writes a ticket's status."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from tickets.codes import new_code, new_token
from tickets.enums import TicketStatus
from tickets.models import Contact, Event, Ticket
from tickets.models.ticket import MOST_COMPANIONS
from tickets.ticket_rows import NewTicket, draw_ticket, insert_tickets

BATCH = 500
LONGEST_TYPE = 60
# A code that exists already is drawn again. With 39 bits even the second round is a rarity.
ROUNDS = 5


@dataclass(frozen=True)
class IssueResult:
    created: int = 0
    existing: int = 0

    def __add__(self, other: "IssueResult") -> "IssueResult":
        return IssueResult(self.created + other.created, self.existing + other.existing)


class EventFull(Exception):
    """The tickets asked for need more room than there is; none of them was issued."""

    def __init__(self, event: Event, *, taken: int, wanted: int):
        super().__init__(event, taken, wanted)
        self.event = event
        self.capacity = event.capacity or 0
        self.taken = taken
        self.wanted = wanted

    def __str__(self) -> str:
        return _(
            "“%(event)s” has room for %(capacity)d people. %(taken)d places are taken and %(wanted)d more are "
            "needed, so no ticket was issued. Raise the capacity of the event or choose fewer people."
        ) % {"event": self.event, "capacity": self.capacity, "taken": self.taken, "wanted": self.wanted}


def issue_tickets(
    event: Event,
    holders: Iterable[Contact],
    *,
    type: str = "General",  # noqa: A002 - the word of the model
    companions: Mapping[int, int] | None = None,
) -> IssueResult:
    """Give each holder a ticket unless there is a valid one already; `companions` is by the contact's id.

    Doing it twice, or in two processes at once, issues nothing twice: the constraint `ticket_is_issued_once` decides.
    """
    order = _Order(event, type, companions or {})
    # Always in the same order, so that two processes wait for each other and never in a circle.
    lists = list(_batches(sorted(set(_ids(holders)))))
    if Event.objects.values_list("capacity", flat=True).get(pk=event.pk) is None:
        return sum((_issue_alone(order, ids) for ids in lists), IssueResult())
    return _issue_within_capacity(order, lists)


@transaction.atomic
def void_tickets(ids: Iterable[int]) -> list[Ticket]:
    """Take the right to enter back. Returns those of these tickets that were valid until now."""
    valid = Ticket.objects.filter(pk__in=list(ids), status=TicketStatus.VALID)
    # In the order in which every other part locks tickets.
    tickets = list(valid.select_for_update(no_key=True).order_by("pk"))
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(status=TicketStatus.VOIDED)
    for ticket in tickets:
        ticket.status = TicketStatus.VOIDED
    return tickets


def replace_ticket(ticket: Ticket) -> Ticket | None:
    """A new code and link for the same right, for whoever lost control of the old ones. None: it was not valid.

    Who is inside stays inside: the new ticket admits nobody whom the old one admitted already.
    """
    with transaction.atomic():
        if not _leave_valid(ticket, TicketStatus.REPLACED):
            return None
        ticket.refresh_from_db()
        return Ticket.objects.create(
            event_id=ticket.event_id,
            holder_id=ticket.holder_id,
            type=ticket.type,
            number=ticket.number,
            companions=ticket.companions,
            people_inside=ticket.people_inside,
            code=new_code(),
            token=new_token(),
        )


def people_expected(event: Event) -> int:
    """Everybody with a right to enter, companions included."""
    held = Ticket.objects.filter(event=event, status__in=TicketStatus.held)
    return held.aggregate(people=Sum(F("companions") + 1))["people"] or 0


@dataclass(frozen=True)
class _Order:
    """What is issued, the same for every batch."""

    event: Event
    type: str
    companions: Mapping[int, int]

    def __post_init__(self) -> None:
        if not 0 < len(self.type.strip()) <= LONGEST_TYPE:
            raise ValueError(f"the type of a ticket needs a name of at most {LONGEST_TYPE} characters")
        if any(not 0 <= count <= MOST_COMPANIONS for count in self.companions.values()):
            raise ValueError(f"a ticket has 0 to {MOST_COMPANIONS} companions")

    def people(self, holder_ids: Iterable[int]) -> int:
        return sum(self.companions.get(pk, 0) + 1 for pk in holder_ids)

    def look_at(self, ids: Sequence[int]) -> "_Batch":
        """Who has a ticket, and who has none and still exists, which nobody can delete now before theirs is there."""
        served = self._served(ids)
        missing = Contact.objects.select_for_update(no_key=True).filter(pk__in=set(ids) - served).order_by("pk")
        return _Batch(ids, len(served), list(missing.values_list("pk", flat=True)))

    def _served(self, ids: Sequence[int]) -> set[int]:
        """Asked by holder alone: with the event in the question SQLite reads all of its tickets for every batch."""
        wanted = (self.event.pk, self.type, 1)
        tickets = Ticket.objects.filter(holder__in=ids).values_list("holder", "status", "event", "type", "number")
        return {
            holder for holder, status, *ticket in tickets if status in TicketStatus.held and tuple(ticket) == wanted
        }

    def ticket_for(self, holder_id: int) -> NewTicket:
        return draw_ticket(self.event.pk, holder_id, self.type, self.companions.get(holder_id, 0))


@dataclass(frozen=True)
class _Batch:
    ids: Sequence[int]
    served: int
    missing: list[int]


def _issue_alone(order: _Order, ids: Sequence[int]) -> IssueResult:
    """One batch in a transaction of its own, so that nobody waits long for the database."""
    with transaction.atomic():
        return _issue_batch(order, order.look_at(ids))


def _issue_within_capacity(order: _Order, lists: Sequence[Sequence[int]]) -> IssueResult:
    """All or nothing, one process at a time for each event.

    Room that was counted in one transaction may be gone in the next, so the count and the tickets share one. It is
    longer than a batch, and bounded by the capacity.
    """
    with transaction.atomic():
        # The capacity as it is now; PostgreSQL locks the row, SQLite's writers are alone anyway.
        event = Event.objects.select_for_update(no_key=True).get(pk=order.event.pk)
        batches = [order.look_at(ids) for ids in lists]
        wanted = sum(order.people(batch.missing) for batch in batches)
        taken = people_expected(event)
        if wanted and event.capacity is not None and taken + wanted > event.capacity:
            raise EventFull(event, taken=taken, wanted=wanted)
        return sum((_issue_batch(order, batch) for batch in batches), IssueResult())


def _issue_batch(order: _Order, batch: _Batch) -> IssueResult:
    created, missing, rounds = 0, batch.missing, 0
    while missing:
        if rounds == ROUNDS:
            raise RuntimeError(f"no free ticket codes after {ROUNDS} rounds")
        fresh = insert_tickets([order.ticket_for(pk) for pk in missing])
        created, rounds = created + fresh, rounds + 1
        # Somebody else was faster, or a code existed already: who is still without one?
        missing = order.look_at(batch.ids).missing if fresh < len(missing) else []
    return IssueResult(created, batch.served + len(batch.missing) - created)


def _leave_valid(ticket: Ticket, status: TicketStatus) -> bool:
    won = Ticket.objects.filter(pk=ticket.pk, status=TicketStatus.VALID).update(status=status)
    if won:
        ticket.status = status
    return bool(won)


def _ids(holders: Iterable[Contact]) -> Iterator[int]:
    """Without loading whole rows where the database can give the ids alone."""
    if isinstance(holders, QuerySet):
        return holders.values_list("pk", flat=True).iterator()
    return (holder.pk for holder in holders)


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
