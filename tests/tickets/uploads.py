"""Uploaded lists for the tests: kept, checked and imported as the pages and the workers do it."""

from uuid import uuid4

from django.core.files.base import ContentFile

from tests.factories import NOW, make_user
from tickets.importing import moves
from tickets.importing.slices import work
from tickets.importing.uploading import keep_upload
from tickets.models import Import, ImportProblem


def upload(content, name="lista.csv", **choices):
    """As after the first page: the columns are guessed."""
    data = content.encode() if isinstance(content, str) else content
    job, _is_new = keep_upload(ContentFile(data, name=name), key=uuid4(), country="CO", user=make_user())
    for field, value in choices.items():
        setattr(job, field, value)
    job.save()
    return job


def run_tasks(job):
    """Whatever is queued for it, until nothing is."""
    while fresh(job).state in {"checking", "running", "undoing"}:
        work(job.pk, fresh(job).round, clock=lambda: NOW)
    return fresh(job)


def checked(content, **choices):
    job = upload(content, **choices)
    assert moves.start_check(job, choices={}, now=NOW)
    return run_tasks(job)


def started(content, **choices):
    job = checked(content, **choices)
    assert moves.start_run(job, user=make_user(), now=NOW)
    return fresh(job)


def imported(content, **choices):
    return run_tasks(started(content, **choices))


def undone(job):
    assert moves.start_undo(job, user=make_user(), now=NOW)
    return run_tasks(job)


def fresh(job):
    return Import.objects.select_related("event").get(pk=job.pk)


def totals(job):
    counts = (job.rows, job.created, job.updated, job.unchanged, job.repeated, job.errors, job.blank)
    assert job.rows == sum(counts[1:])
    return counts


def problems(job, kind="error"):
    found = ImportProblem.objects.filter(imported_in=job, round=job.round, kind=kind).order_by("line")
    return list(found.values_list("line", "code", "value"))
