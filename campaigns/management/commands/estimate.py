"""`manage.py estimate --messages N`: how long a send would take, by the rule and the numbers of this installation."""

import json
from argparse import ArgumentParser
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.estimates import longest_wait, total_seconds
from campaigns.management.asking import whole_number
from campaigns.management.words import moment_words, table
from campaigns.progress import recent_call_seconds
from whatsapp.limits import pace_of
from whatsapp.models import SendingSettings
from whatsapp.preview import duration

MOST = 1_000_000


@dataclass(frozen=True)
class Estimate:
    """The names are those of the JSON."""

    messages: int
    senders: int
    waiting_seconds: float
    total_seconds: float
    gateway_seconds_per_message: float


class Command(BaseCommand):
    # Asked before anything is set up, too: nothing of the installation has to be in order for it.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "How long it takes to send so many WhatsApp messages: the pauses of the settings, and the time that the "
            "gateway took for a message lately. Daily limits and sending hours are not counted."
        )
        parser.add_argument("--messages", metavar="N", required=True, help=_("How many messages."))
        parser.add_argument("--senders", metavar="K", default=1, help=_("From how many numbers at once. Default: 1."))
        parser.add_argument("--json", action="store_true", dest="as_json", help=_("For programs."))

    def handle(self, *args: Any, **options: Any) -> None:
        messages = whole_number(options["messages"], name="--messages", low=0, high=MOST)
        senders = whole_number(options["senders"], name="--senders", low=1, high=MOST)
        limits, call_seconds = self._known()
        found = make_estimate(messages, senders, limits, call_seconds)
        if options["as_json"]:
            self.stdout.write(json.dumps(asdict(found)))
        else:
            self.stdout.write("\n".join(_in_words(found, now=timezone.now())))
            self._warn(found, cap=limits.daily_cap)

    def _warn(self, found: Estimate, *, cap: int) -> None:
        """The pauses are not what takes the time where only so many may leave a day."""
        days = ceil(found.messages / (cap * found.senders)) if cap else 1
        if days > 1:
            self.stdout.write(
                _("With at most %(cap)d messages a day from each number it takes %(days)d days.")
                % {"cap": cap, "days": days}
            )

    def _known(self) -> tuple[SendingSettings, float]:
        """The settings and the gateway's time; before the first `migrate` what a new installation begins with."""
        try:
            return SendingSettings.load(), recent_call_seconds()
        except DatabaseError as error:
            why = (str(error).splitlines() or ["?"])[0]
            self.stderr.write(
                _("The settings cannot be read from the database (%(why)s): these are the defaults.") % {"why": why}
            )
            return SendingSettings(), 0.0


def make_estimate(messages: int, senders: int, limits: SendingSettings, call_seconds: float) -> Estimate:
    pace = pace_of(limits)
    return Estimate(
        messages=messages,
        senders=senders,
        waiting_seconds=longest_wait(messages, pace, senders=senders),
        total_seconds=total_seconds(messages, pace, senders=senders, call_seconds=call_seconds),
        gateway_seconds_per_message=call_seconds,
    )


def _in_words(found: Estimate, *, now: datetime) -> list[str]:
    end = now + timedelta(seconds=found.total_seconds)
    zone = timezone.get_current_timezone()
    rows: list[tuple[object, ...]] = [
        (_("Messages"), str(found.messages)),
        (_("Numbers"), str(found.senders)),
        (_("Pauses"), duration(found.waiting_seconds)),
        (_("Gateway"), _gateway_words(found)),
        (_("Together"), duration(found.total_seconds)),
        (_("Started now, it ends at"), moment_words(end, zone, now=now)),
    ]
    return table(rows)


def _gateway_words(found: Estimate) -> str:
    if not found.gateway_seconds_per_message:
        return _("not known yet: nothing was sent")
    return _("%(seconds).2f s a message") % {"seconds": found.gateway_seconds_per_message}
