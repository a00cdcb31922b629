"""Text of single cells, made fit to store and to compare."""

import unicodedata


def clean_text(text: str) -> str:
    """One line, composed, without half characters. Everything that can be seen stays, and so do emoji joiners."""
    if not text.isascii():
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
        text = unicodedata.normalize("NFC", whole).replace("\ufeff", "")
    if not text.isprintable():
        text = "".join(" " if char.isspace() else char for char in text if not _is_control(char))
    return " ".join(text.split())


def without_controls(text: str) -> str:
    """What stands on one line, without signs that only machines read."""
    return "".join(" " if char == "\t" else char for char in text if char == "\t" or not _is_control(char))


def clean_address(text: str) -> str:
    """An e-mail address as stored: lower case, nothing invisible in it, no list separators around it."""
    shown = "".join(char for char in clean_text(text) if unicodedata.category(char) != "Cf")
    return shown.strip(" ,;<>").lower()


def fold(text: str) -> str:
    """For comparing what people wrote: case, accents, invisible signs and spacing do not count."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = (char for char in decomposed if unicodedata.category(char) not in {"Mn", "Cf", "Cs"})
    return " ".join("".join(kept).split())


def words_of(text: str) -> list[str]:
    """The words and numbers of a folded text."""
    return "".join(char if char.isalnum() else " " for char in fold(text)).split()


def has_substance(text: str) -> bool:
    """There is a letter, a digit or a picture in it, so that it can stand for a person."""
    return any(char.isalnum() or unicodedata.category(char) == "So" for char in text)


def _is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc" and not char.isspace()
