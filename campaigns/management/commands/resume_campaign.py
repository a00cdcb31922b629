"""`manage.py resume_campaign ID`: a paused campaign goes on."""

from argparse import ArgumentParser
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import lifecycle
from campaigns.management.asking import campaign_numbered, refusals
from campaigns.management.following import FollowingCommand
from campaigns.management.words import say_safe_mode
from campaigns.progress import snapshot
from campaigns.scene import Scene
from tickets.enums import Action
from tickets.history import record


class Command(FollowingCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Go on with a paused campaign, where it stopped and at its pace. Exit status 1: it is not paused."
        )
        parser.add_argument("id", metavar="ID", help=_("The number of the campaign."))

    def handle(self, *args: Any, **options: Any) -> None:
        say_safe_mode(self)
        campaign, now = campaign_numbered(options["id"]), self.clock()
        with refusals(), transaction.atomic():
            lifecycle.resume(campaign, now=now)
            left = snapshot(campaign, Scene(now)).open
            record("resume_campaign", campaign, Action.RESUMED, after={"left": left})
        self.stdout.write(
            ngettext("Resumed with %(n)d message to go.", "Resumed with %(n)d messages to go.", left) % {"n": left}
        )
        self.say_next(campaign, now=now)
