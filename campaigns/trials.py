"""Tests of a message: to one address that somebody of the staff typed, on the same way and at the same pace as all.

A test is a campaign of its own with one delivery, so that it is in no number of the campaign that it tests. Nothing in
it opens a door: the code, the link and the QR of a ticket are invented.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns import lifecycle, safe_mode
from campaigns.audience import Person
from campaigns.enums import CampaignKind, Channel
from campaigns.models import Campaign, Delivery
from campaigns.models.campaign import PRIORITY_SINGLE
from campaigns.personal import Writer
from campaigns.placeholders import BadTemplate
from campaigns.rendering import LIMITS, length_of
from campaigns.scene import Scene
from campaigns.template_checks import no_template_sentence
from campaigns.template_choice import Choice
from campaigns.template_lanes import may_take
from campaigns.windows import window_of
from tickets.countries import default_country
from tickets.drawing.card import Card, card_of
from tickets.drawing.picture import ticket_picture
from tickets.images import reencode
from tickets.models import Event, Ticket
from tickets.phone_messages import bad_phone_sentence
from tickets.phones import BadPhone, normalize_phone
from whatsapp.models import SendingSettings
from whatsapp.pacing import closed_until

CODE, TOKEN = "PRUEBA-0000", "prueba"  # of no ticket that was ever issued
TICKETS = "campaigns/test-tickets"
LONGEST_WAIT = timedelta(days=1)  # a test that could not leave until then helps nobody
SHOWN = 3


@dataclass(frozen=True)
class Address:
    channel: str
    address: str


@dataclass(frozen=True)
class Trial:
    """A test that was sent, for the page of the draft."""

    campaign: Campaign
    delivery: Delivery | None  # None while its list is being written


class SentAlready(Exception):
    """The button was pressed twice, or the page was sent again."""


def address_of(typed: str) -> Address:
    """Raises ValidationError with a sentence."""
    if "@" in typed:
        email = typed.strip().lower()
        validate_email(email)
        return Address(Channel.EMAIL, email)
    if not typed.strip():
        raise ValidationError(_("Write the number or the e-mail address that gets the test."), code="required")
    try:
        return Address(Channel.WHATSAPP, normalize_phone(typed, default_country()).e164)
    except BadPhone as error:
        raise ValidationError(bad_phone_sentence(error), code=error.code) from error


def why_not(campaign: Campaign, channel: str, scene: Scene) -> str:
    """Why a test cannot leave at all, or ""."""
    if safe_mode.blocks(channel):
        return safe_mode.sentence()
    if channel != Channel.WHATSAPP:
        return ""
    numbers = [lane.sender for lane in scene.usable(Channel.WHATSAPP)]
    if not numbers:
        return _("There is no WhatsApp number in use. Add one or switch one on, or send it by e-mail.")
    return "" if any(may_take(number, campaign) for number in numbers) else no_template_sentence(campaign)


def send_trial(campaign: Campaign, to: Address, person: Person, *, user: Any, key: str, now: datetime) -> Campaign:
    """One message, as `person` would get it, in front of everything else. Raises SentAlready for the same `key`."""
    trial = Campaign(
        kind=campaign.kind,
        name=(_("Test: %(name)s") % {"name": campaign.name})[:150],
        event=campaign.event,
        channels=to.channel,
        priority=PRIORITY_SINGLE,
        audience={"trial": _frozen(to, person)},
        zone=campaign.zone,
        window_from=campaign.window_from,
        window_to=campaign.window_to,
        not_after=now + LONGEST_WAIT,
        created_by=user,
        trial_of=campaign,
        form_key=key,
        template=_template(campaign, person) if to.channel == Channel.WHATSAPP else {},
        **_marked_message(campaign, to, person),
    )
    try:
        with transaction.atomic():
            trial.save(force_insert=True)
            lifecycle.launch(trial, user=user, now=now)
    except IntegrityError as error:
        raise SentAlready from error
    return trial


def latest_trials(campaign: Campaign) -> list[Trial]:
    """The newest first, each with what became of it."""
    newest = list(campaign.trials.order_by("-pk").only("trial_of", "status", "audience", "created_at", "zone")[:SHOWN])
    rows = Delivery.objects.filter(campaign__in=[trial.pk for trial in newest]) if newest else ()
    by_campaign = {delivery.campaign_id: delivery for delivery in rows}
    return [Trial(trial, by_campaign.get(trial.pk)) for trial in newest]


def opens_at(trial: Campaign, *, now: datetime) -> datetime | None:
    """When it can leave at the earliest, where the hours are closed now."""
    return closed_until(window_of(trial, trial.channels, SendingSettings.load()), now)


def _frozen(to: Address, person: Person) -> dict[str, Any]:
    contact = person.contact
    return {
        "address": to.address,
        "name": contact.name,
        "nickname": contact.nickname,
        "language": contact.language,
        "attributes": _own_data(person),
        "code": CODE,
        "token": TOKEN,
    }


def _own_data(person: Person) -> dict[str, Any]:
    """Of the ticket first: what it says is said instead of what the person's data say."""
    of_ticket = {name: value for name, value in person.ticket.attributes.items() if value} if person.ticket else {}
    return of_ticket | {name: value for name, value in person.contact.attributes.items() if name not in of_ticket}


