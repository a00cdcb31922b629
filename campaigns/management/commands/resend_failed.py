"""`manage.py resend_failed --campaign ID`: exactly what failed; what may have arrived only when that is asked for."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import lifecycle
from campaigns.enums import CampaignStatus, DeliveryStatus
from campaigns.explanations import TOO_LONG
from campaigns.lifecycle import IllegalMove
from campaigns.management.asking import campaign_numbered, refusals
from campaigns.management.following import FollowingCommand
from campaigns.management.plans import refuse_late
from campaigns.management.reports import why_words
from campaigns.management.words import say_safe_mode, table
from campaigns.models import Campaign, Delivery
from campaigns.progress import errors_by_kind, snapshot
from campaigns.scene import Scene
from tickets.enums import Action
from tickets.history import record
from whatsapp.gateways.base import ErrorKind

D = DeliveryStatus
S = CampaignStatus
RESENDABLE = frozenset({S.SENDING, S.PAUSED, S.FINISHED})


class Command(FollowingCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Send again exactly the messages of a campaign that failed. Nobody who has the message gets it twice. "
            "Uncertain ones may have arrived, so they are only sent again when that is asked for. With nothing to "
            "send the exit status is 0; 1 when it cannot be done."
        )
        parser.add_argument("--campaign", metavar="ID", required=True, help=_("The number of the campaign."))
        parser.add_argument(
            "--kind", metavar="KIND", nargs="+", action="extend", default=[], help=_("Only these kinds of failure.")
        )
        parser.add_argument(
            "--include-uncertain", action="store_true", help=_("Also those that left without a clear answer.")
        )
        parser.add_argument("--dry-run", action="store_true", help=_("Only show what would be sent again."))
        self.add_wait(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        say_safe_mode(self)
        campaign, now = campaign_numbered(options["campaign"]), self.clock()
        uncertain = options["include_uncertain"]
        kinds = _kinds(campaign, options["kind"], uncertain=uncertain)
        if campaign.status not in RESENDABLE:
            raise CommandError(str(IllegalMove(campaign, S.SENDING)))
        if groups := _groups(campaign, kinds, uncertain=uncertain):
            refuse_late(campaign, now=now)
            self.stdout.write("\n".join(table([(kind, number, why_words(kind)) for kind, number in groups])))
        else:
            self.stdout.write(_("There is nothing to send again."))
        if groups and not options["dry_run"]:
            # Named one by one: to lifecycle no kind means every kind, those that cannot be mended included.
            self._resend(campaign, tuple(kind for kind, _number in groups), uncertain=uncertain, wait=options["wait"])
        elif groups:
            self.stdout.write(_("Nothing was sent: this was a dry run."))

    def _resend(self, campaign: Campaign, kinds: tuple[str, ...], *, uncertain: bool, wait: bool) -> None:
        now = self.clock()
        with refusals(), transaction.atomic():
            queued = lifecycle.resend(campaign, kinds=kinds, uncertain=uncertain, now=now)
            record("resend_failed", campaign, Action.RESENT, after={"messages": queued, "error_kind": list(kinds)})
        self.stdout.write(
            ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", queued) % {"n": queued}
        )
        self.say_next(campaign, now=now)
        if wait:
            end = snapshot(campaign, Scene(now)).finish_at
            self.wait_for(campaign, since=now, estimate=end - now if end and end > now else None)


def _kinds(campaign: Campaign, asked: list[str], *, uncertain: bool) -> frozenset[str]:
    """What was asked for; nothing means every kind. Raises CommandError for what cannot be sent again."""
    known = dict.fromkeys([*map(str, ErrorKind), *(kind for kind, _number in _failed(campaign))])
    known.pop(TOO_LONG, None)
    for kind in asked:
        if kind not in (*known, TOO_LONG):
            raise CommandError(
                _("There is no kind of failure “%(kind)s”. There are: %(kinds)s.")
                % {"kind": kind, "kinds": ", ".join(known)}
            )
    if TOO_LONG in asked:
        raise CommandError(
            _("These texts were too long and would be again. Shorten the text and send it to these people anew.")
        )
    if ErrorKind.UNCERTAIN in asked and not uncertain:
        raise CommandError(_("Uncertain messages may have arrived. If you want them twice, say --include-uncertain."))
    return frozenset(asked)


def _failed(campaign: Campaign) -> list[tuple[str, int]]:
    return [(kind, number) for status, kind, number in errors_by_kind(campaign) if status == D.FAILED]


def _groups(campaign: Campaign, kinds: frozenset[str], *, uncertain: bool) -> list[tuple[str, int]]:
    """By kind what would leave again."""
    groups = [(kind, number) for kind, number in _failed(campaign) if kind != TOO_LONG and (not kinds or kind in kinds)]
    doubtful = Delivery.objects.filter(campaign=campaign, status=D.UNCERTAIN).count() if uncertain else 0
    return [*groups, (str(ErrorKind.UNCERTAIN), doubtful)] if doubtful else groups
