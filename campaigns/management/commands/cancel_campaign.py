"""`manage.py cancel_campaign ID`: for good. What left before stays on record."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import lifecycle
from campaigns.enums import CampaignStatus, DeliveryStatus
from campaigns.management.asking import campaign_numbered, refusals
from campaigns.models import Campaign, Delivery
from tickets.enums import Action
from tickets.history import record

YES = frozenset({"y", "yes", "s", "si", "sí"})  # in whatever language the question was asked


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Cancel a campaign. What has not left is taken back, and it cannot be started again. It asks first; where "
            "nobody can be asked, --yes is needed. The exit status is 1 when nothing was cancelled."
        )
        parser.add_argument("id", metavar="ID", help=_("The number of the campaign."))
        parser.add_argument("--yes", action="store_true", help=_("Do not ask."))
        parser.add_argument("--reason", default="", help=_("Shown to everybody who looks at the campaign."))

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_numbered(options["id"])
        if CampaignStatus.CANCELLED not in lifecycle.NEXT[campaign.status]:
            raise CommandError(str(lifecycle.IllegalMove(campaign, CampaignStatus.CANCELLED)))
        self.stdout.write(_consequence(campaign))
        if not options["yes"] and not self._agrees(campaign):
            raise CommandError(_("Nothing was cancelled."))
        with refusals(), transaction.atomic():
            withdrawn = lifecycle.cancel(campaign, reason=" ".join(options["reason"].split()), now=timezone.now())
            after = {"withdrawn": withdrawn}
            record("cancel_campaign", campaign, Action.CANCELLED, after=after, sentence=campaign.status_reason)
        self.stdout.write(
            ngettext(
                "Cancelled. %(n)d message was taken back.", "Cancelled. %(n)d messages were taken back.", withdrawn
            )
            % {"n": withdrawn}
        )

    def _agrees(self, campaign: Campaign) -> bool:
        if not sys.stdin.isatty():
            raise CommandError(_("Nobody can be asked here. Say --yes if you mean it; nothing was cancelled."))
        self.stdout.write(_("Cancel “%(name)s” for good? [y/N]") % {"name": campaign.name}, ending=" ")
        self.stdout.flush()
        try:
            return sys.stdin.readline().strip().lower() in YES
        except KeyboardInterrupt:
            self.stdout.write("")
            return False


def _consequence(campaign: Campaign) -> str:
    """How many will not get it, as far as that is known."""
    if campaign.launched_at is None:
        return _("It was not launched yet: nobody was sent it, and nobody will be.")
    if campaign.prepared_at is None:
        return _("The list of people is still being prepared: nobody was sent it, and nobody will be.")
    rows = Delivery.objects.filter(campaign=campaign)
    left = rows.filter(status__in=sorted(DeliveryStatus.withdrawable)).count()
    sentence = ngettext(
        "%(n)d message has not left and never will.", "%(n)d messages have not left and never will.", left
    )
    return sentence % {"n": left}
