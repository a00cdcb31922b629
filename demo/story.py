"""What the demo does, with the product's own functions: an event, a list, tickets, a campaign."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.timezone import localtime

from campaigns.drafts import draft_tickets
from campaigns.enums import Channels
from campaigns.models import Campaign
from demo.options import Options
from scripts.supervision import ROOT
from tickets.models import Event
from whatsapp.models import Sender, SendingSettings

LIST = ROOT / "demo" / "contactos.csv"
ZONE = "America/Bogota"
LOGIN = "demo"
HUNDREDTH = Decimal("0.01")


def make_login() -> str:
    """The password. There is no such account outside a demo, whatever calls this."""
    if not settings.DEMO:
        raise RuntimeError("only a demo has a demo login")
    password = get_random_string(8, "abcdefghjkmnpqrstuvwxyz23456789")
    User.objects.create_superuser(LOGIN, password=password)
    return password


# Seconds instead of five minutes that a number rests after failures: a collapse on purpose should not take an hour.
REHEARSAL_REST = 20


def set_pace(options: Options) -> None:
    limits = SendingSettings.load()
    if options.is_fast:
        for name in ("base_delay", "step", "maximum_delay"):
            setattr(limits, name, getattr(limits, name) * HUNDREDTH)
    if options.delay is not None:
        limits.base_delay = limits.maximum_delay = options.delay
        limits.breaker_cooldown_seconds = REHEARSAL_REST
        limits.step = Decimal(0)
    limits.full_clean()
    limits.save()


def make_sender(options: Options) -> Sender:
    sender = Sender(name="Taquilla", phone="+573000000000", base_url=f"http://127.0.0.1:{options.gateway_port}")
    sender.full_clean()
    sender.save()
    return sender


def senders() -> list[Sender]:
    return list(Sender.objects.all())


def make_event() -> Event:
    event = Event(
        name="Encuentro de la Comunidad",
        slug="encuentro",
        venue="Centro de Eventos La Prueba",
        address="Calle 1 # 2-03, Bogotá",
        starts_at=_in_three_weeks(timezone.now()),
        ends_at=_in_three_weeks(timezone.now()) + timedelta(hours=4),
        timezone=ZONE,
        capacity=150,
    )
    event.full_clean()
    event.save()
    return event


def _in_three_weeks(now: datetime) -> datetime:
    day = localtime(now, Event(timezone=ZONE).timezone) + timedelta(weeks=3)
    return day.replace(hour=18, minute=0, second=0, microsecond=0)


def import_people(event: Event) -> None:
    """Says what it found in the list, row by row, and issues the tickets."""
    call_command("import_contacts", str(LIST), country="CO", tag="Encuentro", event=event.slug)


def draft(event: Event) -> Campaign:
    return draft_tickets(event, channels=Channels.BOTH, user=User.objects.get(username=LOGIN))
