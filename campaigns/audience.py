"""Who a campaign is for, row by row. The launch page and the launch read the same generator, so that they agree."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.audience_rules import address_of, has_opted_out, missing_address
from campaigns.enums import CampaignKind, Channel, Channels, DeliveryStatus, SkipReason
from campaigns.models import Campaign, Delivery
from tickets.enums import TicketStatus
from tickets.models import Contact, Ticket

BATCH = 500
# What no message needs. A list of 100,000 people is read sooner without it.
UNREAD = (
    *(f"{channel}_consent_{what}" for channel in ("whatsapp", "email") for what in ("at", "source", "text")),
    *("whatsapp_opt_out_source", "email_opt_out_source", "created_at", "updated_at"),
)


@dataclass(frozen=True)
class Person:
    """One person of the audience on one channel, with the reason when nothing will be sent."""

    contact: Contact
    ticket: Ticket | None
    channel: str
    address: str
    skip: SkipReason | None

    @property
    def dedupe_key(self) -> str:
        if self.ticket is not None:
            return f"ticket:{self.ticket.pk}"
        return self.address or f"contact:{self.contact.pk}"


def describe(
    *,
    event_tickets: bool = False,
    tickets: Iterable[int] = (),
    tags: Iterable[int] = (),
    contacts: Iterable[int] = (),
    everybody: bool = False,
    again: bool = False,
) -> dict[str, Any]:
    """The audience as it is stored. Nothing chosen means nobody: everybody has to be asked for by name."""
    chosen: dict[str, Any] = {"tickets": list(tickets), "tags": list(tags), "contacts": list(contacts)}
    flags = {"event_tickets": event_tickets, "everybody": everybody, "again": again}
    return {name: value for name, value in (chosen | flags).items() if value}


def tickets_of(campaign: Campaign, *, named: Collection[int] | None = None) -> QuerySet[Ticket]:
    """The valid tickets that a ticket campaign sends; `named` stands for those that were chosen one by one."""
    chosen = campaign.audience
    wanted = Q(pk__in=chosen.get("tickets", []) if named is None else named)
    if chosen.get("event_tickets"):
        wanted |= Q(event=campaign.event)
    found = Ticket.objects.filter(wanted, event=campaign.event, status=TicketStatus.VALID)
    if campaign.launched_at:
        found = found.filter(issued_at__lte=campaign.launched_at)
    return found.select_related("holder").defer(*(f"holder__{name}" for name in UNREAD))


def contacts_of(campaign: Campaign, *, named: Collection[int] | None = None) -> QuerySet[Contact]:
    chosen = campaign.audience
    found = Contact.objects.defer(*UNREAD)
    if not chosen.get("everybody"):
        wanted = Q(pk__in=chosen.get("contacts", []) if named is None else named)
        if tags := chosen.get("tags"):
            # Asked for each row: a list of everybody with the tag would be made anew for every batch.
            wanted |= Q(Exists(Contact.tags.through.objects.filter(contact=OuterRef("pk"), tag__in=tags)))
        found = found.filter(wanted)
    return found.filter(created_at__lte=campaign.launched_at) if campaign.launched_at else found


def people_of(campaign: Campaign, *, after: int = 0) -> Iterator[list[Person]]:
    """The audience in batches, in a fixed order; `after` is the last ticket or contact that was seen already."""
    is_tickets = campaign.kind == CampaignKind.TICKETS
    chosen: Callable[..., QuerySet[Any]] = tickets_of if is_tickets else contacts_of
    named = sorted(campaign.audience.get("tickets" if is_tickets else "contacts", []))
    while True:
        # Of many thousand names only those that can be in this batch: databases limit what one question may hold.
        begin = bisect_right(named, after)
        near = chosen(campaign, named=named[begin : begin + BATCH])
        batch = list(near.filter(pk__gt=after).order_by("pk")[:BATCH])
        if not batch:
            return
        after = batch[-1].pk
        yield _people(campaign, batch)


def cursor_of(people: list[Person]) -> int:
    last = people[-1]
    return last.ticket.pk if last.ticket else last.contact.pk


def _people(campaign: Campaign, batch: list[Any]) -> list[Person]:
    is_tickets = campaign.kind == CampaignKind.TICKETS
    reached = _reached(campaign, batch) if is_tickets and not campaign.audience.get("again") else set()
    people = []
    for row in batch:
        contact, ticket = (row.holder, row) if is_tickets else (row, None)
        if ticket is not None:
            ticket.event = campaign.event  # as it was read already
        for channel in channels_for(campaign, contact):
            skip = _skip(campaign, contact, channel)
            if ticket is not None and skip is None and (ticket.pk, channel) in reached:
                skip = SkipReason.ALREADY_SENT
            people.append(Person(contact, ticket, channel, address_of(contact, channel), skip))
    return people


def channels_for(campaign: Campaign, contact: Contact) -> list[str]:
    match campaign.channels:
        case Channels.BOTH:
            return [Channel.WHATSAPP, Channel.EMAIL]
        case Channels.WHATSAPP_FIRST:
            return [Channel.EMAIL] if not contact.phone and contact.email else [Channel.WHATSAPP]
        case _:
            return [campaign.channels]


def _skip(campaign: Campaign, contact: Contact, channel: str) -> SkipReason | None:
    if not address_of(contact, channel):
        return missing_address(channel)
    if campaign.kind == CampaignKind.ANNOUNCEMENT and has_opted_out(contact, channel):
        return SkipReason.OPTED_OUT
    return None


def _reached(campaign: Campaign, tickets: list[Ticket]) -> set[tuple[int, str]]:
    """Tickets that some campaign has sent, is sending or may have sent, by channel."""
    taken = Delivery.objects.filter(ticket__in=tickets, status__in=sorted(DeliveryStatus.taken))
    return {(pk, channel) for pk, channel in taken.exclude(campaign=campaign).values_list("ticket_id", "channel") if pk}
