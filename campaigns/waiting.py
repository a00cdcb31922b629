"""Why a campaign waits: exactly one reason, with its end, computed in this place for every page and command."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns import installation, safe_mode
from campaigns.enums import CampaignStatus, Channel, DeliveryStatus
from campaigns.lane_waits import Waiting, known_only_waiting, veto_sentence, waiting_for_pace
from campaigns.lanes import is_known_only, is_usable, pools_of
from campaigns.limits import RunLimits
from campaigns.models import Campaign, Lane
from campaigns.scene import Scene
from campaigns.template_checks import no_template_sentence
from campaigns.template_lanes import may_take
from campaigns.windows import window_of
from whatsapp.pacing import Veto, closed_until

S = CampaignStatus
D = DeliveryStatus


def waiting_of(campaign: Campaign, counted: Mapping[str, Mapping[str, int]], scene: Scene) -> Waiting | None:
    """None when nothing waits: messages leave, or there is nothing left to send. `counted`: by channel and state."""
    match campaign.status:
        case S.SCHEDULED:
            return Waiting("scheduled", campaign.scheduled_at, _("Waits for its time."))
        case S.OVERDUE:
            sentence = campaign.status_reason or _("Its time has passed. Decide whether to send it now.")
            return Waiting("overdue", None, sentence, True)
        case S.PAUSED:
            return Waiting(
                "paused", None, campaign.status_reason or _("Paused. Nothing leaves until you resume."), True
            )
        case S.SENDING:
            return _while_sending(campaign, counted, scene)
    return None


def _while_sending(campaign: Campaign, counted: Mapping[str, Mapping[str, int]], scene: Scene) -> Waiting | None:
    if reason := scene.known.held_reason:
        return Waiting(reason, None, installation.held_sentence(reason), True)
    if scene.nobody_works:
        sentence = _("The background worker is not running. Ask your technician to start it.")
        return Waiting("worker", None, sentence, True)
    if campaign.prepared_at is None:
        return Waiting("preparing", None, _("The list of people is being prepared."))
    for channel in (Channel.WHATSAPP, Channel.EMAIL):
        states = counted.get(channel, {})
        if D.CLAIMED in states:
            return None  # one is leaving at this moment
        if D.PENDING in states:
            return _of_pending(campaign, channel, scene)
        if D.WAITING in states:
            first = min(scene.retries(campaign.pk, channel), default=None)
            return Waiting("retry", first, _("Waits before trying again what could not leave."))
    return None


def _of_pending(campaign: Campaign, channel: str, scene: Scene) -> Waiting | None:
    if safe_mode.blocks(channel):
        return Waiting("safe_mode", None, safe_mode.sentence(), True)
    opens = closed_until(window_of(campaign, channel, scene.limits.settings), scene.now)
    if opens is not None:
        return Waiting(Veto.WINDOW, opens, veto_sentence(Veto.WINDOW))
    lanes = _lanes_for(campaign, channel, scene)
    if not lanes:
        return (
            _without_template(campaign, channel, scene)
            or _for_new_people(campaign, channel, scene)
            or _nowhere(channel)
        )
    return _soonest(lanes, scene.limits, now=scene.now)


def _lanes_for(campaign: Campaign, channel: str, scene: Scene) -> list[Lane]:
    """Those that may take what is pending, and the stopped ones, which explain why nothing leaves."""
    pools = {queued.pool for queued in scene.queue(campaign.pk, channel)}
    return [
        lane
        for lane in scene.lanes
        if lane.channel == channel
        and (lane.sender is None or lane.sender.is_enabled)
        and (lane.is_stopped or is_usable(lane))
        and not pools.isdisjoint(pools_of(lane))
        and may_take(lane.sender, campaign)
    ]


def _without_template(campaign: Campaign, channel: str, scene: Scene) -> Waiting | None:
    """The numbers could send, and Meta lets them send nothing but templates, of which this has none of theirs."""
    usable = scene.usable(channel)
    if not usable or any(may_take(lane.sender, campaign) for lane in usable):
        return None
    return Waiting("no_template", None, no_template_sentence(campaign), True)


def _for_new_people(campaign: Campaign, channel: str, scene: Scene) -> Waiting | None:
    """The numbers could send, and may write to nobody whom they do not know."""
    usable = [lane for lane in scene.usable(channel) if may_take(lane.sender, campaign)]
    locked = [lane for lane in usable if is_known_only(lane)]
    waits = [known_only_waiting(lane) for lane in locked]
    return min(waits, key=lambda wait: (wait.until is None, wait.until or scene.now), default=None)


def _nowhere(channel: str) -> Waiting:
    if channel == Channel.EMAIL:
        return Waiting("no_mailbox", None, _("The mailbox of its event is switched off. Switch it on again."), True)
    return Waiting("no_number", None, _("There is no WhatsApp number in use. Add one or switch one on."), True)


def _soonest(lanes: list[Lane], limits: RunLimits, *, now: datetime) -> Waiting | None:
    """Of several lanes the one that may send first decides; a stopped one only when there is no other."""
    # Without the general hours: the campaign's own were asked before.
    waits = [waiting_for_pace(lane, limits, now=now) for lane in lanes]
    if any(wait is None for wait in waits):
        return None
    known = [wait for wait in waits if wait is not None]
    return min(known, key=lambda wait: (wait.until is None, wait.until or now))
