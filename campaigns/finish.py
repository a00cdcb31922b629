"""When a campaign will be over: the forecast for its messages on the lanes, with the settings, as they are now."""

from collections.abc import Mapping
from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.enums import Channel, DeliveryStatus
from campaigns.forecast import EXPECTED, Forecast, LaneAhead, forecast
from campaigns.lanes import clock_of, is_known_only, pools_of
from campaigns.models import Campaign, Lane
from campaigns.scene import Scene
from campaigns.template_lanes import may_take
from campaigns.windows import window_of
from whatsapp.accounts import limit_of
from whatsapp.pacing import Pace, Veto

D = DeliveryStatus
NO_PAUSE = Pace(base=0.0, step=0.0, maximum=0.0)  # the delay rule never touches e-mail


def finish_of(campaign: Campaign, left: Mapping[str, int], scene: Scene, *, chance: float = EXPECTED) -> Forecast:
    """For so many messages by channel that wait for their turn; what is under way is known from the lanes.

    With `chance` 1.0 the end is the latest that jitter allows.
    """
    found = [_finish_on(channel, campaign, left[channel], scene, chance=chance) for channel in left]
    endless = [one for one in found if one.ends_at is None]
    return endless[0] if endless else max(found, key=lambda one: one.ends_at or scene.now, default=Forecast(scene.now))


def _finish_on(channel: str, campaign: Campaign, messages: int, scene: Scene, *, chance: float) -> Forecast:
    lanes = whatsapp_lanes(campaign, scene) if channel == Channel.WHATSAPP else email_lanes(campaign, scene)
    return forecast(
        lanes,
        messages + _others_first(campaign, channel, messages, scene),
        now=scene.now,
        day_zone=scene.limits.day_zone,
        window=window_of(campaign, channel, scene.limits.settings),
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


def whatsapp_lanes(campaign: Campaign, scene: Scene) -> list[LaneAhead]:
    times = scene.call_times(Channel.WHATSAPP)
    return [
        LaneAhead(
            clock_of(lane),
            _pace(lane, campaign, scene),
            call_seconds=times.of(lane),
            good_in_a_row=lane.good_in_a_row,
            is_busy=scene.is_busy(lane),
        )
        for lane in scene.usable(Channel.WHATSAPP)
        if not is_known_only(lane)  # most people of a list are new to it
        and may_take(lane.sender, campaign)
    ]


def _pace(lane: Lane, campaign: Campaign, scene: Scene) -> Pace:
    """With a limit of people as one of the day, shared by the numbers of its account: near enough for a forecast."""
    pace = scene.limits.pace(lane)
    if lane.sender is None or not lane.sender.people_limit:
        return pace
    numbers = [other.sender for other in scene.usable(Channel.WHATSAPP) if may_take(other.sender, campaign)]
    shared_by = sum(limit_of(number) == limit_of(lane.sender) for number in numbers if number)
    share = max(lane.sender.people_limit // max(shared_by, 1), 1)
    return replace(pace, daily_cap=min(pace.daily_cap or share, share))


def email_lanes(campaign: Campaign, scene: Scene) -> list[LaneAhead]:
    """Each connection takes one letter after another. What is launched keeps the mailbox that it was launched with."""
    frozen, times = scene.queue(campaign.pk, Channel.EMAIL), scene.call_times(Channel.EMAIL)
    pools = {queued.pool for queued in frozen} or {scene.mailboxes.get(campaign.event_id or 0, 0)}
    lanes = [lane for lane in scene.usable(Channel.EMAIL) if not pools.isdisjoint(pools_of(lane))]
    ahead = [LaneAhead(clock_of(lane), NO_PAUSE, times.of(lane)) for lane in lanes]
    return [lane for lane in ahead for _connection in range(settings.EMAIL_CONNECTIONS)]


def _others_first(campaign: Campaign, channel: str, remaining: int, scene: Scene) -> int:
    """Turns are fair: each other campaign takes as many as we have left, or all that it has."""
    if not remaining:
        return 0
    by_turn: dict[tuple[int, int], int] = {}
    for other, queued in scene.ahead_of(campaign.pk, channel):
        by_turn[other, queued.priority] = by_turn.get((other, queued.priority), 0) + queued.number
    return sum(
        count if priority < campaign.priority else min(count, remaining)
        for (_other, priority), count in by_turn.items()
        if priority <= campaign.priority
    )
