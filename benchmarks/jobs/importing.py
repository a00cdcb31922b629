"""A list of very many people, as the worker takes it: check, import, and the same list once more."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from benchmarks.machine import peak_kb
from tickets.exporting import ContactSheet
from tickets.importing import moves
from tickets.importing.slices import work
from tickets.importing.uploading import keep_upload
from tickets.models import Contact, Import
from tickets.spreadsheets import csv_pieces, xlsx_pieces

SLICE = timedelta(seconds=20)


def imported(*, people: int) -> dict[str, Any]:
    """Seconds of each step, and the most memory (MB) that the process had above what it began with."""
    before = peak_kb(os.getpid())
    content = _list(people)
    job = _upload(content)
    found: dict[str, Any] = {"check": _seconds(lambda: _check(job))}
    found["import"] = _seconds(lambda: _run(job))
    again = _upload(content)
    found["again, check"] = _seconds(lambda: _check(again))
    found["again, import"] = _seconds(lambda: _run(again))
    done = Import.objects.get(pk=job.pk)
    repeated = Import.objects.get(pk=again.pk)
    assert (done.created, done.errors, repeated.created, repeated.updated) == (people, 0, 0, 0)
    return found | {"growth_mb": (peak_kb(os.getpid()) - before) / 1024, "peak_mb": peak_kb(os.getpid()) / 1024}


def exported() -> dict[str, Any]:
    """Of everybody in the contacts: seconds for each kind of file, and the memory."""
    before = peak_kb(os.getpid())
    found = {"csv": _seconds(lambda: _pieces("csv")), "xlsx": _seconds(lambda: _pieces("xlsx"))}
    return found | {"growth_mb": (peak_kb(os.getpid()) - before) / 1024}


def _list(people: int) -> bytes:
    rows = "".join(f"Persona {n} Prueba,30{n:08d},persona{n}@example.com,29/02,Feria,{n % 90}\n" for n in range(people))
    return f"nombre,celular,correo,cumpleaños,etiquetas,mesa\n{rows}".encode()


def _upload(content: bytes) -> Import:
    job, _is_new = keep_upload(ContentFile(content, name="lista.csv"), key=uuid4(), country="CO", user=None)
    return job


def _check(job: Import) -> None:
    assert moves.start_check(job, choices={}, now=timezone.now())
    _work(job, "checked")


def _run(job: Import) -> None:
    job.refresh_from_db()
    assert moves.start_run(job, user=None, now=timezone.now())  # type: ignore[arg-type]
    _work(job, "done")


def _work(job: Import, until: str) -> None:
    while True:
        job.refresh_from_db()
        if job.state == until:
            return
        work(job.pk, job.round, clock=timezone.now, budget=SLICE)


def _pieces(kind: str) -> None:
    sheet = ContactSheet(Contact.objects.all())
    rows = sheet.rows()
    pieces = (
        csv_pieces(sheet.header, rows, separator=";")
        if kind == "csv"
        else xlsx_pieces(sheet.header, rows, title="x", widths=sheet.widths)
    )
    assert sum(len(piece) for piece in pieces)


def _seconds(step: Callable[[], None]) -> float:
    began = time.monotonic()
    step()
    return time.monotonic() - began
