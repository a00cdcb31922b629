"""Who wrote down what a person wants, as the history has it."""

from collections.abc import Iterator
from datetime import datetime

from tickets.enums import Action
from tickets.history import entries_of_numbers
from tickets.history_words import who
from tickets.merging_rows import merged_numbers
from tickets.models import Contact, HistoryEntry
from tickets.optouts import CHANNELS

MOST_ENTRIES = 50
WISHES = (Action.OPTED_OUT, Action.OPTED_IN)
MOMENTS = ("opt_out_at", "consent_at")


def writers_of_wishes(contact: Contact) -> dict[tuple[str, str, datetime], str]:
    """By channel, "opt_out_at" or "consent_at", and that moment; of those who became a part of the person too."""
    numbers = [contact.pk, *merged_numbers(contact)]
    entries = entries_of_numbers(Contact, numbers).filter(action__in=WISHES)[:MOST_ENTRIES]
    return {place: who(entry) for entry in entries for place in _places(entry)}


def _places(entry: HistoryEntry) -> Iterator[tuple[str, str, datetime]]:
    for channel in CHANNELS:
        for name in MOMENTS:
            if moment := entry.after.get(f"{channel}_{name}"):
                yield channel, name, datetime.fromisoformat(moment)
