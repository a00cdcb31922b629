"""What commands that launch or resend have in common: they can wait until it is over, and say how it ended."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import lifecycle
from campaigns.console import follow
from campaigns.enums import CampaignStatus, DeliveryStatus
from campaigns.management.asking import refusals
from campaigns.management.reports import outcome_lines
from campaigns.models import Campaign
from campaigns.preflight import Preflight
from campaigns.progress import Snapshot, snapshot
from campaigns.scene import Scene
from tickets.enums import Action
from tickets.history import record
from whatsapp.preview import duration

D = DeliveryStatus

MISSED = 3  # it is over, and somebody who was to get it did not, or perhaps did not
INTERRUPTED = 130  # what shells call the end by Ctrl-C
LOST = (D.FAILED, D.UNCERTAIN, D.EXPIRED, D.CANCELLED)


class FollowingCommand(BaseCommand):
    """`sleep` and `clock` are replaced by tests."""

    sleep: Callable[[float], None] = staticmethod(time.sleep)
    clock: Callable[[], datetime] = staticmethod(timezone.now)

    def add_wait(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--wait",
            action="store_true",
            help=_(
                "Follow it until it is over. Exit status 0: everybody who could get it got it. 3: it is over, and "
                "messages failed, are uncertain, came too late or were cancelled. Ctrl-C leaves it running."
            ),
        )

    def launch(self, plan: Preflight, *, read_at: datetime, wait: bool) -> None:
        campaign, now = plan.campaign, self.clock()
        with refusals(), transaction.atomic():
            lifecycle.launch(campaign, now=now)
            name = type(self).__module__.rpartition(".")[2]
            record(name, campaign, Action.LAUNCHED, after={"messages": plan.messages})
        self.stdout.write(
            ngettext(
                "Campaign %(id)d is launched with %(n)d message.",
                "Campaign %(id)d is launched with %(n)d messages.",
                plan.messages,
            )
            % {"id": campaign.pk, "n": plan.messages}
        )
        self.say_next(campaign, now=now)
        if wait:
            # The rule says nothing about e-mail: it leaves as fast as its server takes it.
            estimate = plan.finish_at - read_at if plan.whatsapp and plan.finish_at else None
            self.wait_for(campaign, since=now, estimate=estimate)

    def say_next(self, campaign: Campaign, *, now: datetime) -> None:
        """What keeps it from leaving, if that is for a person to change, and what to run next."""
        waiting = snapshot(campaign, Scene(now)).waiting
        if waiting and waiting.needs_person:
            self.stdout.write(waiting.sentence)
        self.stdout.write(_("See how it goes:  manage.py campaign_status %(id)d") % {"id": campaign.pk})
        self.stdout.write(_("Stop it for now:  manage.py pause_campaign %(id)d") % {"id": campaign.pk})

    def wait_for(self, campaign: Campaign, *, since: datetime, estimate: timedelta | None) -> None:
        """Raises CommandError when not everybody got it."""
        try:
            seen = follow(campaign, out=self.stdout, sleep=self.sleep, clock=self.clock)
        except KeyboardInterrupt as stop:
            raise CommandError(
                _(
                    "No longer watching. The campaign goes on: see it with campaign_status %(id)d, "
                    "stop it with pause_campaign %(id)d."
                )
                % {"id": campaign.pk},
                returncode=INTERRUPTED,
            ) from stop
        for line in outcome_lines(seen):
            self.stdout.write(line)
        self.stdout.write(_time_words(seen, since=since, estimate=estimate))
        _judge(seen)


def _time_words(seen: Snapshot, *, since: datetime, estimate: timedelta | None) -> str:
    took = duration(max((seen.campaign.status_changed_at - since).total_seconds(), 0))
    if estimate is None:
        return _("It took %(took)s.") % {"took": took}
    estimated = duration(estimate.total_seconds())
    return _("It took %(took)s; the estimate was %(estimated)s.") % {"took": took, "estimated": estimated}


def _judge(seen: Snapshot) -> None:
    lost = sum(seen.by_state.get(state, 0) for state in LOST)
    if lost:
        raise CommandError(
            ngettext(
                "%(n)d message did not arrive, or may not have.",
                "%(n)d messages did not arrive, or may not have.",
                lost,
            )
            % {"n": lost},
            returncode=MISSED,
        )
    if seen.campaign.status == CampaignStatus.CANCELLED:
        raise CommandError(_("The campaign was cancelled."), returncode=MISSED)
