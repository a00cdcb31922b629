"""The states of an import: the only code that writes them, each time on condition that the one before still holds."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django_q.tasks import async_task

from tickets.enums import Action, ImportState
from tickets.history import record
from tickets.models import Import
from tickets.models.importing import COUNTS

logger = logging.getLogger(__name__)

TASK = "tickets.tasks.work_on_import"
# Without a sign of life for so long, a task was lost with its worker.
PATIENCE = timedelta(seconds=60)

User = AbstractBaseUser | AnonymousUser
EMPTY = dict.fromkeys((*COUNTS, "tickets_new", "tickets_existing", "ticket_people", "position", "percent"), 0)


def start_check(job: Import, *, choices: dict[str, Any], now: datetime) -> bool:
    """Rehearse it with these columns and options. False: it is at work, it is done, or others chose meanwhile."""
    return _begin(job, ImportState.open, ImportState.CHECKING, now=now, **choices)


def start_run(job: Import, *, user: User, now: datetime) -> bool:
    """Import what was checked."""
    with transaction.atomic():
        won = _begin(job, {ImportState.CHECKED}, ImportState.RUNNING, now=now, run_by=user)
        if won:
            record(user, job, Action.IMPORTING, after={"rows": job.rows}, now=now)
    return won


def start_undo(job: Import, *, user: User, now: datetime) -> bool:
    with transaction.atomic():
        won = _move(job, {ImportState.DONE}, ImportState.UNDOING, seen_at=now, undone_by=user)
        if won:
            record(user, job, Action.UNDOING, now=now)
            enqueue(job)
    return won


def end_check(job: Import) -> bool:
    return _move(job, {ImportState.CHECKING}, ImportState.CHECKED, percent=100)


def end_run(job: Import, *, now: datetime, outcome: dict[str, Any]) -> bool:
    with transaction.atomic():
        won = _move(job, {ImportState.RUNNING}, ImportState.DONE, percent=100, finished_at=now, **outcome)
        if won:
            job.refresh_from_db()
            _record_run(job, now=now)
    return won


def end_undo(job: Import, *, now: datetime) -> bool:
    with transaction.atomic():
        won = _move(job, {ImportState.UNDOING}, ImportState.UNDONE, undone_at=now)
        if won:
            job.refresh_from_db()
            numbers = {name: getattr(job, name) for name in ("removed", "kept", "untagged")}
            record(job.undone_by, job, Action.UNDONE, after=numbers, now=now)
    return won


def refuse(job: Import, sentence: str, *, now: datetime) -> bool:
    """The file cannot be read to its end. What an import had saved by then stays, and it can be undone."""
    if job.state == ImportState.RUNNING:
        return end_run(job, now=now, outcome={"reason": sentence[:500]})
    return _move(job, {ImportState.CHECKING}, ImportState.REFUSED, reason=sentence[:500])


def choose_layout(job: Import, **found: Any) -> bool:
    """Another separator, encoding or sheet: whatever was checked before does not count any more."""
    return _move(job, ImportState.open, ImportState.CHOOSING, round=job.round + 1, reason="", **found)


def enqueue(job: Import) -> None:
    """After the commit. The task is a hint: when it is lost, or its broker is down, `wake` makes another one."""
    _enqueue_later(job.pk, job.round)


def _enqueue_later(pk: int, round_number: int) -> None:
    transaction.on_commit(partial(_enqueue, pk, round_number))


def wake(*, now: datetime) -> int:
    """Ask again for what nobody works on any more. Run by the tick of every minute."""
    woken = 0
    for job in Import.objects.filter(state__in=sorted(ImportState.busy), seen_at__lt=now - PATIENCE):
        if Import.objects.filter(pk=job.pk, state=job.state, seen_at=job.seen_at).update(seen_at=now):
            enqueue(job)
            woken += 1
    return woken


def _enqueue(pk: int, round_number: int) -> None:
    try:
        async_task(TASK, pk, round_number)
    except Exception:
        logger.exception("The import %s could not be queued; the next tick asks again", pk)


def _begin(job: Import, sources: Collection[str], to: ImportState, *, now: datetime, **fields: Any) -> bool:
    begun = {"round": job.round + 1, "seen_at": now, "samples": [], "reason": "", "ticket_note": ""}
    won = _move(job, sources, to, **EMPTY, **begun, **fields)
    if won:
        _enqueue_later(job.pk, job.round + 1)
    return won


def _move(job: Import, sources: Collection[str], to: ImportState, **fields: Any) -> bool:
    # One that is being cleared goes nowhere: what it would be undone by is on its way out.
    place = {"pk": job.pk, "round": job.round, "cleared_at": None, "state__in": [str(source) for source in sources]}
    return bool(Import.objects.filter(**place).update(state=to, **fields))


def _record_run(job: Import, *, now: datetime) -> None:
    numbers = {name: getattr(job, name) for name in ("created", "updated", "unchanged", "errors")}
    if job.tickets_new:
        numbers |= {"tickets_new": job.tickets_new, "event": str(job.event or "")}
    record(job.run_by, job, Action.IMPORTED, after=numbers, sentence=f"{job.ticket_note} {job.reason}".strip(), now=now)
