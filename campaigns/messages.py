"""From a frozen delivery to a call: the message that leaves is built from the row and from nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.conf import settings
from django.core.files.storage import default_storage
from django.template.loader import render_to_string

from campaigns import safe_mode
from campaigns.calls import Call, NotRestarted, Probe
from campaigns.claims import Claimed
from campaigns.enums import Channel
from campaigns.mailboxes import MailServers, sender_of
from campaigns.mailer import Letter, MailServer, domain_of
from campaigns.models import Delivery, Lane, Mailbox
from campaigns.number_look import NumberLook
from campaigns.references import reference_of
from campaigns.rendering import footer_in
from campaigns.template_lanes import is_answer
from campaigns.template_texts import use_in, without_real_links_of
from tickets.drawing.card import Card, card_of
from tickets.drawing.picture import ticket_picture
from tickets.masks import masked
from tickets.models import Ticket
from tickets.preferences import unsubscribe_url, without_real_links
from whatsapp import number_checks
from whatsapp.gateways.base import (
    Accepted,
    Document,
    ErrorKind,
    Gateway,
    GatewayError,
    Message,
    NotSent,
    OutcomeUnknown,
    Picture,
    Refused,
    State,
    Status,
)


def call_for(claimed: Claimed, *, gateway: Gateway | None, servers: MailServers, lane: Lane) -> Call:
    """The call of a claimed delivery. Everything that needs the database is read here, in the database's thread."""
    delivery, key, until = claimed.delivery, claimed.attempt.pk, lane.lease_expires_at
    assert until is not None
    if safe_mode.blocks(delivery.channel):
        return Call(key, lambda: None, _send_nothing, until)
    if delivery.channel == Channel.EMAIL:
        return Call(key, partial(_letter, delivery, lane.mailbox), _send_by(servers.of(lane.mailbox)), until)
    assert gateway is not None
    look = _look_at_number(delivery, gateway, lane, now=claimed.attempt.started_at)
    by_template = gateway.capabilities.needs_templates and not _is_answer(delivery)
    build = _templated if by_template else partial(_plain, gateway)
    return Call(key, partial(_whatsapp_message, delivery, build, look), _send_with(gateway), until, look)


def _is_answer(delivery: Delivery) -> bool:
    """To somebody who has just written: Meta takes any text. Asked for only where a template is missing."""
    return not delivery.template and is_answer(delivery.campaign)


def _look_at_number(delivery: Delivery, gateway: Gateway, lane: Lane, *, now: datetime) -> NumberLook | None:
    if not gateway.capabilities.checks_numbers or lane.sender is None or not lane.sender.asks_first:
        return None
    phone = safe_mode.address_for(delivery.channel, delivery.pk) or delivery.address
    return NumberLook(gateway, phone, number_checks.known(phone, gateway, now=now))


def probe_for(lane_id: int, gateway: Gateway, *, restarting: bool = False) -> Probe:
    """A look at the number of a lane that rests; with a restart of its program first, where that is due."""
    return Probe(-lane_id, partial(_status_of, gateway, restarting))


def _status_of(gateway: Gateway, restarting: bool) -> Status:
    if not restarting:
        return gateway.probe()
    try:
        return Status(State.STARTING, gateway.restart())
    except OutcomeUnknown as error:  # some cut every connection when they restart, this one included
        return Status(State.UNREACHABLE, error.detail)
    except GatewayError as error:
        return NotRestarted(State.UNREACHABLE, error.detail)


def _send_with(gateway: Gateway) -> Callable[[object], Accepted]:
    def send(message: object) -> Accepted:
        assert isinstance(message, Message)
        return gateway.send(message)

    return send


def _send_by(server: MailServer) -> Callable[[object], Accepted]:
    def send(letter: object) -> Accepted:
        assert isinstance(letter, Letter)
        return server.send(letter)

    return send


def _send_nothing(message: object) -> Accepted:
    """Such a delivery is not claimed; should it happen, it goes back to the queue."""
    raise NotSent(safe_mode.sentence())


def _whatsapp_message(
    delivery: Delivery, build: Callable[[Delivery, str | None], Message], look: NumberLook | None
) -> Message:
    message = build(delivery, safe_mode.address_for(delivery.channel, delivery.pk))
    return look.apply(message) if look else message


def _plain(gateway: Gateway, delivery: Delivery, test_number: str | None) -> Message:
    text = delivery.text
    if test_number is not None:
        text = safe_mode.marked(without_real_links(text), delivery.address)
    document = document_of(delivery) if gateway.capabilities.sends_documents else None
    picture = None if document else picture_of(delivery)
    reference = _reference(delivery, test_number)
    return Message(test_number or delivery.address, text, picture, document, reference=reference)


