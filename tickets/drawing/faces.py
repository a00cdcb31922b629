"""The fonts in the sizes in which a picture needs them, opened once."""

from functools import cache

from PIL import ImageFont

from tickets.drawing.letters import BOLD, REGULAR


@cache
def face(size: int, *, is_bold: bool = False) -> ImageFont.FreeTypeFont:
    """Raqm joins the letters of Arabic and turns the lines of right-to-left names; it comes with Pillow."""
    return ImageFont.truetype(BOLD if is_bold else REGULAR, size, layout_engine=ImageFont.Layout.RAQM)


def width_of(line: str, size: float, *, is_bold: bool = False) -> float:
    """In pixels."""
    return face(round(size), is_bold=is_bold).getlength(line)
