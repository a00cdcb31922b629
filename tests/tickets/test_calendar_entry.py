"""The event in somebody's calendar."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from tests.factories import make_contact, make_event, make_ticket
from tests.moments import NOW
from tickets.calendar_entry import calendar_entry

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 12, 13, 1, 0, tzinfo=UTC)  # 20:00 of the day before in Bogotá


@pytest.fixture
def ticket():
    event = make_event(name="Noche; de, Prueba", venue="Teatro Ficticio", address="Calle 1 # 2-3", starts_at=EVENING)
    return make_ticket(event=event, holder=make_contact(name="María D'Angelo"), code="K7MD-4QXT", token="T" * 22)


def entry_of(ticket, **details):
    content = calendar_entry(ticket, **{"language": "es", "now": NOW} | details)
    calendar = icalendar.Calendar.from_ical(content)
    [entry] = calendar.walk("VEVENT")
    return calendar, entry, content.decode()


def test_it_says_what_and_where(ticket):
    _calendar, entry, _text = entry_of(ticket)

    assert (entry["SUMMARY"], entry["LOCATION"]) == ("Noche; de, Prueba", "Teatro Ficticio, Calle 1 # 2-3")
    assert entry["URL"] == f"http://localhost:8000/t/{'T' * 22}/"
    assert entry["DESCRIPTION"] == f"Tu entrada para la puerta: {entry['URL']}"


def test_it_is_in_the_time_of_the_event_with_the_rules_of_its_zone(ticket):
    calendar, entry, text = entry_of(ticket)

    assert "DTSTART;TZID=America/Bogota:20261212T200000" in text
    assert (entry["DTSTART"].dt, entry["DTEND"].dt) == (EVENING, EVENING + timedelta(hours=3))
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["America/Bogota"]


@pytest.mark.parametrize("zone", ["America/Mexico_City", "America/Santiago", "Europe/Madrid", "UTC", "Asia/Kathmandu"])
@pytest.mark.parametrize("month", [1, 7])
def test_a_reader_without_zones_of_its_own_finds_the_same_moment(ticket, zone, month):
    """By the rules in the file alone: DTSTART on the wall, and the offset that holds there."""
    ticket.event.timezone = zone
    ticket.event.starts_at = datetime(2027, month, 10, 18, 30, tzinfo=UTC)
    ticket.event.ends_at = ticket.event.starts_at + timedelta(hours=2)
    ticket.event.save()
    ticket.event.refresh_from_db()
    calendar, entry, text = entry_of(ticket)
    rules = calendar.walk("VTIMEZONE")
    found = rules[0].to_tz(lookup_tzid=False) if rules else UTC
    assert rules or "DTSTART:20270" in text
    on_the_wall = entry["DTSTART"].dt.replace(tzinfo=None)

    assert found.utcoffset(on_the_wall) == ticket.event.starts_at.astimezone(ticket.event.timezone).utcoffset()


def test_the_same_ticket_is_the_same_entry_and_another_is_another(ticket):
    again = entry_of(ticket, now=NOW + timedelta(days=3), language="en")[1]
    other = entry_of(make_ticket(event=ticket.event))[1]

    assert entry_of(ticket)[1]["UID"] == again["UID"] == "K7MD-4QXT@localhost"
    assert other["UID"] != again["UID"]


def test_it_tells_nothing_of_its_holder(ticket):
    text = entry_of(ticket)[2]

    assert "Angelo" not in text
    assert ticket.holder.phone not in text
    assert ticket.holder.email not in text


def test_an_event_without_a_place_has_none(ticket):
    ticket.event.venue = ticket.event.address = ""

    assert "LOCATION" not in entry_of(ticket)[1]


def test_lines_are_as_short_as_calendars_want_them(ticket):
    ticket.event.name = "Ñandú " * 25
    lines = calendar_entry(ticket, language="es", now=NOW).split(b"\r\n")

    assert max(map(len, lines)) <= 75
