"""What a drawn ticket says: plain words, put together where the database is at hand and drawn wherever it suits."""

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.drawing.letters import drawable
from tickets.event_times import times_of
from tickets.models import Event, Ticket
from tickets.qr import public_link

MOST_DETAILS = 6  # a list with forty columns is no ticket


@dataclass(frozen=True)
class Card:
    """Everything in letters that the fonts have, in the language of the holder."""

    link: str  # what the QR says
    code: str
    language: str
    kind: str  # the word for a ticket
    type: str
    event: str
    date: str
    hours: str  # with the city whose time it is
    until: str  # "" for one evening
    venue: str
    address: str
    name: str
    companions: str
    details: tuple[str, ...]  # `Table: 4`
    code_label: str
    advice: str
    warning: str


def card_of(ticket: Ticket, event: Event, *, name: str, language: str) -> Card:
    """`ticket` with its type, companions, code, token and attributes; nothing else of it is looked at."""
    with translation.override(language):
        times = times_of(event, language)
        until = _("until %(last_date)s, %(last_time)s") % {"last_date": times.last_date, "last_time": times.last_time}
        zone = _("%(zone)s time") % {"zone": times.zone}
        return Card(
            link=public_link(ticket),
            code=ticket.code,
            language=language,
            kind=_("Ticket"),
            type=drawable(ticket.type),
            event=drawable(event.name),
            date=_capital(times.date),
            hours=drawable(f"{times.hours} ({zone})"),
            until=drawable(until) if times.last_date else "",
            venue=drawable(event.venue),
            address=drawable(event.address),
            name=drawable(name),
            companions=_companions(ticket),
            details=tuple(drawable(f"{label}: {value}") for label, value in details_of(ticket)),
            code_label=_("Code"),
            advice=_("Show it at the door: printed, or on your phone with the screen bright."),
            warning=_("Keep this ticket to yourself: whoever has its link or its code can enter in your place."),
        )


def details_of(ticket: Ticket) -> list[tuple[str, str]]:
    """What else the ticket carries, such as a seat or a table, by the name of its column.

    In the order of the names: PostgreSQL does not keep that of the list.
    """
    written = ((str(label).strip(), str(value).strip()) for label, value in ticket.attributes.items())
    named = [(_capital(label.replace("_", " ")), value) for label, value in written if label and value]
    return sorted(named)[:MOST_DETAILS]


def _companions(ticket: Ticket) -> str:
    if not ticket.companions:
        return ""
    number = {"companions": ticket.companions}
    words = ngettext("and %(companions)s companion", "and %(companions)s companions", ticket.companions) % number
    people = _("%(people)s people enter") % {"people": ticket.people}
    return f"{words} · {people}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
