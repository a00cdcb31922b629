"""Who a campaign is for, row by row. The launch page and the launch read the same rows in the same order."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from campaigns.audience_filters import holds_ticket, in_any_segment, in_state, narrowed, one_of
from campaigns.audience_rules import address_of, asks_for_consent, has_opted_out, missing_address, one_message_on
from campaigns.enums import CampaignKind, Channel, Channels, DeliveryStatus, SkipReason
from campaigns.models import Campaign, Delivery
from tickets.conditions import has_any_tag
from tickets.enums import TicketStatus
from tickets.models import Contact, Ticket

BATCH = 500
# What no message needs. A list of 100,000 people is read sooner without it.
UNREAD = (
    *(f"{channel}_consent_{what}" for channel in ("whatsapp", "email") for what in ("at", "source", "text")),
    *(f"{channel}_opt_out_{what}" for channel in ("whatsapp", "email") for what in ("source", "text")),
    *("created_at", "updated_at"),
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
    ticket_state: str = "",
    holders: Mapping[str, Any] | None = None,
    tags: Iterable[int] = (),
    all_tags: Iterable[int] = (),
    no_tags: Iterable[int] = (),
    not_reached_by: Iterable[int] = (),
    contacts: Iterable[int] = (),
    segments: Iterable[int] = (),
    everybody: bool = False,
    again: bool = False,
) -> dict[str, Any]:
    """The audience as it is stored. Nothing chosen means nobody: everybody has to be asked for by name.

    `holders` are people with a ticket of an event, for announcements: {"event": id, "state": TicketState}. What
    `tags`, `segments`, `holders` and `contacts` name is added up; `all_tags`, `no_tags` and `not_reached_by`
    (campaigns) take away. In ticket campaigns `tags` and `segments` take away too. `all_tags` alone means everybody who
    has them all.
    """
    lists = {
        "tickets": tickets,
        "tags": tags,
        "all_tags": all_tags,
        "no_tags": no_tags,
        "not_reached_by": not_reached_by,
        "contacts": contacts,
        "segments": segments,
    }
    flags = {"event_tickets": event_tickets, "everybody": everybody, "again": again}
    words = {"ticket_state": str(ticket_state), "holders": dict(holders or {})}
    chosen: dict[str, Any] = {name: list(ids) for name, ids in lists.items()} | flags | words
    return {name: value for name, value in chosen.items() if value}


def tickets_of(campaign: Campaign, *, named: Collection[int] | None = None) -> QuerySet[Ticket]:
    """The valid tickets that a ticket campaign sends; `named` stands for those that were chosen one by one."""
    chosen = campaign.audience
    wanted = one_of("pk", chosen.get("tickets", [])) if named is None else Q(pk__in=named)
    if chosen.get("event_tickets"):
        wanted = Q()
    found = Ticket.objects.filter(wanted, event=campaign.event, status=TicketStatus.VALID)
    found = found.filter(in_state(chosen.get("ticket_state", "")), narrowed(chosen, "holder"))
    if tags := chosen.get("tags"):
        found = found.filter(has_any_tag(tags, "holder"))
    if segments := chosen.get("segments"):
        found = found.filter(in_any_segment(segments, "holder"))
    if campaign.launched_at:
        found = found.filter(issued_at__lte=campaign.launched_at)
    return found.select_related("holder").defer(*(f"holder__{name}" for name in UNREAD))


def whole_event() -> Q:
    """Campaigns that send all valid tickets of their event: nothing in `tickets_of` takes any away."""
    narrowing = ["ticket_state", "tags", "all_tags", "no_tags", "segments", "not_reached_by"]
    return Q(audience__event_tickets=True) & ~Q(audience__has_any_keys=narrowing)


def contacts_of(campaign: Campaign, *, named: Collection[int] | None = None) -> QuerySet[Contact]:
    """The people of an announcement; `named` stands for those that were chosen one by one."""
    chosen = campaign.audience
    found = Contact.objects.defer(*UNREAD).filter(narrowed(chosen))
    if not _is_open(chosen):
        wanted = one_of("pk", chosen.get("contacts", [])) if named is None else Q(pk__in=named)
        if tags := chosen.get("tags"):
            wanted |= has_any_tag(tags)
        if segments := chosen.get("segments"):
            wanted |= in_any_segment(segments)
        if holders := chosen.get("holders"):
            wanted |= holds_ticket(holders["event"], holders.get("state", ""))
        found = found.filter(wanted)
    return found.filter(created_at__lte=campaign.launched_at) if campaign.launched_at else found


def _is_open(chosen: Mapping[str, Any]) -> bool:
    """Everybody, before anybody is taken away: asked for by name, or by tags that somebody must have."""
    added = any(chosen.get(name) for name in ("contacts", "tags", "segments", "holders"))
    return bool(chosen.get("everybody") or (chosen.get("all_tags") and not added))


def people_of(campaign: Campaign, *, after: int = 0) -> Iterator[list[Person]]:
    """The audience in batches, in a fixed order; `after` is the last ticket or contact that was seen already."""
    if trial := campaign.audience.get("trial"):
        if not after:
            yield [_trial_person(campaign, trial)]
        return
    is_tickets = campaign.kind == CampaignKind.TICKETS
    chosen: Callable[..., QuerySet[Any]] = tickets_of if is_tickets else contacts_of
    named = sorted(campaign.audience.get("tickets" if is_tickets else "contacts", []))
    while True:
        # Of many thousand names only those that can be in this batch: databases limit what one question may hold.
        begin = bisect_right(named, after)
        window = named[begin : begin + BATCH]
        near = chosen(campaign, named=window).filter(pk__gt=after)
        if is_cut := begin + BATCH < len(named):
            near = near.filter(pk__lte=window[-1])  # those behind it would overtake names that are not asked about yet
        batch = list(near.order_by("pk")[:BATCH])
        if batch:
            yield _people(campaign, batch, _reached(campaign, batch) if is_tickets else set())
        elif not is_cut:
            return
        after = batch[-1].pk if batch else window[-1]


def everybody_of(campaign: Campaign) -> Iterator[list[Person]]:
    """The same people in the same order, for whoever only counts them: asked for at once, and told in batches."""
    if campaign.audience.get("trial"):
        yield from people_of(campaign)
        return
    is_tickets = campaign.kind == CampaignKind.TICKETS
    chosen: QuerySet[Any] = tickets_of(campaign) if is_tickets else contacts_of(campaign)
    of_event = Ticket.objects.filter(event=campaign.event)
    reached = _reached(campaign, of_event.values("pk")) if is_tickets else set()
    rows = chosen.order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield _people(campaign, batch, reached)


def some_people(campaign: Campaign, where: Callable[[str], Q], *, limit: int) -> list[Person]:
    """Those of the audience who meet a condition, which `where` makes for the way to the contact."""
    is_tickets = campaign.kind == CampaignKind.TICKETS
    found: QuerySet[Any] = tickets_of(campaign) if is_tickets else contacts_of(campaign)
    found = found.filter(where("holder__" if is_tickets else ""))
    batch = list(found.order_by("pk")[:limit])
    return _people(campaign, batch, _reached(campaign, batch) if is_tickets else set())


def cursor_of(people: list[Person]) -> int:
    last = people[-1]
    return (last.ticket.pk if last.ticket else last.contact.pk) or 1  # a test is for nobody on record


def _trial_person(campaign: Campaign, trial: Mapping[str, str]) -> Person:
    """Whom a test goes to: the message of somebody else, frozen when it was asked for, at this one address."""
    ticket = None
    if campaign.kind == CampaignKind.TICKETS:
        ticket = Ticket(event=campaign.event, code=trial["code"], token=trial["token"])
    contact = Contact(
        name=trial["name"],
        nickname=trial.get("nickname", ""),
        language=trial.get("language", ""),
        attributes=trial.get("attributes", {}),
    )
    return Person(contact, ticket, str(campaign.channels), trial["address"], None)


def _people(campaign: Campaign, batch: list[Any], reached: set[tuple[int, str]]) -> list[Person]:
    is_tickets = campaign.kind == CampaignKind.TICKETS
    people = []
    for row in batch:
        contact, ticket = (row.holder, row) if is_tickets else (row, None)
        if ticket is not None:
            ticket.event = campaign.event  # as it was read already
        for channel in channels_for(campaign, contact):
            skip = _skip(campaign, contact, channel)
            taken = ((ticket.pk, way) for way in one_message_on(campaign, channel)) if ticket is not None else ()
            if skip is None and any(place in reached for place in taken):
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
    if asks_for_consent(campaign) and has_opted_out(contact, channel):
        return SkipReason.OPTED_OUT
    return None


def _reached(campaign: Campaign, tickets: list[Ticket] | QuerySet[Any, Any]) -> set[tuple[int, str]]:
    """Those of them that another campaign has sent, is sending or may have sent, by channel."""
    if campaign.audience.get("again"):
        return set()
    taken = Delivery.objects.filter(ticket__in=tickets, status__in=sorted(DeliveryStatus.taken))
    return {(pk, channel) for pk, channel in taken.exclude(campaign=campaign).values_list("ticket_id", "channel") if pk}
