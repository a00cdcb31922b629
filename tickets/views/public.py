"""The page that a ticket's link and QR open, for anybody who has the address."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from tickets.dates import date_words, in_zone, time_words, zone_words
from tickets.enums import TicketStatus
from tickets.models import Event, Ticket
from tickets.qr import ticket_qr

# A party that ends at three in the morning is one evening, not two days.
ONE_EVENING = timedelta(hours=14)

# The address is the key: it stays out of search engines, of caches and of other sites' logs.
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


def kept_private(view: Callable[[HttpRequest, str], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    @wraps(view)
    def with_headers(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return with_headers


@kept_private
@require_safe
def public_ticket(request: HttpRequest, token: str) -> HttpResponse:
    ticket = _tickets(token).select_related("event", "holder").first()
    if ticket is None:
        return _not_found(request)
    language = ticket.holder.language
    with translation.override(language):
        response = render(request, "tickets/public_ticket.html", _page(ticket, language))
    response.headers["Content-Language"] = language
    return response


@kept_private
@require_safe
def public_qr(request: HttpRequest, token: str) -> HttpResponse:
    """Only for tickets that open the door. What is not shown and what does not exist look the same."""
    ticket = _tickets(token).filter(status=TicketStatus.VALID).first()
    if ticket is None:
        return _not_found(request)
    disposition = {"Content-Disposition": f'inline; filename="{ticket.code}.png"'}
    return HttpResponse(ticket_qr(ticket), content_type="image/png", headers=disposition)


def _tickets(token: str) -> QuerySet[Ticket]:
    # PostgreSQL refuses to compare with a NUL, which anybody can type into an address.
    return Ticket.objects.filter(token=token) if token.isprintable() else Ticket.objects.none()


def _not_found(request: HttpRequest) -> HttpResponse:
    return render(request, "tickets/not_found.html", status=404)


def _page(ticket: Ticket, language: str) -> dict[str, object]:
    return {"ticket": ticket, "event": ticket.event, "is_valid": ticket.status == TicketStatus.VALID} | _when(
        ticket.event, language
    )


def _when(event: Event, language: str) -> dict[str, object]:
    starts, ends = in_zone(event.starts_at, event.timezone), in_zone(event.ends_at, event.timezone)
    is_one_evening = event.ends_at - event.starts_at <= ONE_EVENING
    return {
        "starts": starts,
        "ends": ends,
        "date": date_words(starts, language),
        "zone": zone_words(starts, language),
        "last_date": "" if is_one_evening else date_words(ends, language),
        "last_time": time_words(ends, language),
    }
