"""The door of an event: who is inside, when and through which gate they came, and who was refused and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.event_counts import Arrivals, DoorCounts, TicketCounts, conflicts, refused
from campaigns.views.event_shown import scans_page
from campaigns.views.showing import when
from tickets.date_formats import formatted
from tickets.dates import in_zone
from tickets.enums import CheckInResult, RefusalReason
from tickets.models import CheckIn, Event

STEP = timedelta(minutes=5)
MOST_PARTS = 288  # of the chart: a day of five minutes each
MOST_GATES = 20
MOST_REFUSALS = 25
MOST_CONFLICTS = 10


@dataclass(frozen=True)
class Gate:
    name: str
    people: int
    last: str


@dataclass(frozen=True)
class Door:
    """All numbers are people, companions too. `percent` of the expected ones are inside."""

    inside: int
    expected: int
    to_come: int
    tickets_to_come: int
    refused: int
    conflicts: int
    gates: list[Gate]
    has_scans: bool

    @property
    def percent(self) -> int:
        return min(100 * self.inside // self.expected, 100) if self.expected else 0


def door_of(event: Event, counts: TicketCounts, door: DoorCounts, now: datetime) -> Door:
    return Door(
        inside=counts.inside,
        expected=counts.expected,
        to_come=counts.to_come,
        tickets_to_come=counts.tickets_to_come,
        refused=door.refused,
        conflicts=door.conflicts,
        gates=_gates(event, door, now),
        has_scans=bool(door.arrivals or door.refusals),
    )


def _gates(event: Event, door: DoorCounts, now: datetime) -> list[Gate]:
    """The busiest first; what nobody named has a name too."""
    people: dict[str, int] = defaultdict(int)
    last: dict[str, datetime] = {}
    for one in door.arrivals:  # in the order of time
        people[one.gate] += one.people
        last[one.gate] = one.at
    busiest = sorted(people, key=lambda gate: (-people[gate], gate))
    shown = [
        Gate(gate or _("No gate given"), people[gate], _hour(last[gate], event, now)) for gate in busiest[:MOST_GATES]
    ]
    if others := busiest[MOST_GATES:]:
        newest = max(last[gate] for gate in others)
        shown.append(Gate(_("Other gates"), sum(people[gate] for gate in others), _hour(newest, event, now)))
    return shown


def _hour(moment: datetime, event: Event, now: datetime) -> str:
    """With its day where that is another one than today's at the event."""
    local = in_zone(moment, event.timezone)
    hour = date_format(local, "H:i")
    if local.date() == in_zone(now, event.timezone).date():
        return hour
    return f"{formatted(local, 'j M')}, {hour}"


# --- the chart ------------------------------------------------------------------------------------------------------


def arrivals_chart(event: Event, door: DoorCounts, now: datetime) -> dict[str, Any] | None:
    """People let in, in each five minutes from the first to the last; None before anybody came.

    Of events that last several days the parts are longer, so that the picture can be read.
    """
    if not door.arrivals:
        return None
    first, last = door.arrivals[0].at, door.arrivals[-1].at
    step = STEP
    while (last - first) / step >= MOST_PARTS - 1:
        step *= 2 if step > STEP else 3
    parts = _parts(door.arrivals, step)
    days = {in_zone(moment, event.timezone).date() for moment in (first, last)}
    return {
        "type": "bar",
        "labels": [_hour(moment, event, moment if len(days) == 1 else now) for moment, _people in parts],
        "series": [{"label": _("People let in"), "tone": "ok", "values": [people for _moment, people in parts]}],
        "unit": _unit(step),
    }


def _parts(arrivals: Sequence[Arrivals], step: timedelta) -> list[tuple[datetime, int]]:
    """Every part between the first and the last, also those in which nobody came."""
    counted: dict[datetime, int] = defaultdict(int)
    for one in arrivals:
        counted[_floor(one.at, step)] += one.people
    begin, end = min(counted), max(counted)
    return [(begin + i * step, counted.get(begin + i * step, 0)) for i in range(int((end - begin) / step) + 1)]


