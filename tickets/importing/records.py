"""Rows of a separated text with their line numbers, where one bad quotation mark costs one row."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TextIO

from tickets.importing.faults import RowFault

# A cell that runs over more than this was not closed.
MOST_LINES = 200
MOST_CHARACTERS = 100_000


@dataclass(frozen=True)
class Record:
    line: int  # where it begins in the file, counted as an editor counts
    cells: tuple[str, ...]
    fault: RowFault | None = None
    text: str = ""  # of a row whose cells could not be told apart

    @property
    def is_blank(self) -> bool:
        return self.fault is None and not any(cell.strip() for cell in self.cells)


class Lines:
    """Lines of a file with a way back: that a quotation mark was left open is only seen further down."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._ahead: deque[str] = deque()
        self.number = 0

    def take(self) -> str | None:
        line = self._ahead.popleft() if self._ahead else self._read()
        if not line:
            return None
        self.number += 1
        return line

    def give_back(self, lines: list[str]) -> None:
        self._ahead.extendleft(reversed(lines))
        self.number -= len(lines)

    def _read(self) -> str:
        line = self._stream.readline(MOST_CHARACTERS + 1)
        rest = line
        while len(rest) > MOST_CHARACTERS and not rest.endswith("\n"):  # never all of an endless line in memory
            rest = self._stream.readline(MOST_CHARACTERS + 1)
        return line


class _State(Enum):
    COMPLETE = 1
    OPEN = 2
    BROKEN = 3


def read_records(lines: Lines, separator: str) -> Iterator[Record]:
    while (first := lines.take()) is not None:
        yield _read_record(first, lines, separator)


def split_cells(text: str, separator: str) -> list[str] | None:
    """The cells of one complete row, or None."""
    cells, state = _split(text, separator)
    return cells if state is _State.COMPLETE else None


def _read_record(first: str, lines: Lines, separator: str) -> Record:
    number = lines.number
    if len(first) > MOST_CHARACTERS:
        return Record(number, (), RowFault.ROW_TOO_LONG, first[:100])
    cells, state = _split(first, separator)
    following: list[str] = []
    while state is _State.OPEN and (line := _next_within_limits(lines, first, following)) is not None:
        following.append(line)
        if '"' in line:  # nothing else can close it
            cells, state = _split(first + "".join(following), separator)
    if state is _State.COMPLETE:
        return Record(number, tuple(cells))
    lines.give_back(following)
    fault = RowFault.UNCLOSED_QUOTE if state is _State.OPEN or following else RowFault.BAD_QUOTES
    return Record(number, (), fault, first)


def _next_within_limits(lines: Lines, first: str, following: list[str]) -> str | None:
    if len(following) >= MOST_LINES or len(first) + sum(map(len, following)) > MOST_CHARACTERS:
        return None
    return lines.take()


def _split(text: str, separator: str) -> tuple[list[str], _State]:
    reader = csv.reader([text], delimiter=separator, strict=True, skipinitialspace=True)
    try:
        return next(reader, []), _State.COMPLETE
    except csv.Error as error:
        return [], _State.OPEN if "end of data" in str(error) else _State.BROKEN
