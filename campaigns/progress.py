"""Where a campaign stands, counted from its rows."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count

from campaigns.enums import AttemptOutcome, CampaignStatus, Channel, DeliveryStatus
from campaigns.estimates import total_seconds
from campaigns.lanes import clock_of, usable_lanes
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Lane
from campaigns.waiting import Waiting, waiting_of
from whatsapp.limits import pace_of
from whatsapp.models import SendingSettings
from whatsapp.pacing import position_at

D = DeliveryStatus
RECENT_CALLS = 50


@dataclass(frozen=True)
class Snapshot:
    """One look at a campaign. The sum of `by_state` is `total`, always."""

    campaign: Campaign
    total: int
    by_state: dict[str, int]
    by_channel: dict[str, dict[str, int]]
    waiting: Waiting | None
    finish_at: datetime | None
    taken_at: datetime
    lanes: list[Lane] = field(default_factory=list)

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

    def as_json(self) -> dict[str, Any]:
        waiting = self.waiting
        return {
            "id": self.campaign.pk,
            "name": self.campaign.name,
            "status": self.campaign.status,
            "total": self.total,
            "by_state": self.by_state,
            "by_channel": self.by_channel,
            "waiting": waiting
            and {"reason": str(waiting.reason), "until": _iso(waiting.until), "sentence": waiting.sentence},
            "finish_at": _iso(self.finish_at),
        }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def snapshot(campaign: Campaign, *, now: datetime) -> Snapshot:
    by_channel = _counts(campaign)
    by_state = {state: sum(counts.get(state, 0) for counts in by_channel.values()) for state in D.values}
    by_state = {state: count for state, count in by_state.items() if count}
    return Snapshot(
        campaign=campaign,
        total=sum(by_state.values()),
        by_state=by_state,
        by_channel=by_channel,
        waiting=waiting_of(campaign, now=now),
        finish_at=_finish_at(campaign, by_channel, now=now),
        taken_at=now,
        lanes=list(Lane.objects.filter(usable_lanes(Channel.WHATSAPP)).select_related("sender")),
    )


def _counts(campaign: Campaign) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    rows = Delivery.objects.filter(campaign=campaign).order_by().values_list("channel", "status").annotate(Count("pk"))
    for channel, status, count in rows:
        counts.setdefault(channel, {})[status] = count
    return counts


def _finish_at(campaign: Campaign, by_channel: dict[str, dict[str, int]], *, now: datetime) -> datetime | None:
    """From what remains, the pace, the numbers and the time that calls took lately; None when it cannot be said."""
    if campaign.status != CampaignStatus.SENDING or campaign.prepared_at is None:
        return None
    remaining = sum(by_channel.get(Channel.WHATSAPP, {}).get(state, 0) for state in D.open)
    if not remaining:
        return now if any(by_channel.get(Channel.EMAIL, {}).get(state, 0) for state in D.open) else None
    return finish_of(remaining + _others_first(campaign, remaining), now=now)


def finish_of(messages: int, *, now: datetime) -> datetime | None:
    """When so many WhatsApp messages would all have left through the numbers in use."""
    limits = SendingSettings.load()
    lanes = list(Lane.objects.filter(usable_lanes(Channel.WHATSAPP)).select_related("sender"))
    if not lanes:
        return None
    lane = lanes[0]
    pace = pace_of(limits, lane.sender)
    begins = max(moment for moment in (now, lane.next_send_at, lane.paused_until) if moment is not None)
    seconds = total_seconds(
        messages,
        pace,
        senders=len(lanes),
        call_seconds=recent_call_seconds(),
        start=position_at(clock_of(lane), pace, now),
    )
    return begins + timedelta(seconds=seconds)


def _others_first(campaign: Campaign, remaining: int) -> int:
    """Turns are fair: each other campaign takes as many as we have left, or all that it has."""
    others = (
        Delivery.objects.filter(channel=Channel.WHATSAPP, status=D.PENDING, campaign__status=CampaignStatus.SENDING)
        .exclude(campaign=campaign)
        .order_by()
        .values_list("campaign", "priority")
        .annotate(Count("pk"))
    )
    return sum(
        count if priority < campaign.priority else min(count, remaining)
        for _, priority, count in others
        if priority <= campaign.priority
    )


def recent_call_seconds() -> float:
    """How long the gateway took for a message lately; 0 when nothing was sent yet."""
    recent = DeliveryAttempt.objects.filter(outcome=AttemptOutcome.ACCEPTED, sender__isnull=False).order_by("-pk")
    average = recent[:RECENT_CALLS].aggregate(average=Avg("latency_ms"))["average"]
    return round(average / 1000, 3) if average else 0.0


def errors_by_kind(campaign: Campaign) -> list[tuple[str, str, int]]:
    """(status, kind, how many) of everything that did not arrive, most frequent first."""
    lost = [D.FAILED, D.UNCERTAIN, D.SKIPPED, D.EXPIRED]
    rows = Delivery.objects.filter(campaign=campaign, status__in=lost).order_by()
    counted = rows.values_list("status", "error_kind").annotate(number=Count("pk")).order_by("-number", "error_kind")
    return [(status, kind, number) for status, kind, number in counted]
