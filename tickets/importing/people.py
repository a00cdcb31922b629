"""Who a row is: one of the contacts that are stored already, one of the rows that came before, or somebody new.

A person is known by the canonical number. People without one are known by their e-mail address. Families share
addresses, so an address alone never joins a person who has a number with one who has none: the name must agree.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from tickets.importing.cells import fold
from tickets.importing.rows import Person
from tickets.models import Contact


class Identified(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def email(self) -> str: ...


class Seen(NamedTuple):
    """The first row of a person in the file."""

    line: int
    name: str


# A key by which nobody is found any more: whoever had it got a phone number further up in the file.
GONE = Seen(0, "")


@dataclass
class Entry:
    """A contact of this batch, stored or new, and what the batch changes about it."""

    contact: Contact
    tags: set[str] = field(default_factory=set)  # names without case
    new_tags: dict[str, str] = field(default_factory=dict)  # name without case -> as written
    changed: set[str] = field(default_factory=set)


class Match(NamedTuple):
    entry: Entry | None = None
    earlier: Seen | None = None
    gains_phone: bool = False


def keys_of(person: Identified, name: str = "") -> tuple[str, ...]:
    """Under which a person is remembered; `name` where the person goes by another one."""
    if not person.email:
        return (person.phone,)
    other = _key("with" if person.phone else "no", person.email, name or person.name)
    return (person.phone or person.email.lower(), other)


class KnownPeople:
    """Everybody whom a row of the batch can turn out to be."""

    def __init__(self, contacts: Iterable[Contact], seen: Mapping[str, Seen]) -> None:
        self.entries: list[Entry] = []
        self.seen_here: dict[str, Seen] = {}
        self._seen_before = seen
        self._by_key: dict[str, Entry] = {}
        for contact in contacts:
            self._index(self.add(contact))

    def add(self, contact: Contact) -> Entry:
        self.entries.append(Entry(contact))
        return self.entries[-1]

    def find(self, person: Person) -> Match:
        """The contact, and the row that was the same person before. The surest sign decides.

        In a rehearsal the new people of earlier batches are not stored: then there is a row and no contact.
        """
        for key in _sought_keys(person):
            entry, earlier = self._by_key.get(key), self._seen(key)
            if earlier != GONE and (entry or earlier):
                return Match(entry, earlier, gains_phone=bool(person.phone) and key != person.phone)
        return Match()

    def remember(self, entry: Entry, line: int) -> None:
        """Before and after a change, so that later rows find the person by either."""
        self._index(entry)
        self._see(keys_of(entry.contact), Seen(line, entry.contact.name))

    def remember_repeated(self, person: Person, first: Seen) -> None:
        """By the name of the first row, whatever a repeated one adds: the same in a rehearsal and for real."""
        if person.phone:
            self._see(keys_of(person, first.name), first)

    def withdraw(self, person: Person, match: Match) -> None:
        """The contact has a number now, so another number with this address and name is another person."""
        email = person.email.lower()
        keys = [_key("no", email, person.name)]
        if match.earlier == self._seen(email) if match.earlier else match.entry is self._by_key.get(email):
            keys.append(email)
        for key in keys:
            self._by_key.pop(key, None)
            self.seen_here[key] = GONE

    def _index(self, entry: Entry) -> None:
        for key in keys_of(entry.contact):
            self._by_key.setdefault(key, entry)

    def _seen(self, key: str) -> Seen | None:
        return self.seen_here.get(key) or self._seen_before.get(key)

    def _see(self, keys: Iterable[str], first: Seen) -> None:
        for key in keys:
            if self._seen(key) in (None, GONE):
                self.seen_here[key] = first


def stored_contacts(people: Sequence[Person], *, lock: bool) -> Iterator[Contact]:
    """Everybody who could be one of these people, the oldest first so that it is found first."""
    contacts: QuerySet[Contact] = Contact.objects.order_by("pk")
    if lock:
        contacts = contacts.select_for_update(no_key=True)
    found = list(contacts.filter(phone__in={person.phone for person in people if person.phone}))
    yield from found
    phones = {contact.phone for contact in found}
    emails = {person.email for person in people if person.email and person.phone not in phones}
    if emails:
        yield from contacts.alias(folded=Lower("email")).filter(~Q(phone__in=phones), folded__in=emails)


def _sought_keys(person: Person) -> tuple[str, ...]:
    if not person.email:
        return (person.phone,)
    other = _key("no" if person.phone else "with", person.email, person.name)
    return (person.phone or person.email, other)


def _key(phone: str, email: str, name: str) -> str:
    return f"{phone} phone {email.lower()} {fold(name)}"
