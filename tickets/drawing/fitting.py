"""Texts of any length in a place of a given width: larger letters first, then more lines, and at last a cut. Pure."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Measure = Callable[[str, float], float]  # a line and a size → its width, in the unit of the place
CUT = "…"


@dataclass(frozen=True)
class Fitted:
    lines: tuple[str, ...]
    size: float


def fit(text: str, *, width: float, sizes: Sequence[float], most_lines: int, measure: Measure) -> Fitted:
    """In the largest of `sizes` in which it takes at most `most_lines`; in the last one it is cut where it must be."""
    lines: list[str] = []
    for size in sizes:
        lines = _broken(text, lambda line, size=size: measure(line, size) <= width)  # type: ignore[misc]
        if len(lines) <= most_lines:
            return Fitted(tuple(lines), size)
    kept = lines[:most_lines]
    kept[-1] = _shortened(kept[-1], lambda line: measure(line, sizes[-1]) <= width)
    return Fitted(tuple(kept), sizes[-1])


def _broken(text: str, fits: Callable[[str], bool]) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and fits(joined):
            lines[-1] = joined
        else:
            lines += [word] if fits(word) else _pieces(word, fits)
    return lines


def _pieces(word: str, fits: Callable[[str], bool]) -> list[str]:
    """Of a word that is wider than the place; each has a letter at least, and marks stay on their letters."""
    pieces = [""]
    for letter in _letters(word):
        if pieces[-1] and not fits(pieces[-1] + letter):
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _shortened(line: str, fits: Callable[[str], bool]) -> str:
    letters = _letters(line)
    while letters and not fits("".join(letters).rstrip() + CUT):
        letters.pop()
    return "".join(letters).rstrip() + CUT


def _letters(word: str) -> list[str]:
    letters: list[str] = []
    for sign in word:
        if letters and unicodedata.category(sign).startswith("M"):
            letters[-1] += sign
        else:
            letters.append(sign)
    return letters
