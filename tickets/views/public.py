"""The page that a ticket's link and QR open, for anybody who has the address and, where one was set, the PIN."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tickets.drawing.card import details_of
from tickets.enums import TicketStatus
from tickets.event_times import times_of
from tickets.models import Ticket
from tickets.pins import OPEN_FOR, Locked, is_right, locked_until, pass_for, pin_of
from tickets.views.kept_private import (
    PIN_COOKIE,
    address_of,
    found,
    is_open,
    kept_private,
    language_of,
    not_found,
    page,
)

TRIED = "pin"  # in the address of the page, after a wrong one


@kept_private
@require_safe
def public_ticket(request: HttpRequest, token: str) -> HttpResponse:
    ticket = found(token)
    if ticket is None:
        return not_found(request)
    with translation.override(language_of(ticket)):
        if is_open(request, ticket):
            return page(request, ticket, "tickets/public_ticket.html", _shown(ticket), 200)
        now = timezone.now()
        return _asked(request, ticket, locked_until(ticket, address=address_of(request), now=now), now)


@kept_private
@csrf_exempt  # Django wants to know where a form stood, which browsers keep to themselves under no-referrer
@require_POST
def public_pin(request: HttpRequest, token: str) -> HttpResponse:
    """A right PIN opens the ticket on this device; a wrong one is counted."""
    ticket = found(token)
    if ticket is None or _is_foreign(request):
        return not_found(request)
    if not pin_of(ticket):
        return _back(ticket)
    typed, now = request.POST.get("pin", ""), timezone.now()
    if not typed.strip():
        return _back(ticket)
    try:
        is_let_in = is_right(ticket, typed, address=address_of(request), now=now)
    except Locked as locked:
        with translation.override(language_of(ticket)):
            return _asked(request, ticket, locked.until, now)
    if not is_let_in:
        return _back(ticket, f"?{TRIED}=0")
    response = _back(ticket)
    response.set_cookie(
        PIN_COOKIE,
        pass_for(ticket),
        max_age=OPEN_FOR,
        path=_address(ticket),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def _is_foreign(request: HttpRequest) -> bool:
    """A form on another site sent it. Browsers say so by themselves; what is no browser has no cookies to lose."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")


def _asked(request: HttpRequest, ticket: Ticket, until: datetime | None, now: datetime) -> HttpResponse:
    context: dict[str, object] = {"ticket": ticket, "event": ticket.event, "was_wrong": TRIED in request.GET}
    if until is None:
        return page(request, ticket, "tickets/public_pin.html", context, 200)
    seconds = max(1, round((until - now).total_seconds()))
    context |= {"seconds": seconds, "minutes": -(-seconds // 60), "is_soon": seconds < 100}
    response = page(request, ticket, "tickets/public_pin.html", context, 429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _back(ticket: Ticket, query: str = "") -> HttpResponse:
    return redirect(_address(ticket) + query)


def _address(ticket: Ticket) -> str:
    return reverse("tickets:public_ticket", args=[ticket.token])


def _shown(ticket: Ticket) -> dict[str, object]:
    return {
        "ticket": ticket,
        "event": ticket.event,
        "is_valid": ticket.status == TicketStatus.VALID,
        "is_given_away": _is_given_away(ticket),
        "times": times_of(ticket.event, language_of(ticket)),
        "details": details_of(ticket),
    }


def _is_given_away(ticket: Ticket) -> bool:
    """Somebody else has the newer one: no message about it will come here."""
    if ticket.status != TicketStatus.REPLACED:
        return False
    return Ticket.objects.filter(replaces=ticket).exclude(holder=ticket.holder_id).exists()
