"""Tickets for everybody in a list that was imported, batch by batch: each is counted together with its tickets."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from tickets.importing.working import Clock, Outcome
from tickets.issuing import IssueResult, issue_tickets, limits_of
from tickets.models import Contact, Event, Import, ImportedPerson
from tickets.types import type_of_imported

BATCH = 500


def issue_to_imported(job: Import, *, budget: timedelta, clock: Clock) -> Outcome:
    """For about as long as `budget`. Raises CannotIssue: where room is limited there are tickets for all or for nobody.

    May be run again and by two at once: whoever has a ticket is passed over, and only new ones are counted.
    """
    assert job.event is not None
    companions = dict(ImportedPerson.objects.filter(imported_in=job).values_list("contact_id", "companions"))
    ends = clock() + budget
    for ids in _portions(job.event, sorted(companions)):
        issued = _issue(job, job.event, {pk: companions[pk] for pk in ids}, now=clock())
        if issued is None:
            return Outcome.TAKEN
        if issued.created and clock() >= ends:  # without any it would pass over the same ones for ever
            return Outcome.MORE
    return Outcome.READ


def count_existing(job: Import) -> int:
    """How many had a ticket before, once everybody has one."""
    people = ImportedPerson.objects.filter(imported_in=job).count()
    return max(0, people - Import.objects.values_list("tickets_new", flat=True).get(pk=job.pk))


def _portions(event: Event, ids: Sequence[int]) -> Iterator[Sequence[int]]:
    size = max(len(ids), 1) if limits_of(event, type_of_imported(event)) else BATCH
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _issue(job: Import, event: Event, companions: Mapping[int, int], *, now: datetime) -> IssueResult | None:
    """None: somebody else has ended it."""
    with transaction.atomic():
        place = {"pk": job.pk, "state": job.state, "round": job.round}
        if not Import.objects.filter(**place).update(seen_at=now):
            return None
        holders, type_ = (Contact(pk=pk) for pk in companions), type_of_imported(event)
        issued = issue_tickets(event, holders, type=type_, companions=companions)
        Import.objects.filter(**place).update(tickets_new=F("tickets_new") + issued.created)
    return issued
