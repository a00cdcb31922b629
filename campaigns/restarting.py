"""Whether the look at a number that rests should begin with a restart of its gateway."""

from datetime import datetime

from campaigns.enums import LanePause
from campaigns.models import Lane
from whatsapp import restarts
from whatsapp.gateways.base import Gateway
from whatsapp.models import SendingSettings

# A program that hangs or is gone. Whatever else makes a number rest, a restart would not help or make it worse.
TRANSPORT_FAULTS = frozenset({LanePause.UNREACHABLE, LanePause.BREAKER})


def restart_due(lane: Lane, gateway: Gateway, settings: SendingSettings, *, now: datetime) -> int | None:
    """The id of the restart that was put on record now, to be asked for after the commit."""
    if not settings.auto_restart or not gateway.can_restart or lane.pause_reason not in TRANSPORT_FAULTS:
        return None
    if lane.sender is None or not restarts.due_for(lane.sender, lane.paused_since or now, now=now):
        return None
    taken = restarts.take_turn(lane.sender, now=now, by_itself=True)
    return None if taken is None else taken.pk
