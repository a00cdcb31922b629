"""What the history says, in the language of the moment."""

from tickets.history_words import details_of
from tickets.models import HistoryEntry


def told():
    """Who, what, and the details of every entry, the oldest first."""
    return [(entry.actor, entry.action, details_of(entry)) for entry in HistoryEntry.objects.order_by("pk")]


def said_of(entries):
    """What and the details, where several values stand in one entry: databases keep them in an order of their own."""
    return [(action, set(details)) for _who, action, details in entries]
