"""What a message means that somebody wrote to us: to stop, to go on, or something else. Pure.

Only a whole message that is one of the listed words or phrases counts. “Please do not cancel my seat” has a word of the
list in it and must not take anybody off; nobody is there to notice.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

LONGEST_WORD = 40  # characters of a word or phrase
MOST_WORDS = 40  # in a list

_BREAK = re.compile(r"[\n\r,;]+")
_KEPT = frozenset("LN")  # letters and digits
_BLANKS = frozenset({"Zs", "Zl", "Zp", "Cc"})


class Meaning(StrEnum):
    STOP = "stop"
    RESUME = "resume"
    OTHER = "other"


def normalized(text: str) -> str:
    """Small letters and digits without accents, single blanks between them; empty when there are none.

    Punctuation, emoji and what nobody sees is dropped, so that “¡BAJA!”, “*baja*” and “Baja 🙏” are one word.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(_plain(char) for char in folded).split())


def _plain(char: str) -> str:
    category = unicodedata.category(char)
    if category in _BLANKS:
        return " "
    return char if category[0] in _KEPT else ""


def words_in(typed: str) -> list[str]:
    """A list as somebody typed it, one word or phrase to a line or between commas; as written, without empty ones."""
    return [word for part in _BREAK.split(typed) if (word := part.strip())]


@dataclass(frozen=True)
class Vocabulary:
    """The words of all languages, normalized: which languages each of them belongs to."""

    stop: Mapping[str, frozenset[str]]
    resume: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, stop: Mapping[str, str], resume: Mapping[str, str]) -> "Vocabulary":
        """Lists as somebody typed them, by language."""
        return cls(_by_word(stop), _by_word(resume))

    def meaning_of(self, text: str) -> Meaning:
        """A word of any language counts, whatever the writer's own is. One that is in both lists stops."""
        said = normalized(text)
        if said in self.stop:
            return Meaning.STOP
        return Meaning.RESUME if said in self.resume else Meaning.OTHER

    def languages_of(self, text: str) -> frozenset[str]:
        """In which languages this is one of the words."""
        said = normalized(text)
        return self.stop.get(said) or self.resume.get(said) or frozenset()


def _by_word(lists: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for language, typed in lists.items():
        for word in filter(None, map(normalized, words_in(typed))):
            found[word] = found.get(word, frozenset()) | {language}
    return found


# --- what is wrong with a list


def unreadable(typed: str) -> list[str]:
    """Those of its words that are nothing but signs: nobody could ever write them."""
    return [word for word in words_in(typed) if not normalized(word)]


def too_long(typed: str) -> list[str]:
    return [word for word in words_in(typed) if len(word) > LONGEST_WORD]


def in_both(stop: Collection[str], resume: Collection[str]) -> Iterator[str]:
    """Words, as they were typed among those that stop, which would also mean to go on."""
    others = {normalized(word) for typed in resume for word in words_in(typed)}
    yield from dict.fromkeys(word for typed in stop for word in words_in(typed) if normalized(word) in others)
