"""`manage.py tick`: tidies up now, in this process, as the background does every minute."""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.installation import held_sentence, why_held
from campaigns.management.words import table
from campaigns.tick import tick

DONE = {
    "abandoned": gettext_lazy("calls that a process left open, now uncertain"),
    "returned": gettext_lazy("messages back in the queue"),
    "promoted": gettext_lazy("messages whose moment has come"),
    "overtaken": gettext_lazy("messages whose receipts had come too early"),
    "silenced": gettext_lazy("numbers stopped because no receipts come"),
    "handed_on": gettext_lazy("messages that another number may take now"),
    "kept": gettext_lazy("numbers and people of a number that writes to nobody new"),
    "expired": gettext_lazy("messages that may not leave any more"),
    "withdrawn": gettext_lazy("messages of cancelled campaigns taken back"),
    "started": gettext_lazy("scheduled campaigns started"),
    "preparing": gettext_lazy("lists of people to be written again"),
    "reopened": gettext_lazy("finished campaigns that go on"),
    "finished": gettext_lazy("campaigns finished"),
    "kicked": gettext_lazy("dispatchers asked to start"),
    "second_channel": gettext_lazy("campaigns of the second channel made"),
    "reminded": gettext_lazy("people of the team reminded of an event"),
    "greeted": gettext_lazy("people greeted on their birthday"),
    "pins_forgotten": gettext_lazy("counts of wrong PINs deleted"),
    "replies_matched": gettext_lazy("replies given to whoever wrote them"),
    "replies_asked_about": gettext_lazy("replies whose writer a gateway is asked about"),
    "replies_forwarded": gettext_lazy("replies told to the team by e-mail"),
    "replies_forgotten": gettext_lazy("replies whose words were forgotten"),
}


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Tidy up once: what processes that died left behind, what is due, what is over. It sends nothing itself: "
            "that is for the worker to do. Running it at any time, and twice, does no harm."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        done = tick(now=timezone.now())
        if done is None:
            self.stdout.write(_("It is being done by another process at this moment."))
            return
        if reason := why_held():
            self.stdout.write(held_sentence(reason))
            return
        rows = [(number, DONE[name]) for name, number in asdict(done).items() if number]
        self.stdout.write("\n".join(table(rows)) if rows else _("There was nothing to tidy up."))
