"""A batch of people into the database: few queries, one short transaction, nothing erased."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from tickets.importing.people import Entry, KnownPeople, Match, Seen, stored_contacts
from tickets.importing.report import Repeat
from tickets.importing.rows import Person
from tickets.importing.tagging import add_tags, load_tags
from tickets.models import Contact

FIELDS = ("name", "nickname", "phone", "email")
# Somebody else may add the same number between our look and our write; then we look again.
ROUNDS = 3


@dataclass
class BatchResult:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    repeats: list[Repeat] = field(default_factory=list)
    holders: list[tuple[Contact, int]] = field(default_factory=list)  # with their companions
    seen: dict[str, Seen] = field(default_factory=dict)


def save_batch(people: Sequence[Person], seen: Mapping[str, Seen], *, now: datetime) -> BatchResult:
    """Create and update; `seen` are the people of earlier batches."""
    for _round in range(ROUNDS - 1):
        try:
            return _save(people, seen, now)
        except IntegrityError:
            continue
    return _save(people, seen, now)


def rehearse_batch(people: Sequence[Person], seen: Mapping[str, Seen]) -> BatchResult:
    """What `save_batch` would do."""
    return _plan(people, seen, lock=False)[1]


def _save(people: Sequence[Person], seen: Mapping[str, Seen], now: datetime) -> BatchResult:
    with transaction.atomic():
        entries, result = _plan(people, seen, lock=True)
        _write(entries, now)
    return result


def _plan(people: Sequence[Person], seen: Mapping[str, Seen], *, lock: bool) -> tuple[list[Entry], BatchResult]:
    known = KnownPeople(stored_contacts(people, lock=lock), seen)
    if any(person.tags for person in people):
        load_tags(known.entries)
    result = BatchResult(seen=known.seen_here)
    for person in people:
        _place(person, known, result)
    return known.entries, result


def _place(person: Person, known: KnownPeople, result: BatchResult) -> None:
    match = known.find(person)
    if match.earlier:
        result.repeats.append(Repeat(person.line, match.earlier.line))
        _apply(person, match, known, line=match.earlier.line)
        known.remember_repeated(person, match.earlier)
        return
    entry = match.entry or known.add(Contact())
    is_changed = _apply(person, match._replace(entry=entry), known, line=person.line)
    result.created += match.entry is None
    result.updated += match.entry is not None and is_changed
    result.unchanged += not is_changed
    result.holders.append((entry.contact, person.companions or 0))


def _apply(person: Person, match: Match, known: KnownPeople, *, line: int) -> bool:
    """Change the contact by what the row says; a repeated row only adds what is missing."""
    entry = match.entry
    if entry and entry.contact.name:  # it was somebody before
        known.remember(entry, line)
    if match.gains_phone:
        known.withdraw(person, match)
    if entry is None:
        return False
    is_changed = _fill(entry, person, overwrite=not match.earlier)
    known.remember(entry, line)
    return is_changed


def _fill(entry: Entry, person: Person, *, overwrite: bool) -> bool:
    """Put what the row says into the contact; an empty cell says nothing. Returns whether the contact changes."""
    for name in FIELDS:
        value, stored = getattr(person, name), getattr(entry.contact, name)
        if value and value != stored and (overwrite or not stored):
            setattr(entry.contact, name, value)
            entry.changed.add(name)
    _fill_attributes(entry, person, overwrite=overwrite)
    for tag in person.tags:
        if tag.casefold() not in entry.tags:
            entry.new_tags.setdefault(tag.casefold(), tag)
    return bool(entry.changed or entry.new_tags)


def _fill_attributes(entry: Entry, person: Person, *, overwrite: bool) -> None:
    stored = entry.contact.attributes
    merged = {**stored, **person.attributes} if overwrite else {**person.attributes, **stored}
    if merged != stored:
        entry.contact.attributes = merged
        entry.changed.add("attributes")


def _write(entries: Sequence[Entry], now: datetime) -> None:
    new = [entry.contact for entry in entries if entry.contact.pk is None]
    changed = [entry for entry in entries if entry.changed and entry.contact.pk is not None]
    for entry in changed:
        entry.contact.updated_at = now
    if changed:
        names = set().union(*(entry.changed for entry in changed))
        Contact.objects.bulk_update([entry.contact for entry in changed], [*sorted(names), "updated_at"])
    Contact.objects.bulk_create(new)
    add_tags(entries)