def _floor(moment: datetime, step: timedelta) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % step.total_seconds())


def _unit(step: timedelta) -> str:
    minutes = int(step.total_seconds()) // 60
    return ngettext("people in each %(n)d minute", "people in each %(n)d minutes", minutes) % {"n": minutes}


def chart_words(event: Event, door: DoorCounts, chart: Mapping[str, Any], now: datetime) -> str:
    """What the picture shows, for whoever cannot see it."""
    values = chart["series"][0]["values"]
    most = max(values)
    return _("Arrivals over time: %(people)d people until %(moment)s; most of them, %(most)d, from %(busiest)s on.") % {
        "people": door.admitted,
        "moment": when(now, event.timezone, now=now),
        "most": most,
        "busiest": chart["labels"][values.index(most)],
    }


# --- refusals and conflicts -----------------------------------------------------------------------------------------


class Chip(NamedTuple):
    """One reason to choose from."""

    value: str
    label: str
    number: int
    is_chosen: bool


@dataclass(frozen=True)
class Scan:
    """One refused scan. Of tickets of other events nothing is said but that they are of another one."""

    at: str
    reason: str
    code: str
    ticket: int | None
    holder: str
    gate: str
    who: str
    let_in: int


@dataclass(frozen=True)
class Refusals:
    chosen: str
    chips: list[Chip]
    scans: list[Scan]
    total: int
    all_url: str

    @property
    def query(self) -> str:
        return urlencode({"reason": self.chosen}) if self.chosen else ""

    @property
    def has_more(self) -> bool:
        return self.total > len(self.scans)


def refusals_of(event: Event, door: DoorCounts, asked: Mapping[str, Any], now: datetime) -> Refusals:
    """The newest, of one reason or of all."""
    chosen = asked.get("reason", "")
    chosen = chosen if chosen in RefusalReason.values else ""
    rows = refused(event).filter(**({"reason": chosen} if chosen else {}))
    known = [(reason.value, str(reason.label), door.refusals.get(reason.value, 0)) for reason in RefusalReason]
    chips = [
        Chip(value, label, number, value == chosen)
        for value, label, number in known
        if number or (value == chosen and value)
    ]
    filters = {"result__exact": CheckInResult.REFUSED.value} | ({"reason__exact": chosen} if chosen else {})
    return Refusals(
        chosen=chosen,
        chips=[Chip("", _("All"), door.refused, not chosen), *chips],
        scans=_scans(event, rows, MOST_REFUSALS, now),
        total=door.refusals.get(chosen, 0) if chosen else door.refused,
        all_url=scans_page(event, **filters),
    )


def conflicts_of(event: Event, door: DoorCounts, now: datetime) -> list[Scan]:
    """The newest entries that a phone granted by itself and the server would not have."""
    return _scans(event, conflicts(event), MOST_CONFLICTS, now) if door.conflicts else []


def _scans(event: Event, rows: Any, most: int, now: datetime) -> list[Scan]:
    found = rows.select_related("ticket__holder", "user", "access").order_by("-at", "-pk")[:most]
    return [_scan(checkin, event, now) for checkin in found]


def _scan(checkin: CheckIn, event: Event, now: datetime) -> Scan:
    ticket = checkin.ticket if checkin.ticket is not None and checkin.ticket.event_id == event.pk else None
    user, access = checkin.user, checkin.access
    return Scan(
        at=_hour(checkin.at, event, now),
        reason=str(checkin.get_reason_display()),
        code=ticket.code if ticket else checkin.scanned,
        ticket=ticket.pk if ticket else None,
        holder=ticket.holder.name if ticket else "",
        gate=checkin.gate,
        who=(user.get_full_name() or user.get_username()) if user else (access.name if access else ""),
        let_in=checkin.let_in_offline or 0,
    )
