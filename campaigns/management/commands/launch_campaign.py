"""`manage.py launch_campaign ID`: sends a campaign that was written on the pages."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from campaigns.enums import CampaignStatus
from campaigns.lifecycle import LAUNCHABLE, IllegalMove
from campaigns.management.asking import campaign_numbered
from campaigns.management.following import FollowingCommand
from campaigns.management.plans import plan_lines, read_plan, refuse_bad
from campaigns.management.words import say_safe_mode


class Command(FollowingCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Launch a campaign that is a draft, scheduled or late. First it shows who gets it, who does not and why, "
            "and how long it takes; when something forbids it, nothing is sent and the exit status is 1."
        )
        parser.add_argument("id", metavar="ID", help=_("The number of the campaign."))
        self.add_wait(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        say_safe_mode(self)
        campaign, now = campaign_numbered(options["id"]), self.clock()
        if campaign.status not in LAUNCHABLE:  # said before its people are counted
            raise CommandError(str(IllegalMove(campaign, CampaignStatus.SENDING)))
        plan = read_plan(campaign, now=now)
        self.stdout.write("\n".join(plan_lines(plan, now=now)))
        refuse_bad(plan, now=now)
        self.launch(plan, read_at=now, wait=options["wait"])
