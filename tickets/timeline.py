"""What happened with one person, from several tables, the newest first, a page at a time.

Each source gives the next few of its own entries before a place in time; the page takes the newest of all of them. So a
page costs a few short look-ups in indexes, however many thousand messages a person got. Other apps add their sources.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from heapq import nlargest

from django.db.models import Model, Q
from django.utils.functional import Promise

from tickets.models import Contact

PER_PAGE = 30


@dataclass(frozen=True, order=True)
class Place:
    """Where an entry stands: its time, then its source, then its number. A page goes on after the last one shown."""

    at: datetime
    source: str
    number: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.source}~{self.number}"

    @classmethod
    def of(cls, typed: str) -> "Place | None":
        """None for anything that is no place: somebody changed the address by hand."""
        moment, _sign, rest = typed.partition("~")
        source, _sign, number = rest.partition("~")
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            return None
        if (
            at.tzinfo is None
            or not 2000 <= at.year <= 2200
            or not source.isidentifier()
            or not number.isdecimal()
            or len(number) > 18
        ):
            return None
        return cls(at, source, int(number))


@dataclass(frozen=True)
class Entry:
    """One line of the timeline. `zone`: that of the event or campaign; None: the site's own."""

    place: Place
    icon: str
    title: str | Promise
    badge: str | Promise = ""
    tone: str = "neutral"
    url: str = ""
    zone: tzinfo | None = None
    details: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Viewer:
    """What of it the reader may see: a source asks for its own permission."""

    may: Callable[[str], bool]


Source = Callable[[Contact, Viewer, Place | None, int], list[Entry]]
_sources: dict[str, Source] = {}


def add_source(name: str, source: Source) -> None:
    """Called once at start-up. `name` is an identifier and part of the addresses of later pages."""
    _sources[name] = source


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    next: str = ""  # the place to go on from; empty on the last page


def timeline(contact: Contact, viewer: Viewer, *, before: Place | None = None, limit: int = PER_PAGE) -> Page:
    found = [entry for source in _sources.values() for entry in source(contact, viewer, before, limit + 1)]
    newest = nlargest(limit + 1, found, key=lambda entry: entry.place)
    shown = newest[:limit]
    return Page(shown, str(shown[-1].place) if len(newest) > limit else "")


def earlier(before: Place | None, source: str, moment: str) -> Q:
    """The rows of one source that stand after `before` on the page; `moment` is the column they are ordered by."""
    if before is None:
        return Q()
    sooner = Q(**{f"{moment}__lt": before.at})
    if source < before.source:
        return sooner | Q(**{moment: before.at})
    if source == before.source:
        return sooner | Q(**{moment: before.at, "pk__lt": before.number})
    return sooner


def is_earlier(place: Place, before: Place | None) -> bool:
    return before is None or place < before


def place_of(row: Model, source: str, at: datetime) -> Place:
    return Place(at, source, int(row.pk))
