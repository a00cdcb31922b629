"""What all public addresses of a ticket have in common: who finds it, and that it stays between us."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tickets.models import Ticket
from tickets.pins import is_pass, pin_of

PIN_COOKIE = "ticket_pin"

View = Callable[[HttpRequest, str], HttpResponse]
P = ParamSpec("P")


def with_headers(headers: Mapping[str, str]) -> Callable[[Callable[P, HttpResponse]], Callable[P, HttpResponse]]:
    """What a view says of them itself stays."""

    def wrap(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
        @wraps(view)
        def answered(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            response = view(*args, **kwargs)
            for name, value in headers.items():
                response.headers.setdefault(name, value)
            return response

        return answered

    return wrap


# Nobody finds it by searching, and nothing of it is kept on the way.
UNLISTED = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Cache-Control": "private, no-store"}

# The address is the key: it also stays out of other sites' logs.
kept_private = with_headers({**UNLISTED, "Referrer-Policy": "no-referrer"})


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
