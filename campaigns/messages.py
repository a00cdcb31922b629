"""From a frozen delivery to a call: the message that leaves is built from the row and from nothing else."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.core.files.storage import default_storage
from django.template.loader import render_to_string

from campaigns.calls import Call, Probe
from campaigns.claims import Claimed
from campaigns.enums import Channel
from campaigns.mailer import Letter, MailServer, domain_of
from campaigns.models import Delivery
from tickets.qr import ticket_qr
from whatsapp.gateways.base import Accepted, Gateway, Message, Picture, Status


def call_for(claimed: Claimed, *, gateway: Gateway | None, mailbox: MailServer) -> Call:
    """The call of a claimed delivery. Everything that needs the database is read here, in the database's thread."""
    delivery = claimed.delivery
    if delivery.channel == Channel.WHATSAPP:
        assert gateway is not None
        return Call(claimed.attempt.pk, partial(_whatsapp_message, delivery), _send_with(gateway))
    return Call(claimed.attempt.pk, partial(_letter, delivery), _send_by(mailbox))


def probe_for(lane_id: int, gateway: Gateway) -> Probe:
    return Probe(-lane_id, lambda: _status_of(gateway))


def _status_of(gateway: Gateway) -> Status:
    return gateway.status()


def _send_with(gateway: Gateway) -> Callable[[object], Accepted]:
    def send(message: object) -> Accepted:
        assert isinstance(message, Message)
        return gateway.send(message)

    return send


def _send_by(mailbox: MailServer) -> Callable[[object], Accepted]:
    def send(letter: object) -> Accepted:
        assert isinstance(letter, Letter)
        return mailbox.send(letter)

    return send


def _whatsapp_message(delivery: Delivery) -> Message:
    return Message(phone=delivery.address, text=delivery.text, picture=picture_of(delivery))


def picture_of(delivery: Delivery) -> Picture | None:
    if delivery.attach_qr and delivery.ticket:
        return Picture(ticket_qr(delivery.ticket), filename=f"{delivery.ticket.code}.png")
    if delivery.image:
        with default_storage.open(delivery.image) as file:
            return Picture(file.read(), mime="image/jpeg", filename="imagen.jpg")
    return None


def _letter(delivery: Delivery) -> Letter:
    sender = settings.DEFAULT_FROM_EMAIL
    domain = settings.EMAIL_MESSAGE_ID_DOMAIN or domain_of(sender)
    return Letter(
        to=delivery.address,
        subject=delivery.subject,
        text=delivery.text,
        html=render_to_string("campaigns/email.html", {"delivery": delivery}),
        # The same at every try: a mail server or a person can see that it is the same message.
        message_id=f"<delivery-{delivery.pk}@{domain}>",
        sender=sender,
        picture=picture_of(delivery),
    )
