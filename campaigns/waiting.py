"""Why a campaign waits: exactly one reason, with its end, computed in this place for every page and command."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns import watchdog
from campaigns.enums import CampaignStatus, Channel, DeliveryStatus, LanePause
from campaigns.lanes import lane_veto, usable_lanes
from campaigns.models import Campaign, Delivery, Lane
from campaigns.windows import window_of
from whatsapp.limits import pace_of
from whatsapp.models import SendingSettings
from whatsapp.pacing import Veto, closed_until

S = CampaignStatus
D = DeliveryStatus


@dataclass(frozen=True)
class Waiting:
    """`until` is None where a person, not the clock, ends it. `reason` is a stable word for programs."""

    reason: str
    until: datetime | None
    sentence: str
    needs_person: bool = False


def waiting_of(campaign: Campaign, *, now: datetime) -> Waiting | None:
    """None when nothing waits: messages leave, or there is nothing left to send."""
    match campaign.status:
        case S.SCHEDULED:
            return Waiting("scheduled", campaign.scheduled_at, _("Waits for its time."))
        case S.OVERDUE:
            return Waiting("overdue", None, _("Its time has passed. Decide whether to send it now."), True)
        case S.PAUSED:
            return Waiting(
                "paused", None, campaign.status_reason or _("Paused. Nothing leaves until you resume."), True
            )
        case S.SENDING:
            return _while_sending(campaign, now=now)
    return None


def _while_sending(campaign: Campaign, *, now: datetime) -> Waiting | None:
    if nobody_works(now):
        sentence = _("The background worker is not running. Ask your technician to start it.")
        return Waiting("worker", None, sentence, True)
    if campaign.prepared_at is None:
        return Waiting("preparing", None, _("The list of people is being prepared."))
    for channel in (Channel.WHATSAPP, Channel.EMAIL):
        states = _open_states(campaign, channel)
        if D.CLAIMED in states:
            return None  # one is leaving at this moment
        if D.PENDING in states:
            return _of_pending(campaign, channel, now=now)
        if D.WAITING in states:
            return _of_retries(campaign, channel)
    return None


def nobody_works(now: datetime) -> bool:
    """No heartbeat for two ticks and a bit: a worker that runs ticks every minute even when there is no work."""
    newest = watchdog.last_sign_of_life()
    return newest is None or now - newest > timedelta(seconds=2 * settings.TICK_SECONDS + 30)


def _open_states(campaign: Campaign, channel: str) -> set[str]:
    rows = Delivery.objects.filter(campaign=campaign, channel=channel)
    return {status for status in sorted(D.open) if rows.filter(status=status).exists()}


def _of_retries(campaign: Campaign, channel: str) -> Waiting:
    waiting = Delivery.objects.filter(campaign=campaign, channel=channel, status=D.WAITING, due_at__isnull=False)
    due = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    return Waiting("retry", due, _("Waits before trying again what could not leave."))


def _of_pending(campaign: Campaign, channel: str, *, now: datetime) -> Waiting | None:
    limits = SendingSettings.load()
    opens = closed_until(window_of(campaign, channel, limits), now)
    if opens is not None:
        return Waiting(Veto.WINDOW, opens, _("Outside the hours in which messages may leave."))
    lanes = list(Lane.objects.filter(usable_lanes(channel) | _stopped(channel)).select_related("sender"))
    if not lanes:
        return Waiting("no_number", None, _("There is no WhatsApp number in use. Add one or switch one on."), True)
    return _soonest(lanes, limits, now=now)


def _stopped(channel: str) -> Q:
    return Q(channel=channel, is_stopped=True) & (Q(sender=None) | Q(sender__is_enabled=True))


def _soonest(lanes: Iterable[Lane], limits: SendingSettings, *, now: datetime) -> Waiting | None:
    """Of several lanes the one that may send first decides; a stopped one only when there is no other."""
    waits = [_of_lane(lane, limits, now=now) for lane in lanes]
    if any(wait is None for wait in waits):
        return None
    known = [wait for wait in waits if wait is not None]
    return min(known, key=lambda wait: (wait.until is None, wait.until or now))


def _of_lane(lane: Lane, limits: SendingSettings, *, now: datetime) -> Waiting | None:
    veto = lane_veto(lane, pace_of(limits, lane.sender), day_zone=limits.window_timezone, now=now)
    if veto is None:
        return None
    if veto.reason in (Veto.STOPPED, Veto.PAUSED):
        return Waiting(lane.pause_reason, veto.until, rest_sentence(lane), veto.reason == Veto.STOPPED)
    return Waiting(veto.reason, veto.until, veto_sentence(veto.reason))


def veto_sentence(reason: str) -> str:
    return {
        Veto.PACE: _("Pause between two messages, so that WhatsApp does not limit the number."),
        Veto.BATCH: _("Pause between two batches."),
        Veto.DAILY_CAP: _("The messages allowed today have been sent. It goes on tomorrow."),
        Veto.WINDOW: _("Outside the hours in which messages may leave."),
    }[Veto(reason)]


def rest_sentence(lane: Lane) -> str:
    """Why a lane rests, and what somebody can do about it."""
    name = str(lane)
    sentences = {
        LanePause.NOT_READY: _(
            "WhatsApp is not ready on “%(lane)s”. It goes on by itself when it is. "
            "Look at the page of the number: perhaps its QR code has to be scanned."
        ),
        LanePause.UNREACHABLE: _("“%(lane)s” does not answer. It is tried again by itself. Is its program running?"),
        LanePause.RATE_LIMITED: _("“%(lane)s” was asked to go slower and waits."),
        LanePause.BREAKER: _("“%(lane)s” failed several times in a row and rests before it is looked at again."),
        LanePause.BLOCKED: _("WhatsApp blocked “%(lane)s”. Look at the telephone, then switch the number on again."),
        LanePause.AUTH: _("The key of “%(lane)s” is wrong. Correct it on the page of the number."),
    }
    return sentences[LanePause(lane.pause_reason)] % {"lane": name}
