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
        self._ids = [campaign.pk for campaign in campaigns]
        self._pending: dict[tuple[int, str], dict[int, int]] = {}  # how many, by priority
        self._others: dict[tuple[int, str, str], int] = {}
        self._last_retry: dict[int, datetime] = {}
        if self._ids:
            self._count_pending()
            self._count_others()

    def _count_pending(self) -> None:
        """From the index of the queue alone."""
        for channel in Channel.values:
            queue = Delivery.objects.filter(campaign__in=self._ids, channel=channel, status=D.PENDING).order_by()
            for campaign, priority, count in queue.values_list("campaign", "priority").annotate(Count("pk")):
                self._pending.setdefault((campaign, channel), {})[priority] = count

    def _count_others(self) -> None:
        """What waits for its next try, and what is under way."""
        rows = Delivery.objects.filter(campaign__in=self._ids, status__in=[D.WAITING, D.CLAIMED]).order_by()
        counted = rows.values_list("campaign", "channel", "status").annotate(Count("pk"), Max("due_at"))
        for campaign, channel, status, count, due in counted:
            self._others[campaign, channel, status] = count
            if status == D.WAITING and due:
                self._last_retry[campaign] = max(due, self._last_retry.get(campaign, due))

    def is_open(self, campaign: Campaign, channel: str) -> bool:
        return bool(self._queued(campaign, channel) or self._other(campaign, channel, D.CLAIMED))

    def left(self, campaign: Campaign, channel: str) -> int:
        """Messages to come; what is under way on a number is known from its lane."""
        under_way = self._other(campaign, channel, D.CLAIMED) if channel == Channel.EMAIL else 0
        return self._queued(campaign, channel) + under_way

    def others_first(self, campaign: Campaign, channel: str) -> int:
        """Turns are fair: each other campaign takes as many as this one has left, or all that it has."""
        left = self.left(campaign, channel)
        if not left:
            return 0
        return sum(
            count if priority < campaign.priority else min(count, left)
            for (other, way), queue in self._pending.items()
            if way == channel and other != campaign.pk
            for priority, count in queue.items()
            if priority <= campaign.priority
        )

    def last_retry(self, campaign: Campaign) -> datetime | None:
        return self._last_retry.get(campaign.pk)

    def _queued(self, campaign: Campaign, channel: str) -> int:
        pending = sum(self._pending.get((campaign.pk, channel), {}).values())
        return pending + self._other(campaign, channel, D.WAITING)

    def _other(self, campaign: Campaign, channel: str, status: str) -> int:
        return self._others.get((campaign.pk, channel, status), 0)


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
