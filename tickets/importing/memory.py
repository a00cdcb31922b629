"""What a round of an import remembers of its rows, in the database: it outlives a crash, and no list is too long.

It is kept batch by batch, together with what the batch did. Of each key only a digest is kept.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

from django.db.models import QuerySet

from tickets.importing.people import Past, keys_asked
from tickets.importing.rows import Person
from tickets.models import Contact, Import, ImportKey

AT_ONCE = 500  # values in a question; older SQLite takes 999


class StoredMemory:
    """In place of `Past`, for one round of one import."""

    def __init__(self, job: Import) -> None:
        self._job, self._round = job, job.round

    def recall(self, people: Sequence[Person], contacts: Sequence[Contact]) -> Past:
        keys = {digest(key): key for key in keys_asked(people, contacts)}
        lines = {keys[found]: line for found, line, _contact in self._find(keys)}
        of_lines = [digest(_line_key(line)) for line in set(lines.values()) if line]
        ids = {line: contact for _found, line, contact in self._find(of_lines) if contact}
        return Past(lines, ids, touched=self._touched([contact.pk for contact in contacts]))

    def add(self, lines: Mapping[str, int], contacts: Mapping[int, Contact]) -> None:
        """Inside the transaction that saves the batch."""
        known: dict[int, tuple[int, int | None]] = {digest(key): (line, None) for key, line in lines.items()}
        known |= {digest(_line_key(line)): (line, contact.pk) for line, contact in contacts.items()}
        rows = [
            ImportKey(imported_in=self._job, round=self._round, digest=found, line=line, contact=contact)
            for found, (line, contact) in known.items()
        ]
        ImportKey.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["imported_in", "round", "digest"],
            update_fields=["line", "contact"],
        )

    def _find(self, digests: Iterable[int]) -> Iterator[tuple[int, int, int | None]]:
        for some in _batches(list(digests)):
            yield from self._keys().filter(digest__in=some).values_list("digest", "line", "contact")

    def _touched(self, ids: Sequence[int]) -> set[int]:
        return {
            contact
            for some in _batches(ids)
            for contact in self._keys().filter(contact__in=some).values_list("contact", flat=True)
            if contact
        }

    def _keys(self) -> QuerySet[ImportKey]:
        return ImportKey.objects.filter(imported_in=self._job, round=self._round)


def digest(key: str) -> int:
    """64 bits, as a database keeps them: two keys of a list of a million share one once in ten million lists."""
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def _line_key(line: int) -> str:
    return f"\n{line}"  # no key of a person has a line break


def _batches(values: Sequence[int]) -> Iterator[Sequence[int]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