def _templated(delivery: Delivery, test_number: str | None) -> Message:
    """Its text is no part of what is sent: words of the person that are taken out of what the gateway says."""
    frozen = delivery.template
    if not frozen:  # such a delivery is not claimed for this number; should it happen, its campaign is paused
        raise Refused("the campaign has no template", kind=ErrorKind.TEMPLATE)
    use = use_in(frozen)
    media = frozen.get("media")
    return Message(
        phone=test_number or delivery.address,
        text="\n".join(part.text for part in (*use.header, *use.body, *use.buttons)),
        picture=picture_of(delivery) if media == "image" else None,
        document=document_of(delivery) if media == "document" else None,
        template=use if test_number is None else without_real_links_of(use),
        reference=_reference(delivery, test_number),
    )


def _reference(delivery: Delivery, test_number: str | None) -> str:
    """None for a test number: its receipts say nothing of the person."""
    return reference_of(delivery) if test_number is None else ""


def document_of(delivery: Delivery) -> Document | None:
    """The ticket as a page to keep and to print, drawn like the picture."""
    if name := delivery.template.get("file"):  # of a test, which is of no ticket
        with default_storage.open(name) as file:
            return Document(file.read())
    if not delivery.attach_pdf or delivery.ticket is None:
        return None
    from tickets.drawing.pdf import ticket_pdf  # noqa: PLC0415  (half a second that most workers need not wait for)

    return Document(ticket_pdf(_card_of(delivery, delivery.ticket)), filename=f"{delivery.ticket.code}.pdf")


def _card_of(delivery: Delivery, ticket: Ticket) -> Card:
    language = _language_of(delivery) or settings.LANGUAGE_CODE
    return card_of(ticket, ticket.event, name=delivery.recipient, language=language)


def picture_of(delivery: Delivery) -> Picture | None:
    """Drawn by the thread that sends it, from what was read with the delivery; it has no database to ask."""
    if delivery.attach_qr and delivery.ticket:
        card = _card_of(delivery, delivery.ticket)
        return Picture(ticket_picture(card), filename=f"{delivery.ticket.code}.png")
    if delivery.image:
        with default_storage.open(delivery.image) as file:
            return Picture(file.read(), mime="image/jpeg", filename="imagen.jpg")
    return None


def _letter(delivery: Delivery, mailbox: Mailbox | None) -> Letter:
    sender = sender_of(mailbox)
    domain = settings.EMAIL_MESSAGE_ID_DOMAIN or domain_of(sender)
    letter = Letter(
        to=delivery.address,
        subject=delivery.subject,
        text=delivery.text,
        html="",
        # The same at every try: a mail server or a person can see that it is the same message.
        message_id=f"<delivery-{delivery.pk}@{domain}>",
        sender=sender,
        reply_to=mailbox.reply_to if mailbox else "",
        picture=picture_of(delivery),
        document=document_of(delivery),
        headers=_unsubscribing(delivery),
    )
    letter = _redirected(letter, safe_mode.address_for(delivery.channel, delivery.pk))
    return replace(letter, html=_page(delivery, letter))


def _unsubscribing(delivery: Delivery) -> tuple[tuple[str, str], ...]:
    """The button of mail programs (RFC 8058): for announcements to people on record. A ticket is no advertisement, and
    a test goes to somebody else than the person."""
    if delivery.ticket_id is not None or delivery.contact_id is None:
        return ()
    address = unsubscribe_url(delivery.contact_id)
    return ("List-Unsubscribe", f"<{address}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def _redirected(letter: Letter, address: str | None) -> Letter:
    """In safe mode: to a test address, and saying so. Nothing in it acts for the person that it was meant for."""
    if address is None:
        return letter
    return replace(
        letter,
        to=address,
        subject=safe_mode.marked_subject(letter.subject),
        text=safe_mode.marked(without_real_links(letter.text), letter.to),
        headers=(("X-Pregonero-Test-For", masked(letter.to).replace("•", "*")),),
    )


def _page(delivery: Delivery, letter: Letter) -> str:
    body, footer = footer_in(letter.text)
    context = {"letter": letter, "body": body, "footer": footer, "language": _language_of(delivery)}
    return render_to_string("campaigns/email.html", context)


def _language_of(delivery: Delivery) -> str:
    return delivery.contact.language if delivery.contact else ""
