"""What a change of the settings or of a number would do to the campaigns that are being sent, before it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, Max

from campaigns.enums import Channel, DeliveryStatus
from campaigns.finish import email_lanes, whatsapp_lanes
from campaigns.forecast import Forecast, forecast
from campaigns.models import Campaign, Delivery
from campaigns.scene import Scene
from campaigns.windows import sending, window_of

D = DeliveryStatus
MOST = 8  # campaigns that are shown; all of them are counted


@dataclass(frozen=True)
class Effect:
    """When one campaign ends with everything as it is, and as it would be."""

    campaign: Campaign
    now: Forecast
    then: Forecast

    @property
    def difference(self) -> timedelta | None:
        """None where one of them has no end in sight. To the second: nobody plans finer."""
        if self.now.ends_at is None or self.then.ends_at is None:
            return None
        return timedelta(seconds=round((self.then.ends_at - self.now.ends_at) / timedelta(seconds=1)))


def effects(scene: Scene, supposed: Scene) -> tuple[list[Effect], int]:
    """Of the campaigns for which WhatsApp messages wait, and how many more of them there are."""
    campaigns = sorted(sending(), key=lambda campaign: (campaign.priority, campaign.pk))
    queues = Queues(campaigns)
    waiting = [campaign for campaign in campaigns if queues.is_open(campaign, Channel.WHATSAPP)]
    found = [
        Effect(campaign, _finish(campaign, queues, scene), _finish(campaign, queues, supposed))
        for campaign in waiting[:MOST]
    ]
    return found, max(len(waiting) - MOST, 0)


class Queues:
    """Who waits in all campaigns that send: asked for once, however many they are."""

    def __init__(self, campaigns: Sequence[Campaign]):
        self._campaigns = campaigns
        self._ids = [campaign.pk for campaign in campaigns]
        self._counts = self._count() if self._ids else {}
        self._last_retry = self._retries() if any(status == D.WAITING for _, _, status in self._counts) else {}

    def _count(self) -> dict[tuple[int, str, str], int]:
        """By campaign, channel and state, from the index of the totals alone."""
        rows = Delivery.objects.filter(campaign__in=self._ids, status__in=sorted(D.open)).order_by()
        counted = rows.values_list("campaign", "channel", "status").annotate(Count("pk"))
        return {(campaign, channel, status): count for campaign, channel, status, count in counted}

    def _retries(self) -> dict[int, datetime]:
        waiting = Delivery.objects.filter(campaign__in=self._ids, status=D.WAITING, due_at__isnull=False).order_by()
        return dict(waiting.values_list("campaign").annotate(Max("due_at")))

    def is_open(self, campaign: Campaign, channel: str) -> bool:
        return any(self._number(campaign, channel, status) for status in D.open)

    def left(self, campaign: Campaign, channel: str) -> int:
        """Messages to come; what is under way on a number is known from its lane."""
        to_come = D.withdrawable if channel == Channel.WHATSAPP else D.open
        return sum(self._number(campaign, channel, status) for status in to_come)

    def others_first(self, campaign: Campaign, channel: str) -> int:
        """Turns are fair: each other campaign takes as many as this one has left, or all that it has.

        Its messages have the priority of the campaign, which nobody changes once the list is made.
        """
        left = self.left(campaign, channel)
        if not left:
            return 0
        others = [other for other in self._campaigns if other.pk != campaign.pk and other.priority <= campaign.priority]
        waiting = [(other.priority, self._number(other, channel, D.PENDING)) for other in others]
        return sum(count if priority < campaign.priority else min(count, left) for priority, count in waiting)

    def last_retry(self, campaign: Campaign) -> datetime | None:
        return self._last_retry.get(campaign.pk)

    def _number(self, campaign: Campaign, channel: str, status: str) -> int:
        return self._counts.get((campaign.pk, channel, status), 0)


def _finish(campaign: Campaign, queues: Queues, scene: Scene) -> Forecast:
    """The same end as on the page of the campaign (campaigns/progress.py), from what was counted for all of them."""
    found = [_on(channel, campaign, queues, scene) for channel in Channel.values if queues.is_open(campaign, channel)]
    endless = [one for one in found if one.ends_at is None]
    worst = endless[0] if endless else max(found, key=lambda one: one.ends_at or scene.now)
    last = queues.last_retry(campaign)
    return replace(worst, ends_at=max(worst.ends_at, last)) if worst.ends_at and last else worst


def _on(channel: str, campaign: Campaign, queues: Queues, scene: Scene) -> Forecast:
    return forecast(
        whatsapp_lanes(scene) if channel == Channel.WHATSAPP else email_lanes(campaign, scene),
        queues.left(campaign, channel) + queues.others_first(campaign, channel),
        now=scene.now,
        day_zone=scene.limits.day_zone,
        window=window_of(campaign, channel, scene.limits.settings),
    )
