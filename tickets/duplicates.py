"""Contacts that are probably one person: found in one pass over the list, without comparing each with each.

What makes two alike: the same e-mail address with a similar name, the same name, two forms of one number, the same
number of a document. Pairs of whom somebody said that they are two people are left alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.enums import Action
from tickets.history import record
from tickets.importing.cells import fold, words_of
from tickets.models import Contact, NotDuplicate
from tickets.phones import other_forms

ROWS_AT_ONCE = 5000
MOST_ALIKE = 8  # more people with one name are namesakes; more with one address are an office
SIMILAR = 0.8
# Other data that names one person, in whatever country: what is equal there is hardly chance.
_DOCUMENTS = """
    dni cedula cc documento identificacion nit rut run curp rfc ci pasaporte passport nie nif cuil cuit cpf
"""
DOCUMENTS = frozenset(_DOCUMENTS.split())
SHORTEST_DOCUMENT = 5


class Likeness(StrEnum):
    EMAIL = "email"
    NAME = "name"
    NUMBER = "number"
    DOCUMENT = "document"


LIKENESS_WORDS: dict[str, Any] = {
    Likeness.EMAIL: _("same e-mail, similar name"),
    Likeness.NAME: _("same name"),
    Likeness.NUMBER: _("two forms of one number"),
    Likeness.DOCUMENT: _("same document"),
}

Row = tuple[int, str, str, str, Mapping[str, Any]]
Pairs = dict[tuple[int, int], set[str]]


@dataclass(frozen=True)
class Group:
    """Ids, the oldest first, and why they look alike."""

    ids: tuple[int, ...]
    reasons: tuple[str, ...]


def find_groups() -> list[Group]:
    """Of all contacts, the surest signs first, then in the order in which they came."""
    pairs = _pairs(_rows())
    for pair in NotDuplicate.objects.values_list("first", "second"):
        pairs.pop(pair, None)
    return sorted(_grouped(pairs), key=lambda group: (-len(group.reasons), _weight(group), group.ids))


def keep_apart(ids: Sequence[int], *, user: Any) -> bool:
    """These are different people, each of them. False when that was known already."""
    with transaction.atomic():
        people = list(Contact.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
        known = set(NotDuplicate.objects.filter(first__in=people, second__in=people).values_list("first", "second"))
        fresh = [pair for pair in combinations(people, 2) if (pair[0].pk, pair[1].pk) not in known]
        now = timezone.now()
        NotDuplicate.objects.bulk_create(
            NotDuplicate(first=first, second=second, decided_by=user, decided_at=now) for first, second in fresh
        )
        for person in {one.pk: one for pair in fresh for one in pair}.values():
            others = [other for other in people if other != person]
            record(user, person, Action.KEPT_APART, after={"contact": others}, now=now)
    return bool(fresh)


def _rows() -> Iterator[Row]:
    fields = ("pk", "name", "phone", "email", "attributes")
    return Contact.objects.order_by().values_list(*fields).iterator(chunk_size=ROWS_AT_ONCE)


class _Signs:
    """Who has which address, name, number and document."""

    def __init__(self) -> None:
        self.emails: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.names: dict[str, list[int]] = defaultdict(list)
        self.documents: dict[str, list[int]] = defaultdict(list)
        self.numbers: dict[str, int] = {}  # those of countries where a number has other forms

    def add(self, row: Row) -> None:
        pk, name, phone, email, attributes = row
        folded = name.lower() if name.isascii() else fold(name)
        if email:
            self.emails[email.lower()].append((pk, folded))
        words = folded.split()
        if len(words) > 1:  # a first name alone is no sign
            self.names[" ".join(sorted(words))].append(pk)
        if phone.startswith(("+52", "+54", "+55")):
            self.numbers[phone] = pk
        for document in _documents(attributes):
            self.documents[document].append(pk)

    def two_forms(self) -> Iterator[tuple[int, int]]:
        for number, pk in self.numbers.items():
            yield from ((pk, self.numbers[form]) for form in other_forms(number) if form in self.numbers)


def _pairs(rows: Iterable[Row]) -> Pairs:
    signs, pairs = _Signs(), Pairs()
    for row in rows:
        signs.add(row)
    for people in signs.emails.values():
        _mark(pairs, Likeness.EMAIL, _similar(people) if 1 < len(people) <= MOST_ALIKE else ())
    for likeness, alike in ((Likeness.NAME, signs.names), (Likeness.DOCUMENT, signs.documents)):
        for ids in alike.values():
            _mark(pairs, likeness, combinations(ids, 2) if 1 < len(ids) <= MOST_ALIKE else ())
    _mark(pairs, Likeness.NUMBER, signs.two_forms())
    return pairs


def _mark(pairs: Pairs, likeness: Likeness, found: Iterable[tuple[int, int]]) -> None:
    for one, other in found:
        if one != other:
            pairs.setdefault((min(one, other), max(one, other)), set()).add(likeness)


def _documents(attributes: Mapping[str, Any]) -> Iterator[str]:
    for name, value in attributes.items():
        if _names_document(name):
            plain = "".join(words_of(str(value)))
            if len(plain) >= SHORTEST_DOCUMENT and any(sign.isdigit() for sign in plain):
                yield plain


@lru_cache(maxsize=1000)  # the same few names for everybody
def _names_document(name: str) -> bool:
    return not DOCUMENTS.isdisjoint(words_of(name.replace("_", " ")))


def _similar(people: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    """A family shares its address and its surname; one person writes their name longer, shorter or with a slip."""
    for (one, name), (other, other_name) in combinations(people, 2):
        if _are_similar(name, other_name):
            yield one, other


def _are_similar(name: str, other: str) -> bool:
    words, others = name.split(), other.split()
    if not words or not others:
        return False
    if set(words) <= set(others) or set(others) <= set(words):
        return True
    first = SequenceMatcher(None, words[0], others[0]).ratio()
    return first >= SIMILAR and SequenceMatcher(None, name, other).ratio() >= SIMILAR


def _grouped(pairs: Pairs) -> Iterator[Group]:
    """Who is like somebody who is like a third belongs to both."""
    root: dict[int, int] = {}

    def find(pk: int) -> int:
        while root.setdefault(pk, pk) != pk:
            root[pk] = root[root[pk]]
            pk = root[pk]
        return pk

    for one, other in pairs:
        low, high = sorted((find(one), find(other)))
        root[high] = low
    members: dict[int, list[int]] = defaultdict(list)
    for pk in root:
        members[find(pk)].append(pk)
    reasons: dict[int, set[str]] = defaultdict(set)
    for (one, _other), likenesses in pairs.items():
        reasons[find(one)] |= likenesses
    for top, ids in members.items():
        yield Group(tuple(sorted(ids)), tuple(str(one) for one in Likeness if one in reasons[top]))


def _weight(group: Group) -> int:
    """Two forms of one number, or one document, are surer than a name."""
    sure = (Likeness.NUMBER, Likeness.DOCUMENT, Likeness.EMAIL, Likeness.NAME)
    return min(sure.index(Likeness(reason)) for reason in group.reasons)
