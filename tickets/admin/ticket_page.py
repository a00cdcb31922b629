"""What the page of one ticket shows beside its fields: where it came from, what the door saw, who did what to it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tickets.admin.showing import TONES, badge, local_time
from tickets.enums import CheckInResult, TicketStatus
from tickets.history import entries_of
from tickets.models import CheckIn, Ticket

MOST_SCANS, MOST_ENTRIES = 20, 10
# The move that a button leads to: the name in the page, the permission, and the states from which it leads.
MOVES = {
    "can_void": ("tickets.void_ticket", TicketStatus.held),
    "can_block": ("tickets.block_ticket", frozenset({TicketStatus.VALID})),
    "can_unblock": ("tickets.block_ticket", frozenset({TicketStatus.BLOCKED})),
    "can_reissue": ("tickets.replace_ticket", frozenset({TicketStatus.VALID})),
    "can_transfer": ("tickets.transfer_ticket", frozenset({TicketStatus.VALID})),
}


def page_context(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    moves = {
        name: ticket.status in sources and request.user.has_perm(permission)
        for name, (permission, sources) in MOVES.items()
    }
    moves["can_transfer"] = moves["can_transfer"] and not ticket.people_inside
    scans = _scans(ticket) if request.user.has_perm("tickets.view_checkin") else None
    return moves | {"scans": scans, "entries": entries_of(ticket)[:MOST_ENTRIES]}


def link_to(ticket: Ticket) -> SafeString:
    """Its code and, where the page is that of somebody else, its holder."""
    address = reverse("admin:tickets_ticket_change", args=[ticket.pk])
    state = badge(ticket.get_status_display(), TONES[TicketStatus(ticket.status)])
    return format_html('<a href="{}">{}</a> · {} {}', address, ticket.code, ticket.holder, state)


def _scans(ticket: Ticket) -> list[dict[str, Any]]:
    rows = CheckIn.objects.filter(ticket=ticket).select_related("user").order_by("-at", "-pk")[:MOST_SCANS]
    return [_scan(row, ticket) for row in rows]


def _scan(scan: CheckIn, ticket: Ticket) -> dict[str, Any]:
    words = badge(scan.get_result_display(), TONES[CheckInResult(scan.result)])
    if scan.undone_at:
        words = badge(_("Taken back"), "neutral")
    return {
        "at": local_time(scan.at, ticket.event.timezone),
        "result": words,
        "why": scan.undo_reason or (scan.get_reason_display() if scan.reason else ""),
        "admitted": scan.admitted,
        "where": scan.gate,
        "url": reverse("admin:tickets_checkin_change", args=[scan.pk]),
    }
