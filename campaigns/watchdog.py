"""Is anybody working? Asked by the worker's main process, which alone survives whatever happens to its children."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from campaigns import lanes
from campaigns.models import Dispatcher
from campaigns.windows import channels_with_work
from whatsapp.models import SendingSettings


def last_sign_of_life() -> datetime | None:
    """The newest heartbeat of a dispatcher or of the tick."""
    newest: datetime | None = Dispatcher.objects.aggregate(newest=Max("heartbeat_at"))["newest"]
    return newest


def is_tick_due(*, now: datetime) -> bool:
    """django-q2's schedule alone may be 30 s late, and says nothing in the first 30 s after a start."""
    last = Dispatcher.objects.filter(slot=Dispatcher.TICK).values_list("heartbeat_at", flat=True).first()
    return last is None or now - last >= timedelta(seconds=settings.TICK_SECONDS)


def is_stale(*, since: datetime, now: datetime) -> bool:
    """Work was due, and nothing has shown a sign of life for `STALE_SECONDS`, ours since `since` included."""
    newest = max(last_sign_of_life() or since, since)
    return now - newest > timedelta(seconds=settings.STALE_SECONDS)


def has_due_work(*, now: datetime) -> bool:
    channels = channels_with_work(SendingSettings.load(), now=now)
    return bool(lanes.free_lanes(channels, now=now, before=now))
