"""Scheduled campaigns follow their event: to its new time, or to a person when it is closed."""

import contextlib
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.enums import CampaignStatus
from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign
from campaigns.scheduling import moment_of
from tickets.models import Event

SCHEDULED = CampaignStatus.SCHEDULED


def reschedule_event(event: Event, *, now: datetime) -> None:
    """At once, when somebody saves the event."""
    _follow(Campaign.objects.filter(status=SCHEDULED, event=event).select_related("event"), now=now)


def reschedule_all(*, now: datetime) -> None:
    """By every tick: an event may also be changed in ways that nobody hears of."""
    concerned = ~Q(schedule_from="") | Q(event__is_active=False)
    _follow(Campaign.objects.filter(concerned, status=SCHEDULED, event__isnull=False).select_related("event"), now=now)


def _follow(campaigns: Iterable[Campaign], *, now: datetime) -> None:
    for campaign in campaigns:
        assert campaign.event is not None
        with contextlib.suppress(IllegalMove):  # a person was faster
            if not campaign.event.is_active:
                lifecycle.ask(campaign, _("Its event is closed. Decide whether to send it all the same."), now=now)
            else:
                _move_to(campaign, moment_of(campaign), now=now)


def _move_to(campaign: Campaign, moment: datetime | None, *, now: datetime) -> None:
    """What would have been sent already, had it been planned like this, is never sent unasked."""
    if moment is None or moment == campaign.scheduled_at:
        return
    if moment <= now:
        reason = _("Its event was moved, and by the new date its time has passed already.")
        lifecycle.ask(campaign, reason, now=now, at=moment)
        return
    as_read = {name: getattr(campaign, name) for name in ("scheduled_at", "schedule_from", "schedule_minutes")}
    Campaign.objects.filter(pk=campaign.pk, status=SCHEDULED, **as_read).update(scheduled_at=moment)
