"""The numbers of the home page: what there is, and what comes next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tickets.admin.showing import local_time
from tickets.enums import TicketStatus
from tickets.models import Contact, Event, Ticket
from whatsapp.enums import SenderState
from whatsapp.models import Sender

NEXT_EVENTS = 5


@dataclass(frozen=True)
class Figure:
    """A number with its name, that leads to the list behind it."""

    label: str | Promise
    icon: str
    number: int
    note: str
    url: str


@dataclass(frozen=True)
class NextEvent:
    pk: int
    name: str
    venue: str
    when: str  # in the event's own zone
    tickets: int


def home(request: HttpRequest, now: datetime) -> dict[str, Any]:
    return {"figures": figures(request, now), "next_events": next_events(request, now), "home_top": campaigns_part()}


def figures(request: HttpRequest, now: datetime) -> list[Figure]:
    makers: list[tuple[str, Callable[[datetime], Figure]]] = [
        ("tickets.view_event", _events),
        ("tickets.view_ticket", _tickets),
        ("tickets.view_contact", _contacts),
        ("whatsapp.view_sender", _numbers),
    ]
    return [make(now) for permission, make in makers if request.user.has_perm(permission)]


def next_events(request: HttpRequest, now: datetime) -> list[NextEvent] | None:
    """None for whoever may not see events."""
    if not request.user.has_perm("tickets.view_event"):
        return None
    valid = Count("tickets", filter=Q(tickets__status=TicketStatus.VALID))
    coming = Event.objects.filter(is_active=True, ends_at__gte=now).order_by("starts_at", "pk")
    return [
        NextEvent(event.pk, event.name, event.venue, local_time(event.starts_at, event.timezone), event.valid_tickets)
        for event in coming.annotate(valid_tickets=valid)[:NEXT_EVENTS]
    ]


def campaigns_part() -> Any:
    """What is being sent, where the campaigns bring a part of their own for this page."""
    try:
        return get_template("campaigns/_home.html")
    except TemplateDoesNotExist:
        return None


def _events(now: datetime) -> Figure:
    coming = Event.objects.filter(is_active=True, ends_at__gte=now).count()
    total = Event.objects.count()
    note = ngettext("to come, of %(total)d event", "to come, of %(total)d events", total) % {"total": total}
    return Figure(_("Events"), "calendar", coming, note, reverse("admin:tickets_event_changelist"))


def _tickets(now: datetime) -> Figure:
    valid = Ticket.objects.filter(status=TicketStatus.VALID)
    coming = valid.filter(event__ends_at__gte=now).count()
    url = reverse("admin:tickets_ticket_changelist")
    return Figure(_("Tickets"), "ticket", coming, str(_("valid for events to come")), url)


def _contacts(now: datetime) -> Figure:
    total = Contact.objects.count()
    silent = Contact.objects.filter(whatsapp_opt_out_at__isnull=False).count()
    note = ngettext("%(n)d wants no WhatsApp", "%(n)d want no WhatsApp", silent) % {"n": silent}
    return Figure(_("Contacts"), "users", total, note, reverse("admin:tickets_contact_changelist"))


def _numbers(now: datetime) -> Figure:
    used = Sender.objects.filter(is_enabled=True)
    total, ready = used.count(), used.filter(state=SenderState.READY).count()
    note = ngettext("ready, of %(total)d number in use", "ready, of %(total)d numbers in use", total) % {"total": total}
    return Figure(_("Numbers"), "phone", ready, note, reverse("admin:whatsapp_sender_changelist"))
