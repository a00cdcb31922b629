"""How long the file and the rows of an import are kept: people's data that nobody needs any more."""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tickets.enums import ImportState
from tickets.models import Import, ImportedPerson, ImportKey, ImportProblem
from tickets.models.importing import PLACE

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)
AT_ONCE = 20  # lists of one tick
ROWS_AT_ONCE = 20_000
NAMES_AT_ONCE = 500


def clear_old(*, now: datetime) -> int:
    """Delete what is older than `KEPT`; of lists that were never imported everything. Returns how many were cleared.

    An import has its file until all else is gone: a clearing that was cut off is taken up by the next tick.
    """
    old = Import.objects.filter(created_at__lt=now - KEPT).exclude(file="").exclude(state__in=sorted(ImportState.busy))
    cleared = 0
    for job in old.order_by("created_at")[:AT_ONCE]:
        try:
            cleared += _clear(job, now=now)
        except OSError:
            logger.exception("The file of the import %s could not be deleted; the next tick tries again", job.pk)
    _sweep(before=now - KEPT)
    return cleared


def discard(job: Import) -> bool:
    """A list of which nothing was imported, with its file. False: it is at work, or it was imported."""
    gone = Import.objects.filter(pk=job.pk, state__in=sorted(ImportState.open)).delete()[0]
    if gone and job.file:
        job.file.storage.delete(job.file.name or "")
    return bool(gone)


def forget_round(job: Import) -> None:
    """What earlier rounds noted, and what this one had to remember while it ran. In parts: others want to write too."""
    _delete(ImportKey.objects.filter(imported_in=job, round__lte=job.round))
    _delete(ImportProblem.objects.filter(imported_in=job, round__lt=job.round))


def _clear(job: Import, *, now: datetime) -> bool:
    if job.state in ImportState.open:
        return discard(job)
    place = {"pk": job.pk, "state": job.state}
    # First, so that nobody undoes it from half of its rows. Only who finds no such state leaves.
    if not Import.objects.filter(**place).update(cleared_at=job.cleared_at or now, preview=[], samples=[]):
        return False
    for model in (ImportProblem, ImportedPerson, ImportKey):
        _delete(model._default_manager.filter(imported_in=job))
    job.file.storage.delete(job.file.name or "")
    return bool(Import.objects.filter(**place).exclude(file="").update(file=""))


def _delete(rows: "QuerySet[Any]") -> None:
    """In parts: others want to write too."""
    while rows.model._default_manager.filter(pk__in=rows.values("pk")[:ROWS_AT_ONCE]).delete()[0]:
        pass


def _sweep(*, before: datetime) -> None:
    """Files that no import knows: somebody was killed between the file and its row."""
    storage = Import._meta.get_field("file").storage
    try:
        names = [f"{PLACE}/{name}" for name in storage.listdir(PLACE)[1]]
        old = [name for name in names if storage.get_modified_time(name) < before]
    except FileNotFoundError:  # there was never one, or somebody else sweeps too
        return
    for start in range(0, len(old), NAMES_AT_ONCE):
        some = old[start : start + NAMES_AT_ONCE]
        known = set(Import.objects.filter(file__in=some).values_list("file", flat=True))
        for name in set(some) - known:
            storage.delete(name)
