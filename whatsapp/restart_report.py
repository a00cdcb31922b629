"""What became of a restart: ready again, or why not; from what is known of the number, so that a reload says it too."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from whatsapp.enums import SenderState
from whatsapp.models import Restart, Sender
from whatsapp.preview import duration
from whatsapp.restarts import BETWEEN_RESTARTS, NEEDS_PERSON

WATCHED = timedelta(minutes=2)  # a gateway that is not ready by then will not be by itself
SHOWN = timedelta(minutes=15)  # after that it is history


@dataclass(frozen=True)
class Report:
    """`is_open`: it may still become ready, so that looking again is worth it."""

    tone: str
    sentence: str
    is_open: bool = False


def report_of(sender: Sender, restart: Restart | None, *, now: datetime) -> Report | None:
    """None where nothing was restarted lately."""
    if restart is None or now - restart.asked_at > SHOWN:
        return None
    was_seen = sender.checked_at is not None and sender.checked_at > restart.asked_at
    is_ready = was_seen and sender.state == SenderState.READY
    if restart.was_refused:
        words = _("The gateway did not restart: %(reason)s")
        return None if is_ready else Report("bad", words % {"reason": restart.answer or "–"})
    if is_ready:
        return Report("ok", _ready(sender, restart))
    if was_seen and sender.state in NEEDS_PERSON:
        return Report("warn", _("The gateway restarted, and now somebody has to act: read below what to do."))
    if now - restart.asked_at < WATCHED:
        words = _("Restarting for %(time)s. This page says when the number is ready.")
        return Report("info", words % {"time": _time(now - restart.asked_at)}, is_open=True)
    if not was_seen:
        return Report("info", _("Nobody has looked at the number since its restart. “Check now” says how it is."))
    words = _("Not ready %(time)s after the restart: %(state)s.")
    state = sender.get_state_display()
    return Report("bad", words % {"time": _time(now - restart.asked_at), "state": state})


def seconds_until_next(sender: Sender, *, now: datetime) -> int:
    """Until the gateway may be restarted again, by whomever; 0: now."""
    if sender.restarted_at is None:
        return 0
    left = sender.restarted_at + BETWEEN_RESTARTS - now
    return max(-(-left // timedelta(seconds=1)), 0)


def _ready(sender: Sender, restart: Restart) -> str:
    """Some never seem to be away, and nobody knows how long that took."""
    if sender.state_since is None or sender.state_since <= restart.asked_at:
        return _("The number is ready after the restart.")
    return _("Ready again %(time)s after the restart.") % {"time": _time(sender.state_since - restart.asked_at)}


def _time(length: timedelta) -> str:
    return duration(max(length.total_seconds(), 1.0))
