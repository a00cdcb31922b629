"""What happened while a campaign was sent: pauses, changes of the pace, restarts. The history knows all of it."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from campaigns.enums import Channels
from campaigns.models import Campaign
from tickets.enums import Action
from tickets.history import entries_of
from tickets.history_words import action_words, facts_of
from tickets.models import HistoryEntry
from whatsapp.models import Sender, SendingSettings

MOST_MARKS = 20  # more hide each other; the latest are kept
LONGEST_WORDS = 140
MOVES = (Action.PAUSED, Action.RESUMED, Action.REOPENED, Action.RESENT, Action.CANCELLED)
# What is done to numbers and to the settings, and changes how fast messages leave.
PACES = (Action.SETTINGS, Action.DRAINED, Action.SWITCHED, Action.RESTARTED)


class Mark(NamedTuple):
    """A moment and what happened then, in the reader's language."""

    at: datetime
    words: str


def marks_of(campaign: Campaign, first: datetime, last: datetime) -> list[Mark]:
    """In the order of time. Settings and numbers concern a campaign only where WhatsApp is one of its ways."""
    found = _moves(campaign, first)
    if campaign.channels != Channels.EMAIL:
        found += _paces(first, last)
    return sorted(found)[-MOST_MARKS:]


def _moves(campaign: Campaign, first: datetime) -> list[Mark]:
    """Its own moves belong to its run until the end, the one that ended it too, which is written down just after."""
    entries = entries_of(campaign).filter(action__in=MOVES, at__gte=first)[:MOST_MARKS]
    return [Mark(entry.at, _move_words(entry)) for entry in entries]


def _move_words(entry: HistoryEntry) -> str:
    name = action_words(entry.action)
    return _short(f"{name}: {entry.sentence}") if entry.sentence else name


def _paces(first: datetime, last: datetime) -> list[Mark]:
    """With the values before and after."""
    kinds = ContentType.objects.get_for_models(SendingSettings, Sender).values()
    done = HistoryEntry.objects.filter(content_type__in=kinds, action__in=PACES, at__range=(first, last))
    return [Mark(entry.at, _short(_pace_words(entry))) for entry in done.select_related("content_type")[:MOST_MARKS]]


def _pace_words(entry: HistoryEntry) -> str:
    if entry.action == Action.RESTARTED:
        words = _("“%(name)s” was restarted") if entry.actor else _("“%(name)s” was restarted by itself")
        return words % {"name": entry.object_name}
    facts = "; ".join(map(str, facts_of(entry)))
    is_of_all = entry.content_type == ContentType.objects.get_for_model(SendingSettings)
    return facts if is_of_all else f"{entry.object_name}: {facts}"


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1] + "…"
