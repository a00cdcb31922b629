"""Tables as CSV and as Excel files, written row by row: a million rows take as little memory as ten.

Pure: rows of text in, pieces of a file out. What people typed cannot become a formula in a spreadsheet, and the
digits of a phone number stay as they are.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from xml.sax.saxutils import escape

from tickets.formulas import inert

PIECE = 64 * 1024  # bytes: how much is handed on at a time
ROWS_AT_ONCE = 500
MOST_ROWS = 1_000_000  # of a sheet; Excel reads 1,048,576
BOM = "\ufeff"  # without it Excel takes UTF-8 for the alphabet of its country
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[str]], *, separator: str) -> Iterator[bytes]:
    """UTF-8 with a mark that says so. Excel expects the semicolon where the decimal mark is a comma."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, lineterminator="\r\n")
    written.write(BOM)
    everything = chain([header], rows)
    while lines := list(islice(everything, ROWS_AT_ONCE)):
        writer.writerows([[inert(cell) for cell in line] for line in lines])
        yield written.getvalue().encode("utf-8", "replace")
        written.seek(0)
        written.truncate()


def xlsx_pieces(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, title: str, widths: Sequence[int]
) -> Iterator[bytes]:
    """Every cell is text. A file is begun before its rows are known: the names of its sheets come last."""
    pipe, more, sheets = _Pipe(), iter(rows), 0
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        first = next(more, None)
        while first is not None or not sheets:
            sheets += 1
            own = islice(chain([first] if first is not None else [], more), MOST_ROWS)
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w") as sheet:
                for text in _sheet(header, own, widths):
                    sheet.write(text.encode())
                    if pipe.size >= PIECE:
                        yield pipe.taken()
            first = next(more, None)
        for name, text in _parts(title, sheets):
            archive.writestr(name, text)
    yield pipe.taken()


class _Pipe(io.RawIOBase):
    """Takes what is written and hands it on; nobody can go back in it."""

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, content: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._written.append(bytes(content))
        self.size += len(content)
        return len(content)

    def taken(self) -> bytes:
        content = b"".join(self._written)
        self._written, self.size = [], 0
        return content


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# 0: as it comes. 1: text, also when somebody edits it (Excel's format 49). 2: a heading.
STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _sheet(header: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    columns = "".join(f'<col min="{n}" max="{n}" width="{w}" customWidth="1"/>' for n, w in enumerate(widths, 1))
    yield (
        f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>"
    )
    yield _row(header, style=2)
    everything = iter(rows)
    while some := list(islice(everything, ROWS_AT_ONCE)):
        yield "".join(_row(row, style=1) for row in some)
    yield "</sheetData></worksheet>"


def _row(cells: Iterable[str], *, style: int) -> str:
    return "<row>" + "".join(_cell(cell, style) for cell in cells) + "</row>"


def _cell(text: str, style: int) -> str:
    """A number's + needs no apostrophe here: the cell is text by its type and by its format."""
    safe = text if _is_phone(text) else inert(text)
    clean = safe if safe.isalnum() else escape(_NO_XML.sub("", safe))
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{clean}</t></is></c>'


def _is_phone(text: str) -> bool:
    return text[:1] == "+" and text[1:].isascii() and text[1:].isdecimal()


def _parts(title: str, sheets: int) -> Iterator[tuple[str, str]]:
    """Everything of the file that is not rows."""
    name = escape(re.sub(r"[\[\]:*?/\\']", " ", _NO_XML.sub("", title)).strip()[:25] or "1", {'"': "&quot;"})
    numbers = range(1, sheets + 1)
    sheet_list = "".join(
        f'<sheet name="{name}{"" if n == 1 else f" {n}"}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers
    )
    sheet_types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPES}.worksheet+xml"/>' for n in numbers
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    links += f'<Relationship Id="rId{sheets + 1}" Type="{OFFICE}/styles" Target="styles.xml"/>'
    root = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    types = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPES}.styles+xml"/>{sheet_types}'
    )
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheet_list}</sheets></workbook>'
    yield "xl/styles.xml", STYLES
    yield "xl/workbook.xml", XML + book
    yield "xl/_rels/workbook.xml.rels", f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'
    yield "_rels/.rels", f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{root}</Relationships>'
    yield "[Content_Types].xml", f'{XML}<Types xmlns="{PACKAGE}/content-types">{types}</Types>'
