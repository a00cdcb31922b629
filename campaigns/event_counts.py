"""How an event stands, counted from its rows: tickets and places, and who came through the door.

Each part is counted once for everybody who looks in the same seconds, and added up from indexes alone where there are
many rows: `ticket_tally`, `checkin_by_refusal`, `checkin_in_conflict`. What became of the tickets' messages is counted
in `campaigns.event_reach`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

from django.core.cache import cache
from django.db.models import Count, DateTimeField, F, Func, Q, Sum

from tickets.enums import CheckInResult, TicketStatus
from tickets.models import CheckIn, Event, Ticket

KEEP_SECONDS = 4  # whoever looks meanwhile sees what was counted for somebody else
FORGET_SECONDS = 60
IN_CONFLICT = Q(let_in_offline__gt=0)


class Taken(Protocol):
    """Whatever was counted at one moment."""

    @property
    def taken_at(self) -> datetime: ...


Part = TypeVar("Part", bound=Taken)


def kept(name: str, event: Event, make: Callable[[Event, datetime], Part], now: datetime) -> Part:
    """What was counted a moment ago, else counted anew. While somebody counts, others are shown what there was."""
    key = f"event-{name}-{event.pk}"
    known: Part | None = cache.get(key)
    if known is not None:
        is_fresh = abs(now - known.taken_at) < timedelta(seconds=KEEP_SECONDS)
        if is_fresh or not cache.add(f"{key}-counting", True, FORGET_SECONDS):
            return known
    try:
        fresh = make(event, now)
        cache.set(key, fresh, FORGET_SECONDS)
    finally:
        cache.delete(f"{key}-counting")
    return fresh


class Tally(NamedTuple):
    """The tickets of one state and type: how many, their companions, who of them is inside, and of how many tickets."""

    status: str
    type: str
    tickets: int
    companions: int
    inside: int
    came: int

    @property
    def people(self) -> int:
        return self.tickets + self.companions


@dataclass(frozen=True)
class TicketCounts:
    """Places are people: companions are counted with everybody."""

    tallies: list[Tally]
    taken_at: datetime

    def tickets(self, status: str) -> int:
        return sum(one.tickets for one in self.tallies if one.status == status)

    def people(self, status: str) -> int:
        return sum(one.people for one in self.tallies if one.status == status)

    @property
    def total(self) -> int:
        return sum(one.tickets for one in self.tallies)

    @property
    def held(self) -> int:
        """Places that are taken, those of blocked tickets too."""
        return sum(one.people for one in self.tallies if one.status in TicketStatus.held)

    def held_by_type(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for one in self.tallies:
            if one.status in TicketStatus.held:
                found[one.type] = found.get(one.type, 0) + one.people
        return found

    @property
    def expected(self) -> int:
        """Everybody whom a valid ticket lets in."""
        return self.people(TicketStatus.VALID)

    @property
    def inside(self) -> int:
        """Everybody who is inside, also on tickets that were voided or blocked after they came.

        Who came in on a ticket that was replaced moved along to the new one.
        """
        return sum(one.inside for one in self.tallies if one.status != TicketStatus.REPLACED)

    @property
    def to_come(self) -> int:
        """People of valid tickets who are not inside."""
        return sum(one.people - one.inside for one in self.tallies if one.status == TicketStatus.VALID)

    @property
    def tickets_to_come(self) -> int:
        """Valid tickets of which nobody is inside."""
        return sum(one.tickets - one.came for one in self.tallies if one.status == TicketStatus.VALID)


def ticket_counts(event: Event, now: datetime) -> TicketCounts:
    rows = Ticket.objects.filter(event=event).order_by().values_list("status", "type")
    counted = rows.annotate(
        tickets=Count("pk"),
        with_them=Sum("companions"),
        inside=Sum("people_inside"),
        came=Count("pk", filter=Q(people_inside__gt=0)),
    )
    return TicketCounts([Tally(*row) for row in counted], now)


class Minute(Func):
    """A moment without its seconds, as databases keep it: to reckon in zones for each scan takes several times as
    long."""

    output_field = DateTimeField()
    template = "DATE_TRUNC('minute', %(expressions)s)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="SUBSTR(%(expressions)s, 1, 16)", **context)

    @property
    def convert_value(self) -> Any:
        return lambda value, _expression, _connection: _moment(value)


def _moment(value: Any) -> datetime | None:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


class Arrivals(NamedTuple):
    """Who came in one minute through one gate."""

    at: datetime
    gate: str
    people: int
    scans: int


@dataclass(frozen=True)
class DoorCounts:
    """Entries that were taken back are in none of it."""

    arrivals: list[Arrivals]
    refusals: dict[str, int]  # by reason
    conflicts: int
    taken_at: datetime

    @property
    def admitted(self) -> int:
        """As many as are inside by the tickets: `TicketCounts.inside`."""
        return sum(one.people for one in self.arrivals)

    @property
    def refused(self) -> int:
        return sum(self.refusals.values())


def door_counts(event: Event, now: datetime) -> DoorCounts:
    entries = CheckIn.objects.filter(event=event, result=CheckInResult.GOOD, undone_at=None).order_by()
    by_minute = entries.annotate(minute=Minute(F("at"))).values_list("minute", "gate")
    arrivals = by_minute.annotate(people=Sum("admitted"), scans=Count("pk"))
    by_reason = refused(event).order_by().values_list("reason")
    refusals = list(by_reason.annotate(number=Count("pk"), conflicts=Count("pk", filter=IN_CONFLICT)))
    return DoorCounts(
        arrivals=sorted(Arrivals(*row) for row in arrivals),
        refusals={reason: number for reason, number, _conflicts in refusals},
        conflicts=sum(number for _reason, _all, number in refusals),
        taken_at=now,
    )


def refused(event: Event) -> Any:
    return CheckIn.objects.filter(event=event, result=CheckInResult.REFUSED)


def conflicts(event: Event) -> Any:
    """Scans by which a phone without network let people in whom the server would not have."""
    return refused(event).filter(IN_CONFLICT)
