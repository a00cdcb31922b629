"""Tickets for everybody in an imported list."""

from collections.abc import Sequence

from tickets.enums import TicketStatus
from tickets.importing.report import ImportReport
from tickets.issuing import EventFull, IssueResult, issue_tickets, people_expected
from tickets.models import Contact, Event, Ticket

TYPE = "General"
BATCH = 500


def issue_imported(event: Event, report: ImportReport) -> IssueResult:
    """After the import, all at once: either there is room for everybody or nobody gets a ticket (EventFull)."""
    if report.is_dry_run:
        return _rehearse(event, report)
    holders = (Contact(pk=pk) for pk in report.companions)
    return issue_tickets(event, holders, type=TYPE, companions=report.companions)


def _rehearse(event: Event, report: ImportReport) -> IssueResult:
    served = _holders_served(event, list(report.companions))
    missing = [count for pk, count in report.companions.items() if pk not in served] + report.companions_of_new
    wanted, taken = sum(missing) + len(missing), people_expected(event)
    if wanted and event.capacity is not None and taken + wanted > event.capacity:
        raise EventFull(event, taken=taken, wanted=wanted)
    return IssueResult(created=len(missing), existing=len(served))


def _holders_served(event: Event, ids: Sequence[int]) -> set[int]:
    tickets = Ticket.objects.filter(event=event, type=TYPE, number=1, status=TicketStatus.VALID)
    batches = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
    return {pk for batch in batches for pk in tickets.filter(holder__in=batch).values_list("holder_id", flat=True)}
