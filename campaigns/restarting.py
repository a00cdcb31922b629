"""Whether the look at a number that rests should begin with a restart of its gateway."""

from datetime import datetime, timedelta

from campaigns.enums import LanePause
from campaigns.models import Lane
from tickets.enums import Action
from tickets.history import record
from whatsapp import restarts
from whatsapp.enums import SenderState
from whatsapp.gateways.base import Gateway
from whatsapp.models import Sender, SendingSettings

UNWATCHED = timedelta(minutes=1)  # after the next look was due


def restart_due(lane: Lane, gateway: Gateway, settings: SendingSettings, *, now: datetime) -> int | None:
    """The id of the restart that was put on record now, to be asked for after the commit."""
    if not settings.auto_restart or not gateway.capabilities.restarts or not _is_transport_fault(lane, settings):
        return None
    if not _is_watched(lane, now):
        return None
    if lane.sender is None or not restarts.due_for(lane.sender, _silent_since(lane, lane.sender, now), now=now):
        return None
    taken = restarts.take_turn(lane.sender, now=now, by_itself=True)
    if taken is None:
        return None
    record(None, lane.sender, Action.RESTARTED, now=now)
    return taken.pk


def _is_watched(lane: Lane, now: datetime) -> bool:
    """Without work nobody looks: a silence of yesterday is no reason today. It is looked at first."""
    return lane.paused_until is None or now - lane.paused_until <= UNWATCHED


def _silent_since(lane: Lane, sender: Sender, now: datetime) -> datetime:
    """It may have rested for another reason before: that does not count as silence."""
    resting_since = lane.paused_since or now
    if sender.state == SenderState.UNREACHABLE and sender.state_since:
        return max(resting_since, sender.state_since)
    return resting_since


def _is_transport_fault(lane: Lane, settings: SendingSettings) -> bool:
    """A program that is gone, or that says "ready" and loses messages again after its rest.

    Whatever else makes a number rest, a restart would not help or make it worse.
    """
    if lane.pause_reason == LanePause.BREAKER:
        return lane.failures_in_a_row > settings.breaker_threshold
    return lane.pause_reason == LanePause.UNREACHABLE
