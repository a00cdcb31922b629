"""A batch of people into the database: few queries, one short transaction, nothing erased."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, OperationalError, connection, transaction

from tickets.aliases import keep_aliases
from tickets.importing.cells import clean_text
from tickets.importing.people import Entry, KnownPeople, Memory, stored_contacts
from tickets.importing.report import Repeat
from tickets.importing.rows import Person
from tickets.importing.tagging import add_tags, load_tags
from tickets.models import Contact
from tickets.phones import twins

FIELDS = ("name", "nickname", "phone", "email")
# Somebody else may add the same number between our look and our write, or two imports may wait for each other in a
# circle, which the database breaks; then we look again.
ROUNDS = 3
IMPORTS = 0x70726567  # the number of a lock of PostgreSQL that nothing else takes


@dataclass
class BatchResult:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    repeats: list[Repeat] = field(default_factory=list)
    companions: list[tuple[Contact, int]] = field(default_factory=list)  # of everybody, once
    lines: dict[str, int] = field(default_factory=dict)
    contacts: dict[int, Contact] = field(default_factory=dict)  # by the first line of the person
    entries: list[Entry] = field(default_factory=list)  # that were created, changed or given tags


def save_batch(people: Sequence[Person], past: Memory, *, now: datetime) -> BatchResult:
    """Create and update; `past` are the people of earlier batches."""
    for _round in range(ROUNDS - 1):
        try:
            return _save(people, past, now)
        except (IntegrityError, OperationalError):
            continue
    return _save(people, past, now)


def rehearse_batch(people: Sequence[Person], past: Memory) -> BatchResult:
    """What `save_batch` would do."""
    return _plan(people, _known(people, past, lock=False))


def _save(people: Sequence[Person], past: Memory, now: datetime) -> BatchResult:
    with transaction.atomic():
        _wait_for_other_imports()
        known = _known(people, past, lock=True)
        result = _plan(people, known)
        result.entries = [entry for entry in known.entries if entry.is_new or entry.changed or entry.new_tags]
        _write(known.entries, now)
    return result


def _wait_for_other_imports() -> None:
    """Until the end of their batch. Whoever has only an e-mail address is kept from being added twice by nothing else.

    SQLite's writers are alone anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORTS])


def _known(people: Sequence[Person], past: Memory, *, lock: bool) -> KnownPeople:
    contacts = list(stored_contacts(people, lock=lock))
    return KnownPeople(contacts, past.recall(people, contacts))


def _plan(people: Sequence[Person], known: KnownPeople) -> BatchResult:
    if any(person.tags for person in people):
        load_tags(known.entries)
    result = BatchResult(lines=known.lines)
    for person in people:
        _place(person, known, result)
    result.contacts = {line: entry.contact for line, entry in known.by_line.items()}
    return result


def _place(person: Person, known: KnownPeople, result: BatchResult) -> None:
    match = known.find(person)
    if match.earlier:
        result.repeats.append(Repeat(person.line, match.earlier))
        known.touch_again(person, match.earlier)
        if match.entry:
            _fill(match.entry, person, overwrite=False)
        return
    entry = known.touch(person, match)
    # A row without a number, found by name and address, is not sure enough to overwrite somebody who has one.
    is_changed = _fill(entry, person, overwrite=bool(person.phone) or not entry.contact.phone)
    result.created += match.entry is None
    result.updated += match.entry is not None and is_changed
    result.unchanged += not is_changed
    result.companions.append((entry.contact, person.companions or 0))


def _fill(entry: Entry, person: Person, *, overwrite: bool) -> bool:
    """Put what the row says into the contact; an empty cell says nothing. Returns whether the contact changes."""
    for name in FIELDS:
        value, stored = getattr(person, name), getattr(entry.contact, name)
        if value and not _says_the_same(name, value, stored) and (overwrite or not stored):
            setattr(entry.contact, name, value)
            entry.changed.add(name)
    _fill_birthday(entry, person, overwrite=overwrite)
    _fill_attributes(entry, person, overwrite=overwrite)
    for tag in person.tags:
        if tag.casefold() not in entry.tags:
            entry.new_tags.setdefault(tag.casefold(), tag)
    return bool(entry.changed or entry.new_tags)


def _says_the_same(name: str, value: str, stored: str) -> bool:
    """The other form of a number is the same number; spacing that a list loses is no news either."""
    if name == "phone":
        return value == stored or value in twins(stored)
    return value in (stored, clean_text(stored))


def _fill_birthday(entry: Entry, person: Person, *, overwrite: bool) -> None:
    contact = entry.contact
    stored = (contact.birth_day, contact.birth_month)
    if person.birthday and person.birthday != stored and (overwrite or contact.birth_day is None):
        contact.birth_day, contact.birth_month = person.birthday
        entry.changed.update(("birth_day", "birth_month"))


def _fill_attributes(entry: Entry, person: Person, *, overwrite: bool) -> None:
    stored = entry.contact.attributes
    said = {
        name: value
        for name, value in person.attributes.items()
        if value not in (stored.get(name), clean_text(str(stored.get(name, ""))))
    }
    merged = {**stored, **said} if overwrite else {**said, **stored}
    if merged != stored:
        entry.contact.attributes = merged
        entry.changed.add("attributes")


def _write(entries: Sequence[Entry], now: datetime) -> None:
    changed = [entry for entry in entries if entry.changed and entry.contact.pk]
    if changed:
        names = set().union(*(entry.changed for entry in changed))
        Contact.objects.bulk_update([entry.contact for entry in changed], sorted(names))
        # Apart, because one value for all is much cheaper to write than one for each.
        Contact.objects.filter(pk__in=[entry.contact.pk for entry in changed]).update(updated_at=now)
    renumbered = [entry.contact for entry in entries if "phone" in entry.changed]
    Contact.objects.bulk_create([entry.contact for entry in entries if not entry.contact.pk])
    keep_aliases({contact.pk: contact.phone for contact in renumbered})
    add_tags(entries)
