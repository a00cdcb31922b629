"""What a sheet's XML says, element by element, without a tree. Limits are kept while it is read."""

import re
from collections import deque
from dataclasses import dataclass

MOST_COLUMNS = 100
LAST_LINE = 1_048_576  # Excel's own; people are told apart by their lines
MOST_CHARACTERS = 32_767  # of a cell, which is also Excel's own limit
MOST_ALL_CHARACTERS = 60_000_000  # of the shared texts together
EACH_TEXT = 20  # what an empty one counts for: a file of nothing else is no list
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


class TooMuch(Exception):
    """More than a list of people can be."""


@dataclass
class RawCell:
    """As it is written in the file; an attribute is None where the file says nothing."""

    column: int  # from 1
    type: str
    style: int
    value: str | None = None
    has_formula: bool = False


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class SheetRows:
    """Puts (line, cells) into `ready` for each row that has cells with something in them."""

    def __init__(self, ready: deque[tuple[int, list[RawCell]]]) -> None:
        self._ready = ready
        self._line = self._column = 0
        self._cells: list[RawCell] = []
        self._cell: RawCell | None = None
        self._text: list[str] | None = None
        self._skipped = 0  # depth inside a reading aid of Japanese texts

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "c":
            self._begin_cell(attributes)
        elif name in {"v", "t"} and self._cell is not None and not self._skipped:
            self._text = []
        elif name == "f" and self._cell is not None:
            self._cell.has_formula = True
        elif name == "rPh":
            self._skipped += 1
        elif name == "row":
            self._line = self._next_line(attributes)
            self._column, self._cells = 0, []

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)
            if sum(map(len, self._text)) > MOST_CHARACTERS:
                self._text = ["".join(self._text)[:MOST_CHARACTERS]]

    def end(self, tag: str) -> None:
        name = local(tag)
        if name in {"v", "t"} and self._cell is not None and self._text is not None:
            self._cell.value = ((self._cell.value or "") + "".join(self._text))[:MOST_CHARACTERS]
            self._text = None
        elif name == "c":
            self._end_cell()
        elif name == "rPh":
            self._skipped -= 1
        elif name == "row" and self._cells:
            self._ready.append((self._line, self._cells))
            self._cells = []

    def close(self) -> None:
        """Nothing is left over at the end of a sheet."""

    def _next_line(self, attributes: dict[str, str]) -> int:
        line = int(float(attributes.get("r", self._line + 1)))
        if not self._line < line <= LAST_LINE:
            raise ValueError(f"line {line} after line {self._line}")
        return line

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = _PLACE.fullmatch(attributes.get("r", ""))
        self._column = column_number(place[1]) if place else self._column + 1
        self._cell = RawCell(self._column, attributes.get("t", "n"), int(attributes.get("s") or 0))

    def _end_cell(self) -> None:
        cell, self._cell, self._text = self._cell, None, None
        if cell is None or (not cell.value and not cell.has_formula):
            return
        if cell.column > MOST_COLUMNS:
            raise TooMuch
        self._cells.append(cell)


class SharedTexts:
    """The texts that cells point to by number."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] | None = None
        self._is_text = False
        self._skipped = 0
        self._characters = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "si":
            self._pieces = []
        elif name == "t" and not self._skipped:
            self._is_text = True
        elif name == "rPh":
            self._skipped += 1

    def data(self, text: str) -> None:
        if self._is_text and self._pieces is not None:
            self._count(len(text))
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        name = local(tag)
        if name == "t":
            self._is_text = False
        elif name == "rPh":
            self._skipped -= 1
        elif name == "si":
            self.texts.append("".join(self._pieces or ())[:MOST_CHARACTERS])
            self._pieces = None
            self._count(EACH_TEXT)

    def close(self) -> None:
        """Nothing is left over at the end of the texts."""

    def _count(self, characters: int) -> None:
        self._characters += characters
        if self._characters > MOST_ALL_CHARACTERS:
            raise TooMuch
