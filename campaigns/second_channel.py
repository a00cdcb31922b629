"""Whoever's ticket has not arrived some hours after it was sent gets it on the other channel, by itself and once.

Where an event asks for it (`Event.second_channel_hours`), the tick makes campaigns of such tickets and launches them:
engine, pace, claims and counts stay as they are. Which tickets they are is asked of the rows each time; nothing else is
remembered. At the claim of each message it is looked once more whether the ticket has come meanwhile.
"""

import contextlib
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, Count, DateTimeField, Exists, F, Min, Q, QuerySet, Subquery
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
from campaigns.models import Campaign, Delivery
from campaigns.models.campaign import PRIORITY_TICKETS
from tickets.conditions import STATE, Aside
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


def due(event: Event, now: datetime) -> QuerySet[Ticket]:
    """The tickets of an event that go out on the other channel as soon as the tick comes by."""
    if not _is_on(event, now):
        return Ticket.objects.none()
    numbers, found = reporting_numbers(), Ticket.objects.none()
    for channel in Channel:
        found = found | _due_on(event, channel, numbers, now)
    return found


def next_for(event: Event, now: datetime) -> tuple[int, datetime | None]:
    """How many tickets will go out on the other channel unless they arrive before, and when the first of them does."""
    if not _is_on(event, now):
        return 0, None
    wait, numbers = _wait(event), reporting_numbers()
    number, moments = 0, []
    for channel in Channel:
        tries = messages_of_ticket().filter(channel=FIRST[channel], state__in=[*TRIED, D.SKIPPED])
        last = Subquery(tries.annotate(moment=MOMENT).order_by("-moment").values("moment")[:1])
        found = _waiting(event, channel, numbers).annotate(last=last).aggregate(number=Count("pk"), first=Min("last"))
        if found["number"]:
            number += found["number"]
            moments.append(max(found["first"] + wait, _gathered_at(event, channel, now), now))
    return number, min(moments, default=None)


def _events(now: datetime) -> QuerySet[Event]:
    return Event.objects.filter(second_channel_hours__isnull=False, is_active=True, ends_at__gt=now).order_by("pk")


def _wait(event: Event) -> timedelta:
    assert event.second_channel_hours is not None
    return timedelta(hours=event.second_channel_hours)


def _is_on(event: Event, now: datetime) -> bool:
    return event.second_channel_hours is not None and event.is_active and event.ends_at > now


# --- which tickets


def _waiting(event: Event, channel: str, numbers: Reporting, before: datetime | None = None) -> QuerySet[Ticket]:
    """Those that were tried on the first channel only, and have not arrived. `before`: tried by then.

    Begins with the few messages that went wrong, which an index finds, and not with everybody.
    """
    first, rows = FIRST[Channel(channel)], messages_of_ticket()
    # Aside: SQLite would else begin with all tickets of the event.
    tickets = Ticket.objects.annotate(state=STATE, of=Aside("event", output_field=BigIntegerField()))
    return tickets.filter(
        HAS_ADDRESS[Channel(channel)],
        not_arrived(numbers),
        ~Q(Exists(rows.filter(channel=first, state__in=OPEN))),
        ~Q(Exists(rows.filter(~NOT_TRIED, channel=channel))),
        pk__in=_without_success(event, first, numbers, before).values("ticket"),
        of=event.pk,
        state=TicketStatus.VALID,
    )


def _due_on(event: Event, channel: str, numbers: Reporting, now: datetime) -> QuerySet[Ticket]:
    before = now - _wait(event)
    tried = messages_of_ticket().filter(channel=FIRST[Channel(channel)], state__in=TRIED).annotate(moment=MOMENT)
    found = _waiting(event, channel, numbers, before).filter(~Q(Exists(tried.filter(moment__gt=before))))
    if listed := _listed(event):
        found = found.exclude(one_of("pk", listed))
    return found


def _without_success(event: Event, first: str, numbers: Reporting, before: datetime | None) -> QuerySet[Any]:
    """Messages of this channel that failed, may have failed, had no address, or of which nothing was heard."""
    no_address = Q(status=D.SKIPPED, error_kind=missing_address(first))
    states, ends = [D.FAILED, D.UNCERTAIN, D.SKIPPED], Q(status__in=[D.FAILED, D.UNCERTAIN]) | no_address
    found: QuerySet[Any] = Delivery.objects.filter(
        campaign__in=_campaigns(event), channel=first, ticket__isnull=False
    ).order_by()
    if numbers and first == Channel.WHATSAPP:
        found = found.annotate(state=F("status"))
        states, ends = [*states, D.SENT], ends | is_silent(numbers)
    found = found.filter(ends, status__in=states).annotate(moment=MOMENT)
    if (adopted := adopted_at()) is not None:
        found = found.filter(moment__gt=adopted - _wait(event))
    return found.filter(moment__lte=before) if before else found


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
