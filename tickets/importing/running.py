"""One import from the first byte to the report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from tickets.importing.decoding import detect_encoding, opened_text
from tickets.importing.faults import BadRow, RowFault
from tickets.importing.headers import read_header, refuse_unusable
from tickets.importing.people import Past
from tickets.importing.records import Lines, Record, read_records
from tickets.importing.report import ImportReport, RowProblem, Sample
from tickets.importing.rows import Person, read_person
from tickets.importing.saving import BatchResult, rehearse_batch, save_batch
from tickets.importing.separators import read_header_cells

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
    dry_run: bool = False,
    on_progress: Progress | None = None,
) -> ImportReport:
    """Add and update the people of a list. A row that is wrong is reported and the others go on.

    `source` can be read twice (`seek`); `country` is that of numbers without a country code; `tag` is given to
    everybody; an empty `separator` is found. Raises FileRefused when there is nothing to be had from the file.
    """
    report = ImportReport(country=country, is_dry_run=dry_run, encoding=detect_encoding(source))
    with opened_text(source, report.encoding) as text:
        lines = Lines(text)
        report.separator, cells = read_header_cells(lines, separator)
        report.columns = read_header(cells)
        refuse_unusable(report.columns)
        records = read_records(lines, report.separator)
        run = _Run(report, (tag,) if tag else (), now)
        while batch := list(islice(records, BATCH)):
            run.take(batch)
            if on_progress:
                on_progress(report)
    return report


@dataclass
class _Run:
    """What an import carries from batch to batch: who came before, and the counts."""

    report: ImportReport
    tags: tuple[str, ...]
    now: datetime
    past: Past = field(default_factory=Past)

    def take(self, records: Sequence[Record]) -> None:
        people = [person for record in records if (person := self._read(record))]
        if self.report.is_dry_run:
            result = rehearse_batch(people, self.past)
        else:
            result = save_batch(people, self.past, now=self.now)
        self.past.add(result.lines, result.contacts)
        self._count(people, result)

    def _read(self, record: Record) -> Person | None:
        self.report.rows += 1
        if record.is_blank:
            self.report.blank += 1
            return None
        try:
            person = read_person(record, self.report.columns, self.report.country)
        except BadRow as bad:
            self.report.errors.append(RowProblem(record.line, bad.code, bad.value))
            self.report.without_phone += bad.code is RowFault.UNREACHABLE
            return None
        return replace(person, tags=self.tags + person.tags)

    def _count(self, people: Sequence[Person], result: BatchResult) -> None:
        report = self.report
        report.created += result.created
        report.updated += result.updated
        report.unchanged += result.unchanged
        report.repeats += result.repeats
        report.without_phone += sum(not person.phone for person in people)
        report.warnings += [
            RowProblem(person.line, person.warning, person.phone_as_typed) for person in people if person.warning
        ]
        report.samples += [
            Sample(person.line, person.name, person.phone, person.email)
            for person in people[: MOST_SAMPLES - len(report.samples)]
        ]
        for contact, companions in result.companions:
            if contact.pk is None:
                report.companions_of_new.append(companions)
            else:
                report.companions[contact.pk] = companions
