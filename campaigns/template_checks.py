"""What keeps a campaign's template from being sent: sentences for the draft, the launch page and the commands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.enums import CampaignKind, Channels, Origin
from campaigns.models import Campaign
from campaigns.template_choice import Choice
from whatsapp.accounts import account_of, gateways_with_templates, senders_of
from whatsapp.gateways.base import Template
from whatsapp.gateways.cloud_templates import Places, is_approved, places_of
from whatsapp.models import MessageTemplate, Sender
from whatsapp.template_words import status_words
from whatsapp.templates import template_of


def no_template_sentence(campaign: Campaign) -> str:
    """There are numbers in use, and none of them may send it."""
    if campaign.template:
        return _("No number in use belongs to the account at Meta whose template was chosen. Choose another template.")
    return _("The WhatsApp numbers in use need a template that Meta has approved, and this campaign has none.")


def in_use() -> QuerySet[Sender]:
    """Numbers that only send templates."""
    return Sender.objects.filter(is_enabled=True, gateway__in=gateways_with_templates()).order_by("name")


def template_problem(campaign: Campaign, senders: Iterable[Sender | None]) -> str:
    """Why Meta would refuse it now, if one of these numbers had to send it; the first of what is found, or ""."""
    choice = Choice.of(campaign.template) if campaign.channels != Channels.EMAIL else None
    if choice is None or not any(sender and choice.is_for(sender) for sender in senders):
        return ""
    if problem := why_not_now(choice, listed_now(choice)):
        return problem
    if any(not choice.values.get(place.key, "").strip() for place in choice.places.all):
        sentence = _("Something is missing in the template “%(name)s”. Open the draft and fill it in.")
        return sentence % {"name": choice.template.name}
    carries = Carried(bool(campaign.image), bool(campaign.attach_qr), bool(campaign.attach_pdf))
    return missing_media(choice.places, carries, is_tickets=campaign.kind == CampaignKind.TICKETS)


def why_not_now(choice: Choice, listed: Template | None) -> str:
    """What Meta has against it, or ""."""
    words = {"name": choice.template.name}
    if listed is None:
        return _("Meta has no template “%(name)s” any more. Choose another one.") % words
    if not is_approved(listed.status):
        words["status"] = status_words(listed.status)
        return _("Meta does not let the template “%(name)s” leave: %(status)s. Choose another one.") % words
    if problem := places_of(listed).problem:
        return _(problem)
    if _said(places_of(listed)) != _said(choice.places):
        sentence = _("The template “%(name)s” was changed at Meta. Open the draft, look at it, and save it again.")
        return sentence % words
    return ""


def listed_now(choice: Choice) -> Template | None:
    """As Meta listed it last, for any number of its account."""
    senders = senders_of(choice.account)
    rows = MessageTemplate.objects.filter(
        sender__in=senders, name=choice.template.name, language=choice.template.language
    )
    row = rows.order_by("-fetched_at", "pk").first()
    return template_of(row) if row else None


def _said(places: Places) -> tuple[Any, ...]:
    """What matters to whoever filled it in: examples change with every reading, and nobody is shown them."""
    buttons = tuple((button.text, button.url) for button in places.buttons)
    texts = (places.header_text, places.body_text, places.footer_text)
    return places.header_format, texts, buttons, places.is_named


@dataclass(frozen=True)
class Carried:
    """What a campaign's messages carry beside their text."""

    picture: bool
    qr: bool
    page: bool


def missing_media(places: Places, carries: Carried, *, is_tickets: bool) -> str:
    """What the template begins with, and the messages do not carry; or ""."""
    if places.needs_picture and not carries.picture and not (is_tickets and carries.qr):
        if is_tickets:
            return _("This template begins with a picture. Attach the QR code, or choose a picture.")
        return _("This template begins with a picture. Choose the picture of the message.")
    if places.needs_document and not (is_tickets and carries.page):
        if is_tickets:
            return _("This template begins with a document. Attach the ticket as PDF.")
        return _("This template begins with a document, and this message has none. Choose another template.")
    return ""


def offered(campaign: Campaign, senders: Iterable[Sender]) -> dict[str, Choice]:
    """The templates that can be chosen for it, without values, by their key: approved, and such as can be filled in."""
    is_tickets, is_greeting = campaign.kind == CampaignKind.TICKETS, campaign.origin == Origin.BIRTHDAY
    numbers = {sender.pk: sender for sender in senders}
    rows = MessageTemplate.objects.filter(sender__in=list(numbers), status__iexact="APPROVED")
    found: dict[str, Choice] = {}
    for row in rows.order_by("language", "name", "-fetched_at"):
        choice = Choice(account_of(numbers[row.sender_id]), template_of(row))
        places = choice.places
        has_no_header = (places.needs_document and not is_tickets) or (places.needs_picture and is_greeting)
        if places.problem or has_no_header:
            continue
        found.setdefault(choice.key, choice)
    return found
