"""A message while it is being written: as one of its people gets it, and how long it becomes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.audience import Person, some_people
from campaigns.audience_choice import LONGEST_ID
from campaigns.enums import CampaignKind, Channel, Channels
from campaigns.models import Campaign
from campaigns.people import searched
from campaigns.personal import Finished, Writer
from campaigns.placeholders import BadTemplate, offered_names
from campaigns.rendering import LIMITS
from campaigns.text_messages import MOST_NAMES, sentences_for
from campaigns.trials import CODE, TOKEN
from tickets.admin.searching import phone_query
from tickets.models import Contact, Ticket

MOST_PEOPLE = 5
MOST_FOUND = 8


@dataclass(frozen=True)
class Length:
    """Of a finished text, counted as the launch counts it; `longest` is that of the first few hundred people."""

    now: int
    longest: int
    limit: int
    name: str  # of whoever gets the longest

    @property
    def is_too_long(self) -> bool:
        return self.longest > self.limit


@dataclass
class Preview:
    campaign: Campaign
    person: Person
    people: list[Person]  # to choose from
    search: str = ""
    found_nobody: bool = False
    problems: list[str] = field(default_factory=list)  # sentences; with any of them there is no text
    whatsapp: Finished | None = None
    email: Finished | None = None
    text_length: Length | None = None  # where a channel has a limit
    subject_length: Length | None = None

    @property
    def has_qr(self) -> bool:
        return bool(self.campaign.attach_qr) and self.campaign.kind == CampaignKind.TICKETS

    @property
    def is_invented(self) -> bool:
        return self.person.contact.pk is None


def preview_of(
    campaign: Campaign, first: list[Person], *, chosen: str = "", search: str = "", known: Collection[str] | None = None
) -> Preview:
    """As the person with the id `chosen`, or the first who is found, or somebody invented while there is nobody.

    `first` are the first few hundred of the audience; `known`, see `Writer.of`.
    """
    search = searched(search)
    found = _once(some_people(campaign, lambda way: whose(search, way), limit=MOST_FOUND)) if search else []
    offered = found or _once(first)[:MOST_PEOPLE]
    # Whoever searches wants to see whom they found, whoever was chosen before.
    person = _among(offered, chosen) or (None if found else _on_record(campaign, chosen))
    if person is None:
        person = offered[0] if offered else somebody(campaign)
    elif person not in offered:
        offered = [person, *offered]
    preview = Preview(campaign, person, offered, search, found_nobody=bool(search) and not found)
    try:
        writer = Writer.of(campaign, known)
    except BadTemplate as error:
        preview.problems = sentences_for(error)
        return preview
    preview.whatsapp = writer.write(on(person, Channel.WHATSAPP))
    preview.email = writer.write(on(person, Channel.EMAIL))
    _measure(preview, writer, first)
    return preview


def whose(typed: str, way: str = "") -> Q:
    """People with this in their name, or whose number or e-mail address begins like this."""
    if (by_phone := phone_query(typed, way)) is not None:
        return by_phone
    return Q(**{f"{way}email__istartswith": typed}) if "@" in typed else Q(**{f"{way}name__icontains": typed})


def placeholders_among(known: Iterable[str]) -> list[str]:
    """What the toolbar offers; some lists have a hundred columns."""
    return offered_names(frozenset(known))[:MOST_NAMES]


def on(person: Person, channel: str) -> Person:
    return Person(person.contact, person.ticket, channel, "", None)


def _once(people: Iterable[Person]) -> list[Person]:
    """Each contact once, with the ticket that came first."""
    found: dict[Any, Person] = {}
    for person in people:
        found.setdefault(person.contact.pk, person)
    return list(found.values())


def _among(people: list[Person], chosen: str) -> Person | None:
    return next((person for person in people if str(person.contact.pk) == chosen), None)


def _on_record(campaign: Campaign, chosen: str) -> Person | None:
    """Somebody of the audience beyond the first few."""
    if not (chosen.isascii() and chosen.isdecimal() and len(chosen) <= LONGEST_ID):
        return None
    return next(iter(some_people(campaign, lambda way: _is(int(chosen), way), limit=1)), None)


def _is(pk: int, way: str) -> Q:
    return Q(**{way.removesuffix("__") or "pk": pk})


def somebody(campaign: Campaign) -> Person:
    """Invented: nobody is chosen yet."""
    ticket = None
    if campaign.kind == CampaignKind.TICKETS:
        ticket = Ticket(event=campaign.event, code=CODE, token=TOKEN)
    return Person(Contact(name=_("Ana Example")), ticket, Channel.WHATSAPP, "", None)


def _measure(preview: Preview, writer: Writer, first: list[Person]) -> None:
    """The number that is shown is the one that is enforced: the finished text of each person, link and all."""
    channels = preview.campaign.channels
    if channels != Channels.EMAIL:
        preview.text_length = _length(writer, Channel.WHATSAPP, preview.person, first)
    if channels != Channels.WHATSAPP:
        preview.subject_length = _length(writer, Channel.EMAIL, preview.person, first)


def _length(writer: Writer, channel: str, shown: Person, first: list[Person]) -> Length:
    """Of the part that the channel limits, for whoever is shown, who may not be among the first."""
    now = writer.measure(on(shown, channel)).length
    reached = [person for person in first if person.channel == channel and person.skip is None]
    lengths = [(writer.measure(person).length, person) for person in reached] + [(now, shown)]
    longest, person = max(lengths, key=lambda pair: pair[0])
    return Length(now, longest, LIMITS[writer.part(channel)], person.contact.name)
