"""Who a row is: one of the contacts that are stored already, one of the rows that came before, or somebody new.

A person is known by the canonical number. People without one are known by their e-mail address. Families share
addresses, so an address alone never joins a person who has a number with one who has none: the name must agree.

A second run of the same file must find the same people, and a rehearsal must find the people that the real run would.
So rows are compared with rows by what stands in them, and with contacts as they were before the file touched them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from django.db.models import QuerySet
from django.db.models.functions import Lower

from tickets.importing.cells import clean_text, fold
from tickets.importing.rows import Person
from tickets.models import Contact
from tickets.phones import twins

NOBODY = 0  # in place of a line: whoever was known by this key got a number further down in the file


@dataclass
class Past:
    """What is remembered of the rows so far: little, because a list can be long."""

    lines: dict[str, int] = field(default_factory=dict)  # key -> first line of that person
    ids: dict[int, int] = field(default_factory=dict)  # first line -> id of the contact
    touched: set[int] = field(default_factory=set)  # those ids

    def add(self, lines: dict[str, int], contacts: dict[int, Contact]) -> None:
        ids = {line: contact.pk for line, contact in contacts.items() if contact.pk}
        self.lines |= lines
        self.ids |= ids
        self.touched.update(ids.values())

    def recall(self, people: Sequence[Person], contacts: Sequence[Contact]) -> "Past":
        """What of it can matter to these people: all, since it is at hand."""
        return self


@dataclass(eq=False)
class Entry:
    """A contact of this batch, stored or new, and what the batch changes about it."""

    contact: Contact
    tags: set[str] = field(default_factory=set)  # names without case
    new_tags: dict[str, str] = field(default_factory=dict)  # name without case -> as written
    changed: set[str] = field(default_factory=set)
    is_new: bool = False


class Memory(Protocol):
    """Where the rows so far are remembered."""

    def recall(self, people: Sequence[Person], contacts: Sequence[Contact]) -> Past: ...


class Match(NamedTuple):
    entry: Entry | None = None  # a rehearsal does not have the new people of earlier batches
    earlier: int | None = None  # the first line of the same person


class KnownPeople:
    """Everybody whom a row of the batch can turn out to be."""

    def __init__(self, contacts: Iterable[Contact], past: Past) -> None:
        self.lines: dict[str, int] = {}
        self.by_line: dict[int, Entry] = {}
        self.entries = [Entry(contact) for contact in contacts]
        self._past = past
        self._by_id = {entry.contact.pk: entry for entry in self.entries}
        self._untouched: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.contact.pk not in past.touched:
                for key in _keys_of(entry.contact):
                    self._untouched.setdefault(key, []).append(entry)

    def find(self, person: Person) -> Match:
        for key, is_stored in _ways_to_find(person):
            line, entries = self._line(key), self._untouched.get(key)
            if line and not is_stored:
                return Match(self._entry_in(line), line)
            if entries and is_stored:
                return Match(entries[0])
        return Match()

    def touch(self, person: Person, match: Match) -> Entry:
        """The contact that this row is the first to mean, taken out of the ways in which others could be it."""
        entry = match.entry
        if entry is None:
            entry = Entry(Contact(), is_new=True)
            self.entries.append(entry)
        else:
            for key in _keys_of(entry.contact):
                self._untouched[key].remove(entry)
        self.by_line[person.line] = entry
        # A row without a number that means somebody who has one says nothing about others with its name.
        is_weak = bool(entry.contact.phone) and not person.phone
        self._remember((person.email, entry.contact.phone) if is_weak else _keys_of(person), person.line)
        return entry

    def touch_again(self, person: Person, line: int) -> None:
        """The row is the same person as the one in `line`."""
        if person.phone:
            alias = _alias("no", person)
            if self._line(alias) == line:  # from here on this person is known by the number
                self.lines[alias] = NOBODY
            self._remember(_keys_of(person), line)

    def _entry_in(self, line: int) -> Entry | None:
        return self.by_line.get(line) or self._by_id.get(self._past.ids.get(line, 0))

    def _line(self, key: str) -> int:
        return self.lines.get(key, self._past.lines.get(key, NOBODY))

    def _remember(self, keys: Iterable[str], line: int) -> None:
        for key in keys:
            if self._line(key) == NOBODY:
                self.lines[key] = line


def keys_asked(people: Iterable[Person], contacts: Iterable[Contact]) -> set[str]:
    """Every key that these people can be looked up by, in the rows above, or be remembered under."""
    keys = {contact.phone for contact in contacts}
    for person in people:
        keys.update(key for key, _is_stored in _ways_to_find(person))
        keys.update(_keys_of(person))
        keys.add(person.email)
    return keys - {""}


def stored_contacts(people: Sequence[Person], *, lock: bool) -> Iterator[Contact]:
    """Everybody who could be one of these people, the oldest first so that it is found first."""
    contacts: QuerySet[Contact] = Contact.objects.order_by("pk")
    if lock:
        contacts = contacts.select_for_update(no_key=True)
    numbers = _set_of(number for person in people for number in (person.phone, *twins(person.phone)))
    by_phone = {contact.phone: contact for contact in contacts.filter(phone__in=numbers)}
    emails = _set_of(person.email for person in people if person.phone not in by_phone)
    by_email = contacts.alias(folded=Lower("email")).filter(folded__in=emails) if emails else ()
    found = {contact.pk: contact for contact in [*by_phone.values(), *by_email]}
    return (found[pk] for pk in sorted(found))


def _set_of(texts: Iterable[str]) -> set[str]:
    return set(filter(None, texts))


def _keys_of(person: Person | Contact) -> tuple[str, ...]:
    """Under which a person is known."""
    if not person.email:
        return (person.phone,)
    if person.phone:
        return person.phone, _alias("with", person)
    return person.email.lower(), _alias("no", person)


def _ways_to_find(person: Person) -> Iterator[tuple[str, bool]]:
    """Keys, each for the rows above (False) and for the stored contacts (True), the surest way first."""
    if person.phone:
        keys = [person.phone, *twins(person.phone)] + ([_alias("no", person)] if person.email else [])
        for key in keys:
            yield from ((key, False), (key, True))
    else:
        # Of several who share an address each is found again under the own name, before rows of the others are asked.
        yield _alias("no", person), True
        keys = [_alias("no", person), _alias("with", person), person.email]
        yield from ((key, is_stored) for is_stored in (False, True) for key in keys)


def _alias(phone: str, person: Person | Contact) -> str:
    return f"{phone} phone {person.email.lower()} {fold(clean_text(person.name))}"
