"""How the page of an event shows its moments, its tickets, its places and what became of the messages, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns.enums import Channel, DeliveryStatus
from campaigns.event_counts import TicketCounts
from campaigns.event_reach import Rank, Reach
from campaigns.views.bar import Segment, segments_of
from campaigns.views.showing import when
from tickets.admin.showing import TONES, local_time
from tickets.doors import usual_hours
from tickets.enums import TicketStatus
from tickets.models import Event, TicketType

D = DeliveryStatus


class Phase(StrEnum):
    BEFORE = "before"
    ON = "on"
    OVER = "over"


def phase_of(event: Event, now: datetime) -> Phase:
    """`ON` while the doors scan: from a while before they open until a while after the end."""
    opens, closes = usual_hours(event)
    if now < opens:
        return Phase.BEFORE
    return Phase.ON if now < closes else Phase.OVER


def door_page(event: Event) -> str:
    """Where the phones at the gates scan."""
    return reverse("tickets:door", args=[event.slug])


def accesses_page(event: Event) -> str:
    """The list of those who stand at the doors of this event without an account."""
    return f"{reverse('admin:tickets_dooraccess_changelist')}?{urlencode({'event__id__exact': event.pk})}"


def access_add_page(event: Event) -> str:
    """Where somebody gets a link to the door of this event."""
    return f"{reverse('admin:tickets_dooraccess_add')}?{urlencode({'event': event.pk})}"


def scans_page(event: Event, **filters: str) -> str:
    asked = {"event__id__exact": event.pk, **filters}
    return f"{reverse('admin:tickets_checkin_changelist')}?{urlencode(asked)}"


@dataclass(frozen=True)
class State:
    """What the page says of the event's moment, beside its name."""

    words: str
    tone: str


def state_of(event: Event, now: datetime) -> State:
    if now >= event.ends_at:
        return State(pgettext("event", "Over"), "neutral")
    if not event.is_active:
        return State(_("Closed"), "neutral")
    if now >= event.doors_open:
        return State(_("The doors are open"), "ok")
    words = _("The doors open at %(moment)s") % {"moment": when(event.doors_open, event.timezone, now=now)}
    return State(words, "info")


def moments_of(event: Event) -> list[tuple[str, str]]:
    """In the zone of the event, each with its place."""
    known = [(_("Doors open"), event.doors_open), (_("Starts"), event.starts_at), (_("Ends"), event.ends_at)]
    return [(name, local_time(moment, event.timezone)) for name, moment in known]


@dataclass(frozen=True)
class Tile:
    """How many tickets are in one state; `people` with companions."""

    value: str
    label: str
    tone: str
    number: int
    note: str
    url: str


def tiles_of(event: Event, counts: TicketCounts) -> list[Tile]:
    """All states, also those that nobody is in: a tile that comes and goes makes one look twice."""
    return [_tile(event, state, counts) for state in TicketStatus]


def _tile(event: Event, state: TicketStatus, counts: TicketCounts) -> Tile:
    asked = urlencode({"event__id__exact": event.pk, "status__exact": state.value})
    url = f"{reverse('admin:tickets_ticket_changelist')}?{asked}"
    people = counts.people(state)
    note = ngettext("%(n)d person", "%(n)d people", people) % {"n": people}
    return Tile(state.value, str(state.label), TONES[state], counts.tickets(state), note, url)


@dataclass(frozen=True)
class Places:
    """People who have a right to come, of those for whom there is room. `limit` is None where there is no limit."""

    label: str
    taken: int
    limit: int | None

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means full."""
        return min(100 * self.taken // self.limit, 100) if self.limit else 100

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.taken >= self.limit

    @property
    def tone(self) -> str:
        return "warn" if self.is_full else "ok"

    @property
    def note(self) -> str:
        if self.limit is None:
            return _("no limit")
        left = self.limit - self.taken
        if left < 0:
            return ngettext("%(n)d more than there is room for", "%(n)d more than there is room for", -left) % {
                "n": -left
            }
        return ngettext("%(n)d place left", "%(n)d places left", left) % {"n": left} if left else _("full")


def places_of(event: Event, counts: TicketCounts, types: Sequence[TicketType]) -> list[Places]:
    """The event, then its types where somebody has named them; also types of tickets that nobody named."""
    whole = Places(_("Whole event"), counts.held, event.capacity)
    if not types:
        return [whole]
    held = counts.held_by_type()
    named = [Places(one.name, held.pop(one.name, 0), one.capacity) for one in types]
    others = [Places(name, people, None) for name, people in sorted(held.items())]
    return [whole, *named, *others]


@dataclass(frozen=True)
class Fates:
    """The valid tickets on one channel: each counts once, by the best of its messages."""

    channel: str
    label: str
    total: int
    parts: list[tuple[str, str, int]]  # key of its colour, words, how many
    segments: list[Segment]


# By the state whose colour it has in every bar of messages; whoever was never tried is the rest of the bar.
_STATES = {
    Rank.CONFIRMED: D.DELIVERED,
    Rank.SENT: D.SENT,
    Rank.OPEN: D.CLAIMED,
    Rank.UNCERTAIN: D.UNCERTAIN,
    Rank.FAILED: D.FAILED,
    Rank.SKIPPED: D.SKIPPED,
    Rank.NEVER: D.WAITING,
}


def fates_of(reach: Reach) -> list[Fates]:
    return [_fates(channel, reach) for channel in Channel]


def _fates(channel: Channel, reach: Reach) -> Fates:
    counted, words = reach.by_channel(channel), _rank_words()
    counted[Rank.SENT] += counted[Rank.SILENT]  # neither was confirmed
    by_state = {state.value: counted[rank] for rank, state in _STATES.items()}
    parts = [(state.value, words[rank], counted[rank]) for rank, state in _STATES.items() if counted[rank]]
    return Fates(channel.value, str(channel.label), reach.total, parts, segments_of(by_state) if parts else [])


def _rank_words() -> dict[Rank, str]:
    return {
        Rank.CONFIRMED: _("Delivered or read"),
        Rank.SENT: _("Sent, without confirmation"),
        Rank.OPEN: _("Under way"),
        Rank.UNCERTAIN: _("Uncertain"),
        Rank.FAILED: _("Failed"),
        Rank.SKIPPED: _("Skipped"),
        Rank.NEVER: _("Never tried"),
    }
