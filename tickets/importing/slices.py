"""What a task does with an uploaded list: a bounded slice of whatever it is waiting for, and then the next task."""

import logging
from datetime import timedelta
from typing import Any

from django.db import DataError, Error
from django.utils.translation import gettext as _
from django.utils.translation import override

from tickets.enums import ImportState
from tickets.importing import moves
from tickets.importing.issuing import count_existing, issue_to_imported
from tickets.importing.keeping import forget_round
from tickets.importing.ticketing import lack_of_room
from tickets.importing.undoing import undo_some
from tickets.importing.working import READ, Clock, ListRefused, Outcome, work_through
from tickets.models import Import
from tickets.types import CannotIssue

logger = logging.getLogger(__name__)

SLICE = timedelta(seconds=20)


def work(import_id: int, round_number: int, *, clock: Clock, budget: timedelta = SLICE) -> str:
    """Returns a word for the list of tasks."""
    job = Import.objects.select_related("event").filter(pk=import_id, round=round_number).first()
    if job is None or job.state not in ImportState.busy:
        return "nothing to do"
    with override(job.language):
        if job.state == ImportState.UNDOING:
            is_done = not undo_some(job, budget=budget, clock=clock)
            return _said(moves.end_undo(job, now=clock())) if is_done else _go_on(job)
        try:
            return _read_on(job, clock=clock, budget=budget)
        except Exception as error:
            if _may_pass(error):
                raise
            logger.exception("The import %s broke the program", job.pk)
            sentence = _("Something in this list stopped the program. Tell your technician: the log says what it was.")
            return _said(moves.refuse(job, sentence, now=clock()))


def _may_pass(error: Exception) -> bool:
    """Then the next task tries again. All else would be tried every minute for ever, and nobody would be told."""
    return isinstance(error, (Error, OSError, MemoryError)) and not isinstance(error, DataError)


def _read_on(job: Import, *, clock: Clock, budget: timedelta) -> str:
    if job.percent < READ:
        try:
            outcome = work_through(job, budget=budget, clock=clock)
        except ListRefused as refused:
            return _said(moves.refuse(job, str(refused), now=clock()))
        if outcome is not Outcome.READ:
            return _next(job, outcome)
    return _end(job, clock=clock, budget=budget)


def _end(job: Import, *, clock: Clock, budget: timedelta) -> str:
    """All rows are done, so that nothing has to be remembered any more: killed after that, the end is only repeated."""
    forget_round(job)
    if job.state == ImportState.CHECKING:
        return _said(_end_check(job))
    if job.event is None:
        return _said(moves.end_run(job, now=clock(), outcome={}))
    return _end_with_tickets(job, clock=clock, budget=budget)


def _end_check(job: Import) -> bool:
    if job.event:
        job.refresh_from_db(fields=["ticket_people"])
        note = lack_of_room(job.event, job.ticket_people)
        Import.objects.filter(pk=job.pk, round=job.round).update(ticket_note=note[:500])
    return moves.end_check(job)


def _end_with_tickets(job: Import, *, clock: Clock, budget: timedelta) -> str:
    """The people are in; a full event is a sentence and no reason to take them out again."""
    Import.objects.filter(pk=job.pk, state=job.state, round=job.round).update(percent=READ)
    outcome: dict[str, Any]
    try:
        issued = issue_to_imported(job, budget=budget, clock=clock)
    except CannotIssue as why:
        outcome = {"ticket_note": str(why)[:500]}
    else:
        if issued is not Outcome.READ:
            return _next(job, issued)
        outcome = {"tickets_existing": count_existing(job)}
    return _said(moves.end_run(job, now=clock(), outcome=outcome))


def _next(job: Import, outcome: Outcome) -> str:
    return "taken" if outcome is Outcome.TAKEN else _go_on(job)


def _go_on(job: Import) -> str:
    moves.enqueue(job)
    return "more"


def _said(is_done: bool) -> str:
    return "done" if is_done else "taken"
