"""What is kept of an import: whom it touched, for undoing it, and what was wrong, for mending it."""

from datetime import datetime

from tickets.enums import ProblemKind
from tickets.importing.people import Entry
from tickets.importing.running import RowsRead
from tickets.importing.saving import BatchResult
from tickets.models import Contact, Import, ImportedPerson, ImportProblem

LONGEST_VALUE = 200
LONGEST_ROW = 5000  # characters of a cell of a row that is given back


def remember_people(job: Import, result: BatchResult, *, now: datetime) -> None:
    """Everybody in the batch, and those of earlier batches to whom it added something."""
    links = _links_given(result.entries)
    created = {entry.contact.pk for entry in result.entries if entry.is_new}
    companions = {contact.pk: count for contact, count in result.companions}
    rows = [
        ImportedPerson(
            imported_in=job,
            contact=contact,
            was_created=contact.pk in created,
            left_at=contact.updated_at,
            companions=companions.get(contact.pk, 0),
            given=len(links.get(contact.pk, ())),
            links=links.get(contact.pk, []),
        )
        for contact in result.contacts.values()
    ]
    ImportedPerson.objects.bulk_create(rows, ignore_conflicts=True)
    fresh = {row.contact_id for row in rows}
    changed = [entry for entry in result.entries if not entry.is_new and entry.changed]
    # The batch has written the time of the change; what the rows in memory hold is older.
    ids = [entry.contact.pk for entry in changed]
    ImportedPerson.objects.filter(imported_in=job, contact__in=ids).update(left_at=now)
    _add_links(job, {pk: ids for pk, ids in links.items() if pk not in fresh})


def _links_given(entries: list[Entry]) -> dict[int, list[int]]:
    """By contact: the rows that join it with the tags that it did not have before."""
    wanted = {entry.contact.pk: entry.new_tags for entry in entries if entry.new_tags}
    found: dict[int, list[int]] = {}
    if not wanted:
        return found
    links = Contact.tags.through.objects.filter(contact_id__in=wanted)
    for pk, contact_id, tag in links.values_list("pk", "contact_id", "tag__name"):
        if tag.casefold() in wanted[contact_id]:
            found.setdefault(contact_id, []).append(pk)
    return found


def _add_links(job: Import, links: dict[int, list[int]]) -> None:
    """A repeated row can give somebody of an earlier batch another tag."""
    if not links:
        return
    people = list(ImportedPerson.objects.filter(imported_in=job, contact__in=links))
    for person in people:
        person.links = [*person.links, *links[person.contact_id]]
        person.given = len(person.links)
    ImportedPerson.objects.bulk_update(people, ["links", "given"])


def remember_problems(job: Import, read: RowsRead, result: BatchResult) -> None:
    def problem(kind: ProblemKind, line: int, **facts: object) -> ImportProblem:
        return ImportProblem(imported_in=job, round=job.round, kind=kind, line=line, **facts)

    rows = [
        problem(
            ProblemKind.ERROR,
            record.line,
            code=bad.code,
            value=storable(bad.value)[:LONGEST_VALUE],
            cells=[storable(cell)[:LONGEST_ROW] for cell in record.cells or (record.text,)],
        )
        for record, bad in read.bad
    ]
    rows += [
        problem(ProblemKind.WARNING, one.line, code=one.code, value=storable(one.value)[:LONGEST_VALUE])
        for one in read.warnings
    ]
    rows += [problem(ProblemKind.REPEAT, one.line, first_line=one.first_line) for one in result.repeats]
    ImportProblem.objects.bulk_create(rows)


def storable(text: str) -> str:
    """Without half characters and zero bytes, which no database takes."""
    whole = str(text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return whole.replace("\0", "")
