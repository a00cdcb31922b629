"""`manage.py pause_campaign ID`: nothing of it leaves any more until it is resumed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import lifecycle
from campaigns.management.asking import campaign_numbered, refusals
from campaigns.progress import snapshot
from campaigns.scene import Scene
from tickets.enums import Action
from tickets.history import record


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Pause a campaign that is sending. What is leaving at this moment still leaves, and nothing after it. The "
            "exit status is 1 when the campaign is not sending."
        )
        parser.add_argument("id", metavar="ID", help=_("The number of the campaign."))
        parser.add_argument("--reason", default="", help=_("Shown to everybody who looks at the campaign."))

    def handle(self, *args: Any, **options: Any) -> None:
        campaign, now = campaign_numbered(options["id"]), timezone.now()
        with refusals(), transaction.atomic():
            lifecycle.pause(campaign, reason=" ".join(options["reason"].split()), now=now)
            left = snapshot(campaign, Scene(now)).open
            record("pause_campaign", campaign, Action.PAUSED, after={"left": left}, sentence=campaign.status_reason)
        self.stdout.write(
            ngettext("Paused with %(n)d message to go.", "Paused with %(n)d messages to go.", left) % {"n": left}
        )
        self.stdout.write(_("Go on with it:  manage.py resume_campaign %(id)d") % {"id": campaign.pk})
