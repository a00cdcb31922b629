"""A person decides about a database that is held: what it would do is shown first, then it sends from this computer."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import installation, lifecycle, place
from campaigns.enums import CampaignStatus, DeliveryStatus
from campaigns.kicks import enqueue, kick_dispatchers
from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Installation
from tickets.enums import Action
from tickets.history import record

# A worker on another computer obeys a decision only while it is fresh: a queue is part of what a backup brings back.
LONGEST_DECISION = timedelta(minutes=2)


@dataclass(frozen=True)
class Situation:
    """What this database would do at once, and when it last did something."""

    reason: str
    since: datetime | None
    sending: int
    messages: int
    scheduled: int
    last_call_at: datetime | None


def situation() -> Situation:
    row = installation.row_of_now()
    sending = Campaign.objects.filter(status=CampaignStatus.SENDING)
    waiting = Delivery.objects.filter(campaign__in=sending.values("pk"), status__in=sorted(DeliveryStatus.open))
    calls = DeliveryAttempt.objects.order_by("-started_at").values_list("started_at", flat=True)
    return Situation(
        reason=row.held_reason if row else "",
        since=row.held_since if row else None,
        sending=sending.count(),
        messages=waiting.count(),
        scheduled=Campaign.objects.filter(status=CampaignStatus.SCHEDULED).count(),
        last_call_at=calls.first(),
    )


def adopt(*, now: datetime, user: Any = None) -> Installation:
    """Send from this database and from this computer.

    Its generation becomes one that no computer can have seen: ticks add one a minute, and this counts in seconds.
    `user`: who decided, for the history.
    """
    installation.take_on()
    here, row = place.look(), Installation.objects.get(pk=1)
    was_held = bool(row.held_reason) or installation.misfit(row, here) == installation.Hold.OLDER_DATABASE
    identity = settings.INSTALLATION_ID or row.identity
    place.remember(identity, row.generation, always=True)  # before the row: nobody finds them at odds meanwhile
    with transaction.atomic():
        row = Installation.objects.select_for_update().get(pk=1)
        row.identity = identity
        row.generation = max(row.generation, here.generation, int(now.timestamp()) - 1) + 1
        row.held_since, row.held_reason = None, ""
        row.adopted_at = now if was_held else row.adopted_at
        row.save(update_fields=["identity", "generation", "held_since", "held_reason", "adopted_at"])
        if was_held:
            lifecycle.ask_about_missed(_("Its time came while nothing was sent from here."), now=now)
            enqueue("campaigns.tasks.adopt_place", row.generation, now.isoformat())
        kick_dispatchers(now=now)
        record(user, row, Action.DECIDED, after={"decision": "adopt"}, now=now)
    place.remember(row.identity, row.generation)
    return row


def adopt_place(generation: int, decided_at: datetime, *, now: datetime) -> bool:
    """In a worker: the page on which somebody decided may have run on a computer that cannot write this one's file."""
    row = installation.row_of_now()
    is_of_now = row is not None and not row.held_reason and row.generation >= generation
    if row is None or not is_of_now or now - decided_at > LONGEST_DECISION:
        return False
    place.remember(row.identity, row.generation, always=True)
    return True


def pause_everything(*, now: datetime) -> int:
    """Before the decision, so that each campaign can be looked at by itself."""
    paused = 0
    for campaign in Campaign.objects.filter(status=CampaignStatus.SENDING).defer("audience"):
        with contextlib.suppress(IllegalMove), transaction.atomic():  # somebody was faster
            lifecycle.pause(campaign, reason=_("Paused because this database is a copy."), now=now)
            record(None, campaign, Action.PAUSED, sentence=campaign.status_reason, now=now)
            paused += 1
    return paused
