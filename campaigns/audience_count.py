"""How many people an audience has, counted by the database: the numbers of `preflight`, without writing a message.

The page on which somebody chooses asks for them after every change, for lists of 100,000 people too. What is counted
here one way and written row by row at the launch must agree; a property test holds both against each other.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from campaigns.audience import Person, contacts_of, people_of, tickets_of
from campaigns.audience_rules import missing_address, one_message_on
from campaigns.enums import CampaignKind, Channel, Channels, DeliveryStatus, SkipReason
from campaigns.models import Campaign, Delivery
from tickets.models import Contact

SAMPLES = 5
HAS_PHONE, HAS_EMAIL = ~Q(phone=""), ~Q(email="")
ADDRESSES: dict[str, str] = {Channel.WHATSAPP: "holder__phone", Channel.EMAIL: "holder__email"}


@dataclass
class Head:
    """Messages by channel, and who is left out. A person on two channels counts on each, as in `Preflight`."""

    people: int = 0
    recipients: Counter[str] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)  # by channel and reason
    merged: int = 0  # people whose address has its message already

    @property
    def messages(self) -> int:
        return self.recipients.total()

    @property
    def skipped_total(self) -> int:
        return self.skipped.total()


def count_audience(campaign: Campaign) -> Head:
    counted = _count_tickets(campaign) if campaign.kind == CampaignKind.TICKETS else _count_contacts(campaign)
    counted.recipients += Counter()  # without those that nobody is in
    counted.skipped += Counter()
    return counted


def sample_of(people: Iterable[Person], *, number: int = SAMPLES) -> list[Person]:
    """Some who would get it, each once; `people` are the first few hundred of the audience."""
    found: dict[int, Person] = {}
    for person in people:
        if person.skip is None:
            found.setdefault(person.contact.pk, person)
    return list(found.values())[:number]


def first_people(campaign: Campaign) -> list[Person]:
    return next(people_of(campaign), [])


def _ways(channels: str, person: str = "") -> dict[str, Q]:
    """Who belongs to each channel, with an address there or without: `channels_for` as filters."""
    no_phone, no_email = Q(**{f"{person}phone": ""}), Q(**{f"{person}email": ""})
    match channels:
        case Channels.BOTH:
            return {Channel.WHATSAPP: Q(), Channel.EMAIL: Q()}
        case Channels.WHATSAPP_FIRST:
            return {Channel.WHATSAPP: ~no_phone | no_email, Channel.EMAIL: no_phone & ~no_email}
    return {channels: Q()}


# --- announcements


def _count_contacts(campaign: Campaign) -> Head:
    found = contacts_of(campaign).order_by()
    ways = _ways(campaign.channels)
    asked: dict[str, Any] = {"people": Count("pk")}
    if (way := ways.get(Channel.WHATSAPP)) is not None:
        asked["no_phone"] = Count("pk", filter=way & ~HAS_PHONE)
        asked["on_phone"] = Count("pk", filter=way & HAS_PHONE)
        asked["no_whatsapp"] = Count("pk", filter=way & HAS_PHONE & Q(whatsapp_opt_out_at__isnull=False))
    if (way := ways.get(Channel.EMAIL)) is not None:
        asked["no_email"] = Count("pk", filter=way & ~HAS_EMAIL)
        asked["on_email"] = Count("pk", filter=way & HAS_EMAIL)
        asked["addresses"] = Count("email", filter=way & HAS_EMAIL, distinct=True)
        asked["no_letters"] = Count("pk", filter=way & HAS_EMAIL & Q(email_opt_out_at__isnull=False))
    got = found.aggregate(**asked)
    head = Head(people=got["people"])
    if Channel.WHATSAPP in ways:  # no two contacts have one number
        head.recipients[Channel.WHATSAPP] = got["on_phone"] - got["no_whatsapp"]
        head.skipped[Channel.WHATSAPP, SkipReason.NO_PHONE] = got["no_phone"]
        head.skipped[Channel.WHATSAPP, SkipReason.OPTED_OUT] = got["no_whatsapp"]
    if Channel.EMAIL in ways:
        closed = _closed_addresses(found.filter(ways[Channel.EMAIL])) if got["no_letters"] else 0
        head.recipients[Channel.EMAIL] = got["addresses"] - closed
        head.skipped[Channel.EMAIL, SkipReason.NO_EMAIL] = got["no_email"]
        head.skipped[Channel.EMAIL, SkipReason.OPTED_OUT] = closed
        head.merged = got["on_email"] - got["addresses"]
    return head


def _closed_addresses(found: QuerySet[Contact]) -> int:
    """Addresses that get nothing: the first on the list who has this one wants no e-mails."""
    first = found.filter(HAS_EMAIL).values("email").annotate(first=Min("pk")).values("first")
    return Contact.objects.filter(pk__in=first, email_opt_out_at__isnull=False).count()


# --- tickets


def _count_tickets(campaign: Campaign) -> Head:
    found = tickets_of(campaign).select_related(None).defer(None).order_by()
    ways, again = _ways(campaign.channels, "holder__"), bool(campaign.audience.get("again"))
    asked: dict[str, Any] = {"people": Count("holder", distinct=True)}
    for channel, way in ways.items():
        has_none = Q(**{ADDRESSES[channel]: ""})
        asked[f"{channel}_missing"] = Count("pk", filter=way & has_none)
        asked[f"{channel}_there"] = Count("pk", filter=way & ~has_none)
        if not again:
            asked[f"{channel}_sent"] = Count("pk", filter=way & ~has_none & _sent_before(campaign, channel))
    got = found.aggregate(**asked)
    head = Head(people=got["people"])
    for channel in ways:
        sent = got.get(f"{channel}_sent", 0)
        head.recipients[channel] = got[f"{channel}_there"] - sent
        head.skipped[channel, missing_address(channel)] = got[f"{channel}_missing"]
        head.skipped[channel, SkipReason.ALREADY_SENT] = sent
    return head


def _sent_before(campaign: Campaign, channel: str) -> Q:
    """Tickets that another campaign has sent, is sending or may have sent."""
    ways, states = one_message_on(campaign, channel), sorted(DeliveryStatus.taken)
    taken = Delivery.objects.filter(ticket=OuterRef("pk"), channel__in=ways, status__in=states)
    return Q(Exists(taken.exclude(campaign=campaign.pk)))
