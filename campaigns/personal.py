"""From rows to the finished text of one person: fetches what the pure modules need, and nothing else."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from django.conf import settings

from campaigns.audience import Person as Recipient
from campaigns.enums import CampaignKind, Channel, Origin
from campaigns.filling import filled
from campaigns.models import Campaign
from campaigns.own_data import known_attributes, known_ticket_attributes
from campaigns.placeholders import (
    EVENT_NAMES,
    PAGE_NAMES,
    PERSON_NAMES,
    TICKET_NAMES,
    BadTemplate,
    Slot,
    Template,
    known_names,
    parse_template,
)
from campaigns.rendering import LIMITS, Occasion, Pass, Person, closing_of, length_of, values_for, without_marks
from campaigns.template_texts import Filled, TemplateTexts
from tickets.codes import ticket_url
from tickets.models import Event, Ticket
from tickets.preferences import preferences_url


def _words(*groups: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(word for group in groups for name, others in group.items() for word in (name, *others))


OF_EVENT, OF_PERSON, OF_TICKET = _words(EVENT_NAMES), _words(PERSON_NAMES, PAGE_NAMES), _words(TICKET_NAMES)
PREFERENCES = _words(PAGE_NAMES)


def invented_link(contact_id: int | None) -> str:
    """As long as that of the person, and nobody's."""
    return preferences_url(None)


@dataclass(frozen=True)
class Finished:
    """The text of one person, frozen; `too_long` names the part that the channel would refuse, with both numbers."""

    subject: str
    text: str
    fallbacks: frozenset[str]
    too_long: str = ""
    template: Filled | None = None  # for WhatsApp numbers that need one


class Measured(NamedTuple):
    """What counting needs of a message, and no more."""

    length: int  # of the part that its channel limits: of the text on WhatsApp, of the subject of an e-mail
    fallbacks: frozenset[str]
    too_long: str = ""


@dataclass(frozen=True)
class Writer:
    """The parsed texts of one campaign, ready for many people."""

    campaign: Campaign
    whatsapp: Template
    email: Template
    subject: Template
    link_of: Callable[[int | None], str] = invented_link
    template: TemplateTexts | None = None

    @classmethod
    def of(
        cls,
        campaign: Campaign,
        known: Collection[str] | None = None,
        *,
        link_of: Callable[[int | None], str] = invented_link,
    ) -> "Writer":
        """Raises BadTemplate; saving a campaign checks its texts too, but rows may come from anywhere.

        `known`: what `names_for` says, for whoever has asked it already. `link_of`: what the link to the preferences of
        a contact is; without it, for whoever only looks at messages, one that opens nothing.
        """
        if known is not None:
            return cls._parsed(campaign, known, link_of)
        try:
            # To know the names in our people's own data takes reading everybody, and few texts ask for any.
            return cls._parsed(campaign, _own_names_for(campaign), link_of)
        except BadTemplate:
            return cls._parsed(campaign, names_for(campaign), link_of)

    @classmethod
    def _parsed(
        cls, campaign: Campaign, known: Collection[str], link_of: Callable[[int | None], str] = invented_link
    ) -> "Writer":
        return cls(
            campaign,
            parse_template(campaign.body, known),
            parse_template(campaign.email_body or campaign.body, known),
            parse_template(campaign.subject or campaign.name, known),
            link_of,
            TemplateTexts.of(campaign.template, known),
        )

    def write(self, person: Recipient) -> Finished:
        return self._form(person).write(person)

    def measure(self, person: Recipient) -> Measured:
        """Of what `write` would give, in less time."""
        return self._form(person).measure(person)

    def is_same_for_all(self, channel: str) -> bool:
        """No word in the text differs from one person to the next, but for their language."""
        names = (self.email if channel == Channel.EMAIL else self.whatsapp).names - PREFERENCES
        return names <= OF_EVENT if self.campaign.event else not names

    def replacements(self, channel: str) -> dict[str, str]:
        """What is written where a value is missing, by the name of the placeholder."""
        texts, found = [self.email if channel == Channel.EMAIL else self.whatsapp], dict[str, list[str]]()
        if self.template and channel == Channel.WHATSAPP:
            texts += self.template.texts.values()
        for part in (part for text in texts for part in text.parts):
            if isinstance(part, Slot) and part.fallback is not None:
                found.setdefault(part.name, []).append(part.fallback)
        return {name: " / ".join(dict.fromkeys(words)) for name, words in found.items()}

    def part(self, channel: str) -> str:
        """The part of a message whose length the channel limits."""
        if channel == Channel.EMAIL:
            return "subject"
        return "caption" if self.has_picture else "whatsapp"

    @cached_property
    def image(self) -> str:
        """The name of the campaign's picture."""
        return self.campaign.image.name or ""

    @cached_property
    def has_picture(self) -> bool:
        return bool(self.image) or (self.campaign.attach_qr and self.campaign.kind == CampaignKind.TICKETS)

    @cached_property
    def _forms(self) -> dict[tuple[str, str, bool], "_Form"]:
        return {}

    def _form(self, person: Recipient) -> "_Form":
        kind = (person.channel, person.contact.language, person.ticket is not None)
        form = self._forms.get(kind)
        if form is None:
            form = self._forms[kind] = _Form(self, *kind)
        return form


