"""`manage.py whatsapp_simulator`: a gateway without WhatsApp, to rehearse and to test with."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from whatsapp.simulator.arguments import add_options, chosen
from whatsapp.simulator.checking import BadOption
from whatsapp.simulator.journal import BadJournal, Journal
from whatsapp.simulator.options import Options
from whatsapp.simulator.server import SimulatorServer


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


class Command(BaseCommand):
    help = "Runs a WhatsApp gateway that sends nothing: messages arrive in an inbox that a browser shows."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=3010, help="0 takes any free port. Default: 3010.")
        parser.add_argument("--host", default="127.0.0.1", help="Default: only this computer.")
        parser.add_argument("--journal", type=Path, help="A file that keeps what arrived, also if it is killed.")
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        server = self._server(options)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        # The address is what programs look for in this line, whatever its language.
        self.stdout.write(
            _("WhatsApp simulator at %(url)s (profile: %(profile)s)")
            % {
                "url": server.url,
                "profile": server.world.options.profile,
            }
        )
        self.stdout.flush()
        server.serve_forever()

    def _server(self, options: dict[str, Any]) -> SimulatorServer:
        host, port = options["host"], options["port"]
        journal = self._journal(options["journal"])
        try:
            return SimulatorServer(host, port, Options().changed(chosen(options)), journal)
        except BadOption as error:
            raise CommandError(str(error)) from error
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise CommandError(
                _("The simulator cannot listen on %(host)s, port %(port)s: %(reason)s. Choose another one with --port.")
                % {"host": host, "port": port, "reason": reason}
            ) from error

    def _journal(self, path: Path | None) -> Journal | None:
        try:
            return Journal(path) if path else None
        except BadJournal as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            words = {"file": path, "reason": error.strerror or str(error)}
            raise CommandError(
                _("The journal “%(file)s” cannot be written: %(reason)s. Name another file with --journal.") % words
            ) from error
