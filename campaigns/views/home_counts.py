"""The numbers of the home page, all of them in one statement."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import CharField, Count, QuerySet, Value

from campaigns.enums import DeliveryStatus
from campaigns.models import Delivery
from campaigns.reminders import coming_soon
from campaigns.replies.settling import to_settle
from campaigns.replies.untold import last_untold
from campaigns.scene import Scene
from tickets.enums import ImportState, TicketStatus
from tickets.models import Contact, Event, Import, Ticket

RECENT_LISTS = timedelta(days=3)  # afterwards nobody mends them any more


class Counted(StrEnum):
    EVENTS = "events"
    EVENTS_TO_COME = "events to come"
    TICKETS_TO_COME = "tickets to come"
    CONTACTS = "contacts"
    SILENT = "no WhatsApp"
    UNCERTAIN = "uncertain"
    LISTS = "lists with errors"
    SOON = "events within a day"
    REPLIES = "replies to settle"
    UNTOLD = "letters to the team that failed"


def count(wanted: Collection[Counted], scene: Scene) -> dict[str, int]:
    """What was counted for the same page before is not counted again."""
    missing = [name for name in Counted if name in wanted and name not in scene.counts]
    if missing:
        rows = _rows(scene.now)
        first, *others = [_counting(name, rows[name]) for name in missing]
        found = dict(first.union(*others, all=True) if others else first)
        scene.counts |= {name: found.get(str(name), 0) for name in missing}
    return scene.counts


def _rows(now: datetime) -> dict[Counted, QuerySet]:
    coming = Ticket.objects.filter(status=TicketStatus.VALID, event__ends_at__gte=now)
    return {
        Counted.SOON: coming_soon(now),
        Counted.EVENTS: Event.objects.all(),
        Counted.EVENTS_TO_COME: Event.objects.filter(is_active=True, ends_at__gte=now),
        Counted.TICKETS_TO_COME: coming,
        Counted.CONTACTS: Contact.objects.all(),
        Counted.SILENT: Contact.objects.filter(whatsapp_opt_out_at__isnull=False),
        Counted.UNCERTAIN: Delivery.objects.filter(status=DeliveryStatus.UNCERTAIN),
        Counted.REPLIES: to_settle(),
        Counted.UNTOLD: last_untold(),
        Counted.LISTS: Import.objects.filter(state=ImportState.DONE, errors__gt=0, finished_at__gte=now - RECENT_LISTS),
    }


def _counting(name: Counted, rows: QuerySet) -> QuerySet:
    named = rows.order_by().values(counted=Value(str(name), output_field=CharField()))
    return named.annotate(number=Count("pk")).values_list("counted", "number")