def _marked_message(campaign: Campaign, to: Address, person: Person) -> dict[str, Any]:
    """Where the mark does not fit it is left out: what is tested is whether the message itself arrives."""
    mark, subject = safe_mode.mark(), campaign.subject or campaign.name
    marked = safe_mode.marked_subject(subject)
    fits = len(mark) < _room(campaign, to, person)
    is_email = to.channel == Channel.EMAIL
    return {
        # Never cut: that might go through the middle of a placeholder.
        "subject": marked if len(marked) <= LIMITS["subject"] and (fits or not is_email) else subject,
        "body": f"{mark}\n{campaign.body}" if fits or is_email else campaign.body,
        "email_body": f"{mark}\n{campaign.email_body}" if campaign.email_body else "",
        "link": campaign.link,
        "link_text": campaign.link_text,
        "image": _invented_ticket(campaign, person) if _carries_qr(campaign) else campaign.image.name,
        "attach_qr": False,
    }


def _room(campaign: Campaign, to: Address, person: Person) -> int:
    """How many more characters the channel takes in the part that it limits; below 0 when it is too long."""
    try:
        writer = Writer.of(campaign)
    except BadTemplate:  # the page of the test says so
        return 0
    finished = writer.write(replace(person, channel=to.channel))
    limited = finished.subject if to.channel == Channel.EMAIL else finished.text
    return LIMITS[writer.part(to.channel)] - length_of(limited)


def _carries_qr(campaign: Campaign) -> bool:
    return campaign.kind == CampaignKind.TICKETS and campaign.attach_qr


def _template(campaign: Campaign, person: Person) -> dict[str, Any]:
    """The same: nothing may be added to what Meta approved, so a test of it bears no mark."""
    choice = Choice.of(campaign.template)
    if choice is None or not choice.places.needs_document:
        return campaign.template
    return replace(choice, file=_invented_page(campaign, person)).stored()


def _invented_ticket(campaign: Campaign, person: Person) -> str:
    """A picture of the same kind and weight, which no door takes, and nobody's: it outlives the test. Drawn once."""
    if campaign.event is None:
        return str(campaign.image.name)
    card = _invented_card(campaign.event, person)
    name = _name_of(card, "jpg")
    if default_storage.exists(name):
        return name
    return str(default_storage.save(name, reencode(ContentFile(ticket_picture(card)))))


def _invented_page(campaign: Campaign, person: Person) -> str:
    """The same as a page to print; empty where there is no event and so no ticket."""
    if campaign.event is None:
        return ""
    from tickets.drawing.pdf import ticket_pdf  # noqa: PLC0415  (half a second that hardly anybody needs to wait for)

    card = _invented_card(campaign.event, person)
    name = _name_of(card, "pdf")
    if default_storage.exists(name):
        return name
    return str(default_storage.save(name, ContentFile(ticket_pdf(card))))


def _invented_card(event: Event, person: Person) -> Card:
    like = person.ticket or Ticket(event=event)
    ticket = Ticket(event=event, code=CODE, token=TOKEN, type=like.type, companions=like.companions)
    return card_of(ticket, event, name=_("Test ticket"), language=person.contact.language or settings.LANGUAGE_CODE)


def _name_of(card: Card, kind: str) -> str:
    return f"{TICKETS}/{hashlib.sha256(repr(card).encode()).hexdigest()[:20]}.{kind}"
