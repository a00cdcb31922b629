"""`manage.py heartbeat`: status 0 while a worker is alive. For the health check of a container, or a monitor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import slots


class Command(BaseCommand):
    help = "Says whether a worker is alive, by the signs of life in the database. Status 1 when none is."

    def handle(self, *args: Any, **options: Any) -> None:
        now, last = timezone.now(), slots.last_heartbeat()
        if last is None:
            raise CommandError(_("No worker has ever run."))
        seconds = {"n": max(0, round((now - last).total_seconds()))}
        if slots.is_silence(last, now):
            raise CommandError(_("The last sign of life of a worker is %(n)d seconds old.") % seconds)
        self.stdout.write(_("A worker is alive; its last sign of life is %(n)d seconds old.") % seconds)
