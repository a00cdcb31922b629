"""The person in front of the pages while everything falls over: launches, pauses, resumes, changes the pace."""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import connection
from django.utils import timezone

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.enums import CampaignStatus
from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign, Delivery, DeliveryAttempt
from campaigns.outages import OUTAGES
from tests.factories import make_campaign, make_settings
from tests.processes.judging import Span

Result = TypeVar("Result")
PACES = (0.08, 0.1, 0.15)
LONGEST_OUTAGE = 60.0
OPEN = ("waiting", "pending", "claimed")


def patiently(step: Callable[[], Result]) -> Result:
    """A page that answers with an error is opened again."""
    ends = time.monotonic() + LONGEST_OUTAGE
    while True:
        try:
            return step()
        except OUTAGES:
            connection.close()
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)


class Operator:
    def __init__(self, chance: random.Random):
        self.chance = chance
        self.paces: list[Span] = []
        self.calls_in_pauses: Counter[str] = Counter()
        self.waves = 0
        self._paused: list[tuple[Campaign, datetime]] = []
        self.set_pace(PACES[1])

    # --- campaigns

    def keep_busy(self, least: int) -> None:
        """One more campaign for everybody when fewer than so many messages are left, or not even written yet."""
        if patiently(lambda: Delivery.objects.filter(status__in=OPEN).count()) < least and not self.unprepared():
            self.waves += 1
            self._move(lifecycle.launch, patiently(self._draft))

    def unprepared(self) -> bool:
        return patiently(Campaign.objects.filter(status=CampaignStatus.SENDING, prepared_at=None).exists)

    def _draft(self) -> Campaign:
        """The text is the name of the campaign, so that what arrives says where it belongs."""
        name = f"Oleada {self.waves}"
        found = Campaign.objects.filter(body=name).first()
        audience = describe(everybody=True)
        return found or make_campaign(name=name, body=name, status=CampaignStatus.DRAFT, audience=audience)

    def is_all_finished(self) -> bool:
        return not patiently(Campaign.objects.exclude(status=CampaignStatus.FINISHED).exists)

    # --- what the person does meanwhile

    def act(self) -> str:
        return self.chance.choice([self.do_nothing, self.do_nothing, self.change_pace, self.pause, self.resend])()

    def do_nothing(self) -> str:
        return ""

    def change_pace(self) -> str:
        self.set_pace(self.chance.choice(PACES))
        return f"pace {self.paces[-1].seconds}"

    def resend(self) -> str:
        """Nothing failed, so there is nothing to send again, whatever is under way."""
        for campaign in patiently(lambda: list(Campaign.objects.all())):
            assert patiently(lambda c=campaign: lifecycle.resend(c)) == 0, "something was queued again"
        return "resend"

    def pause(self) -> str:
        for campaign in patiently(lambda: list(Campaign.objects.filter(status=CampaignStatus.SENDING))):
            self._move(lifecycle.pause, campaign)
            if campaign.status == CampaignStatus.PAUSED:
                self._paused.append((campaign, timezone.now()))
        return "pause"

    def resume(self) -> None:
        """Whatever is paused. Before that: no turn that began after the pause may have made a call."""
        for campaign, since in self._paused:
            late = DeliveryAttempt.objects.filter(delivery__campaign=campaign, started_at__gt=since)
            self.calls_in_pauses[campaign.body] += patiently(late.count)
        self._paused = []
        for campaign in patiently(lambda: list(Campaign.objects.filter(status=CampaignStatus.PAUSED))):
            self._move(lifecycle.resume, campaign)

    def _move(self, move: Callable[[Campaign], None], campaign: Campaign) -> None:
        with contextlib.suppress(IllegalMove):  # done already: the answer to the first press was lost
            patiently(lambda: move(campaign))

    def set_pace(self, seconds: float) -> None:
        """The old one is in force until the change is sure, the new one from before it."""
        before = time.time()
        patiently(lambda: make_settings(base_delay=seconds, step=0, maximum_delay=seconds))
        if self.paces:
            last = self.paces.pop()
            self.paces.append(Span(last.began, time.time(), last.what, last.seconds))
        self.paces.append(Span(before, float("inf"), "pace", seconds))
