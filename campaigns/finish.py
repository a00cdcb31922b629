"""When a campaign will be over: the forecast for its messages on the lanes, with the settings, as they are now."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils.translation import gettext as _

from campaigns.enums import AttemptOutcome, CampaignStatus, Channel, DeliveryStatus
from campaigns.forecast import EXPECTED, Forecast, LaneAhead, forecast
from campaigns.lanes import clock_of, usable_lanes
from campaigns.limits import RunLimits
from campaigns.mailboxes import mailbox_of
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Lane
from campaigns.windows import window_of
from whatsapp.pacing import Pace, Veto

D = DeliveryStatus
RECENT_CALLS = 400  # of all numbers together
LATELY = 20_000  # attempts: further back nobody looks for them
NO_PAUSE = Pace(base=0.0, step=0.0, maximum=0.0)  # the delay rule never touches e-mail


def finish_of(
    campaign: Campaign, left: Mapping[str, int], limits: RunLimits, *, now: datetime, chance: float = EXPECTED
) -> Forecast:
    """For so many messages by channel that wait for their turn; what is under way is known from the lanes.

    With `chance` 1.0 the end is the latest that jitter allows.
    """
    found = [_finish_on(channel, campaign, left[channel], limits, now=now, chance=chance) for channel in left]
    endless = [one for one in found if one.ends_at is None]
    return endless[0] if endless else max(found, key=lambda one: one.ends_at or now, default=Forecast(now))


def _finish_on(
    channel: str, campaign: Campaign, messages: int, limits: RunLimits, *, now: datetime, chance: float
) -> Forecast:
    lanes = whatsapp_lanes(limits) if channel == Channel.WHATSAPP else email_lanes(campaign)
    return forecast(
        lanes,
        messages + _others_first(campaign, channel, messages),
        now=now,
        day_zone=limits.day_zone,
        window=window_of(campaign, channel, limits.settings),
        chance=chance,
    )


def days_words(found: Forecast) -> str:
    """Why it lasts several days, if the limits and hours are what makes it last; else nothing."""
    if found.is_far:
        return _("With these limits it takes longer than a year.")
    if found.waits_for is None:
        return ""
    sentences = {
        Veto.DAILY_CAP: _("It needs %(days)d days because of the daily limit."),
        Veto.WARM_UP: _("It needs %(days)d days because a new number may send only a few messages on its first days."),
        Veto.WINDOW: _("It needs %(days)d days because messages may leave only at certain hours."),
    }
    return sentences[found.waits_for] % {"days": found.days}


def whatsapp_lanes(limits: RunLimits) -> list[LaneAhead]:
    under_way = DeliveryAttempt.objects.filter(lane=OuterRef("pk"), outcome=AttemptOutcome.STARTED)
    usable = Lane.objects.filter(usable_lanes(Channel.WHATSAPP)).annotate(is_busy=Exists(under_way))
    lanes = usable.select_related("sender").order_by("pk")
    times, usual = _call_seconds(Channel.WHATSAPP)
    return [
        LaneAhead(
            clock_of(lane),
            limits.pace(lane),
            call_seconds=times.get(lane.pk, usual),
            good_in_a_row=lane.good_in_a_row,
            is_busy=lane.is_busy,
        )
        for lane in lanes
    ]


def email_lanes(campaign: Campaign) -> list[LaneAhead]:
    """Each connection takes one letter after another."""
    lanes = Lane.objects.filter(usable_lanes(Channel.EMAIL), mailbox=mailbox_of(campaign.event)).order_by("pk")
    times, usual = _call_seconds(Channel.EMAIL)
    ahead = [LaneAhead(clock_of(lane), NO_PAUSE, times.get(lane.pk, usual)) for lane in lanes]
    return [lane for lane in ahead for _connection in range(settings.EMAIL_CONNECTIONS)]


def recent_call_seconds() -> float:
    """How long the gateways took for a message lately; 0 when nothing was sent yet."""
    return _call_seconds(Channel.WHATSAPP)[1]


def _call_seconds(channel: str) -> tuple[dict[int, float], float]:
    """By lane, and of all lanes together."""
    newest = DeliveryAttempt.objects.order_by("-pk").values("pk")[:1]
    accepted = DeliveryAttempt.objects.filter(
        pk__gt=Subquery(newest) - LATELY, outcome=AttemptOutcome.ACCEPTED, sender__isnull=channel != Channel.WHATSAPP
    )
    recent = list(accepted.order_by("-pk").values_list("lane", "latency_ms")[:RECENT_CALLS])
    by_lane = {lane: _mean([took for other, took in recent if other == lane]) for lane in {lane for lane, _ in recent}}
    return by_lane, _mean([took for _, took in recent])


def _mean(milliseconds: Collection[int | None]) -> float:
    known = [took for took in milliseconds if took is not None]
    return round(sum(known) / len(known) / 1000, 3) if known else 0.0


def _others_first(campaign: Campaign, channel: str, remaining: int) -> int:
    """Turns are fair: each other campaign takes as many as we have left, or all that it has."""
    if not remaining:
        return 0
    others = Campaign.objects.filter(status=CampaignStatus.SENDING, prepared_at__isnull=False).exclude(pk=campaign.pk)
    return sum(
        count if priority < campaign.priority else min(count, remaining)
        for other in others.values_list("pk", flat=True)
        for priority, count in _pending(other, channel)
        if priority <= campaign.priority
    )


def _pending(campaign_id: int, channel: str) -> list[tuple[int, int]]:
    """How many wait, by priority: one campaign at a time, so that the index of the queue answers alone."""
    queue = Delivery.objects.filter(campaign=campaign_id, channel=channel, status=D.PENDING).order_by()
    return list(queue.values_list("priority").annotate(Count("pk")))
