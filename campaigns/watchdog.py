"""Is anybody working? Asked by the worker's main process, which alone survives whatever happens to its children."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from campaigns import installation
from campaigns.models import Dispatcher
from campaigns.work import idle_lanes


def is_tick_due(*, now: datetime) -> bool:
    """django-q2's schedule alone may be 30 s late, and says nothing in the first 30 s after a start."""
    last = Dispatcher.objects.filter(slot=Dispatcher.TICK).values_list("heartbeat_at", flat=True).first()
    return last is None or now - last >= timedelta(seconds=settings.TICK_SECONDS)


def has_due_work(*, now: datetime) -> bool:
    """A message could leave at this moment, and nobody holds the lane that it would leave from."""
    if installation.check_place(now=now):
        return False  # whoever is held is not stuck
    return bool(idle_lanes(now=now, before=now))


class Watchdog:
    """Notices that work is due and nobody takes it up: whatever the reason is, only a new start helps."""

    def __init__(self) -> None:
        self.due_since: datetime | None = None

    def is_stuck(self, *, now: datetime) -> bool:
        if not has_due_work(now=now):
            self.due_since = None
            return False
        beat = Dispatcher.objects.exclude(slot=Dispatcher.TICK).aggregate(newest=Max("heartbeat_at"))["newest"]
        if self.due_since is None or (beat is not None and beat > self.due_since):
            self.due_since = now
        return now - self.due_since > timedelta(seconds=settings.STALE_SECONDS)
