"""A ticket as files: its QR, its picture, a page to print, an entry for a calendar. Only while it opens the door."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets.drawing.card import Card, card_of
from tickets.drawing.picture import ticket_picture
from tickets.enums import TicketStatus
from tickets.models import Ticket
from tickets.qr import ticket_qr
from tickets.views.kept_private import View, found, is_open, kept_private, language_of, not_found


def _file(content_type: str, ending: str, make: Callable[[Ticket], bytes]) -> View:
    """Made when it is asked for, and never stored."""

    @kept_private
    @require_safe
    def view(request: HttpRequest, token: str) -> HttpResponse:
        ticket = found(token)
        if ticket is None:
            return not_found(request)
        if not is_open(request, ticket):
            return redirect("tickets:public_ticket", token=token)  # which asks for the PIN
        if ticket.status != TicketStatus.VALID:
            return not_found(request)
        disposition = {"Content-Disposition": f'inline; filename="{ticket.code}.{ending}"'}
        return HttpResponse(make(ticket), content_type=content_type, headers=disposition)

    return view


def _card(ticket: Ticket) -> Card:
    return card_of(ticket, ticket.event, name=ticket.holder.name, language=language_of(ticket))


def _picture(ticket: Ticket) -> bytes:
    return ticket_picture(_card(ticket))


def _pdf(ticket: Ticket) -> bytes:
    from tickets.drawing.pdf import ticket_pdf  # noqa: PLC0415  (half a second that nobody else should wait for)

    return ticket_pdf(_card(ticket))


def _entry(ticket: Ticket) -> bytes:
    from tickets.calendar_entry import calendar_entry  # noqa: PLC0415  (slow to import, as above)

    return calendar_entry(ticket, language=language_of(ticket), now=timezone.now())


public_qr = _file("image/png", "png", ticket_qr)
public_picture = _file("image/png", "png", _picture)
public_pdf = _file("application/pdf", "pdf", _pdf)
public_calendar = _file("text/calendar; charset=utf-8", "ics", _entry)
