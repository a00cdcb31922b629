"""Excel files: which sheets one has and the rows of one of them, read in a stream and with limits against bombs.

openpyxl reads the frame (sheets, formats, dates); the rows and the texts that they share are the big parts and go
through a parser that builds no tree: openpyxl keeps an element for each empty row and fills up the rows that are
missing, a million of them in files that somebody formatted down to the end.
"""

import lzma
import struct
import warnings
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from tickets.importing.faults import FileRefused
from tickets.importing.sheet_cells import Cells
from tickets.importing.sheet_events import MOST_COLUMNS, RawCell, SharedTexts, SheetRows, TooMuch

ZIP_MARK = b"PK\x03\x04"
CHUNK = 1 << 16
MOST_PARTS = 2000
MOST_DIRECTORY = 1024**2  # bytes of the list of parts
MOST_FRAME = 4 * 1024**2  # bytes of a part that is read whole, unpacked
MOST_SHEET = 400 * 1024**2
MOST_TEXTS = 80 * 1024**2
# Excel writes nothing else; of others, bzip2 unpacks without an end and LZMA asks for as much memory as it likes.
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What openpyxl, zipfile and the parser raise for files that are cut, broken or forged.
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ParseError, LookupError,
    ValueError, TypeError, AttributeError, ArithmeticError, AssertionError, MemoryError, RuntimeError,
)  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    name: str
    path: str
    is_visible: bool


@dataclass(frozen=True)
class SheetRow:
    line: int
    cells: tuple[str, ...]


class Workbook:
    """An open Excel file."""

    def __init__(self, archive: "BoundedArchive") -> None:
        self._archive = archive
        archive.refuse_bomb()
        frame = _read_frame(archive)
        self._cells = Cells.of(frame.wb)
        self._texts_path = _path_of_texts(frame)
        self._texts: list[str] | None = None
        self.sheets = [
            Sheet(sheet.name, link.target, sheet.state == "visible")
            for sheet, link in _find_sheets(frame)
            if "chartsheet" not in link.Type and link.target in archive.namelist()
        ]
        if not self.sheets:
            raise FileRefused("no_sheets", _("This Excel file has no sheet with rows."))

    def sheet(self, name: str) -> Sheet:
        """The one of that name, else the first that can be seen."""
        by_name = {sheet.name: sheet for sheet in self.sheets}
        return by_name.get(name) or next((sheet for sheet in self.sheets if sheet.is_visible), self.sheets[0])

    @contextmanager
    def opened(self, sheet: Sheet) -> Iterator["OpenSheet"]:
        try:
            size = self._archive.bounded(sheet.path, MOST_SHEET)
            texts = self._shared_texts()
            source = self._archive.open(sheet.path)
        except (*BROKEN, TooMuch) as error:
            raise _refused(error) from error
        with source:
            yield OpenSheet(source, size, texts, self._cells)

    def _shared_texts(self) -> list[str]:
        if self._texts is None:
            self._texts = self._read_texts() if self._texts_path else []
        return self._texts

    def _read_texts(self) -> list[str]:
        self._archive.bounded(self._texts_path, MOST_TEXTS)
        found = SharedTexts()
        with self._archive.open(self._texts_path) as source:
            parser = DefusedXMLParser(target=found, forbid_dtd=True)
            while chunk := source.read(CHUNK):
                parser.feed(chunk)
            parser.close()
        return found.texts


class OpenSheet:
    """The rows of a sheet that have anything in them."""

    def __init__(self, source: IO[bytes], size: int, texts: list[str], cells: Cells) -> None:
        self._source, self._size, self._texts, self._cells = source, size, texts, cells
        self._read = 0

    def share_read(self) -> float:
        """From 0 to 1."""
        return min(self._read / self._size, 1.0) if self._size else 1.0

    def rows(self) -> Iterator[SheetRow]:
        ready: deque[tuple[int, list[RawCell]]] = deque()
        parser = DefusedXMLParser(target=SheetRows(ready), forbid_dtd=True)
        try:
            while chunk := self._source.read(CHUNK):
                self._read += len(chunk)
                parser.feed(chunk)
                yield from self._finished(ready)
            parser.close()
        except (*BROKEN, TooMuch) as error:
            raise _refused(error) from error

    def _finished(self, ready: deque[tuple[int, list[RawCell]]]) -> Iterator[SheetRow]:
        while ready:
            line, found = ready.popleft()
            texts = self._cells.texts(found, self._texts)
            if any(text.strip() for text in texts):
                yield SheetRow(line, texts)


