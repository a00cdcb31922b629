"""When a gateway is restarted by itself, and the record of every restart.

A restart helps a program that hangs. It does not help a number that was logged out, banned or locked, and there it
does harm: those are never answered with one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q

from whatsapp.enums import SenderState
from whatsapp.models import Restart, Sender

MOST_AN_HOUR = 3
# How long without an answer before the first restart of an hour, and then between two of them.
WAITS = (timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=16))
BETWEEN_RESTARTS = timedelta(minutes=1)  # whoever asks
NEEDS_PERSON = frozenset({SenderState.NEEDS_QR, SenderState.LOGGED_OUT, SenderState.RESTRICTED, SenderState.AUTH_ERROR})
NEVER_IN = NEEDS_PERSON | {SenderState.STARTING}


def is_due(asked: Sequence[datetime], silent_since: datetime, *, now: datetime) -> bool:
    """Whether a gateway that has not answered since a moment should be restarted now, after those of the last hour."""
    recent = sorted(moment for moment in asked if now - moment < timedelta(hours=1))
    if len(recent) >= MOST_AN_HOUR:
        return False
    since = max([silent_since, *recent[-1:]])
    return now - since >= WAITS[len(recent)]


def due_for(sender: Sender, silent_since: datetime, *, now: datetime) -> bool:
    if sender.state in NEVER_IN:
        return False
    asked = sender.restarts.filter(asked_at__gt=now - timedelta(hours=1)).values_list("asked_at", flat=True)
    return is_due(list(asked), silent_since, now=now)


def take_turn(
    sender: Sender, *, now: datetime, user: User | AnonymousUser | None = None, by_itself: bool = False
) -> Restart | None:
    """Compare-and-set: of two who ask within a minute one restarts. None for the other."""
    is_free = Q(restarted_at__isnull=True) | Q(restarted_at__lte=now - BETWEEN_RESTARTS)
    if not Sender.objects.filter(is_free, pk=sender.pk).update(restarted_at=now):
        return None
    sender.restarted_at = now
    return Restart.objects.create(
        sender=sender, asked_at=now, asked_by=user if isinstance(user, User) else None, is_automatic=by_itself
    )


def note_answer(restart_id: int, answer: str, *, was_refused: bool = False) -> None:
    length = Restart._meta.get_field("answer").max_length
    Restart.objects.filter(pk=restart_id).update(answer=answer[:length], was_refused=was_refused)
