"""A list as it arrives: looked at before anything is kept, and guessed at as far as that goes."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, BinaryIO
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils.translation import get_language

from tickets.countries import COUNTRY_NAMES
from tickets.importing.headers import Column, Field, attribute_names, read_header
from tickets.importing.lists import Layout, Look, look_at
from tickets.importing.nations import guess_country
from tickets.importing.records import Record
from tickets.importing.remembering import storable
from tickets.importing.working import opened_file
from tickets.models import Import

SHOWN_ROWS = 5
ASKED_ROWS = 200  # for the numbers among them, which show the country
LONGEST_SHOWN = 80
CHUNK = 1 << 20


def keep_upload(upload: "File[bytes]", *, key: UUID, country: str, user: Any) -> tuple[Import, bool]:
    """The import and whether it is new: a double click finds the first one. Raises FileRefused.

    `country` is the one that its numbers are expected to be of.
    """
    if known := Import.objects.filter(upload_key=key).first():
        return known, False
    look = look_at(_binary(upload), Layout(), rows=ASKED_ROWS)
    columns = read_header(look.header)
    job = Import(
        name=(upload.name or "")[-150:],
        fingerprint=_fingerprint(_binary(upload)),
        upload_key=key,
        country=_country(columns, look, country),
        language=get_language() or "es",
        created_by=user,
        columns=stored_columns(columns),
        **found(look),
    )
    job.file.save(upload.name or "lista.csv", upload, save=False)
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:  # the second of two clicks was as fast as the first
        job.file.storage.delete(job.file.name or "")
        return Import.objects.get(upload_key=key), False
    return job, True


def found(look: Look) -> dict[str, Any]:
    """What a look at the file says, as the fields of an import."""
    return {
        "layout": look.layout.stored(),
        "sheets": look.sheets,
        "preview": [_shown(row) for row in look.rows[:SHOWN_ROWS]],
    }


def _country(columns: Sequence[Column], look: Look, expected: str) -> str:
    place = next((number for number, column in enumerate(columns) if column.field == Field.PHONE), None)
    if place is None:
        return expected
    numbers = [row.cells[place] for row in look.rows if place < len(row.cells)]
    return guess_country(numbers, home=expected, others=list(COUNTRY_NAMES))


def stored_columns(columns: Sequence[Column]) -> list[dict[str, str]]:
    """`name` is that of the column as other data, whatever it is now."""
    names = attribute_names([column.header for column in columns])
    return [
        {"header": column.header, "field": str(column.field or ""), "key": column.key, "name": column.key or name}
        for column, name in zip(columns, names, strict=True)
    ]


def look_again(job: Import, wanted: Layout) -> dict[str, Any]:
    """With another separator, encoding or sheet; the columns are guessed anew where the header is another one."""
    with opened_file(job) as source:
        look = look_at(source, wanted, rows=SHOWN_ROWS)
    fresh = stored_columns(read_header(look.header))
    is_same = [one["header"] for one in fresh] == [one["header"] for one in job.columns]
    return found(look) | ({} if is_same else {"columns": fresh})


def same_file(job: Import) -> Import | None:
    """The last import of exactly this file, so that nobody wonders why everybody is unchanged."""
    others = Import.objects.filter(fingerprint=job.fingerprint, finished_at__isnull=False).exclude(pk=job.pk)
    return others.order_by("-pk").first()


def _shown(record: Record) -> list[str]:
    return [" ".join(storable(cell).split())[:LONGEST_SHOWN] for cell in record.cells or (record.text,)]


def _binary(upload: "File[bytes]") -> BinaryIO:
    return upload.file  # type: ignore[return-value]


def _fingerprint(source: BinaryIO) -> str:
    source.seek(0)
    total = sha256()
    while chunk := source.read(CHUNK):
        total.update(chunk)
    source.seek(0)
    return total.hexdigest()
