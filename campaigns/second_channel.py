"""Whoever's ticket has not arrived some hours after it was sent gets it on the other channel, by itself and once.

Where an event asks for it (`Event.second_channel_hours`), the tick makes campaigns of such tickets and launches them:
engine, pace, claims and counts stay as they are. Which tickets they are is asked of the rows each time; nothing else is
remembered. At the claim of each message it is looked once more whether the ticket has come meanwhile.
"""

import contextlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, DateTimeField, Exists, F, Min, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.arrivals import (
    OPEN,
    Reporting,
    is_silent,
    messages_of_ticket,
    not_arrived,
    reporting_numbers,
)
from campaigns.audience import describe
from campaigns.audience_filters import one_of
from campaigns.audience_rules import missing_address
from campaigns.drafts import message_of
from campaigns.enums import CampaignKind, CampaignStatus, Channel, DeliveryStatus, Origin, SkipReason
from campaigns.installation import adopted_at
from campaigns.models import Campaign, Delivery, Installation
from campaigns.models.campaign import PRIORITY_TICKETS
from tickets.conditions import STATE
from tickets.enums import Action, TicketStatus
from tickets.history import record
from tickets.models import Event, Ticket

D = DeliveryStatus

MOST_AT_ONCE = 10_000
# People who become due one after another go together: else each minute of a long run would make a campaign.
GATHERING = timedelta(minutes=30)
SOON = timedelta(hours=3)  # before the event, nobody waits for others

FIRST = {Channel.EMAIL: Channel.WHATSAPP, Channel.WHATSAPP: Channel.EMAIL}  # by the second
HAS_ADDRESS = {Channel.WHATSAPP: ~Q(holder__phone=""), Channel.EMAIL: ~Q(holder__email="")}
TRIED = sorted({D.FAILED, D.UNCERTAIN, D.SENT})
NO_ADDRESS = [SkipReason.NO_PHONE, SkipReason.NO_EMAIL]
# When it was tried: what failed was never sent, and says when it failed.
MOMENT = Coalesce("sent_at", "status_changed_at", output_field=DateTimeField())
# A row on the second channel that means nobody tried there. "Cancelled" does not: a person decided that.
# In safe mode a message went to a test address, and would again and again.
NOT_TRIED = Q(state=D.EXPIRED) | (Q(state=D.SKIPPED) & ~Q(error_kind=SkipReason.TEST_ONLY))


def send_due(*, now: datetime) -> int:
    """Make and launch what is due; returns how many campaigns that were. Two at once make each of them once."""
    events = list(_events(now))
    if not events:
        return 0
    numbers = reporting_numbers()
    return sum(_send(event, channel, numbers, now=now) for event in events for channel in Channel)


def next_for(event: Event, among: Collection[int], numbers: Reporting, now: datetime) -> tuple[int, datetime | None]:
    """How many of these tickets will go out on the other channel unless they arrive before, and when the first is due.

    Those that are due one after another go together, up to half an hour later. One question: the page of the event
    brings what it has asked already.
    """
    if not among or not _is_on(event, now):
        return 0, None
    wait, going = _wait(event), Q()
    adopted = Subquery(Installation.objects.filter(pk=1).exclude(identity="").values("adopted_at")[:1])
    wrong = messages_of_ticket().annotate(moment=MOMENT, adopted=adopted)
    wrong = wrong.filter(Q(adopted=None) | Q(moment__gt=F("adopted") - wait))
    for channel, first in FIRST.items():
        going |= _hopes_for(channel, numbers) & Q(Exists(wrong.filter(_went_wrong(first, numbers), channel=first)))
    rows = messages_of_ticket().annotate(moment=MOMENT)
    tried = rows.filter(state__in=TRIED).order_by("-moment").values("moment")[:1]
    unable = rows.filter(state=D.SKIPPED, error_kind__in=NO_ADDRESS).order_by("moment").values("moment")[:1]
    tickets = Ticket.objects.annotate(state=STATE).filter(one_of("pk", among), going, state=TicketStatus.VALID)
    since = Coalesce(Subquery(tried), Subquery(unable))
    found = tickets.annotate(since=since).aggregate(number=Count("pk"), first=Min("since"))
    return found["number"], max(found["first"] + wait, now) if found["number"] else None


def _events(now: datetime) -> QuerySet[Event]:
    return Event.objects.filter(second_channel_hours__isnull=False, is_active=True, ends_at__gt=now).order_by("pk")


def _wait(event: Event) -> timedelta:
    assert event.second_channel_hours is not None
    return timedelta(hours=event.second_channel_hours)


def _is_on(event: Event, now: datetime) -> bool:
    return event.second_channel_hours is not None and event.is_active and event.ends_at > now


# --- which tickets


def _waiting(event: Event, channel: str, numbers: Reporting, before: datetime) -> QuerySet[Ticket]:
    """Those that were tried on the first channel only, and have not arrived. `before`: tried by then.

    Begins with the few messages that went wrong, which an index finds, and not with everybody.
    """
    return Ticket.objects.annotate(state=STATE).filter(
        _hopes_for(channel, numbers),
        pk__in=_without_success(event, FIRST[Channel(channel)], numbers, before).values("ticket"),
        state=TicketStatus.VALID,
    )


