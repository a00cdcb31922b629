"""Why one lane waits: exactly one reason, with its end. Every page, command and program asks here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from campaigns import mailboxes
from campaigns.enums import Channel, LanePause
from campaigns.lanes import SELF_HEALING, lane_veto
from campaigns.limits import RunLimits
from campaigns.models import Lane
from campaigns.windows import general_window
from whatsapp.pacing import Veto, closed_until


@dataclass(frozen=True)
class Waiting:
    """`until` is None where a person, not the clock, ends it. `reason` is a stable word for programs."""

    reason: str
    until: datetime | None
    sentence: str
    needs_person: bool = False

    @property
    def is_look(self) -> bool:
        """`until` is the moment of the next look, and nobody knows what that will find."""
        return self.reason in SELF_HEALING

    def as_json(self) -> dict[str, Any]:
        until = self.until.isoformat() if self.until else None
        return {"reason": str(self.reason), "until": until, "sentence": self.sentence}


def waiting_of_lane(lane: Lane, limits: RunLimits, *, now: datetime) -> Waiting | None:
    """None when it may send now. The general hours are asked too: a campaign's own may differ."""
    if (switched := _switched(lane)) is not None:
        return switched
    waiting = waiting_for_pace(lane, limits, now=now)
    opens = closed_until(general_window(limits.settings, lane.channel, limits.day_zone), now)
    if opens is not None and (waiting is None or waiting.reason != lane.pause_reason):
        return Waiting(Veto.WINDOW, opens, veto_sentence(Veto.WINDOW))
    return waiting


def waiting_for_pace(lane: Lane, limits: RunLimits, *, now: datetime) -> Waiting | None:
    """What pacing says of it: rests, limits of the day, pauses."""
    veto = lane_veto(lane, limits.pace(lane), day_zone=limits.day_zone, now=now)
    if veto is None:
        return None
    if veto.reason in (Veto.STOPPED, Veto.PAUSED):
        return Waiting(lane.pause_reason, veto.until, rest_sentence(lane), veto.reason == Veto.STOPPED)
    return Waiting(veto.reason, veto.until, veto_sentence(veto.reason))


def known_only_waiting(lane: Lane) -> Waiting:
    """What those wait for whom the number of this lane has never written with."""
    sentence = _(
        "WhatsApp lets “%(lane)s” write to nobody new for now. People whom it has written to before still get theirs. "
        "Do not restart it; other numbers take over the rest."
    )
    until = lane.known_only_until
    return Waiting("known_only", until, sentence % {"lane": lane}, needs_person=until is None)


def _switched(lane: Lane) -> Waiting | None:
    if lane.sender is not None and not lane.sender.is_enabled:
        return Waiting("off", None, _("This number is switched off."), True)
    if lane.sender is not None and lane.sender.is_draining:
        return Waiting("draining", None, _("This number takes no new work: it is draining."), True)
    if lane.mailbox is not None and not lane.mailbox.is_enabled:
        name = {"name": lane.mailbox}
        return Waiting("off", None, _("The mailbox “%(name)s” is switched off.") % name, True)
    return None


def veto_sentence(reason: str) -> str:
    return {
        Veto.PACE: _("Pause between two messages, so that WhatsApp does not limit the number."),
        Veto.BATCH: _("Pause between two batches."),
        Veto.DAILY_CAP: _("The messages allowed today have been sent. It goes on tomorrow."),
        Veto.WARM_UP: _("The number is new and has sent what it may today. It goes on tomorrow, with more."),
        Veto.WINDOW: _("Outside the hours in which messages may leave."),
    }[Veto(reason)]


def rest_sentence(lane: Lane) -> str:
    """Why a lane rests, and what somebody can do about it."""
    if lane.channel == Channel.EMAIL:
        return mailboxes.rest_sentence(lane)
    sentences = {
        LanePause.NOT_READY: _(
            "WhatsApp is not ready on “%(lane)s”. It goes on by itself when it is. "
            "Look at the page of the number: perhaps its QR code has to be scanned."
        ),
        LanePause.UNREACHABLE: _("“%(lane)s” does not answer. It is tried again by itself. Is its program running?"),
        LanePause.RATE_LIMITED: _("“%(lane)s” was asked to go slower and waits."),
        LanePause.BREAKER: _("“%(lane)s” failed several times in a row and rests before it is looked at again."),
        LanePause.NOBODY_FOUND: _(
            "The number check of “%(lane)s” answers “no” for everybody: perhaps its gateway cannot look numbers up. "
            "Look at the link of the gateway with WhatsApp. It rests and goes on by itself."
        ),
        LanePause.BLOCKED: _blocked_sentence(lane),
        LanePause.AUTH: _("The key of “%(lane)s” is wrong. Correct it on the page of the number."),
        LanePause.SILENT: _(
            "“%(lane)s” takes every message, and no receipt comes any more: perhaps nothing reaches anybody. "
            "Look at its telephone, then use it again. It goes on by itself with the next receipt; other numbers take "
            "over meanwhile."
        ),
        LanePause.FAILING: _(
            "What “%(lane)s” sent last was taken, and failed afterwards: perhaps WhatsApp limits it. Look at its "
            "telephone, then use it again. Do not restart it; other numbers take over meanwhile."
        ),
        LanePause.PEOPLE_LIMIT: _(
            "Meta lets “%(lane)s” reach %(people)s people in 24 hours, and they have been reached. It goes on by "
            "itself when the first of them is a day ago."
        ),
    }
    people = number_format(lane.sender.people_limit or 0, use_l10n=True, force_grouping=True) if lane.sender else ""
    return sentences[LanePause(lane.pause_reason)] % {"lane": lane, "people": people}


def _blocked_sentence(lane: Lane) -> str:
    if lane.is_stopped:
        return _("WhatsApp blocked “%(lane)s”. Look at the telephone, then switch the number on again.")
    return _("WhatsApp locked “%(lane)s” for a time. Do not restart it; other numbers take over meanwhile.")
