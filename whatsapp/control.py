"""What staff and the engine do with a number's gateway besides sending: look at it, restart it."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.utils.translation import gettext as _

from whatsapp import restarts
from whatsapp.gateways.base import Gateway, GatewayError, OutcomeUnknown, State, Status
from whatsapp.health import record_state
from whatsapp.models import Sender
from whatsapp.registry import gateway_for


class CannotRestart(Exception):
    """A sentence for staff that says why, and what to do."""


class RestartTooSoon(CannotRestart):
    pass


def check_sender(sender: Sender, *, now: datetime) -> Status:
    """Asks the gateway and records what it said. Never raises for what a gateway or its row is like."""
    gateway = _gateway(sender)
    status = gateway.status() if gateway else Status(State.FAILED, _not_installed(sender))
    record_state(sender.pk, status, now=now)
    sender.refresh_from_db(fields=["state", "state_detail", "state_since", "checked_at"])
    return status


def restart_sender(sender: Sender, *, now: datetime, user: User | AnonymousUser | None = None) -> str:
    """Asks for a restart, which is not over when this returns. Raises CannotRestart or GatewayError.

    The minute counts from the asking: a gateway that restarts must not be restarted again, whoever asks.
    """
    gateway = _gateway(sender)
    if gateway is None:
        raise CannotRestart(_not_installed(sender))
    if not gateway.capabilities.restarts:
        raise CannotRestart(_("The gateway “%(name)s” cannot be restarted from here.") % {"name": gateway.label})
    turn = restarts.take_turn(sender, now=now, user=user)
    if turn is None:
        raise RestartTooSoon(
            _("The gateway of “%(name)s” was restarted less than a minute ago. Give it that minute, then look again.")
            % {"name": sender.name}
        )
    try:
        answer = gateway.restart()
    except GatewayError as error:
        # Some cut every connection when they restart, this one included: then what follows will tell.
        restarts.note_answer(turn.pk, error.detail, was_refused=not isinstance(error, OutcomeUnknown))
        raise
    restarts.note_answer(turn.pk, answer)
    record_state(sender.pk, Status(State.STARTING, answer), now=now)
    sender.refresh_from_db(fields=["state", "state_detail", "state_since", "checked_at", "restarted_at"])
    return answer


def _gateway(sender: Sender) -> Gateway | None:
    try:
        return gateway_for(sender)
    except KeyError:
        return None


def _not_installed(sender: Sender) -> str:
    return _("The gateway “%(name)s” is not installed. Choose another one for this number.") % {"name": sender.gateway}
