"""A picture of few colours: texts and shapes are painted in ramps from one colour to another.

A ramp has a few steps between what it is painted on and what it is painted with, which is all that smooth edges need.
So the picture is one of a palette from the start: it is small, and no time goes into looking for its colours.
"""

import io
from collections.abc import Sequence
from enum import IntEnum

from PIL import Image, ImageDraw

from tickets.drawing.faces import mask_of

STEPS = 8
PAPER, DESK, INK, QUIET = (255, 255, 255), (233, 239, 241), (23, 35, 42), (82, 97, 107)
TEAL, AMBER, BROWN, LINE = (11, 90, 107), (246, 174, 45), (43, 29, 0), (190, 203, 210)


class Ramp(IntEnum):
    """On what, with what."""

    INK_ON_PAPER = 0
    QUIET_ON_PAPER = 1
    TEAL_ON_PAPER = 2
    LINE_ON_PAPER = 3
    PAPER_ON_TEAL = 4
    AMBER_ON_TEAL = 5
    BROWN_ON_AMBER = 6
    TEAL_ON_DESK = 7
    PAPER_ON_DESK = 8
    DESK_ON_PAPER = 9


_COLOURS = {
    Ramp.INK_ON_PAPER: (PAPER, INK),
    Ramp.QUIET_ON_PAPER: (PAPER, QUIET),
    Ramp.TEAL_ON_PAPER: (PAPER, TEAL),
    Ramp.LINE_ON_PAPER: (PAPER, LINE),
    Ramp.PAPER_ON_TEAL: (TEAL, PAPER),
    Ramp.AMBER_ON_TEAL: (TEAL, AMBER),
    Ramp.BROWN_ON_AMBER: (AMBER, BROWN),
    Ramp.TEAL_ON_DESK: (DESK, TEAL),
    Ramp.PAPER_ON_DESK: (DESK, PAPER),
    Ramp.DESK_ON_PAPER: (PAPER, DESK),
}
BLACK = len(Ramp) * STEPS  # of the QR


def _between(ramp: Ramp, step: int) -> list[int]:
    start, end = _COLOURS[ramp]
    return [round(a + (b - a) * step / (STEPS - 1)) for a, b in zip(start, end, strict=True)]


_PALETTE = [level for ramp in Ramp for step in range(STEPS) for level in _between(ramp, step)] + [0, 0, 0]
_TABLES = {ramp: [ramp * STEPS + value * STEPS // 256 for value in range(256)] for ramp in Ramp}


class Canvas:
    """Lengths are pixels, from the left and from the top."""

    def __init__(self, width: int, height: int):
        self.image = Image.new("P", (width, height), ground(Ramp.PAPER_ON_DESK))
        self.image.putpalette(_PALETTE)
        self._draw = ImageDraw.Draw(self.image)

    def fill(self, box: tuple[int, int, int, int], ramp: Ramp, *, with_what: bool = False) -> None:
        """With what the ramp is painted on, or `with_what` it paints. The right and lower edges are left out."""
        left, top, right, bottom = box
        self._draw.rectangle((left, top, right - 1, bottom - 1), fill=top_of(ramp) if with_what else ground(ramp))

    def text(
        self, at: tuple[int, int], line: str, size: int, ramp: Ramp, *, is_bold: bool = False, direction: str = "ltr"
    ) -> None:
        """`at`: the upper left corner of the line."""
        mask = mask_of(line, size, is_bold=is_bold, direction=direction)
        self.paint((at[0] - size // 2, at[1]), mask, ramp)

    def paint(self, at: tuple[int, int], mask: Image.Image, ramp: Ramp) -> None:
        """Where the mask is empty, what is there stays."""
        self.image.paste(mask.point(_TABLES[ramp]), at, mask.point(_SEEN))

    def modules(self, at: tuple[int, int], rows: Sequence[Sequence[int]], scale: int) -> None:
        """A QR with its quiet zone, black on white."""
        side = len(rows)
        code = Image.new("L", (side, side))
        code.putdata([BLACK if is_dark else ground(Ramp.INK_ON_PAPER) for row in rows for is_dark in row])
        self.image.paste(code.resize((side * scale, side * scale), Image.Resampling.NEAREST), at)

    def png(self) -> bytes:
        stored = io.BytesIO()
        self.image.save(stored, "PNG", compress_level=6)
        return stored.getvalue()


def ground(ramp: Ramp) -> int:
    return ramp * STEPS


def top_of(ramp: Ramp) -> int:
    return ramp * STEPS + STEPS - 1


_SEEN = [255 if value >= 256 // STEPS else 0 for value in range(256)]
