"""`manage.py resend_ticket CODE`: one ticket once more, in front of everything else."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from campaigns.drafts import draft_resend
from campaigns.enums import CampaignStatus, Channels, SkipReason
from campaigns.management.following import FollowingCommand
from campaigns.management.plans import discard, read_plan, refuse_bad
from campaigns.management.words import say_safe_mode
from campaigns.models import Campaign
from campaigns.models.campaign import PRIORITY_SINGLE
from campaigns.preflight import Preflight
from campaigns.queueing import has_open
from tickets.codes import parse_code
from tickets.enums import TicketStatus
from tickets.models import Contact, Ticket


class Command(FollowingCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Send one ticket to its holder again, in front of everything that waits. The exit status is 1, and nothing "
            "is sent, when the ticket is not valid or its holder cannot be reached this way."
        )
        parser.add_argument("code", metavar="CODE", help=_("The code on the ticket, such as K7MD-4QXT."))
        parser.add_argument(
            "--channel", choices=Channels.values, default=Channels.WHATSAPP.value, help=_("Default: whatsapp.")
        )
        self.add_wait(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        say_safe_mode(self)
        ticket = _ticket(options["code"])
        _refuse_second(ticket, options["channel"])
        campaign = draft_resend(ticket, channels=options["channel"])
        try:
            now = self.clock()
            plan = read_plan(campaign, now=now)
            _refuse_unreachable(plan, ticket.holder)
            refuse_bad(plan, now=now)
            self.launch(plan, read_at=now, wait=options["wait"])
        finally:
            discard(campaign)


def _ticket(typed: str) -> Ticket:
    code = parse_code(typed)
    if code is None:
        raise CommandError(_("“%(typed)s” is not a code of a ticket. One looks like K7MD-4QXT.") % {"typed": typed})
    ticket = Ticket.objects.select_related("holder", "event").filter(code=code).first()
    if ticket is None:
        raise CommandError(_("There is no ticket with the code %(code)s.") % {"code": code})
    if ticket.status != TicketStatus.VALID:
        raise CommandError(
            _("Ticket %(code)s is not sent: its state is “%(status)s”.")
            % {"code": code, "status": ticket.get_status_display()}
        )
    return ticket


def _refuse_second(ticket: Ticket, channels: str) -> None:
    """The same command once more, because nothing seems to happen, would be the same message twice."""
    live = Campaign.objects.filter(
        event=ticket.event, priority=PRIORITY_SINGLE, channels=channels, status__in=sorted(CampaignStatus.live)
    )
    for campaign in live:
        is_under_way = campaign.prepared_at is None or has_open(campaign)
        if campaign.audience.get("tickets") == [ticket.pk] and is_under_way:
            raise CommandError(
                _("Ticket %(code)s is on its way again already: see campaign_status %(id)d.")
                % {"code": ticket.code, "id": campaign.pk}
            )


def _refuse_unreachable(plan: Preflight, holder: Contact) -> None:
    if plan.messages:
        return
    sentences = {
        SkipReason.NO_PHONE: _("%(name)s has no WhatsApp number. Add one to the contact, or say --channel email."),
        SkipReason.NO_EMAIL: _("%(name)s has no e-mail address. Add one to the contact, or say --channel whatsapp."),
    }
    for _channel, reason in plan.skipped:
        if reason in sentences:
            raise CommandError(sentences[SkipReason(reason)] % {"name": holder.name})
