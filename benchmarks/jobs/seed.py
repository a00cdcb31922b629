"""Rows for a measurement, as a launch writes them: fictional people, and deliveries that may leave."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from benchmarks.jobs.tables import analyze
from campaigns.models import Campaign, Delivery
from tickets.models import Contact, Event, Ticket
from whatsapp.models import Sender, SendingSettings

ZERO_PACE = {"base_delay": "0", "step": "0", "maximum_delay": "0"}
CHUNK = 2000


def campaign(*, messages: int, gateway: str = "", lanes: int = 0, kind: str = "announcement", **options: Any) -> int:
    """A launched campaign whose list is complete, its numbers and its pace; returns its id."""
    set_pace(options.pop("pace", ZERO_PACE))
    with transaction.atomic():
        add_numbers(gateway, lanes)
        made = make_campaign(kind, **options)
        add_people(made, messages, first=1)
    analyze()
    return made.pk


def more(*, messages: int, first: int) -> int:
    """One more campaign that is sending, beside what is there; `first` is the number of its first person."""
    with transaction.atomic():
        made = make_campaign("announcement")
        add_people(made, messages, first=first)
    return made.pk


def states() -> dict[str, int]:
    """How all deliveries stand."""
    return dict(Counter(Delivery.objects.values_list("status", flat=True)))


def set_pace(pace: dict[str, Any]) -> None:
    settings = SendingSettings.load()
    for name, value in pace.items():
        setattr(settings, name, value)
    settings.save()


def add_numbers(gateway: str, lanes: int) -> None:
    for number in range(1, lanes + 1):
        Sender.objects.create(name=f"Número {number}", gateway="rest", base_url=f"{gateway}/lane/{number}")


def make_campaign(
    kind: str,
    *,
    channels: str = "whatsapp",
    status: str = "sending",
    name: str = "Medida",
    now: datetime | None = None,
) -> Campaign:
    now = now or timezone.now()
    event = None if kind == "announcement" else make_event(now)
    return Campaign.objects.create(
        kind=kind,
        name=name,
        event=event,
        channels=channels,
        subject="Noticias del festival",
        body="Hola {nombre}, las puertas abren a las siete.",
        attach_qr=kind == "tickets",
        audience={"everybody": True},
        status=status,
        status_changed_at=now,
        launched_at=now,
        prepared_at=now,
        finished_at=now if status == "finished" else None,
    )


def make_event(now: datetime) -> Event:
    starts = now + timedelta(days=30)
    return Event.objects.create(
        name="Festival",
        slug=f"festival-{now.timestamp():.6f}".replace(".", "-"),
        starts_at=starts,
        ends_at=starts + timedelta(hours=3),
        venue="Teatro Prueba",
    )


def add_people(campaign: Campaign, count: int, *, first: int, status: str = "pending", **fields: Any) -> None:
    """Contacts `first` and following with one delivery each; with a ticket, where the campaign sends tickets."""
    numbers = iter(range(first, first + count))
    while chunk := list(islice(numbers, CHUNK)):
        contacts = Contact.objects.bulk_create(contact(number) for number in chunk)
        tickets = _tickets(campaign, contacts) if campaign.kind == "tickets" else [None] * len(chunk)
        Delivery.objects.bulk_create(
            delivery(campaign, person, ticket, number, status=status, **fields)
            for person, ticket, number in zip(contacts, tickets, chunk, strict=True)
        )


def contact(number: int) -> Contact:
    return Contact(name=f"Persona {number}", phone=f"+573{number:09d}", email=f"persona{number}@example.com")


def _tickets(campaign: Campaign, contacts: Iterable[Contact]) -> list[Ticket]:
    return Ticket.objects.bulk_create(
        Ticket(event=campaign.event, holder=holder, code=f"B-{holder.pk:08d}", token=f"medida-{holder.pk:032d}")
        for holder in contacts
    )


def delivery(campaign: Campaign, person: Contact, ticket: Ticket | None, number: int, **fields: Any) -> Delivery:
    is_email = campaign.channels == "email"
    return Delivery(
        campaign=campaign,
        channel="email" if is_email else "whatsapp",
        contact=person,
        ticket=ticket,
        dedupe_key=f"t{ticket.pk}" if ticket else person.phone,
        recipient=person.name,
        address=person.email if is_email else person.phone,
        subject=campaign.subject if is_email else "",
        text=f"Hola {person.name}, las puertas abren a las siete.",
        attach_qr=campaign.attach_qr,
        slot=number,
        **fields,
    )
