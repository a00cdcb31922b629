"""Tables that somebody takes away as a file: streamed, and nothing is kept here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from django.http import StreamingHttpResponse
from django.utils.text import slugify
from django.utils.translation import get_language

from tickets.spreadsheets import csv_pieces, xlsx_pieces

CSV, XLSX = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Sheet(Protocol):
    """A table with every word of its own said at once: its rows are asked for when the language was put back."""

    @property
    def header(self) -> Sequence[str]: ...

    @property
    def widths(self) -> Sequence[int]: ...

    def rows(self) -> Iterable[Sequence[str]]: ...


def file_of(sheet: Sheet, kind: str, *, title: str, name: str, at: datetime) -> StreamingHttpResponse:
    """`kind` is a key of `TYPES`; `at` stands in the name of the file, as a local time."""
    if kind == XLSX:
        pieces = xlsx_pieces(sheet.header, sheet.rows(), title=title, widths=sheet.widths)
    else:
        separator = ";" if (get_language() or "es").startswith("es") else ","
        pieces = csv_pieces(sheet.header, sheet.rows(), separator=separator)
    called = f"{slugify(name)[:60] or 'pregonero'}-{at:%Y-%m-%d-%H%M}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{called}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type=TYPES[kind], headers=headers)
