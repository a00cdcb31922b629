"""From rows to the finished text of one person: fetches what the pure modules need, and nothing else."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from campaigns.audience import Person as Recipient
from campaigns.enums import CampaignKind, Channel
from campaigns.models import Campaign
from campaigns.placeholders import Template, known_names, parse_template
from campaigns.rendering import LIMITS, Occasion, Pass, Person, length_of, values_for, without_marks
from tickets.codes import ticket_url
from tickets.models import Contact, Event, Ticket


@dataclass(frozen=True)
class Finished:
    """The text of one person, frozen; `too_long` names the part that the channel would refuse, with both numbers."""

    subject: str
    text: str
    fallbacks: frozenset[str]
    too_long: str = ""


@dataclass(frozen=True)
class Writer:
    """The parsed texts of one campaign, ready for many people."""

    campaign: Campaign
    whatsapp: Template
    email: Template
    subject: Template

    @classmethod
    def of(cls, campaign: Campaign) -> "Writer":
        """Raises BadTemplate; saving a campaign checks its texts too, but rows may come from anywhere."""
        known = names_for(campaign)
        return cls(
            campaign,
            parse_template(campaign.body, known),
            parse_template(campaign.email_body or campaign.body, known),
            parse_template(campaign.subject or campaign.name, known),
        )

    def write(self, person: Recipient) -> Finished:
        values = values_of(self.campaign, person.contact, person.ticket)
        is_email = person.channel == Channel.EMAIL
        body = (self.email if is_email else self.whatsapp).render(values)
        subject = self.subject.render(values).line if is_email else ""
        written = without_marks(body.text) if is_email and not self.campaign.email_body else body.text
        text = _with_link(self.campaign, written)
        return Finished(subject, text, body.fallbacks_used, self._too_long(text, subject, is_email=is_email))

    def _too_long(self, text: str, subject: str, *, is_email: bool) -> str:
        parts = [("subject", subject)] if is_email else [("caption" if self.has_picture else "whatsapp", text)]
        for part, content in parts:
            if length_of(content) > LIMITS[part]:
                return f"{length_of(content)} > {LIMITS[part]}"
        return ""

    @cached_property
    def image(self) -> str:
        """The name of the campaign's picture."""
        return self.campaign.image.name or ""

    @cached_property
    def has_picture(self) -> bool:
        return bool(self.image) or (self.campaign.attach_qr and self.campaign.kind == CampaignKind.TICKETS)


def names_for(campaign: Campaign) -> frozenset[str]:
    """What may stand between braces in this campaign; attributes of contacts count when somebody has them."""
    return known_names(
        has_event=campaign.event_id is not None,
        has_ticket=campaign.kind == CampaignKind.TICKETS,
        attributes=known_attributes(),
    )


def known_attributes() -> frozenset[str]:
    names: set[str] = set()
    for attributes in Contact.objects.exclude(attributes={}).values_list("attributes", flat=True).iterator():
        names.update(attributes)
    return frozenset(names)


def values_of(campaign: Campaign, contact: Contact, ticket: Ticket | None) -> dict[str, str]:
    return values_for(
        Person(contact.name, contact.nickname, contact.attributes),
        occasion_of(campaign.event) if campaign.event else None,
        pass_of(ticket) if ticket else None,
        language=contact.language,
    )


def occasion_of(event: Event) -> Occasion:
    return Occasion(event.name, event.starts_at, event.timezone, event.venue, event.address)


def pass_of(ticket: Ticket) -> Pass:
    return Pass(ticket.code, ticket_url(settings.PUBLIC_URL, ticket.token), ticket.companions)


def _with_link(campaign: Campaign, text: str) -> str:
    """The campaign's link stands alone on its line, so that no sign sticks to it."""
    if not campaign.link:
        return text
    return f"{text.rstrip()}\n\n{campaign.link_text + ': ' if campaign.link_text else ''}{campaign.link}"
