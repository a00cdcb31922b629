"""The event of a ticket for somebody's calendar (RFC 5545), in the event's own time zone."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, vText
from icalendar import Event as Entry

from tickets.models import Ticket
from tickets.qr import public_link

# Rules of the zone around the event: clocks that change in other years are none of its business.
AROUND = timedelta(days=400)


def calendar_entry(ticket: Ticket, *, language: str, now: datetime) -> bytes:
    """Of its holder it has nothing but the link. The same ticket is the same entry, however often it is added."""
    event, link = ticket.event, public_link(ticket)
    entry = Entry()
    entry.add("uid", f"{ticket.code}@{urlsplit(settings.PUBLIC_URL).hostname}")
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("dtstart", event.starts_at.astimezone(event.timezone))
    entry.add("dtend", event.ends_at.astimezone(event.timezone))
    entry.add("summary", event.name)
    if place := ", ".join(part for part in (event.venue, event.address) if part):
        entry.add("location", place)
    with translation.override(language):
        entry.add("description", _("Your ticket for the door: %(link)s") % {"link": link})
    entry.add("url", link)
    return _calendar(entry, event.starts_at, language).to_ical()


def _calendar(entry: Entry, starts_at: datetime, language: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", vText(f"-//Pregonero//{language.upper()}"))
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(entry)
    around = {"first_date": (starts_at - AROUND).date(), "last_date": (starts_at + AROUND).date()}
    calendar.add_missing_timezones(**around)
    return calendar
