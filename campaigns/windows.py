"""Which campaigns may send now: those that are sending, inside their hours."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from campaigns.enums import CampaignStatus, Channel
from campaigns.models import Campaign, Lane
from campaigns.scheduling import last_moment_of
from campaigns.template_lanes import may_take
from whatsapp.models import SendingSettings
from whatsapp.pacing import Window, closed_until


def window_of(campaign: Campaign, channel: str, limits: SendingSettings) -> Window | None:
    """The campaign's own hours, for all its channels; else the general ones, which are for WhatsApp alone.

    A telephone that rings at three in the morning is what the general hours are for; an e-mail wakes nobody.
    """
    if campaign.window_from is not None and campaign.window_to is not None:
        return Window(campaign.window_from, campaign.window_to, campaign.zone)
    return general_window(limits, channel, campaign.event.timezone if campaign.event else limits.window_timezone)


def general_window(limits: SendingSettings, channel: str, zone: tzinfo) -> Window | None:
    if channel != Channel.WHATSAPP or limits.window_from is None or limits.window_to is None:
        return None
    return Window(limits.window_from, limits.window_to, zone)


def is_over(campaign: Campaign, now: datetime) -> bool:
    """Its last moment has passed: what is left expires, and nothing of it leaves any more."""
    last = last_moment_of(campaign)
    return last is not None and last <= now


def open_now(campaigns: Iterable[Campaign], channel: str, limits: SendingSettings, *, now: datetime) -> list[Campaign]:
    return [
        campaign
        for campaign in campaigns
        if not is_over(campaign, now) and closed_until(window_of(campaign, channel, limits), now) is None
    ]


def open_on(lane: Lane, campaigns: Iterable[Campaign], limits: SendingSettings, *, now: datetime) -> list[Campaign]:
    """Those of them that may leave from this lane."""
    return [one for one in open_now(campaigns, lane.channel, limits, now=now) if may_take(lane.sender, one)]


def sending() -> list[Campaign]:
    """Campaigns whose list is complete and which nobody has paused."""
    ready = Campaign.objects.filter(status=CampaignStatus.SENDING, prepared_at__isnull=False)
    return list(ready.select_related("event").defer("audience"))  # which may hold 50,000 ids
