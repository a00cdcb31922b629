"""One import from the first byte to the report."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from tickets.accepted_numbers import as_written
from tickets.importing.faults import BadRow, RowFault
from tickets.importing.headers import Column, read_header, refuse_unusable
from tickets.importing.lists import Layout, opened_list
from tickets.importing.people import Past
from tickets.importing.records import Record
from tickets.importing.report import ImportReport, RowProblem, Sample
from tickets.importing.rows import Person, read_person
from tickets.importing.saving import BatchResult, rehearse_batch, save_batch
from tickets.models import Contact
from tickets.phones import PhoneFault

BATCH = 500
MOST_SAMPLES = 5

Progress = Callable[[ImportReport], None]


def import_contacts(
    source: BinaryIO,
    *,
    country: str,
    now: datetime,
    tag: str = "",
    separator: str = "",
    sheet: str = "",
    dry_run: bool = False,
    on_progress: Progress | None = None,
) -> ImportReport:
    """Add and update the people of a list. A row that is wrong is reported and the others go on.

    `source` can be read twice (`seek`); `country` is that of numbers without a country code; `tag` is given to
    everybody; an empty `separator` or `sheet` is found. Raises FileRefused when there is nothing to be had from the
    file.
    """
    report = ImportReport(country=country, is_dry_run=dry_run)
    with opened_list(source, Layout(separator=separator, sheet=sheet)) as opened:
        report.encoding, report.separator = opened.layout.encoding, opened.layout.separator
        report.sheet = opened.layout.sheet
        report.columns = read_header(opened.header)
        refuse_unusable(report.columns)
        run = _Run(report, (tag,) if tag else (), now)
        while batch := list(islice(opened.records, BATCH)):
            run.take(batch)
            if on_progress:
                on_progress(report)
    return report


@dataclass
class RowsRead:
    """What stands in some rows, before anybody asks who these people are."""

    rows: int = 0
    blank: int = 0
    people: list[Person] = field(default_factory=list)
    bad: list[tuple[Record, BadRow]] = field(default_factory=list)

    @property
    def without_phone(self) -> int:
        unreachable = sum(bad.code is RowFault.UNREACHABLE for _record, bad in self.bad)
        return unreachable + sum(not person.phone for person in self.people)

    @property
    def warnings(self) -> list[RowProblem]:
        return [RowProblem(one.line, code, value) for one in self.people for code, value in one.warnings]

    @property
    def samples(self) -> list[Sample]:
        return [Sample(one.line, one.name, one.phone, one.email) for one in self.people[:MOST_SAMPLES]]


def read_rows(records: Sequence[Record], columns: Sequence[Column], country: str, tags: tuple[str, ...]) -> RowsRead:
    """`tags` are given to everybody.

    A number that somebody accepted by hand for a contact is known again, so that an export comes back in.
    """
    read = _read(records, columns, country, tags)
    refused = {as_written(bad.value) for _record, bad in read.bad if isinstance(bad.code, PhoneFault)} - {""}
    accepted = set(Contact.objects.filter(phone__in=refused).values_list("phone", flat=True)) if refused else ()
    return _read(records, columns, country, tags, accepted) if accepted else read


def _read(
    records: Sequence[Record],
    columns: Sequence[Column],
    country: str,
    tags: tuple[str, ...],
    accepted: Collection[str] = (),
) -> RowsRead:
    read = RowsRead(rows=len(records))
    for record in records:
        if record.is_blank:
            read.blank += 1
            continue
        try:
            person = read_person(record, columns, country, accepted)
        except BadRow as bad:
            read.bad.append((record, bad))
        else:
            read.people.append(replace(person, tags=tags + person.tags))
    return read


@dataclass
class _Run:
    """What an import carries from batch to batch: who came before, and the counts."""

    report: ImportReport
    tags: tuple[str, ...]
    now: datetime
    past: Past = field(default_factory=Past)

    def take(self, records: Sequence[Record]) -> None:
        read = read_rows(records, self.report.columns, self.report.country, self.tags)
        if self.report.is_dry_run:
            result = rehearse_batch(read.people, self.past)
        else:
            result = save_batch(read.people, self.past, now=self.now)
        self.past.add(result.lines, result.contacts)
        self._count(read, result)

    def _count(self, read: RowsRead, result: BatchResult) -> None:
        report = self.report
        report.rows += read.rows
        report.blank += read.blank
        report.errors += [RowProblem(record.line, bad.code, bad.value) for record, bad in read.bad]
        report.created += result.created
        report.updated += result.updated
        report.unchanged += result.unchanged
        report.repeats += result.repeats
        report.without_phone += read.without_phone
        report.warnings += read.warnings
        report.samples += read.samples[: MOST_SAMPLES - len(report.samples)]
        for contact, companions in result.companions:
            if contact.pk is None:
                report.companions_of_new.append(companions)
            else:
                report.companions[contact.pk] = companions
