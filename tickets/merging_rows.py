"""The rows of this app that move when two contacts become one. Called inside the transaction of `merging.merge`."""

from collections import defaultdict

from django.db.models import Q

from tickets.enums import Action, TicketStatus
from tickets.history import entries_of
from tickets.models import Contact, NotDuplicate, Tag, Ticket


def move_tickets(keep: Contact, gone: Contact) -> int:
    """Every ticket stays what it is. Two of the same event and type become the first and the second of one person."""
    rows = Ticket.objects.select_for_update().filter(holder__in=(keep, gone)).order_by("pk")
    tickets = list(rows.only("pk", "event_id", "holder_id", "type", "number", "status"))
    taken: dict[tuple[int, str], set[int]] = defaultdict(set)
    for ticket in tickets:
        if ticket.holder_id == keep.pk and ticket.status in TicketStatus.held:
            taken[ticket.event_id, ticket.type].add(ticket.number)
    moved = [ticket for ticket in tickets if ticket.holder_id == gone.pk]
    for ticket in moved:
        numbers = taken[ticket.event_id, ticket.type]
        if ticket.status in TicketStatus.held:
            ticket.number = ticket.number if ticket.number not in numbers else _free(ticket, tickets)
            numbers.add(ticket.number)
        Ticket.objects.filter(pk=ticket.pk).update(holder=keep, number=ticket.number)
    return len(moved)


def _free(ticket: Ticket, tickets: list[Ticket]) -> int:
    """Above every number that either of the two has: nothing on its way from one to the other is in the way."""
    same = (ticket.event_id, ticket.type)
    return max(other.number for other in tickets if (other.event_id, other.type) == same) + 1


def move_tags(keep: Contact, gone: Contact) -> list[Tag]:
    """The tags that are new for the one that stays."""
    new = list(Tag.objects.filter(contacts=gone).exclude(contacts=keep))
    keep.tags.add(*new)
    return new


def merged_numbers(contact: Contact) -> list[int]:
    """The numbers of the contacts that became a part of this one, in however many steps."""
    merges = entries_of(contact).filter(action=Action.MERGED).values_list("after", flat=True)
    return [number for after in merges for number in after.get("_numbers", [])]


def move_decisions(keep: Contact, gone: Contact) -> None:
    """Whoever was known to be somebody else than the one who goes, is somebody else than the one who stays."""
    rows = NotDuplicate.objects.filter(Q(first=gone) | Q(second=gone)).select_related("decided_by")
    moved = []
    for row in rows:
        other = row.second_id if row.first_id == gone.pk else row.first_id
        if other != keep.pk:
            first, second = sorted((keep.pk, other))
            decided = {"decided_by": row.decided_by, "decided_at": row.decided_at}
            moved.append(NotDuplicate(first_id=first, second_id=second, **decided))
    NotDuplicate.objects.bulk_create(moved, ignore_conflicts=True)
