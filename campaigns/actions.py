"""From what somebody ticked in a list to drafts of campaigns. Nothing is sent here: each draft has its launch page."""

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.drafts import draft_announcement, draft_tickets, draft_version
from campaigns.enums import CampaignKind, CampaignStatus
from campaigns.models import Campaign
from tickets.date_formats import formatted
from tickets.enums import TicketStatus
from tickets.models import Contact, Event, Tag, Ticket

# Each event is judged on a page of its own; nobody judges more at once.
MOST_EVENTS = 20
NAMED_TAGS = 3


class TooManyEvents(Exception):
    """`str()` is the sentence for whoever chose them."""

    def __init__(self, number: int):
        sentence = _("You chose %(n)d events. Choose at most %(most)d at once.")
        super().__init__(sentence % {"n": number, "most": MOST_EVENTS})


def drafts_for_events(events: QuerySet[Event], *, user: Any) -> list[Campaign]:
    """One for each event, for everybody who holds a valid ticket of it."""
    _refuse_too_many(events.count())
    return [_one_draft(event, [], user) for event in events.order_by("starts_at", "pk")]


def drafts_for_tickets(tickets: QuerySet[Ticket], *, user: Any) -> list[Campaign]:
    """One for each event of these tickets, for exactly the valid ones among them."""
    chosen: dict[int, list[int]] = defaultdict(list)
    valid = tickets.filter(status=TicketStatus.VALID).order_by()
    for event, ticket in valid.values_list("event", "pk"):
        chosen[event].append(ticket)
    _refuse_too_many(len(chosen))
    events = Event.objects.filter(pk__in=chosen).order_by("starts_at", "pk")
    return [_one_draft(event, sorted(chosen[event.pk]), user) for event in events]


def draft_for_contacts(contacts: QuerySet[Contact], *, user: Any) -> Campaign:
    people = sorted(contacts.order_by().values_list("pk", flat=True))
    words = ngettext("Announcement to %(n)d person", "Announcement to %(n)d people", len(people)) % {"n": len(people)}
    return draft_announcement(name=f"{words}, {_today()}", contacts=people, user=user)


def draft_for_tags(tags: QuerySet[Tag], *, user: Any) -> Campaign:
    chosen = list(tags.order_by("name"))
    names = ", ".join(tag.name for tag in chosen[:NAMED_TAGS]) + ("…" if len(chosen) > NAMED_TAGS else "")
    name = _("Announcement: %(tags)s") % {"tags": names}
    return draft_announcement(name=name, tags=sorted(tag.pk for tag in chosen), user=user)


def _today() -> str:
    return formatted(localdate(), "j M Y")


def _refuse_too_many(number: int) -> None:
    if number > MOST_EVENTS:
        raise TooManyEvents(number)


def _one_draft(event: Event, tickets: list[int], user: Any) -> Campaign:
    """The draft that this person left lying, if it still says the same; else the list would fill up with them."""
    fresh = draft_tickets(event, tickets=tickets, user=user)
    before = Campaign.objects.filter(
        kind=CampaignKind.TICKETS, status=CampaignStatus.DRAFT, event=event, created_by=user, name=fresh.name
    ).exclude(pk=fresh.pk)
    for old in before.order_by("-pk")[:5]:
        if old.audience == fresh.audience and _says(old) == _says(fresh):
            fresh.delete()
            return old
    return fresh


def _says(draft: Campaign) -> str:
    """How it is sent may have been chosen meanwhile: the launch page asks for it once more."""
    return draft_version(draft, with_channels=False)
