"""An uploaded list, batch by batch: each one is saved together with the place where the next begins.

So a task may die at any line, come twice or never: whoever goes on begins exactly behind the last batch that was saved,
and of two that do the same one finds the place taken and leaves.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import Enum
from itertools import islice
from typing import BinaryIO, cast

from django.db import OperationalError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from tickets.enums import ImportState
from tickets.importing.faults import FileRefused
from tickets.importing.headers import Column, Field
from tickets.importing.lists import MOST_ROWS, Layout, opened_list
from tickets.importing.memory import StoredMemory
from tickets.importing.records import Record
from tickets.importing.remembering import remember_people, remember_problems
from tickets.importing.running import MOST_SAMPLES, RowsRead, read_rows
from tickets.importing.saving import BatchResult, rehearse_batch, save_batch
from tickets.importing.ticketing import count_tickets
from tickets.models import Import

BATCH = 500
READ = 100  # percent: nothing of the file is left, and it need not be opened again
ROUNDS = 3  # another writer may be in the way; then the batch is tried again

Clock = Callable[[], datetime]


class Outcome(Enum):
    READ = "read"  # to its end
    MORE = "more"
    TAKEN = "taken"  # by somebody else, or it is not to be done any more


class ListRefused(Exception):
    """It cannot be read to its end; `str()` is a sentence."""


def work_through(job: Import, *, budget: timedelta, clock: Clock) -> Outcome:
    """Rows of the round that `job` is in, from where it is, for about as long as `budget`. Raises ListRefused.

    The budget begins with the first batch: opening a large workbook and finding the place can take longer than that.
    """
    ends: datetime | None = None
    try:
        with opened_file(job) as source, opened_list(source, Layout.of(job.layout)) as opened:
            records = islice(opened.records, job.position, None)
            while batch := list(islice(records, BATCH)):
                if job.position + len(batch) > MOST_ROWS:
                    raise ListRefused(_too_long())
                started = clock()
                percent = min(int(opened.share_read() * 100), READ - 1)
                if not _take(job, batch, percent=percent, now=started):
                    return Outcome.TAKEN
                ends = ends or started + budget
                if clock() >= ends:
                    return Outcome.MORE
    except FileRefused as refused:
        raise ListRefused(str(refused)) from refused
    return Outcome.READ


@contextmanager
def opened_file(job: Import) -> Iterator[BinaryIO]:
    """Raises FileRefused when it is gone."""
    try:
        found = job.file.storage.open(job.file.name or "", "rb")
    except FileNotFoundError as gone:
        raise FileRefused("gone", _("The file of this list is not there any more. Upload it again.")) from gone
    with found as stored:
        yield cast(BinaryIO, stored.file)


def columns_of(job: Import) -> list[Column]:
    return [
        Column(one["header"], field=Field(one["field"]) if one["field"] else None, key=one["key"])
        for one in job.columns
    ]


def _too_long() -> str:
    return _("This list has more than %(most)d rows. Split it into smaller files.") % {"most": MOST_ROWS}


def _take(job: Import, records: Sequence[Record], *, percent: int, now: datetime) -> bool:
    """One batch, all of it or nothing. False: somebody else has done it, or the round is over."""
    read = read_rows(records, columns_of(job), job.country, (job.tag,) if job.tag else ())
    won = False
    for attempt in range(ROUNDS):
        try:
            with transaction.atomic():
                won = _save(job, read, percent=percent, now=now)
        except OperationalError:
            if attempt == ROUNDS - 1:
                raise
        else:
            break
    if won:  # known here only after it is committed
        job.position += read.rows
        job.samples = _samples(job, read)
    return won


def _save(job: Import, read: RowsRead, *, percent: int, now: datetime) -> bool:
    place = {"pk": job.pk, "state": job.state, "round": job.round, "position": job.position}
    there = {"position": job.position + read.rows, "percent": percent, "seen_at": now, "samples": _samples(job, read)}
    if not Import.objects.filter(**place).update(**there):
        return False
    memory = StoredMemory(job)
    if job.state == ImportState.CHECKING:
        result = rehearse_batch(read.people, memory)
        tickets = count_tickets(job.event, result)
    else:
        result = save_batch(read.people, memory, now=now)
        tickets = {}
        remember_people(job, result, now=now)
    memory.add(result.lines, result.contacts)
    remember_problems(job, read, result)
    counts = _counts(read, result) | tickets
    Import.objects.filter(pk=job.pk).update(**{name: F(name) + count for name, count in counts.items()})
    return True


def _counts(read: RowsRead, result: BatchResult) -> dict[str, int]:
    return {
        "rows": read.rows,
        "blank": read.blank,
        "errors": len(read.bad),
        "created": result.created,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "repeated": len(result.repeats),
        "warnings": len(read.warnings),
        "without_phone": read.without_phone,
    }


def _samples(job: Import, read: RowsRead) -> list[dict[str, str | int]]:
    fresh = [
        {"line": one.line, "name": one.name, "phone": one.phone, "email": one.email}
        for one in read.samples[: MOST_SAMPLES - len(job.samples)]
    ]
    return [*job.samples, *fresh]
