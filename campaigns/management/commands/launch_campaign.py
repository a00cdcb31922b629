"""`manage.py launch_campaign ID`: sends a campaign that was written on the pages, now or later."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.enums import CampaignStatus
from campaigns.lifecycle import LAUNCHABLE, IllegalMove
from campaigns.management.asking import campaign_numbered, refusals
from campaigns.management.following import FollowingCommand
from campaigns.management.plans import plan_lines, read_plan, refuse_bad
from campaigns.management.schedules import add_schedule, chosen_schedule, zone_named
from campaigns.management.words import say_safe_mode
from campaigns.preflight import Preflight
from campaigns.scheduling import Schedule, done_words, schedule_zone, twice_words
from tickets.enums import Action
from tickets.history import record


class Command(FollowingCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Launch a campaign that is a draft, scheduled or late. First it shows who gets it, who does not and why, "
            "and how long it takes; when something forbids it, nothing is sent and the exit status is 1."
        )
        parser.add_argument("id", metavar="ID", help=_("The number of the campaign."))
        add_schedule(parser)
        self.add_wait(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        say_safe_mode(self)
        campaign, now = campaign_numbered(options["id"]), self.clock()
        if campaign.status not in LAUNCHABLE:  # said before its people are counted
            raise CommandError(str(IllegalMove(campaign, CampaignStatus.SENDING)))
        schedule = chosen_schedule(campaign, options, now=now)
        if schedule and options["wait"]:
            raise CommandError(_("--wait follows what is being sent. It does not go with a time to start at."))
        plan = read_plan(campaign, now=now)
        self.stdout.write("\n".join(plan_lines(plan, now=now)))
        refuse_bad(plan, now=now)
        if schedule:
            self._plan(plan, schedule, zone=options["zone"], now=now)
        else:
            self.launch(plan, read_at=now, wait=options["wait"])

    def _plan(self, plan: Preflight, schedule: Schedule, *, zone: str, now: datetime) -> None:
        campaign = plan.campaign
        with refusals(), transaction.atomic():
            lifecycle.schedule(
                campaign, schedule.at, counted_from=schedule.counted_from, minutes=schedule.minutes, now=now
            )
            after = {"scheduled_at": campaign.scheduled_at, "messages": plan.messages}
            record("launch_campaign", campaign, Action.SCHEDULED, after=after)
        self.stdout.write(done_words(schedule, campaign, messages=plan.messages, now=now))
        if twice := twice_words(schedule.at, zone_named(zone) or schedule_zone(campaign, schedule)):
            self.stdout.write(twice)
        if schedule.counted_from:
            self.stdout.write(_("If the event moves, it moves with it."))
