"""Which sign stands between the cells: found from the header, where every column counts."""

import re

from tickets.importing.headers import count_fields
from tickets.importing.records import MOST_CHARACTERS, MOST_LINES, Lines, split_cells

SEPARATORS = (",", ";", "\t", "|")
_DIRECTIVE = re.compile(r"sep=(.)\s*", re.I)  # the first line of some files, for Excel


def read_header_cells(lines: Lines, separator: str = "") -> tuple[str, list[str]]:
    """The separator and the cells of the first row that is not blank; `separator` settles it beforehand."""
    text = _first_row(lines)
    if directive := _DIRECTIVE.fullmatch(text):
        separator = separator or directive[1]
        text = _first_row(lines)
    if separator:
        return separator, split_cells(text, separator) or [text]
    cells_by_separator = {candidate: split_cells(text, candidate) or [text] for candidate in SEPARATORS}

    def worth(candidate: str) -> tuple[int, int]:
        cells = cells_by_separator[candidate]
        return count_fields(cells), len(cells)

    best = max(SEPARATORS, key=worth)  # the first of equals
    return best, cells_by_separator[best]


def _first_row(lines: Lines) -> str:
    """A whole row before its separator is known: quotation marks come in pairs."""
    text = _first_line(lines)
    following: list[str] = []
    while text.count('"') % 2 and len(following) < MOST_LINES and len(text) < MOST_CHARACTERS:
        if (line := lines.take()) is None:
            break
        following.append(line)
        text += line
    if text.count('"') % 2:
        lines.give_back(following)
        text = text[: len(text) - sum(map(len, following))]
    return text


def _first_line(lines: Lines) -> str:
    while (line := lines.take()) is not None:
        if line.strip(" \t\r\n,;|\ufeff"):
            return line
    return ""
