"""What a person's data must not do to a message. Pure.

Text channels get no HTML escaping: `María D'Angelo & Cía` arrives as it is written.
"""

import re
import unicodedata

_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")  # half a character, which no channel can encode
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line feed
# Marks that would turn the rest of the message around. Joiners of emoji and the marks of Arabic and Persian stay.
_DIRECTIONS = re.compile(r"[\u202a-\u202e\u2066-\u2069\ufeff]")

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def clean_text(text: str) -> str:
    """A text as staff wrote it, with the line breaks of one kind and nothing that cannot be sent."""
    unified = _BREAKS.sub("\n", text)
    return _CONTROLS.sub("", _SURROGATES.sub("", unified))


def clean_value(value: str) -> str:
    """One value on one line; empty when nothing of it can be seen. Names from right to left stay by themselves."""
    line = single_line(_DIRECTIONS.sub("", _SURROGATES.sub("", value)))
    if not any(_is_visible(char) for char in line):
        return ""
    return f"{FIRST_STRONG_ISOLATE}{line}{POP_ISOLATE}" if is_right_to_left(line) else line


def single_line(text: str) -> str:
    return _CONTROLS.sub("", _BREAKS.sub(" ", text)).replace("\t", " ").strip()


def is_right_to_left(text: str) -> bool:
    """Has at least one letter that is written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text)


def _is_visible(char: str) -> bool:
    return unicodedata.category(char)[0] not in "CZ"
