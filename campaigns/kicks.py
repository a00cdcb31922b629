"""Asking the background to start. A task is a hint that may come twice or never: our tables are the only truth.

Always after the commit, so that no task runs before the rows that it is about, or although they were rolled back.
"""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django_q.tasks import async_task

from campaigns.models import Dispatcher

logger = logging.getLogger(__name__)

# A kick that was not obeyed for so long was lost with its worker or broker; until then one waiting task is enough.
LONGEST_KICK = 20.0


def enqueue(function: str, *args: object) -> None:
    """Put a task on the queue after the commit. A broker that is down loses a hint, and the tick makes a new one."""
    transaction.on_commit(partial(_enqueue, function, *args))


def _enqueue(function: str, *args: object) -> None:
    try:
        async_task(function, *args)
    except Exception:
        logger.exception("The task %s could not be queued; the next tick asks again", function)


def start_preparing(campaign_id: int) -> None:
    enqueue("campaigns.tasks.prepare", campaign_id)


def kick_dispatchers(*, now: datetime) -> int:
    """Ask every free slot to look for work. Safe at any time and as often as one likes."""
    return sum(kick(slot, now=now) for slot in Dispatcher.objects.exclude(slot=Dispatcher.TICK))


def kick(dispatcher: Dispatcher, *, now: datetime) -> bool:
    free = Q(lease_expires_at=None) | Q(lease_expires_at__lte=now)
    patience = timedelta(seconds=min(LONGEST_KICK, settings.LEASE_SECONDS))
    due = Q(kicked_at=None) | Q(kicked_at__lte=now - patience)
    won = Dispatcher.objects.filter(free, due, pk=dispatcher.pk).update(kicked_at=now)
    if won:
        enqueue("campaigns.tasks.dispatch", dispatcher.slot)
    return bool(won)
