"""Builders of rows for tests: plain functions, fictional people."""

import itertools
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User

from campaigns.models import Campaign, Delivery, DeliveryAttempt, Lane, Reply
from tests.moments import NOW
from tickets.models import Contact, Event, Tag, Ticket
from whatsapp.models import MessageTemplate, Sender, SendingSettings

_numbers = itertools.count(1)


def count_anew() -> None:
    """Every test begins with the same numbers, whatever ran before it in this process."""
    global _numbers
    _numbers = itertools.count(1)


def _phone(number: int) -> str:
    """Of a range that no test types, and never one that the simulator takes for unregistered."""
    return f"+57350{number:06d}1"


def make_event(**fields: Any) -> Event:
    number = next(_numbers)
    starts = fields.pop("starts_at", NOW + timedelta(days=30))
    values = {
        "name": f"Concierto {number}",
        "slug": f"concierto-{number}",
        "venue": "Teatro Prueba",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=3),
        "timezone": "America/Bogota",
    }
    return Event.objects.create(**values | fields)


def make_tag(name: str = "") -> Tag:
    return Tag.objects.create(name=name or f"Grupo {next(_numbers)}")


def make_contact(*, tags: tuple[Tag, ...] = (), **fields: Any) -> Contact:
    number = next(_numbers)
    values = {
        "name": f"Persona {number}",
        "phone": _phone(number),
        "email": f"persona{number}@example.com",
    }
    contact = Contact.objects.create(**values | fields)
    contact.tags.set(tags)
    return contact


def make_ticket(**fields: Any) -> Ticket:
    number = next(_numbers)
    event = fields.pop("event", None) or make_event()
    holder = fields.pop("holder", None) or make_contact()
    values = {"code": f"PRUEBA-{number:06d}", "token": f"token-de-prueba-{number:032d}"}
    return Ticket.objects.create(event=event, holder=holder, **values | fields)


def make_sender(**fields: Any) -> Sender:
    values = {"name": f"Número {next(_numbers)}", "gateway": "rest", "base_url": "http://localhost:3010"}
    return Sender.objects.create(**values | fields)


def make_cloud_sender(**fields: Any) -> Sender:
    """A number at Meta, whose messages are made of approved templates. All are of one account unless it is said."""
    number = next(_numbers)
    options = {"account": fields.pop("account", "111000222"), "portfolio": fields.pop("portfolio", "")}
    values = {"name": f"Oficial {number}", "session_name": f"22200{number:04d}", "base_url": "https://graph.test"}
    return make_sender(**values | {"gateway": "cloud", "api_key": "EAAtoken", "options": options} | fields)


def make_template(sender: Sender, name: str = "entrada", **fields: Any) -> MessageTemplate:
    """`parts` as Meta describes them; else one text with one place."""
    body = {"type": "BODY", "text": "Hola {{1}}, te esperamos.", "example": {"body_text": [["Ana"]]}}
    values = {"language": "es_CO", "category": "UTILITY", "status": "APPROVED", "parts": [body], "fetched_at": NOW}
    return MessageTemplate.objects.create(sender=sender, name=name, **values | fields)


def make_settings(**fields: Any) -> SendingSettings:
    settings = SendingSettings.load()
    for name, value in fields.items():
        setattr(settings, name, value)
    settings.save()
    return settings


def make_user(username: str = "", **fields: Any) -> User:
    values = {"is_staff": True, "is_superuser": True, "password": "x"}
    return User.objects.create(username=username or f"persona{next(_numbers)}", **values | fields)


def make_campaign(**fields: Any) -> Campaign:
    values: dict[str, Any] = {"name": f"Campaña {next(_numbers)}", "body": "Hola {nombre}"}
    if fields.get("status", "draft") != "draft":
        values |= {"launched_at": NOW, "prepared_at": NOW}
    return Campaign.objects.create(**values | fields)


def make_lane(**fields: Any) -> Lane:
    values: dict[str, Any] = {"channel": "whatsapp"}
    if fields.get("channel", "whatsapp") == "whatsapp" and "sender" not in fields:
        values["sender"] = make_sender()
    values |= fields
    if values["channel"] == "whatsapp":  # a number's lane comes with the number
        lane, _ = Lane.objects.update_or_create(sender=values.pop("sender"), defaults=values)
        return lane
    return Lane.objects.create(**values)


def make_delivery(**fields: Any) -> Delivery:
    number = next(_numbers)
    campaign = fields.pop("campaign", None) or make_campaign(status="sending")
    values = {
        "channel": "whatsapp",
        "dedupe_key": f"clave-{number}",
        "recipient": f"Persona {number}",
        "address": _phone(number),
        "text": f"Hola Persona {number}",
        "status": "pending",
        "slot": number,
    }
    return Delivery.objects.create(campaign=campaign, **values | fields)


def make_reply(**fields: Any) -> Reply:
    """Of somebody whom nobody knows, who wants no more announcements."""
    number = next(_numbers)
    sender = fields.pop("sender", None) or make_sender()
    values = {
        "message_id": f"RESPUESTA{number}",
        "chat_id": f"{_phone(number)[1:]}@c.us",
        "phone": _phone(number),
        "text": "BAJA",
        "received_at": NOW,
        "meaning": "stop",
    }
    return Reply.objects.create(sender=sender, **values | fields)


def make_call(lane: Lane, milliseconds: int, **fields: Any) -> DeliveryAttempt:
    """A call of that lane which was accepted after so many milliseconds, for a delivery of a finished campaign."""
    values = {"status": "sent", "sent_at": NOW, "channel": lane.channel, "sender": lane.sender}
    campaign = make_campaign(status="finished", finished_at=NOW)
    delivery = make_delivery(campaign=campaign, attempts_made=1, **values | fields)
    ended = {"started_at": NOW, "finished_at": NOW, "outcome": "accepted", "latency_ms": milliseconds}
    return delivery.attempts.create(number=1, lane=lane, sender=lane.sender, fence=1, **ended)
