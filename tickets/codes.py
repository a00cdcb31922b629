"""Codes that people read aloud, tokens that nobody guesses, and the address between them. Pure."""

import re
import secrets
import string
import unicodedata

# Without 0 O, 1 I L and U V pairs: what is read aloud, printed badly or written by hand stays itself.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 4
CODE_LENGTH = 2 * GROUP  # 30 ** 8: about 39 bits, behind a door page that needs a login

# Letters and digits only: `_` and `*` are formatting in WhatsApp, and a hyphen stops a double click.
TOKEN_ALPHABET = string.ascii_letters + string.digits
TOKEN_LENGTH = 22  # 62 ** 22: 131 bits

_FILLERS = re.compile(r"[\s\-\u2010-\u2015\u2212_.]+")
_TOKEN_IN_ADDRESS = re.compile(rf"/t/([A-Za-z0-9]{{{TOKEN_LENGTH}}})(?:[/?#]|$)")


def new_code() -> str:
    """Something like K7MD-4QXT."""
    return _grouped(_drawn(ALPHABET, CODE_LENGTH))


def new_token() -> str:
    return _drawn(TOKEN_ALPHABET, TOKEN_LENGTH)


def parse_code(text: str) -> str | None:
    """The code that somebody typed, in its one canonical form; None when it cannot be one."""
    letters = _FILLERS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if len(letters) != CODE_LENGTH or not set(letters) <= set(ALPHABET):
        return None
    return _grouped(letters)


def ticket_url(public_url: str, token: str) -> str:
    """What the QR says and the message links to (docs/decisions/0003-qr-payload.md)."""
    return f"{public_url.rstrip('/')}/t/{token}/"


def token_in(scanned: str) -> str | None:
    """The token in a scanned address, whatever the host: the site may have moved since the QR was printed."""
    found = _TOKEN_IN_ADDRESS.search(scanned.strip())
    return found[1] if found else None


def _drawn(alphabet: str, length: int) -> str:
    """One large random number, written in the letters of `alphabet`: as even as letter by letter, and faster."""
    number, letters = secrets.randbelow(len(alphabet) ** length), []
    for _position in range(length):
        number, index = divmod(number, len(alphabet))
        letters.append(alphabet[index])
    return "".join(letters)


def _grouped(letters: str) -> str:
    return f"{letters[:GROUP]}-{letters[GROUP:]}"
