"""A list as a file: a separated text or a sheet of an Excel file, read the same way by everybody."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from tickets.importing.decoding import detect_encoding, opened_text
from tickets.importing.faults import FileRefused
from tickets.importing.headers import count_fields
from tickets.importing.records import Lines, Record, read_records
from tickets.importing.separators import read_header_cells
from tickets.importing.sheet_events import MOST_COLUMNS
from tickets.importing.workbook import ZIP_MARK, OpenSheet, SheetRow, opened_workbook

MOST_BYTES = 50 * 1024**2
MOST_ROWS = 300_000
MOST_TITLES = 20  # rows above the header of a sheet: titles, logos, the date of printing


@dataclass(frozen=True)
class Layout:
    """How a file is read. What is empty is found; a sheet has no encoding and no separator."""

    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header_line: int = 0  # of a sheet

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Layout":
        return cls(**stored)

    def stored(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Look:
    """What the first rows of a file show."""

    layout: Layout
    header: list[str]
    rows: list[Record]
    sheets: list[str]


@dataclass
class OpenList:
    """A file below its header."""

    layout: Layout
    header: list[str]
    records: Iterator[Record]
    sheets: list[str]
    _share: Any

    def share_read(self) -> float:
        """How much of the file is read, from 0 to 1."""
        return float(self._share())


@contextmanager
def opened_list(source: BinaryIO, wanted: Layout) -> Iterator[OpenList]:
    """Raises FileRefused, also later, while `records` are read."""
    source.seek(0)
    opened = _opened_sheet if source.read(len(ZIP_MARK)) == ZIP_MARK else _opened_text
    with opened(source, wanted) as found:
        if len(found.header) > MOST_COLUMNS:
            raise FileRefused(
                "columns",
                _("This list has more than %(most)d columns. Leave those that you need.") % {"most": MOST_COLUMNS},
            )
        yield found


def look_at(source: BinaryIO, wanted: Layout, *, rows: int) -> Look:
    """The header and the first rows that are not blank. Raises FileRefused."""
    with opened_list(source, wanted) as found:
        first = list(islice((record for record in found.records if not record.is_blank), rows))
        return Look(found.layout, found.header, first, found.sheets)


@contextmanager
def _opened_text(source: BinaryIO, wanted: Layout) -> Iterator[OpenList]:
    encoding = detect_encoding(source, wanted.encoding)
    size = source.seek(0, 2)
    with opened_text(source, encoding) as text:
        lines = Lines(text)
        separator, header = read_header_cells(lines, wanted.separator)
        layout = Layout(encoding=encoding, separator=separator)
        yield OpenList(
            layout, header, read_records(lines, separator), [], lambda: source.tell() / size if size else 1.0
        )


@contextmanager
def _opened_sheet(source: BinaryIO, wanted: Layout) -> Iterator[OpenList]:
    with opened_workbook(source) as book:
        sheet = book.sheet(wanted.sheet)
        with book.opened(sheet) as opened:
            rows = opened.rows()
            line, header = _find_header(rows)
        layout = Layout(sheet=sheet.name, header_line=line)
        with book.opened(sheet) as opened:
            records = _records(opened, after=line, width=len(header))
            names = [one.name for one in book.sheets]
            yield OpenList(layout, header, records, names, opened.share_read)


def _find_header(rows: Iterator[SheetRow]) -> tuple[int, list[str]]:
    """The row that names most columns. Above it may stand titles, and the upper half of cells that were joined."""
    first = list(islice(rows, MOST_TITLES))
    if not first:
        raise FileRefused("empty", _("This sheet is empty. If the file has others, choose one of them."))
    headers = [_with_cells_above(first[:number], row) for number, row in enumerate(first)]
    best = max(range(len(first)), key=lambda number: count_fields(headers[number]))
    if count_fields(headers[best]) < 2:
        best = next((number for number, row in enumerate(first) if sum(map(bool, row.cells)) > 1), 0)
    return first[best].line, headers[best]


def _with_cells_above(above: Sequence[SheetRow], row: SheetRow) -> list[str]:
    """A cell that was joined with the one above it has its text up there; a lone cell is a title of the whole list."""
    cells = list(row.cells)
    for upper in reversed(above):
        if sum(map(bool, upper.cells)) > 1:
            cells += [""] * (len(upper.cells) - len(cells))
            cells = [
                cell or (upper.cells[number] if number < len(upper.cells) else "") for number, cell in enumerate(cells)
            ]
    return [str(cell) for cell in cells]


def _records(opened: OpenSheet, *, after: int, width: int) -> Iterator[Record]:
    """A sheet leaves cells at the end of a row out when they are empty."""
    for row in opened.rows():
        if row.line > after:
            yield Record(row.line, row.cells + ("",) * (width - len(row.cells)))
