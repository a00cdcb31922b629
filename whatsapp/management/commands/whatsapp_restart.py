"""`manage.py whatsapp_restart NAME`: restarts a number's gateway and waits until it is ready again."""

from argparse import ArgumentParser
from time import monotonic, sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from whatsapp.control import CannotRestart, check_sender, restart_sender
from whatsapp.enums import SenderState
from whatsapp.gateways.base import GatewayError, OutcomeUnknown, State
from whatsapp.management.advice import advice_for
from whatsapp.management.senders import sender_named
from whatsapp.models import Sender
from whatsapp.said import in_words
from whatsapp.signals import acted

LOOK_SECONDS = 2.0
# Waiting does not end these: a person must do something.
NEEDS_A_PERSON = {State.NEEDS_QR, State.LOGGED_OUT, State.RESTRICTED, State.AUTH_ERROR}


class Command(BaseCommand):
    help = "Restarts the gateway of a number. Exit status 0: it is ready again (with --no-wait: it was asked)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="The number, as whatsapp_status calls it.")
        parser.add_argument("--no-wait", action="store_true", help="Only ask for it.")
        parser.add_argument("--limit", type=float, default=120.0, help="Seconds to wait until ready. Default: 120.")

    def handle(self, *args: Any, **options: Any) -> None:
        sender = sender_named(options["name"])
        doubt = self._ask(sender)
        if options["no_wait"]:
            if doubt:
                raise CommandError(doubt)
            return
        if doubt:
            self.stdout.write(doubt)
        self._wait(sender, options["limit"])

    def _ask(self, sender: Sender) -> str:
        """Returns why it is not known whether the gateway heard; empty where it answered."""
        try:
            answer = restart_sender(sender, now=timezone.now())
        except CannotRestart as error:
            raise CommandError(str(error)) from error
        except OutcomeUnknown as error:
            # Some cut every connection when they restart, this one included: what follows will tell.
            _announce(sender, "restarted", error.detail)
            return _("The gateway did not say whether it restarts: %(why)s") % {"why": in_words(error.detail)}
        except GatewayError as error:
            _announce(sender, "not_restarted", error.detail)
            raise CommandError(_("The gateway was not restarted: %(why)s") % {"why": in_words(error.detail)}) from error
        _announce(sender, "restarted", answer)
        self.stdout.write(_("Restarting “%(name)s”. %(answer)s") % {"name": sender.name, "answer": answer})
        return ""

    def _wait(self, sender: Sender, limit: float) -> None:
        """First a pause: right after the asking some still say what they said before it."""
        ends, told = monotonic() + limit, ""
        while monotonic() < ends:
            sleep(LOOK_SECONDS)
            status = check_sender(sender, now=timezone.now())
            if status.state is State.READY:
                self.stdout.write(_("“%(name)s” is ready.") % {"name": sender.name})
                return
            if sender.get_state_display() != told:
                told = sender.get_state_display()
                self.stdout.write(f"{told}…")
            if status.state in NEEDS_A_PERSON:
                break
        raise CommandError(self._why_not(sender))

    def _why_not(self, sender: Sender) -> str:
        said = f" ({in_words(sender.state_detail)})" if sender.state_detail else ""
        state = SenderState(sender.state).label
        return _("“%(name)s” is not ready: %(state)s%(said)s. %(advice)s") % {
            "name": sender.name,
            "state": state,
            "said": said,
            "advice": advice_for(sender.state),
        }


def _announce(sender: Sender, action: str, answer: str) -> None:
    acted.send(Sender, user="whatsapp_restart", obj=sender, action=action, after={"answer": answer})