class _Form:
    """The message of one channel in one language, with all that is the same for everybody filled in once."""

    def __init__(self, writer: Writer, channel: str, language: str, with_ticket: bool) -> None:
        self.campaign, self.language, self.link_of = writer.campaign, language, writer.link_of
        self.part, self.is_email = writer.part(channel), channel == Channel.EMAIL
        self.drops_marks = self.is_email and not writer.campaign.email_body
        same = _same_for_all(writer.campaign, language)
        self.body, self.always = filled(writer.email if self.is_email else writer.whatsapp, same)
        self.subject, _unused = filled(writer.subject if self.is_email else Template(()), same)
        self.optional = Template(tuple(p for p in self.body.parts if isinstance(p, Slot) and p.fallback is not None))
        self.template = None if self.is_email or writer.template is None else writer.template.form(same)
        self.needed = self.body.names | self.subject.names | (self.template.needed if self.template else frozenset())
        self.needs_own_data = bool(self.needed - OF_PERSON - (OF_TICKET if with_ticket else frozenset()))
        self.closing = self._closing(with_ticket)
        self.whole = None if self.needed else self._write({}, preferences_url(None))
        self.whole_measured = self._measured(self.whole) if self.whole else None

    def write(self, person: Recipient) -> Finished:
        if self.whole and not self.closing:
            return self.whole
        link = self._link(person)
        return self._write(self._values(person, link) if self.needed else {}, link)

    def measure(self, person: Recipient) -> Measured:
        if self.whole_measured:
            return self.whole_measured
        link = self._link(person)
        values = self._values(person, link)
        if not self.is_email:
            return self._measured(self._write(values, link))
        # The text of an e-mail has no limit: of it only what was missing counts.
        subject = self.subject.render(values).line
        fallbacks = self.optional.render(values).fallbacks_used if self.optional.parts else frozenset()
        return Measured(length_of(subject), self.always | fallbacks, self._too_long(subject))

    def _closing(self, is_ticket: bool) -> str:
        """Whoever writes the link where they want it needs no line of ours, and what the team is told has none.

        Neither has an answer to somebody who wrote: it says itself how to change one's mind."""
        if self.body.names & PREFERENCES or self.campaign.origin in Origin.unlisted:
            return ""
        return closing_of(is_ticket=is_ticket, is_email=self.is_email, language=self.language)

    def _link(self, person: Recipient) -> str:
        return self.link_of(person.contact.pk) if self.closing or self.needed & PREFERENCES else ""

    def _write(self, values: Mapping[str, str], link: str) -> Finished:
        body = self.body.render(values)
        subject = self.subject.render(values).line if self.is_email else ""
        text = _with_link(self.campaign, without_marks(body.text) if self.drops_marks else body.text)
        if self.closing and text.strip():
            text = f"{text.rstrip()}{self.closing}{link}"
        finished = Finished(
            subject, text, self.always | body.fallbacks_used, self._too_long(subject if self.is_email else text)
        )
        return self._with_template(finished, values) if self.template else finished

    def _with_template(self, finished: Finished, values: Mapping[str, str]) -> Finished:
        assert self.template is not None
        template = self.template.write(values)
        return replace(
            finished,
            fallbacks=finished.fallbacks | template.fallbacks,
            too_long=finished.too_long or template.too_long,
            template=template,
        )

    def _measured(self, finished: Finished) -> Measured:
        limited = finished.subject if self.is_email else finished.text
        return Measured(length_of(limited), finished.fallbacks, finished.too_long)

    def _too_long(self, content: str) -> str:
        length, most = length_of(content), LIMITS[self.part]
        return f"{length} > {most}" if length > most else ""

    def _values(self, person: Recipient, link: str) -> dict[str, str]:
        """What the texts ask for and no event knows."""
        contact, ticket = person.contact, person.ticket
        own_data = contact.attributes if self.needs_own_data else {}
        known = Person(contact.name, contact.nickname, own_data, link)
        values = values_for(known, None, pass_of(ticket) if ticket else None, language=self.language)
        return values if self.needs_own_data else {name: values[name] for name in self.needed}


def _same_for_all(campaign: Campaign, language: str) -> dict[str, str]:
    if campaign.event is None:
        return {}
    values = values_for(Person(""), occasion_of(campaign.event), language=language)
    return {word: values[word] for word in OF_EVENT}


def names_for(campaign: Campaign) -> frozenset[str]:
    """What may stand between braces in this campaign; data of contacts and of tickets count when somebody has them."""
    of_tickets = known_ticket_attributes(campaign.event_id) if campaign.kind == CampaignKind.TICKETS else frozenset()
    return _own_names_for(campaign, attributes=known_attributes() | of_tickets)


def _own_names_for(campaign: Campaign, attributes: frozenset[str] = frozenset()) -> frozenset[str]:
    return known_names(
        has_event=campaign.event_id is not None,
        has_ticket=campaign.kind == CampaignKind.TICKETS,
        attributes=attributes,
    )


def occasion_of(event: Event) -> Occasion:
    return Occasion(event.name, event.starts_at, event.timezone, event.venue, event.address)


def pass_of(ticket: Ticket) -> Pass:
    return Pass(ticket.code, ticket_url(settings.PUBLIC_URL, ticket.token), ticket.companions, ticket.attributes)


def _with_link(campaign: Campaign, text: str) -> str:
    """The campaign's link stands alone on its line, so that no sign sticks to it."""
    if not campaign.link:
        return text
    return f"{text.rstrip()}\n\n{campaign.link_text + ': ' if campaign.link_text else ''}{campaign.link}"
