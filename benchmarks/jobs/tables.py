"""Tables for any settings: the product's and those of its peers."""

from django.core.management import call_command
from django.db import connection


def migrate() -> None:
    call_command("migrate", verbosity=0)
    if connection.vendor == "sqlite":  # one file that can be copied
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def analyze() -> None:
    """What autovacuum does within a minute, and nobody does on SQLite: there the planner works without."""
    if connection.vendor == "postgresql":
        connection.cursor().execute("VACUUM ANALYZE")
