"""Takes out of a gateway's words what must not be stored or shown: people, keys, and the message itself."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

DETAIL_LENGTH = 300
_HIDDEN = "…"
_LOOKED_AT = 1000  # characters of a gateway's words; the rest says nothing that these did not
_LONGEST_MESSAGE = 5000  # WhatsApp takes 4096
_ECHO = 10  # a run this long that is also in the message is the message
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_PHONE = re.compile(r"\+?\d(?:[\s().-]*\d){5,}")
_ENCODED = re.compile(r"[A-Za-z0-9+/_=-]{40,}")
_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")


def plain(text: str, limit: int = _LOOKED_AT) -> str:
    """One line, without HTML and without characters that do something."""
    words = _TAGS.sub(" ", text[: 4 * limit])
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:limit]


def without(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of the `secrets` as they stand."""
    for secret in secrets:
        if wanted := plain(secret, _LONGEST_MESSAGE):
            text = text.replace(wanted, _HIDDEN)
    return text


def scrub(text: str, *, secrets: Iterable[str] = (), message: str = "") -> str:
    """Safe to store and to show to staff."""
    said = without(plain(text), [*secrets, message])
    said = _without_echo(said, plain(message, _LONGEST_MESSAGE))
    for pattern in (_EMAIL, _PHONE, _ENCODED):
        said = pattern.sub(_HIDDEN, said)
    return said if len(said) <= DETAIL_LENGTH else said[: DETAIL_LENGTH - 1] + _HIDDEN


def _without_echo(said: str, message: str) -> str:
    """Gateways quote what they were given, often cut short: take out every long piece of it."""
    while len(message) >= _ECHO:
        piece = SequenceMatcher(None, said, message, autojunk=False).find_longest_match()
        if piece.size < _ECHO:
            break
        said = said[: piece.a] + _HIDDEN + said[piece.a + piece.size :]
    return said
