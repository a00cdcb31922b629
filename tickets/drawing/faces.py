"""The fonts in the sizes in which a picture needs them, opened once."""

from functools import cache, lru_cache

from PIL import Image, ImageDraw, ImageFont

from tickets.drawing.letters import BOLD, REGULAR


@cache
def face(size: int, *, is_bold: bool = False) -> ImageFont.FreeTypeFont:
    """Raqm joins the letters of Arabic and turns the lines of right-to-left names; it comes with Pillow."""
    return ImageFont.truetype(BOLD if is_bold else REGULAR, size, layout_engine=ImageFont.Layout.RAQM)


# All tickets of an event share most of their lines, and laying out letters is most of the work.
@lru_cache(maxsize=2048)
def width_of(line: str, size: float, *, is_bold: bool = False) -> float:
    """In pixels."""
    return face(round(size), is_bold=is_bold).getlength(line)


@lru_cache(maxsize=64)
def mask_of(line: str, size: int, *, is_bold: bool, direction: str) -> Image.Image:
    """The line in white on black, with half a size of room on either side: some letters reach beyond their place."""
    font = face(size, is_bold=is_bold)
    mask = Image.new("L", (round(width_of(line, size, is_bold=is_bold)) + size, sum(font.getmetrics())), 0)
    ImageDraw.Draw(mask).text((size // 2, 0), line, font=font, fill=255, direction=direction)
    return mask
