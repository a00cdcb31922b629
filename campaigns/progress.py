"""Where a campaign stands, counted from its rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count

from campaigns.enums import CampaignStatus, Channel, DeliveryStatus
from campaigns.finish import days_words, finish_of
from campaigns.forecast import Forecast
from campaigns.models import Campaign, Delivery
from campaigns.scene import Scene
from campaigns.statements import count_each
from campaigns.waiting import Waiting, waiting_of

D = DeliveryStatus


@dataclass(frozen=True)
class Snapshot:
    """One look at a campaign. The sum of `by_state` is `total`, always."""

    campaign: Campaign
    total: int
    by_state: dict[str, int]
    by_channel: dict[str, dict[str, int]]
    waiting: Waiting | None
    finish: Forecast | None
    taken_at: datetime

    @property
    def open(self) -> int:
        return sum(self.by_state.get(state, 0) for state in D.open)

    @property
    def done(self) -> int:
        return self.total - self.open

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 is shown only when nobody is left."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def arrived(self) -> int:
        return sum(self.by_state.get(state, 0) for state in D.arrived)

    @property
    def failed(self) -> int:
        return self.by_state.get(D.FAILED, 0)

    @property
    def uncertain(self) -> int:
        return self.by_state.get(D.UNCERTAIN, 0)

    @property
    def is_over(self) -> bool:
        return self.campaign.status in (CampaignStatus.FINISHED, CampaignStatus.CANCELLED)

    @property
    def finish_at(self) -> datetime | None:
        return self.finish.ends_at if self.finish else None

    @property
    def days_sentence(self) -> str:
        """Why the limits and hours make it last several days; empty when they do not."""
        return days_words(self.finish) if self.finish else ""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.campaign.pk,
            "name": self.campaign.name,
            "status": self.campaign.status,
            "total": self.total,
            "by_state": self.by_state,
            "by_channel": self.by_channel,
            "waiting": self.waiting and self.waiting.as_json(),
            "finish_at": self.finish_at.isoformat() if self.finish_at else None,
        }


def snapshot(campaign: Campaign, scene: Scene) -> Snapshot:
    return snapshot_of(campaign, totals(campaign), scene)


def snapshot_of(campaign: Campaign, by_channel: dict[str, dict[str, int]], scene: Scene) -> Snapshot:
    """Where it stands, when its messages have been counted."""
    by_state = {state: sum(counts.get(state, 0) for counts in by_channel.values()) for state in D.values}
    by_state = {state: count for state, count in by_state.items() if count}
    return Snapshot(
        campaign=campaign,
        total=sum(by_state.values()),
        by_state=by_state,
        by_channel=by_channel,
        waiting=waiting_of(campaign, by_channel, scene),
        finish=end_of(campaign, by_channel, scene),
        taken_at=scene.now,
    )


def totals(campaign: Campaign) -> dict[str, dict[str, int]]:
    """Messages by channel and state, without those that nobody is in."""
    return totals_of([campaign.pk])[campaign.pk]


def totals_of(
    campaigns: Sequence[int], *, states: Collection[str] = tuple(D.values)
) -> dict[int, dict[str, dict[str, int]]]:
    """The same for several campaigns at once, or only what is in some of the states."""
    cells = [(pk, channel, state) for pk in campaigns for channel in Channel.values for state in sorted(states)]
    asked = [{"campaign": pk, "status": state, "channel": channel} for pk, channel, state in cells]
    counts: dict[int, dict[str, dict[str, int]]] = {pk: {} for pk in campaigns}
    for (pk, channel, state), count in zip(cells, count_each(Delivery, asked), strict=True):
        if count:
            counts[pk].setdefault(channel, {})[state] = count
    return counts


def totals_by_state(campaigns: Sequence[int]) -> dict[int, dict[str, int]]:
    """Both channels together."""
    pairs = [(campaign, state) for campaign in campaigns for state in D.values]
    asked = [{"campaign": campaign, "status": state} for campaign, state in pairs]
    counts: dict[int, dict[str, int]] = {campaign: {} for campaign in campaigns}
    for (campaign, state), count in zip(pairs, count_each(Delivery, asked), strict=True):
        if count:
            counts[campaign][state] = count
    return counts


def end_of(campaign: Campaign, by_channel: Mapping[str, Mapping[str, int]], scene: Scene) -> Forecast | None:
    """When it will be over. None when that cannot be said: it does not send, or nobody is left."""
    if campaign.status != CampaignStatus.SENDING or campaign.prepared_at is None:
        return None
    left = {
        channel: sum(counts.get(state, 0) for state in _to_come(channel))
        for channel, counts in by_channel.items()
        if any(counts.get(state, 0) for state in D.open)
    }
    if not left:
        return None
    found = finish_of(campaign, left, scene)
    return _after_retries(campaign, by_channel, found, scene)


def _to_come(channel: str) -> frozenset[str]:
    """What is under way on a number is known from its lane."""
    return D.withdrawable if channel == Channel.WHATSAPP else D.open


def _after_retries(
    campaign: Campaign, by_channel: Mapping[str, Mapping[str, int]], found: Forecast, scene: Scene
) -> Forecast:
    """Whoever is tried again later is not reached before."""
    later = [channel for channel, counts in by_channel.items() if counts.get(D.WAITING)]
    due = [moment for channel in later for moment in scene.retries(campaign.pk, channel)]
    return replace(found, ends_at=max([found.ends_at, *due])) if found.ends_at else found


def errors_by_kind(campaign: Campaign) -> list[tuple[str, str, int]]:
    """(status, kind, how many) of everything that did not arrive, most frequent first."""
    lost = [D.FAILED, D.UNCERTAIN, D.SKIPPED, D.EXPIRED]
    rows = Delivery.objects.filter(campaign=campaign, status__in=lost).order_by()
    counted = rows.values_list("status", "error_kind").annotate(number=Count("*")).order_by("-number", "error_kind")
    return [(status, kind, number) for status, kind, number in counted]
