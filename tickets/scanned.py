"""What a scanner read or somebody typed at a door, and which ticket it may mean. Pure."""

from dataclasses import dataclass

from tickets.codes import TOKEN_ALPHABET, TOKEN_LENGTH, parse_code, token_in

LONGEST = 500  # characters of a scan that are looked at; a ticket's address is far shorter
LONGEST_KEPT = 120  # as much as the record of a scan holds

_TOKEN_LETTERS = frozenset(TOKEN_ALPHABET)


@dataclass(frozen=True)
class Meant:
    """The token of a ticket's page or the code of a ticket; both empty when it can be neither."""

    token: str = ""
    code: str = ""


def what_is_meant(scanned: str) -> Meant:
    """A ticket's address, its bare token, or a code in any way of writing it."""
    text = scanned.strip()
    if token := token_in(text):
        return Meant(token=token)
    if len(text) == TOKEN_LENGTH and set(text) <= _TOKEN_LETTERS:
        return Meant(token=text)
    return Meant(code=parse_code(text) or "")


def kept_text(scanned: str, most: int = LONGEST_KEPT) -> str:
    """For the record: on one line, without what no database takes."""
    printable = "".join(sign if sign.isprintable() else " " for sign in scanned)
    return " ".join(printable.split())[:most]
