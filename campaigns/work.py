"""Which lanes have something to do: the one place that dispatchers, the tick and the watchdog ask."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from campaigns import safe_mode
from campaigns.enums import Channel
from campaigns.lanes import lane_veto, pools_of, usable_lanes
from campaigns.limits import RunLimits
from campaigns.models import Campaign, Lane
from campaigns.queueing import pools_in_use
from campaigns.template_lanes import account_of_template, is_answer
from campaigns.windows import open_now, sending
from whatsapp.accounts import Account, template_account


@dataclass(frozen=True)
class Work:
    """The pools in which somebody waits whose campaign may send at this hour."""

    pools: dict[str, frozenset[int]]  # by channel
    # Of those on WhatsApp: by the account whose template the campaign has, and by campaign.
    of_templates: dict[Account, frozenset[int]] = field(default_factory=dict)
    of_answers: frozenset[int] = frozenset()  # those of numbers to which somebody wrote
    of_campaigns: dict[int, frozenset[int]] = field(default_factory=dict)

    def is_for(self, lane: Lane) -> bool:
        return not self.pools_of(lane).isdisjoint(pools_of(lane))

    def pools_of(self, lane: Lane) -> frozenset[int]:
        if lane.sender is not None and (account := template_account(lane.sender)) is not None:
            return self.of_templates.get(account, frozenset()) | self.of_answers
        return self.pools.get(lane.channel, frozenset())


NOTHING = Work({})


def work_now(campaigns: list[Campaign], limits: RunLimits, *, now: datetime) -> Work:
    found = {channel: _pools(campaigns, channel, limits, now=now) for channel in Channel.values}
    on_whatsapp = found[Channel.WHATSAPP]
    of_templates: dict[Account, frozenset[int]] = {}
    for campaign in campaigns:
        if account := account_of_template(campaign):
            known = of_templates.get(account, frozenset())
            of_templates[account] = known | on_whatsapp.get(campaign.pk, frozenset())
    pools = {channel: frozenset().union(*by_campaign.values()) for channel, by_campaign in found.items()}
    answers = (on_whatsapp.get(campaign.pk, frozenset()) for campaign in campaigns if is_answer(campaign))
    return Work(pools, of_templates, frozenset().union(*answers), on_whatsapp)


def _pools(campaigns: list[Campaign], channel: str, limits: RunLimits, *, now: datetime) -> dict[int, frozenset[int]]:
    """By campaign."""
    if safe_mode.blocks(channel):
        return {}
    open_ones = open_now(campaigns, channel, limits.settings, now=now)
    return {campaign: frozenset(pools) for campaign, pools in pools_in_use(open_ones, channel).items()}


def free_lanes(work: Work, limits: RunLimits, *, now: datetime, before: datetime) -> list[Lane]:
    """Lanes with work that nobody holds and that may send, or look at their number, before a moment."""
    chosen = Q(pk__in=[])
    for channel, pools in work.pools.items():
        if pools:
            chosen |= usable_lanes(channel)
    unheld = Q(lease_expires_at=None) | Q(lease_expires_at__lte=now)
    lanes = Lane.objects.filter(chosen, unheld).select_related("sender", "mailbox").order_by("pk")
    return [lane for lane in lanes if work.is_for(lane) and _may_act(lane, limits, now=now, before=before)]


def is_due_before_tick(work: Work, limits: RunLimits, *, now: datetime) -> bool:
    """A free lane is due later than a slice ends, and before the tick asks again: nobody else would look in time."""
    return bool(free_lanes(work, limits, now=now, before=now + timedelta(seconds=settings.TICK_SECONDS)))


def _may_act(lane: Lane, limits: RunLimits, *, now: datetime, before: datetime) -> bool:
    wait = lane_veto(lane, limits.pace(lane), day_zone=limits.day_zone, now=now)
    return wait is None or (wait.until is not None and wait.until < before)


def idle_lanes(*, now: datetime, before: datetime) -> list[Lane]:
    """The same with the settings as they are now, for whoever looks only once."""
    limits = RunLimits.load()
    return free_lanes(work_now(sending(), limits, now=now), limits, now=now, before=before)
