"""How people and spreadsheets write phone numbers, before any numbering plan is asked. Pure."""

import re
import unicodedata

from tickets.phone_faults import PhoneFault

# --- what people write instead of a number ----------------------------------------------------------------------

_NONE = """
    na nd sd sn no nan nil none null nada ninguno ninguna vacio x xx xxx notiene nolotiene noaplica nodisponible
    notienetelefono notienecelular notienewhatsapp notienecorreo notieneemail
    sintelefono sincelular sinnumero sinwhatsapp sincorreo sinemail sindato sindatos
    nophone nonumber noemail notavailable notapplicable
"""
_NONE_WORDS = frozenset(_NONE.split())


def says_none(text: str) -> bool:
    """Empty, or one of the ways to write that there is nothing: “-”, “N/A”, “no tiene”, “Sin teléfono”."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    word = "".join(char for char in folded if char.isalnum())
    return not word or word in _NONE_WORDS


# --- the text -----------------------------------------------------------------------------------------------------

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})
_FULL_WIDTH = {"＋": "+", "（": "(", "）": ")", "．": ".", "／": "/", "，": ","}
_QUOTES = "'\"’‘`´"


def visible(raw: str) -> str:
    """Without what nobody sees, with plain digits, and without the marks by which spreadsheets make text."""
    text = "".join(_plain(char) for char in raw).strip()
    text = text.removeprefix("=").strip(_QUOTES).strip()
    return re.sub(r"^(\+?\d{5,})[.,]0{1,2}$", r"\1", text)  # a whole number that went through a decimal cell


def _plain(char: str) -> str:
    if " " <= char <= "~":
        return char
    if char in "\t\r\n":
        return "\n" if char == "\n" else " "
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Pd" or char == "−":
        return "-"
    if category in _UNSEEN:
        return ""
    return " " if category in _SPACES else _FULL_WIDTH.get(char, char)


_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s*e\s*[+-]?\d{1,3}", re.I)
_DECIMAL = re.compile(r"\+?\d{7,}[.,]\d{1,2}")
_EXTENSION = re.compile(r"\d[\s.,;(]*(?:ext(?:n|ensi[oó]n)?|int(?:erno)?|anexo|x|#)[\s.:=]*\d{1,7}\)?$", re.I)
_DIGITS_ONLY = re.compile(r"[\s(]*\+?[\d\s().,/-]+")
_BETWEEN_NUMBERS = re.compile(r"[/;|,&]|\s(?:y|e|o|u|and|or)\s", re.I)
_PERHAPS_BETWEEN = re.compile(r"\n|\s-\s")
_FEWEST = 7  # digits of anything that could be a number of its own


def written_wrong(text: str) -> PhoneFault | None:
    """What is wrong with the writing alone, whatever the numbering plan says."""
    checks: tuple[tuple[PhoneFault, bool], ...] = (
        (PhoneFault.NO_PHONE, says_none(text)),
        (PhoneFault.SCIENTIFIC, bool(_SCIENTIFIC.fullmatch(text))),
        (PhoneFault.NOT_DIGITS, bool(_DECIMAL.fullmatch(text))),
        (PhoneFault.EXTENSION, bool(_EXTENSION.search(text))),
        (PhoneFault.TWO_NUMBERS, _holds_two(text)),
        (PhoneFault.NOT_DIGITS, not _DIGITS_ONLY.fullmatch(text)),
        (PhoneFault.INVALID, not digits_of(text).strip("0")),
    )
    return next((fault for fault, is_so in checks if is_so), None)


def _holds_two(text: str) -> bool:
    if text.count("+") > 1 or len(re.findall(r"\d{7,}", text)) > 1:
        return True
    first, *others = (len(digits_of(piece)) for piece in _BETWEEN_NUMBERS.split(text))
    if first >= _FEWEST and any(others):  # “300 000 0001/02” names two as well
        return True
    return sum(len(digits_of(piece)) >= _FEWEST for piece in _PERHAPS_BETWEEN.split(text)) > 1


def digits_of(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
