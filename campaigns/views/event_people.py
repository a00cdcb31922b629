"""The people whom no ticket has reached, one by one: filtered, searched, twenty-five on a page."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q

from campaigns.audience_filters import one_of
from campaigns.event_reach import Fate, Missing, Reach, ids_of
from campaigns.people import address_typed, searched
from campaigns.views.event_missing import Row
from tickets.codes import parse_code
from tickets.models import Ticket

PER_PAGE = 25
LONGEST_ID = 18
LONGEST_KEY = 60


@dataclass(frozen=True)
class Choice:
    """Whom somebody asked for: for which reason, and by which name, address or code."""

    why: str = ""
    search: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> "Choice":
        return cls(asked.get("why", "").replace("\x00", "")[:LONGEST_KEY], searched(asked.get("q", "")))

    @property
    def fields(self) -> dict[str, str]:
        return {name: value for name, value in (("why", self.why), ("q", self.search)) if value}


@dataclass(frozen=True)
class Person:
    ticket: Ticket
    row: Row


@dataclass(frozen=True)
class People:
    """`first` is the position of the first one shown, counted from 0."""

    choice: Choice
    rows: list[Row]  # the reasons to choose from
    people: list[Person]
    total: int
    first: int
    ids: "array[int]"
    has_any: bool

    @property
    def last(self) -> int:
        return self.first + len(self.people)

    @property
    def begins(self) -> int:
        return self.first + 1

    @property
    def here(self) -> str:
        return self._at(self.first)

    @property
    def beginning(self) -> str:
        return self._at(0)

    @property
    def previous(self) -> str:
        return self._at(max(self.first - PER_PAGE, 0)) if self.first else ""

    @property
    def has_previous(self) -> bool:
        return self.first > 0

    @property
    def has_next(self) -> bool:
        return self.last < self.total

    @property
    def next(self) -> str:
        return self._at(self.last)

    def _at(self, position: int) -> str:
        """By the ticket before it: the list grows and shrinks while somebody reads it."""
        after = {"after": self.ids[position - 1]} if position else {}
        return urlencode({**self.choice.fields, **after})


def people_of(reach: Reach, groups: list[Missing], rows: list[Row], asked: Mapping[str, Any]) -> People:
    choice = Choice.of(asked)
    ids = chosen_ids(groups, choice)
    first = _position(ids, asked.get("after", ""))
    shown = list(ids[first : first + PER_PAGE])
    by_key, why = {row.key: row for row in rows}, _why_of(reach, shown)
    tickets = Ticket.objects.filter(pk__in=shown).select_related("holder").order_by("pk")
    found = [Person(ticket, by_key[why[ticket.pk].key]) for ticket in tickets] if shown else []
    return People(choice, rows, found, len(ids), first, ids, bool(rows))


def chosen_ids(groups: list[Missing], choice: Choice) -> "array[int]":
    """In order. What is searched for is looked up among them."""
    ids = ids_of(groups, choice.why)
    if not choice.search or not ids:
        return ids
    found = Ticket.objects.filter(one_of("pk", ids), search_query(choice.search)).order_by("pk")
    return array("q", found.values_list("pk", flat=True))


def search_query(typed: str) -> Q:
    """A whole code, number or e-mail address however it was typed, or a part of a name."""
    if "@" not in typed and (code := parse_code(typed)):
        return Q(code=code) | Q(holder__name__icontains=typed)
    if address := address_typed(typed):
        return Q(holder__email=address) if "@" in address else Q(holder__phone=address)
    return Q(code=typed) | Q(holder__name__icontains=typed)


def _position(ids: "array[int]", after: str) -> int:
    """0 for a place that makes no sense, or that has nobody any more."""
    if not (after.isascii() and after.isdecimal() and len(after) <= LONGEST_ID):
        return 0
    position = bisect_right(ids, int(after))
    return position if position < len(ids) else 0


def _why_of(reach: Reach, shown: list[int]) -> dict[int, Fate]:
    return {pk: pair.best for pair in reach.pairs for pk in shown if _holds(pair.ids, pk)}


def _holds(ids: "array[int]", pk: int) -> bool:
    """They are in order, and may be a hundred thousand."""
    place = bisect_left(ids, pk)
    return place < len(ids) and ids[place] == pk
