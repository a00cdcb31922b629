"""`manage.py whatsapp_status`: how the numbers are, asked now. For people, and for monitoring."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from whatsapp.advice import said_by
from whatsapp.control import check_sender
from whatsapp.enums import SenderState
from whatsapp.management.advice import advice_for
from whatsapp.management.senders import MISUSE, sender_named, since
from whatsapp.models import Sender


class Command(BaseCommand):
    help = "Asks the gateway of each number in use how it is. Exit status 1: not all are ready. 2: wrongly called."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", default="", help="Only this number. Without: all that are in use.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="For programs.")

    def handle(self, *args: Any, **options: Any) -> None:
        senders = self._senders(options["name"])
        for sender in senders:
            check_sender(sender, now=timezone.now())
        self.stdout.write(_as_json(senders) if options["as_json"] else "\n".join(_in_words(senders)))
        waiting = sum(sender.state != SenderState.READY for sender in senders)
        if waiting:
            raise CommandError(
                ngettext("%(n)d number is not ready.", "%(n)d numbers are not ready.", waiting) % {"n": waiting}
            )

    def _senders(self, name: str) -> list[Sender]:
        if name:
            return [sender_named(name)]
        if senders := list(Sender.objects.filter(is_enabled=True)):
            return senders
        raise CommandError(_("No number is in use. Add one in the admin, or tick “in use”."), returncode=MISUSE)


def _in_words(senders: list[Sender]) -> list[str]:
    """One line for each number, and under it what to do where something is."""
    wide = max(len(sender.name) for sender in senders)
    words = max(len(sender.get_state_display()) for sender in senders)
    lines = []
    for sender in senders:
        lines.append(f"{sender.name:{wide}}  {sender.get_state_display():{words}}  {since(sender)}".rstrip())
        is_ready = sender.state == SenderState.READY
        more = [] if is_ready else [said_by(sender), advice_for(sender.state)]
        lines += [f"{'':{wide}}  {line}" for line in more if line]
    return lines


def _as_json(senders: list[Sender]) -> str:
    rows = [
        {
            "name": sender.name,
            "ready": sender.state == SenderState.READY,
            "state": sender.state,
            "detail": sender.state_detail,
            "since": sender.state_since.isoformat() if sender.state_since else None,
            "checked_at": sender.checked_at.isoformat() if sender.checked_at else None,
            "what_to_do": advice_for(sender.state),
        }
        for sender in senders
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)
