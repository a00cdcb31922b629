"""Issuing tickets: whoever is to have so many gets those that are missing, within the room that there is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from tickets.enums import TicketStatus
from tickets.models import Contact, Event, Ticket, TicketType
from tickets.models.ticket import MOST_COMPANIONS
from tickets.ticket_rows import ROUNDS, NewTicket, as_json, draw_ticket, insert_tickets
from tickets.types import GENERAL, CannotIssue, lock_type, resolve_type, type_number

BATCH = 500  # tickets in one transaction
LONGEST_TYPE = 60
MOST_EACH = 10
# A code that exists already is drawn again. With 39 bits even the second round is a rarity.


@dataclass(frozen=True)
class IssueResult:
    """Tickets: new ones, and those of the wished ones that were there before."""

    created: int = 0
    existing: int = 0

    def __add__(self, other: "IssueResult") -> "IssueResult":
        return IssueResult(self.created + other.created, self.existing + other.existing)


class EventFull(CannotIssue):
    """The tickets asked for need more room than there is; none of them was issued.

    `type` names the type whose own places do not suffice; it is empty where the event as a whole is full.
    """

    def __init__(self, event: Event, *, capacity: int, taken: int, wanted: int, type: str = ""):  # noqa: A002
        super().__init__(event, taken, wanted)
        self.event = event
        self.type = type
        self.capacity = capacity
        self.taken = taken
        self.wanted = wanted

    def __str__(self) -> str:
        facts = {"event": self.event, "type": self.type, "capacity": self.capacity}
        facts |= {"taken": self.taken, "wanted": self.wanted}
        if self.type:
            return (
                _(
                    "The type “%(type)s” of “%(event)s” has room for %(capacity)d people. %(taken)d places are taken "
                    "and %(wanted)d more are needed, so no ticket was issued. Raise the capacity of the type or choose "
                    "fewer people."
                )
                % facts
            )
        return (
            _(
                "“%(event)s” has room for %(capacity)d people. %(taken)d places are taken and %(wanted)d more are "
                "needed, so no ticket was issued. Raise the capacity of the event or choose fewer people."
            )
            % facts
        )


def issue_tickets(
    event: Event,
    holders: Iterable[Contact],
    *,
    type: str = GENERAL,  # noqa: A002 - the word of the model
    companions: Mapping[int, int] | None = None,
    each: int = 1,
    attributes: Mapping[str, Any] | None = None,
) -> IssueResult:
    """Give each holder tickets until they have `each` of this type; `companions` is by the contact's id.

    Valid and blocked tickets count. Doing it twice, or in two processes at once, issues nothing twice: the constraint
    `ticket_is_issued_once` decides. Raises UnknownType and EventFull, and then nobody got any.
    """
    _check(type, companions or {}, each)
    name = resolve_type(event, type)
    order = _Order(event, name, type_number(event, name), companions or {}, each, attributes or {})
    # Always in the same order, so that two processes wait for each other and never in a circle.
    lists = list(_batches(sorted(set(_ids(holders))), max(BATCH // each, 1)))
    if not order.is_limited():
        return sum((_issue_alone(order, ids) for ids in lists), IssueResult())
    return _issue_within_limits(order, lists)


@dataclass(frozen=True)
class Limit:
    """So many people may have a ticket of the event, or of one type of it."""

    event: Event
    capacity: int
    type: str = ""

    def taken(self) -> int:
        return people_expected(self.event, self.type)

    def refuse(self, wanted: int) -> None:
        """Raises EventFull where so many people more do not fit in."""
        taken = self.taken() if wanted else 0
        if wanted and taken + wanted > self.capacity:
            raise EventFull(self.event, capacity=self.capacity, taken=taken, wanted=wanted, type=self.type)


def limits_of(event: Event, type_: str) -> list[Limit]:
    """As they are now, that of the type first: it says more."""
    of_event = Event.objects.values_list("capacity", flat=True).get(pk=event.pk)
    of_type = TicketType.objects.filter(event=event, name=type_).values_list("capacity", flat=True).first()
    limits = ((of_type, type_), (of_event, ""))
    return [Limit(event, capacity, name) for capacity, name in limits if capacity is not None]


def people_expected(event: Event, type_: str = "") -> int:
    """Everybody who has a place, companions included: of the whole event, or with tickets of one type."""
    held = Ticket.objects.filter(event=event, status__in=TicketStatus.held, **({"type": type_} if type_ else {}))
    return held.aggregate(people=Sum(F("companions") + 1))["people"] or 0


def _check(type_: str, companions: Mapping[int, int], each: int) -> None:
    if not 0 < len(type_.strip()) <= LONGEST_TYPE:
        raise ValueError(f"the type of a ticket needs a name of at most {LONGEST_TYPE} characters")
    if any(not 0 <= number <= MOST_COMPANIONS for number in companions.values()):
        raise ValueError(f"a ticket has 0 to {MOST_COMPANIONS} companions")
    if not 1 <= each <= MOST_EACH:
        raise ValueError(f"nobody gets more than {MOST_EACH} tickets at once")


@dataclass(frozen=True)
class _Order:
    """What is issued, the same for every batch."""

    event: Event
    type: str
    type_id: int | None  # None: the event tells no types apart
    companions: Mapping[int, int]
    each: int = 1
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def is_limited(self) -> bool:
        if Event.objects.filter(pk=self.event.pk, capacity__isnull=False).exists():
            return True
        return self.type_id is not None and TicketType.objects.filter(pk=self.type_id, capacity__isnull=False).exists()

    def as_named_now(self) -> "_Order":
        """In a transaction: whoever gives the type another name waits, and then finds the tickets of this one."""
        name = lock_type(self.event, self.type, self.type_id)
        return self if name == self.type else replace(self, type=name)

    def people(self, missing: Iterable["_Place"]) -> int:
        return sum(self.companions.get(holder, 0) + 1 for holder, _number in missing)

    def look_at(self, ids: Sequence[int]) -> "_Batch":
        """Who has tickets, and whose are missing: people who exist, whom nobody can delete before theirs are there."""
        served = self._served(ids)
        short = [pk for pk in ids if len(served[pk]) < self.each]
        there = Contact.objects.select_for_update(no_key=True).filter(pk__in=short).order_by("pk")
        missing = [place for pk in there.values_list("pk", flat=True) for place in self._places(pk, served[pk])]
        return _Batch(ids, sum(min(len(numbers), self.each) for numbers in served.values()), missing)

    def _served(self, ids: Sequence[int]) -> dict[int, set[int]]:
        """Asked by holder alone: with the event in the question SQLite reads all of its tickets for every batch."""
        wanted, served = (self.event.pk, self.type), defaultdict[int, set[int]](set)
        tickets = Ticket.objects.filter(holder__in=ids).values_list("holder", "number", "status", "event", "type")
        for holder, number, status, *ticket in tickets:
            if status in TicketStatus.held and tuple(ticket) == wanted:
                served[holder].add(number)
        return served

    def _places(self, holder: int, numbers: set[int]) -> list["_Place"]:
        """The lowest free numbers, as many as are missing."""
        free = (number for number in count(1) if number not in numbers)
        return [(holder, number) for number in islice(free, self.each - len(numbers))]

    def ticket_for(self, place: "_Place") -> NewTicket:
        holder, number = place
        bring_along, written = self.companions.get(holder, 0), as_json(self.attributes)
        return draw_ticket(self.event.pk, holder, self.type, bring_along, number=number, attributes=written)


_Place = tuple[int, int]  # whose ticket, and which of theirs


@dataclass(frozen=True)
class _Batch:
    ids: Sequence[int]
    existing: int
    missing: list[_Place]


def _issue_alone(order: _Order, ids: Sequence[int]) -> IssueResult:
    """One batch in a transaction of its own, so that nobody waits long for the database."""
    with transaction.atomic():
        order = order.as_named_now()
        return _issue_batch(order, order.look_at(ids))


def _issue_within_limits(order: _Order, lists: Sequence[Sequence[int]]) -> IssueResult:
    """All or nothing, one process at a time for each event, whatever the type.

    Room that was counted in one transaction may be gone in the next, so the count and the tickets share one. It is
    longer than a batch, and bounded by the capacity.
    """
    with transaction.atomic():
        # The capacities as they are now; PostgreSQL locks the row, SQLite's writers are alone anyway.
        event = Event.objects.select_for_update(no_key=True).get(pk=order.event.pk)
        order = order.as_named_now()
        batches = [order.look_at(ids) for ids in lists]
        wanted = sum(order.people(batch.missing) for batch in batches)
        for limit in limits_of(event, order.type):
            limit.refuse(wanted)
        return sum((_issue_batch(order, batch) for batch in batches), IssueResult())


def _issue_batch(order: _Order, batch: _Batch) -> IssueResult:
    created, missing, rounds = 0, batch.missing, 0
    while missing:
        if rounds == ROUNDS:
            raise RuntimeError(f"no free ticket codes after {ROUNDS} rounds")
        fresh = insert_tickets([order.ticket_for(place) for place in missing])
        created, rounds = created + fresh, rounds + 1
        # Somebody else was faster, or a code existed already: who is still without one?
        missing = order.look_at(batch.ids).missing if fresh < len(missing) else []
    return IssueResult(created, batch.existing + len(batch.missing) - created)


def _ids(holders: Iterable[Contact]) -> Iterator[int]:
    """Without loading whole rows where the database can give the ids alone."""
    if isinstance(holders, QuerySet):
        return holders.values_list("pk", flat=True).iterator()
    return (holder.pk for holder in holders)


def _batches(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
