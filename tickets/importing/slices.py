"""What a task does with an uploaded list: a bounded slice of whatever it is waiting for, and then the next task."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import override

from tickets.enums import ImportState
from tickets.importing import moves
from tickets.importing.keeping import forget_round
from tickets.importing.ticketing import issue_to_imported, lack_of_room
from tickets.importing.undoing import undo_some
from tickets.importing.working import ListRefused, Outcome, work_through
from tickets.issuing import EventFull
from tickets.models import Import

SLICE = timedelta(seconds=20)


def work(import_id: int, round_number: int, *, clock: Callable[[], datetime], budget: timedelta = SLICE) -> str:
    """Returns a word for the list of tasks."""
    job = Import.objects.select_related("event").filter(pk=import_id, round=round_number).first()
    if job is None or job.state not in ImportState.busy:
        return "nothing to do"
    with override(job.language):
        if job.state == ImportState.UNDOING:
            is_done = not undo_some(job, budget=budget, clock=clock)
            return _said(moves.end_undo(job, now=clock())) if is_done else _go_on(job)
        return _read_on(job, clock=clock, budget=budget)


def _read_on(job: Import, *, clock: Callable[[], datetime], budget: timedelta) -> str:
    try:
        outcome = work_through(job, budget=budget, clock=clock)
    except ListRefused as refused:
        return _said(moves.refuse(job, str(refused), now=clock()))
    if outcome is Outcome.TAKEN:
        return "taken"
    if outcome is Outcome.MORE:
        return _go_on(job)
    return _said(_end(job, now=clock()))


def _end(job: Import, *, now: datetime) -> bool:
    """All rows are done, so that nothing has to be remembered any more: killed after that, the end is only repeated."""
    forget_round(job)
    if job.state == ImportState.CHECKING:
        return _end_check(job)
    return moves.end_run(job, now=now, outcome=_issue(job))


def _end_check(job: Import) -> bool:
    if job.event:
        job.refresh_from_db(fields=["ticket_people"])
        note = lack_of_room(job.event, job.ticket_people)
        Import.objects.filter(pk=job.pk, round=job.round).update(ticket_note=note[:500])
    return moves.end_check(job)


def _issue(job: Import) -> dict[str, Any]:
    """The people are in; a full event is a sentence and no reason to take them out again."""
    if job.event is None:
        return {}
    try:
        issued = issue_to_imported(job)
    except EventFull as full:
        return {"ticket_note": str(full)[:500]}
    return {"tickets_new": issued.created, "tickets_existing": issued.existing}


def _go_on(job: Import) -> str:
    moves.enqueue(job)
    return "more"


def _said(is_done: bool) -> str:
    return "done" if is_done else "taken"
