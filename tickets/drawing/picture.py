"""The picture of a ticket for WhatsApp and e-mail: an upright card with all that the door and its holder need."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PIL import Image

from tickets.drawing.canvas import Canvas, Ramp
from tickets.drawing.card import Card
from tickets.drawing.faces import face, width_of
from tickets.drawing.fitting import Fitted, fit
from tickets.drawing.letters import direction_of
from tickets.drawing.shapes import disc, rounded, sign_of
from tickets.qr import qr_modules

WIDTH, MARGIN, CORNER, PADDING = 1080, 36, 44, 64
LEFT, RIGHT = MARGIN + PADDING, WIDTH - MARGIN - PADDING
INDENT, SIGN_SIDE = 84, 52  # of the facts behind their signs
NOTCH = 30
QR_SIDE = 740  # at least; phones show the card at a third of its size
LEADING = 1.22
SMALL = 3  # times narrower


@dataclass(frozen=True)
class Block:
    """Lines of one kind that stand under each other."""

    fitted: Fitted
    ramp: Ramp
    is_bold: bool
    direction: str

    @property
    def line_height(self) -> int:
        return round(self.fitted.size * LEADING)

    @property
    def height(self) -> int:
        return self.line_height * len(self.fitted.lines)


def ticket_picture(card: Card) -> bytes:
    """A PNG, 1080 pixels wide; how high depends on what the card has to say."""
    return _drawn(card).png()


def small_picture(card: Card) -> bytes:
    """The same at a third of its size: several stand on a page of the staff."""
    small = _drawn(card).image.convert("RGB").reduce(SMALL)
    stored = io.BytesIO()
    small.quantize(16, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(stored, "PNG")
    return stored.getvalue()


def _drawn(card: Card) -> Canvas:
    head, facts, stub = _Head(card), _Facts(card), _Stub(card)
    bottoms = [MARGIN + head.height, MARGIN + head.height + facts.height]
    bottoms.append(bottoms[1] + stub.height)
    canvas = Canvas(WIDTH, bottoms[2] + MARGIN)
    _paper(canvas, bottoms)
    head.draw(canvas, MARGIN)
    facts.draw(canvas, bottoms[0])
    stub.draw(canvas, bottoms[1])
    return canvas


def _block(
    text: str, ramp: Ramp, sizes: tuple[int, ...], *, most_lines: int, width: int, is_bold: bool = False
) -> Block:
    measure: Callable[[str, float], float] = partial(width_of, is_bold=is_bold)
    fitted = fit(text, width=width, sizes=sizes, most_lines=most_lines, measure=measure)
    return Block(fitted, ramp, is_bold, direction_of(text))


def _draw(canvas: Canvas, blocks: list[Block], left: int, top: int, *, right: int | None = None) -> int:
    """Under each other; right-to-left ones against `right` where it is given. Returns where the last one ends."""
    for block in blocks:
        size = round(block.fitted.size)
        for line in block.fitted.lines:
            at = left
            if right is not None and block.direction == "rtl":
                at = right - round(width_of(line, size, is_bold=block.is_bold))
            canvas.text((at, top), line, size, block.ramp, is_bold=block.is_bold, direction=block.direction)
            top += block.line_height
    return top


def _paper(canvas: Canvas, bottoms: list[int]) -> None:
    """The card with its round corners, on the desk, and the notches where the stub would be torn off."""
    right, bottom = WIDTH - MARGIN, bottoms[2]
    top_corner, foot_corner = rounded(right - MARGIN, 2 * CORNER, CORNER), disc(CORNER)
    canvas.paint((MARGIN, MARGIN), top_corner, Ramp.TEAL_ON_DESK)
    canvas.fill((MARGIN, MARGIN + CORNER, right, bottoms[0]), Ramp.PAPER_ON_TEAL)
    canvas.fill((MARGIN, bottoms[0], right, bottom - CORNER), Ramp.INK_ON_PAPER)
    canvas.fill((MARGIN + CORNER, bottom - CORNER, right - CORNER, bottom), Ramp.INK_ON_PAPER)
    quarter = foot_corner.crop((0, CORNER, CORNER, 2 * CORNER))
    canvas.paint((MARGIN, bottom - CORNER), quarter, Ramp.PAPER_ON_DESK)
    other = foot_corner.crop((CORNER, CORNER, 2 * CORNER, 2 * CORNER))
    canvas.paint((right - CORNER, bottom - CORNER), other, Ramp.PAPER_ON_DESK)
    _torn(canvas, bottoms[1])


def _torn(canvas: Canvas, y: int) -> None:
    notch, right = disc(NOTCH), WIDTH - MARGIN
    canvas.paint((MARGIN, y - NOTCH), notch.crop((NOTCH, 0, 2 * NOTCH, 2 * NOTCH)), Ramp.DESK_ON_PAPER)
    canvas.paint((right - NOTCH, y - NOTCH), notch.crop((0, 0, NOTCH, 2 * NOTCH)), Ramp.DESK_ON_PAPER)
    for x in range(MARGIN + NOTCH + 20, right - NOTCH - 30, 30):
        canvas.fill((x, y - 2, x + 16, y + 2), Ramp.LINE_ON_PAPER, with_what=True)


class _Head:
    """The word for a ticket, its type, and the event."""

    TOP, PILL, GAP, BOTTOM, STRIPE = 52, 62, 34, 48, 14

    def __init__(self, card: Card):
        self.card = card
        self.kind = card.kind.upper()
        room = RIGHT - LEFT - round(width_of(self.kind, 32, is_bold=True)) - 120
        self.type = _block(card.type, Ramp.BROWN_ON_AMBER, (32, 28), most_lines=1, width=room, is_bold=True)
        self.event = _block(
            card.event, Ramp.PAPER_ON_TEAL, (76, 64, 54, 46), most_lines=4, width=RIGHT - LEFT, is_bold=True
        )
        self.height = self.TOP + self.PILL + self.GAP + self.event.height + self.BOTTOM + self.STRIPE

    def draw(self, canvas: Canvas, top: int) -> None:
        bottom = top + self.height
        canvas.text((LEFT, top + self.TOP + 10), self.kind, 32, Ramp.PAPER_ON_TEAL, is_bold=True)
        self._draw_type(canvas, top + self.TOP)
        _draw(canvas, [self.event], LEFT, top + self.TOP + self.PILL + self.GAP, right=RIGHT)
        canvas.fill((MARGIN, bottom - self.STRIPE, WIDTH - MARGIN, bottom), Ramp.AMBER_ON_TEAL, with_what=True)

    def _draw_type(self, canvas: Canvas, top: int) -> None:
        if not self.type.fitted.lines:
            return
        [line], size = self.type.fitted.lines, round(self.type.fitted.size)
        wide = round(width_of(line, size, is_bold=True)) + 56
        canvas.paint((RIGHT - wide, top), rounded(wide, self.PILL, self.PILL // 2), Ramp.AMBER_ON_TEAL)
        at = (RIGHT - wide + 28, top + (self.PILL - sum(face(size, is_bold=True).getmetrics())) // 2)
        canvas.text(at, line, size, Ramp.BROWN_ON_AMBER, is_bold=True, direction=self.type.direction)


class _Facts:
    """When, where and who."""

    TOP, GAP, BOTTOM = 50, 34, 58

    def __init__(self, card: Card):
        strong = partial(self._block, ramp=Ramp.INK_ON_PAPER, is_bold=True)
        plain = partial(self._block, ramp=Ramp.INK_ON_PAPER, sizes=(36, 32, 28))
        quiet = partial(self._block, ramp=Ramp.QUIET_ON_PAPER, sizes=(34, 30, 27))
        when = [strong(card.date, sizes=(42, 38)), plain(card.hours), quiet(card.until)]
        where = [strong(card.venue, sizes=(42, 38, 34)), quiet(card.address, most_lines=3)]
        who = [strong(card.name, sizes=(50, 44, 38, 32), most_lines=4), plain(card.companions)]
        who += [quiet(line, most_lines=2) for line in card.details]
        named = {"when": when, "where": where, "who": who}
        self.facts = {name: [block for block in blocks if block.fitted.lines] for name, blocks in named.items()}
        heights = [max(SIGN_SIDE, sum(b.height for b in blocks)) for blocks in self.facts.values() if blocks]
        self.height = self.TOP + sum(heights) + self.GAP * (len(heights) - 1) + self.BOTTOM

    @staticmethod
    def _block(text: str, *, ramp: Ramp, sizes: tuple[int, ...], most_lines: int = 2, is_bold: bool = False) -> Block:
        width = RIGHT - LEFT - INDENT
        return _block(text, ramp, sizes, most_lines=most_lines, width=width, is_bold=is_bold)

    def draw(self, canvas: Canvas, top: int) -> None:
        top += self.TOP
        for name, blocks in self.facts.items():
            if blocks:
                canvas.paint((LEFT, top + 2), sign_of(name, SIGN_SIDE), Ramp.TEAL_ON_PAPER)
                end = _draw(canvas, blocks, LEFT + INDENT, top)
                top = max(end, top + SIGN_SIDE) + self.GAP


class _Stub:
    """The QR with its white border, and the code for whoever cannot scan it."""

    TOP, BOTTOM, CODE = 34, 44, 70

    def __init__(self, card: Card):
        self.card = card
        self.modules = qr_modules(card.link)
        self.scale = -(-QR_SIDE // len(self.modules))
        self.side = self.scale * len(self.modules)
        self.height = self.TOP + self.side + round(30 * LEADING) + round(self.CODE * LEADING) + self.BOTTOM

    def draw(self, canvas: Canvas, top: int) -> None:
        canvas.modules(((WIDTH - self.side) // 2, top + self.TOP), self.modules, self.scale)
        below = top + self.TOP + self.side
        self._centred(canvas, below, self.card.code_label.upper(), 26, Ramp.QUIET_ON_PAPER)
        self._centred(canvas, below + round(30 * LEADING), self.card.code, self.CODE, Ramp.INK_ON_PAPER)

    @staticmethod
    def _centred(canvas: Canvas, top: int, line: str, size: int, ramp: Ramp) -> None:
        left = (WIDTH - round(width_of(line, size, is_bold=True))) // 2
        canvas.text((left, top), line, size, ramp, is_bold=True)
