"""How long the file and the rows of an import are kept: people's data that nobody needs any more."""

from datetime import datetime, timedelta

from tickets.enums import ImportState
from tickets.models import Import, ImportedPerson, ImportKey, ImportProblem

KEPT = timedelta(days=30)
AT_ONCE = 20  # lists of one tick
ROWS_AT_ONCE = 20_000


def clear_old(*, now: datetime) -> int:
    """Delete what is older than `KEPT`; of lists that were never imported everything. Returns how many were cleared."""
    old = Import.objects.filter(created_at__lt=now - KEPT, cleared_at=None).exclude(state__in=sorted(ImportState.busy))
    cleared = 0
    for job in old.order_by("created_at")[:AT_ONCE]:
        cleared += _clear(job, now=now)
    return cleared


def discard(job: Import) -> bool:
    """A list of which nothing was imported, with its file. False: it is at work, or it was imported."""
    gone = Import.objects.filter(pk=job.pk, state__in=sorted(ImportState.open)).delete()[0]
    if gone and job.file:
        job.file.storage.delete(job.file.name or "")
    return bool(gone)


def forget_round(job: Import) -> None:
    """What earlier rounds noted, and what this one had to remember while it ran. In parts: others want to write too."""
    keys = ImportKey.objects.filter(imported_in=job, round__lte=job.round)
    problems = ImportProblem.objects.filter(imported_in=job, round__lt=job.round)
    for rows in (keys, problems):
        while ids := list(rows.values_list("pk", flat=True)[:ROWS_AT_ONCE]):
            rows.filter(pk__lte=max(ids), pk__gte=min(ids)).delete()


def _clear(job: Import, *, now: datetime) -> bool:
    if job.state in ImportState.open:
        return discard(job)
    won = Import.objects.filter(pk=job.pk, state=job.state, cleared_at=None).update(
        cleared_at=now, file="", preview=[], samples=[]
    )
    if won:
        for model in (ImportProblem, ImportedPerson, ImportKey):
            model.objects.filter(imported_in=job).delete()
        if job.file:
            job.file.storage.delete(job.file.name or "")
    return bool(won)
