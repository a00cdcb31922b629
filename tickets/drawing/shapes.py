"""Small shapes with smooth edges, as masks: drawn large once and made small."""

from functools import cache

from PIL import Image, ImageDraw

FINER = 4


@cache
def disc(radius: int) -> Image.Image:
    side = 2 * radius * FINER
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), fill=255)
    return mask.resize((2 * radius, 2 * radius), Image.Resampling.BOX)


@cache
def rounded(width: int, height: int, radius: int) -> Image.Image:
    mask = Image.new("L", (width * FINER, height * FINER), 0)
    box = (0, 0, width * FINER - 1, height * FINER - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius * FINER, fill=255)
    return mask.resize((width, height), Image.Resampling.BOX)


@cache
def sign_of(name: str, side: int) -> Image.Image:
    """The signs of the public page: `when`, `where` and `who`. They are drawn on 24 by 24."""
    unit = side * FINER / 24
    mask = Image.new("L", (side * FINER, side * FINER), 0)
    {"when": _calendar, "where": _pin, "who": _person}[name](ImageDraw.Draw(mask), unit)
    return mask.resize((side, side), Image.Resampling.BOX)


def _calendar(draw: ImageDraw.ImageDraw, unit: float) -> None:
    pen = round(1.9 * unit)
    draw.rounded_rectangle((3 * unit, 4 * unit, 21 * unit, 21 * unit), 2.5 * unit, outline=255, width=pen)
    draw.line((3 * unit, 9.5 * unit, 21 * unit, 9.5 * unit), fill=255, width=pen)
    for x in (8, 16):
        draw.line((x * unit, 2 * unit, x * unit, 5.5 * unit), fill=255, width=pen)


def _pin(draw: ImageDraw.ImageDraw, unit: float) -> None:
    draw.ellipse((4 * unit, 1.5 * unit, 20 * unit, 17.5 * unit), fill=255)
    draw.polygon([(5.2 * unit, 13.5 * unit), (12 * unit, 23 * unit), (18.8 * unit, 13.5 * unit)], fill=255)
    draw.ellipse((9 * unit, 6.5 * unit, 15 * unit, 12.5 * unit), fill=0)


def _person(draw: ImageDraw.ImageDraw, unit: float) -> None:
    draw.ellipse((7.5 * unit, 2.5 * unit, 16.5 * unit, 11.5 * unit), fill=255)
    draw.pieslice((3.5 * unit, 13.5 * unit, 20.5 * unit, 30.5 * unit), 180, 360, fill=255)
