"""What data of their own contacts and tickets have: the names that messages may ask for beside ours."""

from django.db import connection

# Asked of the database, which looks into the data of 100,000 people in a fraction of the time that we would take.
ATTRIBUTES = {
    "sqlite": "SELECT DISTINCT each.key FROM tickets_contact, json_each(tickets_contact.attributes) AS each"
    " WHERE tickets_contact.attributes <> '{}'",
    "postgresql": "SELECT DISTINCT jsonb_object_keys(attributes) FROM tickets_contact WHERE attributes <> '{}'::jsonb",
}


def known_attributes() -> frozenset[str]:
    """The names of the data that somebody's contact has."""
    with connection.cursor() as cursor:
        cursor.execute(ATTRIBUTES[connection.vendor])
        return frozenset(name for (name,) in cursor.fetchall())


OF_TICKETS = {
    "sqlite": "SELECT DISTINCT each.key FROM tickets_ticket, json_each(tickets_ticket.attributes) AS each"
    " WHERE tickets_ticket.event_id = %s AND tickets_ticket.attributes <> '{}'",
    "postgresql": "SELECT DISTINCT jsonb_object_keys(attributes) FROM tickets_ticket"
    " WHERE event_id = %s AND attributes <> '{}'::jsonb",
}


def known_ticket_attributes(event: int | None) -> frozenset[str]:
    """The names of the data that a ticket of this event has."""
    if event is None:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(OF_TICKETS[connection.vendor], [event])
        return frozenset(name for (name,) in cursor.fetchall())
