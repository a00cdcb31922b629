"""A ticket on one A4 page, to print or to keep: text that can be searched, in a font that travels with it."""

import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from fpdf import FPDF

from tickets.drawing.card import Card
from tickets.drawing.fitting import fit
from tickets.drawing.letters import BOLD, REGULAR, direction_of
from tickets.qr import qr_png

# Millimetres, but for the sizes of letters, which are points.
PAGE_WIDTH, PAGE_HEIGHT, LEFT, WIDTH = 210, 297, 25, 160
TOP, PADDING = 16, 12
INNER_LEFT, INNER_WIDTH = LEFT + PADDING, WIDTH - 2 * PADDING
# A long ticket takes from the QR, of which half is still read with ease. Under it a stripe is always kept.
QR_SIDE, SMALLEST_QR, UNDER_QR = 84.0, 42.0, 62.0
POINT = 25.4 / 72
LEADING = 1.28
INK, QUIET, TEAL, AMBER, LINE = (23, 35, 42), (82, 97, 107), (11, 90, 107), (246, 174, 45), (150, 163, 170)

Colour = tuple[int, int, int]


class Style(NamedTuple):
    sizes: Sequence[float]
    most_lines: int
    colour: Colour = INK
    weight: str = ""


EVENT = Style((26, 22, 19, 16), 4, TEAL, "B")
STRONG = Style((14, 12.5, 11), 2, INK, "B")
NAME = Style((17, 15, 13, 11), 4, INK, "B")
PLAIN = Style((12, 11, 10), 2)
SMALL = Style((11, 10), 3, QUIET)
NOTE = Style((9.5, 8.5), 3, QUIET)


def ticket_pdf(card: Card) -> bytes:
    """In black on white with little ink. Its title names nobody: titles show up in lists of files and in windows."""
    paper = _Paper(card)
    paper.head()
    paper.facts()
    paper.stub()
    paper.foot()
    return bytes(paper.pdf.output())


class _Paper:
    """A page that is written from the top; `y` is where it goes on."""

    def __init__(self, card: Card):
        self.card, self.y = card, float(TOP)
        self.pdf = pdf = FPDF(unit="mm", format="A4")
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        pdf.add_font("Ticket", "", REGULAR)
        pdf.add_font("Ticket", "B", BOLD)
        pdf.set_title(f"{card.kind} · {card.event}")
        pdf.set_author("Pregonero")
        pdf.set_subject(card.event)
        pdf.set_lang(card.language)
        pdf.add_page()

    def head(self) -> None:
        self.y += 9
        self._line(self.card.kind.upper(), 9.5, QUIET, "B", INNER_LEFT, INNER_WIDTH)
        self._type()
        self.y += 7
        self._write(self.card.event, EVENT, turns=True)
        self.y += 5
        self.pdf.set_fill_color(*AMBER)
        self.pdf.rect(LEFT, self.y, WIDTH, 1.2, style="F")
        self.y += 1.2 + 7

    def facts(self) -> None:
        card = self.card
        when = ((card.date, STRONG), (card.hours, PLAIN), (card.until, SMALL))
        where = ((card.venue, STRONG), (card.address, SMALL))
        details = [(line, SMALL._replace(most_lines=1)) for line in card.details]
        for group in (when, where, [(card.name, NAME), (card.companions, PLAIN), *details]):
            written = [self._write(text, style) for text, style in group]
            self.y += 4 if any(written) else 0

    def stub(self) -> None:
        """Where the page would be torn or folded, and what is scanned."""
        self.y += 3
        self.pdf.set_draw_color(*LINE)
        self.pdf.set_dash_pattern(dash=1.6, gap=1.4)
        self.pdf.line(LEFT + 4, self.y, LEFT + WIDTH - 4, self.y)
        self.pdf.set_dash_pattern()
        self.y += 3
        side = max(SMALLEST_QR, min(QR_SIDE, PAGE_HEIGHT - UNDER_QR - self.y))
        self.pdf.image(io.BytesIO(qr_png(self.card.link)), x=(PAGE_WIDTH - side) / 2, y=self.y, w=side)
        self.y += side
        self._centred(self.card.code_label.upper(), 8.5, QUIET, "B")
        self.y += 5
        self._centred(self.card.code, 24, INK, "B")
        self.y += 11 + 8
        self._frame()

    def foot(self) -> None:
        self.y += 5
        for words in (self.card.advice, self.card.warning, self.card.link):
            self._write(words, NOTE)
            self.y += 1

    # --- pieces

    def _type(self) -> None:
        measure = self._measure("B")
        fitted = fit(self.card.type, width=INNER_WIDTH / 2, sizes=(11, 9), most_lines=1, measure=measure)
        for line in fitted.lines:
            wide = measure(line, fitted.size)
            self._line(line, fitted.size, INK, "B", INNER_LEFT + INNER_WIDTH - wide, wide, direction_of(self.card.type))

    def _write(self, text: str, style: Style, *, turns: bool = False) -> bool:
        """`turns`: right-to-left lines stand at the right edge. Returns whether there was anything to write."""
        measure = self._measure(style.weight)
        fitted = fit(text, width=INNER_WIDTH, sizes=style.sizes, most_lines=style.most_lines, measure=measure)
        direction = direction_of(text)
        for line in fitted.lines:
            wide = measure(line, fitted.size)
            left = INNER_LEFT + (INNER_WIDTH - wide if turns and direction == "rtl" else 0)
            self._line(line, fitted.size, style.colour, style.weight, left, wide, direction)
            self.y += fitted.size * POINT * LEADING
        return bool(fitted.lines)

    def _centred(self, line: str, size: float, colour: Colour, weight: str) -> None:
        wide = self._measure(weight)(line, size)
        self._line(line, size, colour, weight, (PAGE_WIDTH - wide) / 2, wide)

    def _line(
        self, line: str, size: float, colour: Colour, weight: str, left: float, wide: float, direction: str = "ltr"
    ) -> None:
        """Each line by itself, so that no name turns the direction of what stands beside it."""
        self._set(size, weight)
        self.pdf.set_text_shaping(True, direction=direction)
        self.pdf.set_text_color(*colour)
        self.pdf.set_xy(left, self.y)
        self.pdf.cell(w=wide, h=size * POINT * LEADING, text=line)

    def _measure(self, weight: str) -> Callable[[str, float], float]:
        return partial(self._width, weight)

    def _width(self, weight: str, line: str, size: float) -> float:
        self._set(size, weight)
        self.pdf.set_text_shaping(True)
        return float(self.pdf.get_string_width(line))

    def _set(self, size: float, weight: str) -> None:
        self.pdf.set_font("Ticket", weight, size)

    def _frame(self) -> None:
        self.pdf.set_draw_color(*LINE)
        self.pdf.set_line_width(0.3)
        self.pdf.rect(LEFT, TOP, WIDTH, self.y - TOP, round_corners=True, corner_radius=5)
