"""The list that a phone judges by while it has no network: digests, numbers and states, and no personal data.

docs/decisions/0018-door-offline-list.md says why, and what a lost phone can reveal.
"""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.crypto import salted_hmac

from tickets.enums import TicketStatus
from tickets.models import Event, Ticket

KEY_LENGTH = 20  # hexadecimal digits: 80 bits
LETTERS = {
    TicketStatus.VALID.value: "v",
    TicketStatus.BLOCKED.value: "b",
    TicketStatus.VOIDED.value: "x",
    TicketStatus.REPLACED.value: "r",
}


class Row(NamedTuple):
    pk: int
    token: str
    code: str
    companions: int
    people_inside: int
    status: str


def salt_of(event: Event) -> str:
    """The same for all phones and at all times, so that what one scanned yesterday can still be told today."""
    return salted_hmac("tickets.door_list", str(event.pk), algorithm="sha256").hexdigest()[:32]


def key_of(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()[:KEY_LENGTH]


def list_rows(event: Event) -> list[Row]:
    """All tickets of the event in a fixed order, in one query."""
    rows = Ticket.objects.filter(event=event).order_by("pk").values_list(*Row._fields)
    return [Row(*row) for row in rows]


def version_of(event: Event, rows: list[Row]) -> str:
    """Another one as soon as anything that the list says is another."""
    seen = hashlib.sha256(f"{salt_of(event)} {event.slug} {event.doors_open.isoformat()}".encode())
    seen.update(repr([tuple(row) for row in rows]).encode())
    return seen.hexdigest()[:KEY_LENGTH]


def door_list(event: Event, rows: list[Row], *, now: datetime) -> dict[str, Any]:
    """As JSON holds it. Two entries for each ticket, by its token and by its code, with its number in the list."""
    salt = salt_of(event)
    tickets = [
        [key_of(salt, text), row.companions + 1, row.people_inside, LETTERS[row.status], number]
        for number, row in enumerate(rows, start=1)
        for text in (row.token, row.code)
    ]
    return {
        "event": event.slug,
        "version": version_of(event, rows),
        "salt": salt,
        "made_at": now.isoformat(),
        "opens_at": event.doors_open.isoformat(),
        "tickets": tickets,
    }


def tickets_by_key(event: Event, keys: set[str]) -> dict[str, int]:
    """The ids of the tickets that phones name by these keys. Unknown ones are left out."""
    if not keys:
        return {}
    salt = salt_of(event)
    found = ((key_of(salt, text), row.pk) for row in list_rows(event) for text in (row.token, row.code))
    return {key: pk for key, pk in found if key in keys}
