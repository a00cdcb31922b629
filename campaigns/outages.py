"""What a database does that is restarted, locked or gone, and how a long-running process gets over it."""

from django.db import DatabaseError, InterfaceError, connection

# Django's InterfaceError ("connection already closed") is no DatabaseError.
OUTAGES = (DatabaseError, InterfaceError)


def forget_broken_connection() -> None:
    """The next question opens a new one. Django only does this by itself between two requests or tasks."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
