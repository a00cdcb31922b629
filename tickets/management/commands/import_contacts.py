"""People from a CSV or Excel file into the contacts, and tickets for them where an event is named."""

import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import Progress

from tickets.countries import default_country
from tickets.enums import Action
from tickets.history import record
from tickets.importing import FileRefused, ImportReport, import_contacts
from tickets.importing.headers import Field
from tickets.importing.summary import on_one_line, summary_lines
from tickets.importing.ticketing import issue_imported
from tickets.models import Contact, Event, Tag
from tickets.phones import is_known_country
from tickets.types import CannotIssue


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Add and update contacts from a CSV or Excel file. Rows that are wrong are listed with their line and the "
            "reason, and the others are imported; the exit status is 0 then too. It is 1 when the file, the country, "
            "the tag or the event cannot be used, or when the event has no room for everybody."
        )
        parser.add_argument("file", metavar="FILE", help=_("The list: CSV or .xlsx. Its first row names the columns."))
        parser.add_argument("--sheet", default="", help=_("Which sheet of an Excel file. Otherwise the first."))
        parser.add_argument("--country", help=_("Country of numbers without a country code: CO, MX, ES, …"))
        parser.add_argument("--tag", default="", help=_("Give everybody in the list this tag."))
        parser.add_argument("--event", metavar="SLUG", help=_("Issue a ticket of this event to everybody in the list."))
        parser.add_argument("--dry-run", action="store_true", help=_("Only show what would happen."))

    def handle(
        self,
        *args: Any,
        file: str,
        country: str | None,
        tag: str,
        event: str | None,
        dry_run: bool,
        sheet: str = "",
        **options: Any,
    ) -> None:
        known_event = _event(event)
        report = self._import(file, country=_country(country), tag=_tag(tag), sheet=sheet, dry_run=dry_run)
        if not dry_run:
            record("import_contacts", Contact, Action.IMPORTED, after=_numbers(report) | {"file": Path(file).name})
        for line in summary_lines(report):
            self.stdout.write(line)
        if known_event:
            self._issue(known_event, report)
        elif any(column.field is Field.COMPANIONS for column in report.columns):
            self.stdout.write(_("The companions in the list only count together with --event."))

    def _import(self, file: str, **choices: Any) -> ImportReport:
        try:
            with Path(file).open("rb") as source, self._progress(source) as on_progress:
                return import_contacts(source, now=timezone.now(), on_progress=on_progress, **choices)
        except OSError as error:
            reason = {"file": file, "reason": error.strerror or error}
            raise CommandError(_("“%(file)s” cannot be opened: %(reason)s.") % reason) from error
        except FileRefused as error:
            raise CommandError(on_one_line(str(error))) from error

    @contextmanager
    def _progress(self, source: BinaryIO) -> Iterator[Callable[[ImportReport], None] | None]:
        """A bar for whoever watches; nothing in a log file."""
        if not self.stdout.isatty():
            yield None
            return
        ending, self.stdout.ending = self.stdout.ending, ""  # rich ends its lines itself
        try:
            with Progress(console=Console(file=cast(TextIO, self.stdout)), transient=True) as bar:
                task = bar.add_task(_("Reading the list"), total=os.fstat(source.fileno()).st_size)
                yield lambda report: bar.update(task, completed=source.tell())
        finally:
            self.stdout.ending = ending

    def _issue(self, event: Event, report: ImportReport) -> None:
        try:
            result = issue_imported(event, report)
        except CannotIssue as error:
            raise CommandError(str(error)) from error
        sentence = (
            _("Tickets of “%(event)s”: %(created)d would be issued, %(existing)d exist already.")
            if report.is_dry_run
            else _("Tickets of “%(event)s”: %(created)d issued, %(existing)d existed already.")
        )
        self.stdout.write(sentence % {"event": event, "created": result.created, "existing": result.existing})


def _numbers(report: ImportReport) -> dict[str, int]:
    return {"rows": report.rows, "created": report.created, "updated": report.updated, "errors": len(report.errors)}


def _country(code: str | None) -> str:
    country = (code or default_country()).strip().upper()
    if not is_known_country(country):
        raise CommandError(
            _("“%(country)s” is not a country. Use its two letters, for example CO, MX or ES.") % {"country": country}
        )
    return country


def _tag(name: str) -> str:
    tag = Tag(name=name.strip())
    try:
        if tag.name:
            tag.clean_fields()
    except ValidationError as error:
        raise CommandError(_("The tag cannot be used: %(reason)s") % {"reason": " ".join(error.messages)}) from error
    return tag.name


def _event(slug: str | None) -> Event | None:
    if slug is None:
        return None
    event = Event.objects.filter(slug=slug).first()
    if event is None:
        raise CommandError(_("There is no event with the short name “%(slug)s”.") % {"slug": slug})
    return event
