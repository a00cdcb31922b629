"""Which letters the fonts have, and what stands for those that they lack. Pure.

DejaVu Sans covers Latin with all its marks, Greek, Cyrillic, Arabic, Hebrew and more. It has no Chinese and few emoji:
a neutral sign stands for each run of them, so that a name never breaks a ticket and never fills it with empty boxes.
"""

import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).resolve().parent.parent / "fonts"
REGULAR, BOLD = FONTS / "DejaVuSans.ttf", FONTS / "DejaVuSans-Bold.ttf"
SIGN = "◇"
# Joins letters of Persian and others, or keeps them apart: it is no letter, yet the word is another without it.
NON_JOINER = "\u200c"

_MARKS = {"Mn", "Me", "Mc"}
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
_SKINS = range(0x1F3FB, 0x1F400)
_VARIANTS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def drawable(text: str) -> str:
    """The same text in letters that the fonts have. What turns the direction of a whole line by itself is left out."""
    drawn: list[str] = []
    for sign in unicodedata.normalize("NFC", text):
        drawn += _drawn(sign, drawn[-1] if drawn else "")
    return " ".join("".join(drawn).split())


def direction_of(text: str) -> str:
    """`rtl` or `ltr`, by the first letter that has a direction: so is the whole text read, whatever it quotes."""
    for sign in text:
        side = unicodedata.bidirectional(sign)
        if side in ("L", "R", "AL"):
            return "ltr" if side == "L" else "rtl"
    return "ltr"


def _drawn(sign: str, before: str) -> str:
    if sign.isspace():
        return " "
    kind = unicodedata.category(sign)
    if sign != NON_JOINER and (kind in _UNSEEN or _belongs_to_emoji(sign)):
        return ""
    if _is_known(sign):
        return sign if kind not in _MARKS or before not in (SIGN, "") else ""
    if kind in _MARKS:
        return ""
    plain = unicodedata.normalize("NFKC", sign)  # 𝓐 is an A that was dressed up
    if plain != sign and all(map(_is_known, plain)):
        return plain
    return "" if before == SIGN else SIGN


def _is_known(sign: str) -> bool:
    return ord(sign) in known_letters()


def _belongs_to_emoji(sign: str) -> bool:
    return ord(sign) in _SKINS or any(ord(sign) in variants for variants in _VARIANTS)


@cache
def known_letters() -> frozenset[int]:
    """Those of both weights, so that a name looks the same in either."""
    return frozenset(_letters_of(REGULAR) & _letters_of(BOLD))


def _letters_of(font: Path) -> set[int]:
    from fontTools.ttLib import TTFont  # noqa: PLC0415  (slow to import, and few programs draw a ticket)

    with TTFont(font, lazy=True) as opened:
        return set(opened.getBestCmap())
