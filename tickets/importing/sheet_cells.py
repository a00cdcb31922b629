"""From what Excel stores to what a person sees in the cell, with a mark on what cannot be a name or a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from tickets.importing.faults import RowFault
from tickets.importing.sheet_events import RawCell

# Up to here a decimal of the file is exact; a phone number has at most 15 digits.
LARGEST_WHOLE = 2**53


class OddText(str):
    """The text of a cell whose kind says that it was not typed as a name, an address or a number."""

    fault: RowFault | None = None

    @classmethod
    def of(cls, text: str, fault: RowFault) -> "OddText":
        odd = cls(text)
        odd.fault = fault
        return odd


@dataclass(frozen=True)
class Cells:
    """How this workbook counts days and which of its styles show a number as a date."""

    epoch: Any
    dates: frozenset[int]
    durations: frozenset[int]

    @classmethod
    def of(cls, book: Any) -> "Cells":
        return cls(book.epoch, frozenset(book._date_formats), frozenset(book._timedelta_formats))

    def texts(self, cells: Sequence[RawCell], shared: Sequence[str]) -> tuple[str, ...]:
        """One for each column, empty where the row has no cell."""
        width = max((cell.column for cell in cells), default=0)
        texts = [""] * width
        for cell in cells:
            texts[cell.column - 1] = self._text(cell, shared)
        return tuple(texts)

    def _text(self, cell: RawCell, shared: Sequence[str]) -> str:
        value = cell.value
        if not value:  # a formula whose result is an empty text says so by its type
            return OddText.of("", RowFault.EMPTY_FORMULA) if cell.has_formula and cell.type != "str" else ""
        if cell.type == "s":
            return shared[int(value)]
        if cell.type == "e":
            return OddText.of(value, RowFault.ERROR_CELL)
        if cell.type == "b":
            return "1" if value.strip() == "1" else "0"
        if cell.type == "d":
            return OddText.of(value.replace("T00:00:00", ""), RowFault.DATE_CELL)
        return self._number(cell, value) if cell.type == "n" else value

    def _number(self, cell: RawCell, value: str) -> str:
        number = float(value)
        if cell.style in self.dates:
            return OddText.of(self._moment(cell, number) or value, RowFault.DATE_CELL)
        if number.is_integer() and abs(number) <= LARGEST_WHOLE:
            return str(int(number))
        return OddText.of(value, RowFault.DECIMAL_CELL)

    def _moment(self, cell: RawCell, number: float) -> str:
        from openpyxl.utils.datetime import from_excel  # noqa: PLC0415  (slow to import, and few programs read a workbook)

        try:
            moment = from_excel(number, self.epoch, timedelta=cell.style in self.durations)
        except (OverflowError, ValueError):
            return ""
        return written(moment)


def written(moment: datetime | date | time | timedelta | None) -> str:
    """As everybody can read and sort it; without the midnight of a date that has no time."""
    if isinstance(moment, datetime):
        return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%d %H:%M}"
    if isinstance(moment, time):
        return f"{moment:%H:%M}"
    return str(moment or "")
