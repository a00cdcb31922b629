"""`manage.py whatsapp_simulator`: a gateway without WhatsApp, to rehearse and to test with."""

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from whatsapp.simulator.options import PROFILES, BadOption, Options
from whatsapp.simulator.server import SimulatorServer

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


class Command(BaseCommand):
    help = "Runs a WhatsApp gateway that sends nothing: messages arrive in an inbox that a browser shows."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=3010, help="0 takes any free port. Default: 3010.")
        parser.add_argument("--host", default="127.0.0.1", help="Default: only this computer.")
        parser.add_argument("--profile", choices=PROFILES, default="steady", help="How it behaves. Default: steady.")
        parser.add_argument("--seed", type=int, default=1, help="Of the chances in `flaky` and `collapsing`.")
        parser.add_argument("--latency-ms", type=float, help="How long each message takes. Default: 0, in `slow` 3000.")
        parser.add_argument("--unregistered", default="0404", help="Numbers that end like this are not on WhatsApp.")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {name: options[name] for name in ("profile", "seed", "latency_ms", "unregistered")}
        server = self._server(options["host"], options["port"], wanted)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        # The address is what programs look for in this line, whatever its language.
        self.stdout.write(
            _("WhatsApp simulator at %(url)s (profile: %(profile)s)")
            % {
                "url": server.url,
                "profile": wanted["profile"],
            }
        )
        self.stdout.flush()
        server.serve_forever()

    def _server(self, host: str, port: int, wanted: dict[str, Any]) -> SimulatorServer:
        try:
            return SimulatorServer(host, port, Options().changed(wanted))
        except BadOption as error:
            raise CommandError(str(error)) from error
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise CommandError(
                _("The simulator cannot listen on %(host)s, port %(port)s: %(reason)s. Choose another one with --port.")
                % {"host": host, "port": port, "reason": reason}
            ) from error
