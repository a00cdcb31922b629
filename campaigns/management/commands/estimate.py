"""`manage.py estimate --messages N`: how long a send would take, by the rule and the numbers of this installation."""

import json
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.enums import Channel
from campaigns.estimates import MOST, busiest_share, longest_wait, total_seconds
from campaigns.finish import days_words
from campaigns.forecast import Forecast, LaneAhead, forecast
from campaigns.management.asking import whole_number
from campaigns.management.words import moment_words, table
from campaigns.scene import call_times
from campaigns.windows import general_window
from whatsapp.limits import pace_of
from whatsapp.models import SendingSettings
from whatsapp.pacing import LaneClock
from whatsapp.preview import duration


@dataclass(frozen=True)
class Estimate:
    messages: int
    senders: int
    waiting_seconds: float
    total_seconds: float
    gateway_seconds_per_message: float
    forecast: Forecast  # begun now, with the daily limit and the sending hours

    def as_json(self) -> dict[str, object]:
        return {
            "messages": self.messages,
            "senders": self.senders,
            "waiting_seconds": self.waiting_seconds,
            "total_seconds": self.total_seconds,
            "gateway_seconds_per_message": self.gateway_seconds_per_message,
            "finish_at": self.forecast.ends_at.isoformat() if self.forecast.ends_at else None,
            "days": self.forecast.days,
        }


class Command(BaseCommand):
    # Asked before anything is set up, too: nothing of the installation has to be in order for it.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "How long it takes to send so many WhatsApp messages: the pauses of the settings, and the time that the "
            "gateway took for a message lately. When it ends also depends on the daily limit and the sending hours."
        )
        parser.add_argument("--messages", metavar="N", required=True, help=_("How many messages."))
        parser.add_argument("--senders", metavar="K", default=1, help=_("From how many numbers at once. Default: 1."))
        parser.add_argument("--json", action="store_true", dest="as_json", help=_("For programs."))

    def handle(self, *args: Any, **options: Any) -> None:
        messages = whole_number(options["messages"], name="--messages", low=0, high=MOST)
        senders = whole_number(options["senders"], name="--senders", low=1, high=MOST)
        limits, call_seconds = self._known()
        found = make_estimate(messages, senders, limits, call_seconds, now=timezone.now())
        if options["as_json"]:
            self.stdout.write(json.dumps(found.as_json()))
        else:
            self.stdout.write("\n".join(_in_words(found, now=timezone.now())))

    def _known(self) -> tuple[SendingSettings, float]:
        """The settings and the gateway's time; before the first `migrate` what a new installation begins with."""
        try:
            return SendingSettings.load(), call_times(Channel.WHATSAPP).usual
        except DatabaseError as error:
            why = (str(error).splitlines() or ["?"])[0]
            self.stderr.write(
                _("The settings cannot be read from the database (%(why)s): these are the defaults.") % {"why": why}
            )
            return SendingSettings(), 0.0


def make_estimate(
    messages: int, senders: int, limits: SendingSettings, call_seconds: float, *, now: datetime
) -> Estimate:
    pace = pace_of(limits)
    begun_now = forecast(
        [LaneAhead(LaneClock(), pace, call_seconds)],
        busiest_share(messages, senders),
        now=now,
        day_zone=limits.window_timezone,
        window=general_window(limits, Channel.WHATSAPP, limits.window_timezone),
    )
    return Estimate(
        messages=messages,
        senders=senders,
        waiting_seconds=longest_wait(messages, pace, senders=senders),
        total_seconds=total_seconds(messages, pace, senders=senders, call_seconds=call_seconds),
        gateway_seconds_per_message=call_seconds,
        forecast=begun_now,
    )


def _in_words(found: Estimate, *, now: datetime) -> list[str]:
    rows: list[tuple[object, ...]] = [
        (_("Messages"), str(found.messages)),
        (_("Numbers"), str(found.senders)),
        (_("Pauses"), duration(found.waiting_seconds)),
        (_("Gateway"), _gateway_words(found)),
        (_("Together"), duration(found.total_seconds)),
    ]
    if found.forecast.ends_at:
        end = moment_words(found.forecast.ends_at, timezone.get_current_timezone(), now=now)
        rows.append((_("Started now, it ends at"), end))
    why = days_words(found.forecast)
    return [*table(rows), why] if why else table(rows)


def _gateway_words(found: Estimate) -> str:
    if not found.gateway_seconds_per_message:
        return _("not known yet: nothing was sent")
    return _("%(seconds).2f s a message") % {"seconds": found.gateway_seconds_per_message}
