"""Which tickets have arrived, by what is known of their messages.

A message that a mail server took counts as arrived: nobody reports what becomes of it. One that WhatsApp took counts as
arrived as long as its number reports nothing; from the first report of that number on, silence means that it has not.
A number that got another gateway begins anew; what it sent before keeps counting as it did.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from campaigns.audience_filters import STATE
from campaigns.enums import Channel, DeliveryStatus
from campaigns.models import Delivery
from tickets.enums import TicketStatus
from tickets.models import Event, Ticket
from whatsapp.models import Sender

D = DeliveryStatus
OPEN = sorted(D.open)

EVER, FOREVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


class Period(NamedTuple):
    """In which a number reported what became of the messages that it sent in it."""

    sender: int
    since: datetime
    until: datetime


Reporting = Sequence[Period]


def reporting_numbers() -> Reporting:
    """The WhatsApp numbers that report what became of their messages, each from the moment of its first report on."""
    reports = Delivery.objects.filter(sender=OuterRef("pk"), delivered_at__isnull=False).order_by("delivered_at")
    since = Coalesce(OuterRef("receipts_from"), Value(EVER))
    anew = reports.filter(delivered_at__gte=OuterRef("receipts_until"))
    found = (reports.filter(delivered_at__gte=since), anew)
    first, first_anew = (Subquery(rows.values("delivered_at")[:1]) for rows in found)
    rows = Sender.objects.exclude(last_receipt_at=None, receipts_until=None).order_by()
    listed = rows.annotate(first=first, first_anew=first_anew)
    moments = listed.values_list("pk", "last_receipt_at", "receipts_until", "first", "first_anew")
    return [period for row in moments for period in _periods(*row)]


def _periods(
    pk: int, last: datetime | None, changed: datetime | None, first: datetime | None, first_anew: datetime | None
) -> Iterator[Period]:
    """`changed`: when a gateway that reported made way for another one; `last` and `first_anew` are of this one."""
    if changed and first and first < changed:
        yield Period(pk, first, changed)
    if last:
        own = first_anew if changed else first
        yield Period(pk, min(own, last) if own else last, FOREVER)


def is_silent(numbers: Reporting) -> Q:
    """Messages that were sent and of which their number would have told us. For rows with their `state`.

    What a person counted as sent is as good as arrived; without the id of the message no report could reach it.
    """
    by_number = Q(pk__in=())
    for pk, since, until in numbers:
        by_number |= Q(sender=pk, sent_at__gte=since, sent_at__lt=until)
    return Q(state=D.SENT, channel=Channel.WHATSAPP, settled_by=None) & ~Q(gateway_message_id="") & by_number


def has_arrived(numbers: Reporting) -> Q:
    """Messages that count as arrived. For rows with their `state`."""
    if not numbers:
        return Q(state__in=sorted(D.arrived))
    return Q(state__in=[D.DELIVERED, D.READ]) | (Q(state=D.SENT) & ~is_silent(numbers))


def messages_of_ticket() -> QuerySet[Any]:
    """Of the ticket in the question around it."""
    return Delivery.objects.filter(ticket=OuterRef("pk")).annotate(state=STATE)


def not_arrived(numbers: Reporting) -> Q:
    """Tickets that have not arrived on any channel."""
    return ~Q(Exists(messages_of_ticket().filter(has_arrived(numbers))))


def missing_tickets(event: Event, numbers: Reporting | None = None) -> QuerySet[Ticket]:
    """The valid tickets of an event that have not arrived on any channel. `numbers`, for whoever has asked already."""
    numbers = reporting_numbers() if numbers is None else numbers
    return Ticket.objects.filter(not_arrived(numbers), event=event, status=TicketStatus.VALID)


def has_come_another_way(ticket_id: int, channel: str) -> bool:
    """Whether it is not needed on this channel: it has arrived on the other one, or is on its way there once more."""
    others = Delivery.objects.filter(ticket=ticket_id).exclude(channel=channel).annotate(state=STATE)
    return others.filter(has_arrived(reporting_numbers()) | Q(state__in=OPEN)).exists()
