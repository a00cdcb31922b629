"""`manage.py adopt_installation`: this database may send from this computer. For new hosts, and after a restore."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import adoption, place
from campaigns.management.words import table
from campaigns.scheduling import moment_words


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Let this database send from this computer: on a computer that joins the others, and after a database was "
            "put back from a backup. First it shows what the database would do. Run it where the worker runs, as the "
            "same user."
        )
        parser.add_argument("--dry-run", action="store_true", help=_("Only show what would happen."))
        parser.add_argument(
            "--pause-all", action="store_true", help=_("First pause every campaign that is being sent.")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._describe()
        if options["dry_run"]:
            return
        now = timezone.now()
        if options["pause_all"]:
            paused = adoption.pause_everything(now=now)
            self.stdout.write(
                ngettext("%(n)d campaign was paused.", "%(n)d campaigns were paused.", paused) % {"n": paused}
            )
        row = adoption.adopt(now=now, user="adopt_installation")
        self.stdout.write(_("This database sends from this computer."))
        if not place.can_remember():
            self.stdout.write(_("The file INSTALLATION_FILE cannot be written here, so nothing is guarded."))
        self.stdout.write(
            _("On a computer that keeps no files, write into its environment:  INSTALLATION_ID=%(identity)s")
            % {"identity": row.identity}
        )

    def _describe(self) -> None:
        found, zone = adoption.situation(), timezone.get_current_timezone()
        last = moment_words(found.last_call_at, zone, now=timezone.now()) if found.last_call_at else "–"
        rows = [
            (found.sending, _("campaigns that are being sent")),
            (found.messages, _("messages of theirs that wait")),
            (found.scheduled, _("campaigns that are planned")),
        ]
        self.stdout.write("\n".join(table(rows)))
        self.stdout.write(_("Last message that this database knows of: %(moment)s") % {"moment": last})
