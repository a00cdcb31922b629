"""`manage.py settle_uncertain CAMPAIGN`: a person decides about messages that may or may not have arrived."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.enums import DeliveryStatus
from campaigns.management.asking import LARGEST_ID, campaign_numbered, whole_number
from campaigns.management.commands.cancel_campaign import YES
from campaigns.management.following import FollowingCommand
from campaigns.models import Campaign, Delivery
from campaigns.settling import count_as_sent, send_again, shares


class Command(FollowingCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Decide about the messages of a campaign that left without a clear answer. Nearly all of them arrive, so "
            "--count-as-sent is the usual answer. It asks first; where nobody can be asked, --yes is needed. With "
            "nothing to decide the exit status is 0; 1 when nothing was changed although something was asked for."
        )
        parser.add_argument("campaign", metavar="CAMPAIGN", help=_("The number of the campaign."))
        ways = parser.add_mutually_exclusive_group(required=True)
        ways.add_argument("--count-as-sent", action="store_true", help=_("They arrived. Nothing is sent."))
        ways.add_argument("--send-again", action="store_true", help=_("Send them once more: some people get it twice."))
        parser.add_argument(
            "--delivery",
            metavar="ID",
            nargs="+",
            action="extend",
            default=[],
            help=_("Only these, with the numbers that the command uncertain shows. Without: all of the campaign."),
        )
        parser.add_argument("--user", metavar="NAME", default="", help=_("Who decided this, for the history."))
        parser.add_argument("--yes", action="store_true", help=_("Do not ask."))

    def handle(self, *args: Any, **options: Any) -> None:
        campaign, user = campaign_numbered(options["campaign"]), _user(options["user"])
        chosen = _chosen(campaign, options["delivery"])
        number = chosen.count()
        if not number:
            self.stdout.write(_("Nothing is uncertain."))
            return
        if options["send_again"]:
            self._refuse(chosen)
        self.stdout.write(_question(number, again=options["send_again"]))
        if not options["yes"] and not self._agrees():
            raise CommandError(_("Nothing was changed."))
        if options["send_again"]:
            self._send(campaign, chosen, user)
        else:
            self._count(chosen, user)

    def _refuse(self, chosen: QuerySet[Delivery]) -> None:
        """Before anybody is asked."""
        for share in shares(chosen, now=self.clock()):
            if share.why:
                raise CommandError(share.why)

    def _agrees(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError(_("Nobody can be asked here. Say --yes if you mean it; nothing was changed."))
        self.stdout.write(_("Go on? [y/N]"), ending=" ")
        self.stdout.flush()
        try:
            return sys.stdin.readline().strip().lower() in YES
        except KeyboardInterrupt:
            self.stdout.write("")
            return False

    def _count(self, chosen: QuerySet[Delivery], user: User | None) -> None:
        settled = count_as_sent(chosen, user=user, now=self.clock())
        sentence = ngettext("%(n)d message is counted as sent.", "%(n)d messages are counted as sent.", settled)
        self.stdout.write(sentence % {"n": settled})

    def _send(self, campaign: Campaign, chosen: QuerySet[Delivery], user: User | None) -> None:
        now = self.clock()
        done = send_again(chosen, user=user, now=now)
        if done.stayed:  # somebody cancelled it while we asked
            raise CommandError(done.stayed[0].why)
        sentence = ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", done.queued)
        self.stdout.write(sentence % {"n": done.queued})
        campaign.refresh_from_db()
        self.say_next(campaign, now=now)


def _user(name: str) -> User | None:
    if not name:
        return None
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise CommandError(_("There is no active user “%(name)s”.") % {"name": name})
    return found


def _chosen(campaign: Campaign, typed: list[str]) -> QuerySet[Delivery]:
    """Raises CommandError when one of those that were named is not there to be decided about."""
    uncertain = Delivery.objects.filter(campaign=campaign, status=DeliveryStatus.UNCERTAIN)
    if not typed:
        return uncertain
    asked = {whole_number(one, name="--delivery", low=1, high=LARGEST_ID) for one in typed}
    chosen = uncertain.filter(pk__in=asked)
    if missing := sorted(asked - set(chosen.values_list("pk", flat=True))):
        raise CommandError(
            _("Not uncertain, or not of this campaign: %(numbers)s. Nothing was changed.")
            % {"numbers": ", ".join(map(str, missing))}
        )
    return chosen


def _question(number: int, *, again: bool) -> str:
    if again:
        sentence = ngettext(
            "%(n)d message is sent again. It has very likely arrived: whoever got it gets it twice.",
            "%(n)d messages are sent again. They have very likely arrived: whoever got it gets it twice.",
            number,
        )
    else:
        sentence = ngettext(
            "%(n)d message is counted as sent. Nothing leaves, and it cannot be undone.",
            "%(n)d messages are counted as sent. Nothing leaves, and it cannot be undone.",
            number,
        )
    return sentence % {"n": number}
