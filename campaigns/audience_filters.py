"""The conditions of an audience, each asked for every row: what people hold, how they are tagged, what reached them.

All are EXISTS over an index. A list of everybody who meets one would be made anew for every batch of a launch.

What is asked beside the row itself stands `Aside`.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db import models
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from campaigns.enums import DeliveryStatus
from campaigns.models import Delivery
from tickets.conditions import STATE, Aside, has_any_tag
from tickets.enums import TicketStatus
from tickets.models import Contact, Segment, Ticket
from tickets.segments import in_any

D = DeliveryStatus


class TicketState(models.TextChoices):
    """What became of a valid ticket."""

    ALL = "", _("all valid tickets")
    UNDELIVERED = "undelivered", _("those that have not arrived on any channel")
    UNREAD = "unread", _("those that arrived and were not read")
    OUTSIDE = "outside", _("those of people who are not inside yet")
    INSIDE = "inside", _("those of people who are inside")


CAMPAIGN = Aside("campaign", output_field=models.BigIntegerField())


class OneOf(Func):
    """Is this id one of these? As one value of the question: databases limit how many it may hold."""

    output_field = BooleanField()

    def __init__(self, name: str, ids: Collection[int]):
        self.ids = ids
        super().__init__(F(name))

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        column, values = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            return f"({column} = ANY(%s::bigint[]))", (*values, "{" + ",".join(map(str, self.ids)) + "}")
        listed = json.dumps(list(self.ids))
        return f"({column} IN (SELECT value FROM json_each(%s)))", (*values, listed)  # noqa: S608  (a column of ours)


def one_of(name: str, ids: Collection[int]) -> Q:
    return Q(OneOf(name, ids)) if ids else Q(pk__in=())


def in_state(state: str) -> Q:
    """Tickets in this state; what is no state means none of them, never all."""
    sent = Delivery.objects.filter(ticket=OuterRef("pk")).annotate(state=STATE)
    match state:
        case TicketState.ALL:
            return Q()
        case TicketState.UNDELIVERED:
            return ~Q(Exists(sent.filter(state__in=sorted(D.arrived))))
        case TicketState.UNREAD:
            return Q(Exists(sent.filter(state=D.DELIVERED))) & ~Q(Exists(sent.filter(state=D.READ)))
        case TicketState.INSIDE:
            return Q(people_inside__gt=0)
        case TicketState.OUTSIDE:
            return Q(people_inside=0)
    return Q(pk__in=())


def holds_ticket(event: int, state: str) -> Q:
    """Contacts with a valid ticket of the event in this state."""
    valid = Ticket.objects.annotate(state=STATE).filter(state=TicketStatus.VALID)
    held = valid.filter(holder=OuterRef("pk"), event=event)
    return Q(Exists(held.filter(in_state(state))))


def in_any_segment(segments: Collection[int], person: str = "pk") -> Q:
    """Contacts who are in one of these segments now. One that is gone has nobody in it."""
    rules = list(Segment.objects.filter(pk__in=segments).values_list("rules", flat=True))
    if person == "pk":
        return in_any(rules)
    return Q(Exists(Contact.objects.filter(in_any(rules), pk=OuterRef(person))))


def reached_by(campaigns: Collection[int], person: str = "pk") -> Q:
    """Contacts who got a message of these campaigns, may have got it, or are about to."""
    theirs = Delivery.objects.filter(contact=OuterRef(person)).annotate(state=STATE, run=CAMPAIGN)
    return Q(Exists(theirs.filter(run__in=campaigns, state__in=sorted(D.taken))))


def narrowed(chosen: Mapping[str, Any], person: str = "pk") -> Q:
    """Only with all of these tags, without any of those, and not whom these campaigns reached."""
    found = Q()
    for tag in chosen.get("all_tags", []):
        found &= has_any_tag([tag], person)
    if unwanted := chosen.get("no_tags"):
        found &= ~has_any_tag(unwanted, person)
    if campaigns := chosen.get("not_reached_by"):
        found &= ~reached_by(campaigns, person)
    return found
