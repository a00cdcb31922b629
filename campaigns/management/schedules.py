"""When a command is to start something: at an hour in a zone, or so long before or after the event."""

import re
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from campaigns.enums import ScheduleFrom
from campaigns.models import Campaign
from campaigns.scheduling import MINUTES_PER_DAY, Schedule, why_not
from tickets.forms.event import no_such_hour
from tickets.forms.fields import WallTimeField
from tickets.walltimes import NoSuchHour, moment_at

TIME = re.compile(r"(?:([0-9]{1,3})d)?(?:([0-9]{1,3})h)?(?:([0-9]{1,3})m)?", re.ASCII)


def add_schedule(parser: ArgumentParser) -> None:
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--at", metavar="HOUR", help=_("Not now but then, for example “2026-12-05 20:00”."))
    when.add_argument(
        "--before-event",
        metavar="TIME",
        help=_("So long before the event begins: 1d, 2h, 90m or 1d12h. It moves when the event moves."),
    )
    when.add_argument("--after-event", metavar="TIME", help=_("So long after the event ends, in the same way."))
    parser.add_argument(
        "--zone", metavar="ZONE", default="", help=_("The time zone of --at. Default: that of the campaign.")
    )


def chosen_schedule(campaign: Campaign, options: Mapping[str, Any], *, now: datetime) -> Schedule | None:
    """None: now. Raises CommandError for what cannot be."""
    schedule = _typed(campaign, options)
    if schedule is None:
        if options["zone"]:
            raise CommandError(_("--zone says in which place the hour of --at is meant; without --at it says nothing."))
        return None
    if problem := why_not(campaign, schedule, now=now):
        raise CommandError(problem)
    return schedule


def _typed(campaign: Campaign, options: Mapping[str, Any]) -> Schedule | None:
    if options["at"] is not None:
        return Schedule(_moment(options["at"], zone_named(options["zone"]) or campaign.zone))
    if options["before_event"] is not None:
        return _counted(campaign, ScheduleFrom.EVENT_START, -_minutes(options["before_event"]))
    if options["after_event"] is not None:
        return _counted(campaign, ScheduleFrom.EVENT_END, _minutes(options["after_event"]))
    return None


def zone_named(typed: str) -> tzinfo | None:
    try:
        return ZoneInfo(typed) if typed else None
    except (KeyError, ValueError, OSError) as error:
        raise CommandError(
            _("There is no time zone “%(zone)s”. Write it like America/Bogota or Europe/Madrid.") % {"zone": typed}
        ) from error


def _moment(typed: str, zone: tzinfo) -> datetime:
    try:
        return moment_at(WallTimeField().clean(typed), zone).astimezone(UTC)
    except ValidationError as error:
        raise CommandError("--at: " + " ".join(error.messages)) from error
    except NoSuchHour as error:
        raise CommandError(no_such_hour(error, zone)) from error


def _minutes(typed: str) -> int:
    found = TIME.fullmatch(typed.strip())
    if found is None or not any(found.groups()):
        raise CommandError(
            _("“%(typed)s” is no time to count. Write days, hours or minutes: 1d, 2h, 90m, 1d12h.") % {"typed": typed}
        )
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return days * MINUTES_PER_DAY + hours * 60 + minutes


def _counted(campaign: Campaign, counted_from: str, minutes: int) -> Schedule:
    if campaign.event is None:
        raise CommandError(_("This campaign has no event to count from. Give an hour with --at."))
    return Schedule.counted(campaign.event, counted_from, minutes)