def _hopes_for(channel: str, numbers: Reporting) -> Q:
    """Tickets that have not arrived, are not under way, and can be tried on this channel for the first time."""
    rows = messages_of_ticket()
    under_way = Q(Exists(rows.filter(channel=FIRST[Channel(channel)], state__in=OPEN)))
    tried = Q(Exists(rows.filter(~NOT_TRIED, channel=channel)))
    return HAS_ADDRESS[Channel(channel)] & not_arrived(numbers) & ~under_way & ~tried


def _due_on(event: Event, channel: str, numbers: Reporting, now: datetime) -> QuerySet[Ticket]:
    before = now - _wait(event)
    tried = messages_of_ticket().filter(channel=FIRST[Channel(channel)], state__in=TRIED).annotate(moment=MOMENT)
    found = _waiting(event, channel, numbers, before).filter(~Q(Exists(tried.filter(moment__gt=before))))
    if listed := _listed(event):
        found = found.exclude(one_of("pk", listed))
    return found


def _without_success(event: Event, first: str, numbers: Reporting, before: datetime) -> QuerySet[Any]:
    """Messages of this channel that went wrong by then."""
    states = [D.FAILED, D.UNCERTAIN, D.SKIPPED, *([D.SENT] if numbers and first == Channel.WHATSAPP else [])]
    found: QuerySet[Any] = Delivery.objects.filter(
        campaign__in=_campaigns(event), channel=first, status__in=states, ticket__isnull=False
    ).order_by()
    found = found.annotate(state=F("status"), moment=MOMENT)
    found = found.filter(_went_wrong(first, numbers), moment__lte=before)
    if (adopted := adopted_at()) is not None:
        found = found.filter(moment__gt=adopted - _wait(event))
    return found


def _went_wrong(first: str, numbers: Reporting) -> Q:
    """Messages that failed, may have failed, had no address, or of which nothing was heard. For rows with `state`."""
    no_address = Q(state=D.SKIPPED, error_kind=missing_address(first))
    found = Q(state__in=[D.FAILED, D.UNCERTAIN]) | no_address
    return found | is_silent(numbers) if numbers and first == Channel.WHATSAPP else found


def _campaigns(event: Event) -> list[int]:
    """As numbers: with a question in their place, SQLite reads all messages of all of them."""
    sent = Campaign.objects.filter(event=event, kind=CampaignKind.TICKETS, launched_at__isnull=False, trial_of=None)
    return list(sent.order_by().values_list("pk", flat=True))


def _listed(event: Event) -> list[int]:
    """On the list of one of ours that is not written yet, or stopped before it was."""
    unwritten = _ours(event).filter(prepared_at=None).values_list("audience", flat=True)
    return sorted({pk for audience in unwritten for pk in audience.get("tickets", [])})


# --- the campaigns


def _ours(event: Event) -> QuerySet[Campaign]:
    return Campaign.objects.filter(event=event, origin=Origin.SECOND_CHANNEL).order_by()


def _gathered_at(event: Event, channel: str, now: datetime) -> datetime:
    """When the next campaign may be made."""
    if event.starts_at - now <= SOON:
        return now
    last = _ours(event).filter(channels=channel).order_by("-pk").values_list("launched_at", "audience").first()
    is_full = last is not None and len(last[1].get("tickets", [])) >= MOST_AT_ONCE
    return now if last is None or is_full or last[0] is None else last[0] + GATHERING


def _send(event: Event, channel: str, numbers: Reporting, *, now: datetime) -> int:
    """Asked first without a lock: mostly there is nobody, and SQLite has one lock for everything."""
    if _gathered_at(event, channel, now) > now or _is_being_written(event):
        return 0
    if not _due_on(event, channel, numbers, now)[:1]:
        return 0
    with contextlib.suppress(IntegrityError, Event.DoesNotExist), transaction.atomic():
        # Whoever else does the same waits here, and then finds these tickets on the list of our campaign.
        locked = _events(now).select_for_update(no_key=True).get(pk=event.pk)
        ids = list(_due_on(locked, channel, numbers, now).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
        if ids:
            _launch(locked, channel, ids, now=now)
            return 1
    return 0


def _is_being_written(event: Event) -> bool:
    """A campaign of the event that nobody's messages are known of yet: they may be among them."""
    sending = Campaign.objects.filter(event=event, kind=CampaignKind.TICKETS, status=CampaignStatus.SENDING)
    return sending.filter(prepared_at=None).exists()


def _launch(event: Event, channel: str, ids: list[int], *, now: datetime) -> None:
    number = _ours(event).filter(channels=channel).count() + 1
    campaign = Campaign.objects.create(
        kind=CampaignKind.TICKETS,
        origin=Origin.SECOND_CHANNEL,
        name=(_("Second channel: %(event)s") % {"event": event.name})[:150],
        event=event,
        channels=channel,
        priority=PRIORITY_TICKETS,
        audience=describe(tickets=ids),
        form_key=f"second-{event.pk}-{channel}-{number}",
        **message_of(event),
    )
    lifecycle.launch(campaign, now=now)
    why = {"tickets": len(ids), "silent_hours": event.second_channel_hours}
    record(None, campaign, Action.LAUNCHED, after=why, now=now)