@contextmanager
def opened_workbook(source: BinaryIO) -> Iterator[Workbook]:
    """Raises FileRefused for what is no Excel file, or a harmful one."""
    source.seek(0)
    try:
        _refuse_crowd(source)
        archive = BoundedArchive(source)
        book = Workbook(archive)
    except FileRefused:
        raise
    except (*BROKEN, TooMuch) as error:
        raise _refused(error) from error
    with archive:
        yield book


def _refuse_crowd(source: BinaryIO) -> None:
    """Before zipfile makes an object of each part: a million of them fit into a file, and then fill the memory."""
    end = zipfile._EndRecData(source)  # type: ignore[attr-defined]
    if end and end[zipfile._ECD_SIZE] > MOST_DIRECTORY:  # type: ignore[attr-defined]
        raise TooMuch


class BoundedArchive(zipfile.ZipFile):
    """Never unpacks more than a list needs. What an archive declares is believed: more than that is not unpacked."""

    def refuse_bomb(self) -> None:
        parts = self.infolist()
        if len(parts) > MOST_PARTS:
            raise TooMuch
        if any(part.flag_bits & 1 for part in parts):
            raise FileRefused("locked", _("This Excel file has a password. Save it without one and try again."))
        if any(part.compress_type not in PACKINGS for part in parts):
            raise zipfile.BadZipFile

    def read(self, name: Any, pwd: bytes | None = None) -> bytes:
        """The small parts, as a whole."""
        self.bounded(name, MOST_FRAME)
        return super().read(name, pwd)

    def bounded(self, name: str, most: int) -> int:
        """Its size, unpacked."""
        size = self.getinfo(name).file_size
        if size > most:
            raise TooMuch
        return size


def _read_frame(archive: BoundedArchive) -> Any:
    from openpyxl.reader.excel import ExcelReader  # noqa: PLC0415  (slow to import, and few programs read a workbook)
    from openpyxl.styles.stylesheet import apply_stylesheet  # noqa: PLC0415  (likewise)

    assert archive.fp is not None
    frame = ExcelReader(archive.fp, read_only=True, data_only=True, keep_links=False)
    frame.archive = archive
    with _without_warnings():
        frame.read_manifest()
        frame.read_workbook()
        apply_stylesheet(frame.archive, frame.wb)
    return frame


def _find_sheets(frame: Any) -> list[Any]:
    with _without_warnings():
        return list(frame.parser.find_sheets())


@contextmanager
def _without_warnings() -> Iterator[None]:
    """About colours, styles and links, which no list has any use for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _path_of_texts(frame: Any) -> str:
    found = frame.package.find("application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml")
    path = found.PartName.lstrip("/") if found is not None else ""
    return path if path in frame.archive.namelist() else ""


def _refused(error: BaseException) -> FileRefused:
    if isinstance(error, FileRefused):
        return error
    if isinstance(error, TooMuch):
        return FileRefused(
            "too_much",
            _(
                "This Excel file unpacks to more than a list of people can be (at most %(columns)d columns). "
                "Copy the rows into a new file, or save the sheet as “CSV UTF-8”."
            )
            % {"columns": MOST_COLUMNS},
        )
    if isinstance(error, DefusedXmlException):
        return FileRefused("harmful", _("This Excel file holds commands that no list needs. It was not opened."))
    return FileRefused(
        "broken_workbook",
        _("This file cannot be opened as an Excel file. Open it in Excel, save it again as .xlsx or as “CSV UTF-8”."),
    )
