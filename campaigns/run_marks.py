"""What happened while a campaign was sent: pauses, changes of the pace, restarts. Everything here is on record."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.admin.models import CHANGE, LogEntry
from django.utils.translation import gettext as _

from campaigns.enums import CampaignStatus, Channels
from campaigns.models import Campaign, CampaignMove
from whatsapp.models import Restart, SendingSettings

S = CampaignStatus

MOST_MARKS = 20  # more hide each other; the latest are kept
LONGEST_WORDS = 140
PACE_MODELS = ("sendingsettings", "sender")


class Mark(NamedTuple):
    """A moment and what happened then, in the reader's language."""

    at: datetime
    words: str


def marks_of(campaign: Campaign, first: datetime, last: datetime) -> list[Mark]:
    """In the order of time. Settings and restarts concern a campaign only where WhatsApp is one of its ways."""
    found = _moves(campaign, first, last)
    if campaign.channels != Channels.EMAIL:
        found += _paces(first, last) + _restarts(first, last)
    return sorted(found)[-MOST_MARKS:]


def _moves(campaign: Campaign, first: datetime, last: datetime) -> list[Mark]:
    marks, before = [], ""
    for move in CampaignMove.objects.filter(campaign=campaign):
        words = _move_words(before, move)
        if words and first <= move.at <= last:
            marks.append(Mark(move.at, words))
        before = move.status
    return marks


def _move_words(before: str, move: CampaignMove) -> str:
    """Nothing for the moves that are no news in a run: its beginning and its end."""
    if move.status == S.SENDING and before == S.PAUSED:
        return _("Resumed")
    if move.status == S.SENDING and before == S.FINISHED:
        return _("Opened again")
    names = {S.PAUSED: _("Paused"), S.CANCELLED: _("Cancelled")}
    name = names.get(S(move.status), "")
    return _short(f"{name}: {move.reason}") if name and move.reason else name


def _paces(first: datetime, last: datetime) -> list[Mark]:
    """Changes with their values before and after, as the history of the settings and of the numbers keeps them."""
    changes = LogEntry.objects.filter(
        action_flag=CHANGE,
        action_time__range=(first, last),
        content_type__app_label=SendingSettings._meta.app_label,
        content_type__model__in=PACE_MODELS,
        change_message__contains="→",
    ).order_by("-action_time")
    rows = changes.values_list("action_time", "content_type__model", "object_repr", "change_message")
    return [
        Mark(at, _short(message if model == "sendingsettings" else f"{name}: {message}"))
        for at, model, name, message in rows[:MOST_MARKS]
    ]


def _restarts(first: datetime, last: datetime) -> list[Mark]:
    asked = Restart.objects.filter(asked_at__range=(first, last)).order_by("-asked_at")
    rows = asked.values_list("asked_at", "sender__name", "is_automatic")
    by_itself, by_hand = _("“%(name)s” was restarted by itself"), _("“%(name)s” was restarted")
    return [Mark(at, (by_itself if alone else by_hand) % {"name": name}) for at, name, alone in rows[:MOST_MARKS]]


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1] + "…"
