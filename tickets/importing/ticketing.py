"""Tickets for everybody in an imported list."""

from collections.abc import Sequence

from tickets.enums import TicketStatus
from tickets.importing.report import ImportReport
from tickets.importing.saving import BatchResult
from tickets.issuing import IssueResult, issue_tickets, limits_of
from tickets.models import Contact, Event, Ticket
from tickets.types import CannotIssue, UnknownType, type_of_imported

BATCH = 500


def issue_imported(event: Event, report: ImportReport) -> IssueResult:
    """After the import, all at once: either there is room for everybody or nobody gets a ticket (CannotIssue)."""
    if report.is_dry_run:
        return _rehearse(event, report)
    holders = (Contact(pk=pk) for pk in report.companions)
    return issue_tickets(event, holders, type=type_of_imported(event), companions=report.companions)


def _rehearse(event: Event, report: ImportReport) -> IssueResult:
    type_ = type_of_imported(event)
    served = _holders_served(event, type_, list(report.companions))
    missing = [count for pk, count in report.companions.items() if pk not in served] + report.companions_of_new
    for limit in limits_of(event, type_):
        limit.refuse(sum(missing) + len(missing))
    return IssueResult(created=len(missing), existing=len(served))


def _holders_served(event: Event, type_: str, ids: Sequence[int]) -> set[int]:
    tickets = Ticket.objects.filter(event=event, type=type_, status__in=TicketStatus.held)
    batches = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
    return {pk for batch in batches for pk in tickets.filter(holder__in=batch).values_list("holder_id", flat=True)}


def count_tickets(event: Event | None, result: BatchResult) -> dict[str, int]:
    """What a batch of a rehearsal adds to the counts of an import whose people get tickets."""
    if event is None:
        return {}
    try:
        type_ = type_of_imported(event)
    except UnknownType:  # the check ends with a sentence about it
        return {}
    served = _holders_served(event, type_, [contact.pk for contact, _count in result.companions if contact.pk])
    missing = [count for contact, count in result.companions if contact.pk not in served]
    return {
        "tickets_new": len(missing),
        "tickets_existing": len(served),
        "ticket_people": sum(missing) + len(missing),
    }


def lack_of_room(event: Event, wanted: int) -> str:
    """A sentence when so many people more do not fit in, or when nobody knows which type their tickets are of."""
    try:
        for limit in limits_of(event, type_of_imported(event)):
            limit.refuse(wanted)
    except CannotIssue as error:
        return str(error)
    return ""
