"""From bytes to text: which encoding a file has, found in a fixed order and checked to its end."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import BinaryIO, TextIO

from django.utils.translation import gettext as _

from tickets.importing.faults import FileRefused

CHUNK = 1 << 16
BOMS = (  # UTF-32 first: its little-endian mark begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx, ods and numbers; the old xls
# Half characters come out of some exports. They are let in here and taken out of each cell, so that one of them
# does not make the whole file look like another encoding.
HALF_CHARACTERS = "surrogatepass"


def detect_encoding(source: BinaryIO, wanted: str = "") -> str:
    """The name of an encoding in which all of `source` can be read; only `wanted` where given. Raises FileRefused."""
    source.seek(0)
    head = source.read(CHUNK)
    _refuse_what_is_no_list(head)
    if wanted and not _reads_as(source, wanted):
        raise FileRefused("encoding", _("This file cannot be read with the encoding that was chosen. Choose another."))
    if wanted:
        return wanted
    for encoding in _candidates(head):
        if _reads_as(source, encoding):
            return encoding
    raise FileRefused("unreadable", _("This file cannot be read as text. Save it as “CSV UTF-8” and try again."))


@contextmanager
def opened_text(source: BinaryIO, encoding: str) -> Iterator[TextIO]:
    """`source` as text with plain line ends; `source` itself stays open."""
    source.seek(0)
    text = TextIOWrapper(source, encoding=encoding, errors=_errors(encoding), newline=None)
    try:
        yield text
    finally:
        text.detach()


def _refuse_what_is_no_list(head: bytes) -> None:
    if not head.strip():
        raise FileRefused("empty", _("This file is empty."))
    if head.startswith(SPREADSHEETS):
        raise FileRefused(
            "spreadsheet",
            _("This is a spreadsheet file of another kind. Open it, save it as .xlsx or “CSV UTF-8” and use that one."),
        )


def _candidates(head: bytes) -> tuple[str, ...]:
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return (encoding,)
    if b"\0" in head:  # UTF-16 without its mark has one after nearly every letter; a picture has them anywhere
        by_place = {"utf-16-le": head[1::2], "utf-16-be": head[::2]}
        return tuple(name for name, half in by_place.items() if half.count(0) > len(half) / 2) or ("utf-8",)
    return ("utf-8", "cp1252", "latin-1")  # the last one reads anything


def _reads_as(source: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)(errors=_errors(encoding))
    source.seek(0)
    try:
        while chunk := source.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:  # UTF-16 without its mark raises the general one
        return False
    return True


def _errors(encoding: str) -> str:
    return HALF_CHARACTERS if encoding.startswith("utf") else "strict"
