"""The numbers of the home page: what there is, and what comes next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from campaigns.scene import Scene, scene_of
from campaigns.views.home_counts import Counted, count
from campaigns.views.home_days import last_days
from config.first_steps import first_steps
from tickets.admin.showing import local_time
from tickets.enums import TicketStatus
from tickets.models import Event, Ticket
from whatsapp.enums import SenderState

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
    shown = figures(request)  # counts what the first steps ask for
    scene, coming = scene_of(request), next_events(request, now)
    only = coming[0].pk if coming and len(coming) == 1 else None
    return {
        "figures": shown,
        "first_steps": first_steps(request, scene, scene.counts, event=only),
        "next_events": coming,
        "last_days": last_days(now) if request.user.has_perm("campaigns.view_campaign") else None,
    }


def figures(request: HttpRequest) -> list[Figure]:
    """Whoever may see nothing of it costs nothing."""
    makers: list[tuple[str, Callable[[dict[str, int]], Figure]]] = [
        ("tickets.view_event", _events),
        ("tickets.view_ticket", _tickets),
        ("tickets.view_contact", _contacts),
    ]
    allowed = [make for permission, make in makers if request.user.has_perm(permission)]
    counts = count(list(Counted), scene_of(request)) if allowed else {}
    found = [make(counts) for make in allowed]
    return [*found, _numbers(scene_of(request))] if request.user.has_perm("whatsapp.view_sender") else found


def next_events(request: HttpRequest, now: datetime) -> list[NextEvent] | None:
    """None for whoever may not see events."""
    if not request.user.has_perm("tickets.view_event"):
        return None
    # Counted for the five that are shown alone, each from an index.
    held = Ticket.objects.filter(event=OuterRef("pk"), status=TicketStatus.VALID).order_by().values("event")
    valid = Coalesce(Subquery(held.annotate(number=Count("pk")).values("number")), 0)
    coming = Event.objects.filter(is_active=True, ends_at__gte=now).order_by("starts_at", "pk")
    return [
        NextEvent(event.pk, event.name, event.venue, local_time(event.starts_at, event.timezone), event.valid_tickets)
        for event in coming.annotate(valid_tickets=valid)[:NEXT_EVENTS]
    ]


def _events(counts: dict[str, int]) -> Figure:
    total = counts[Counted.EVENTS]
    note = ngettext("to come, of %(total)d event", "to come, of %(total)d events", total) % {"total": total}
    url = reverse("admin:tickets_event_changelist")
    return Figure(_("Events"), "calendar", counts[Counted.EVENTS_TO_COME], note, url)


def _tickets(counts: dict[str, int]) -> Figure:
    url = reverse("admin:tickets_ticket_changelist")
    return Figure(_("Tickets"), "ticket", counts[Counted.TICKETS_TO_COME], str(_("valid for events to come")), url)


def _contacts(counts: dict[str, int]) -> Figure:
    silent = counts[Counted.SILENT]
    note = ngettext("%(n)d wants no WhatsApp", "%(n)d want no WhatsApp", silent) % {"n": silent}
    url = reverse("admin:tickets_contact_changelist")
    return Figure(_("Contacts"), "users", counts[Counted.CONTACTS], note, url)


def _numbers(scene: Scene) -> Figure:
    used = [lane.sender for lane in scene.lanes if lane.sender is not None and lane.sender.is_enabled]
    total, ready = len(used), sum(sender.state == SenderState.READY for sender in used)
    note = ngettext("ready, of %(total)d number in use", "ready, of %(total)d numbers in use", total) % {"total": total}
    return Figure(_("Numbers"), "phone", ready, note, reverse("admin:whatsapp_sender_changelist"))
