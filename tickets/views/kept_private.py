"""What all public addresses of a ticket have in common: who finds it, and that it stays between us."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tickets.models import Ticket
from tickets.pins import is_pass, pin_of

# The address is the key: it stays out of search engines, of caches and of other sites' logs.
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
PIN_COOKIE = "ticket_pin"

View = Callable[[HttpRequest, str], HttpResponse]


def kept_private(view: View) -> View:
    @wraps(view)
    def with_headers(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return with_headers


def found(token: str) -> Ticket | None:
    """With its event and its holder, in one question."""
    # PostgreSQL refuses to compare with a NUL, which anybody can type into an address.
    if not token.isprintable():
        return None
    return Ticket.objects.select_related("event", "holder").filter(token=token).first()


def not_found(request: HttpRequest) -> HttpResponse:
    """What is not shown and what does not exist look the same."""
    return render(request, "tickets/not_found.html", status=404)


def is_open(request: HttpRequest, ticket: Ticket) -> bool:
    """Nobody asks for a PIN, or this device has given it."""
    return not pin_of(ticket) or is_pass(request.COOKIES.get(PIN_COOKIE, ""), ticket)


def language_of(ticket: Ticket) -> str:
    return ticket.holder.language or settings.LANGUAGE_CODE


def address_of(request: HttpRequest) -> str:
    """Where it came from. Of a chain of proxies only the last hop is believed: the rest is what somebody wrote."""
    if settings.BEHIND_PROXY and (hops := request.headers.get("X-Forwarded-For", "")):
        return hops.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def page(request: HttpRequest, ticket: Ticket, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    response = render(request, template, context, status=status)
    response.headers["Content-Language"] = language_of(ticket)
    return response
