"""The page of a door and the choice of one. The page is a shell without personal data, so that a phone may keep it."""

from pathlib import Path
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from tickets.dates import date_words, in_zone, time_words
from tickets.door_page_words import page_words
from tickets.door_words import closed_words, verdict_words
from tickets.doorkeeper import Doorkeeper
from tickets.doors import Closed, Why, events_of, keeper_at
from tickets.models import Event
from tickets.views.door_base import event_called, kept_private

WORKER = "pregonero/door_worker.js"
LEFT = "fin"  # in the address, for whoever has just left and has no account to go back to


@kept_private
@require_safe
def door_events(request: HttpRequest) -> HttpResponse:
    try:
        events = events_of(request, now=timezone.now())
    except Closed as closed:
        if closed.why == Why.LOGIN and LEFT in request.GET:
            return render(request, "tickets/door_key.html", {"state": "left"})
        return _turned_away(request, closed)
    doors = [{"event": event, "when": _when(event, request), "url": _url("door", event)} for event in events]
    return render(request, "tickets/door_events.html", {"doors": doors})


@kept_private
@ensure_csrf_cookie
@require_safe
def door(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_called(slug)
    try:
        # Also after its hours: without the page nobody could send what waits on the phone.
        keeper = keeper_at(request, event, now=timezone.now(), reporting=True)
    except Closed as closed:
        return _turned_away(request, closed)
    return render(request, "tickets/door.html", {"event": event, "door_config": door_config(request, event, keeper)})


@require_safe
def door_worker(request: HttpRequest) -> HttpResponse:
    """From an address above all doors: a service worker may only serve what lies below its own."""
    headers = {"Service-Worker-Allowed": reverse("tickets:door_events"), "Cache-Control": "no-cache"}
    return HttpResponse(_worker_script(), content_type="text/javascript; charset=utf-8", headers=headers)


def door_config(request: HttpRequest, event: Event, keeper: Doorkeeper) -> dict[str, Any]:
    """What the page's script has to know. No name but that of whoever stands there."""
    access = keeper.access
    names = {"scan": "door_scan", "sync": "door_sync", "undo": "door_undo", "list": "door_list"}
    return {
        "event": {
            "slug": event.slug,
            "name": event.name,
            "starts": _when(event, request),
            "opens_at": event.doors_open.isoformat(),
            "closes_at": (access.closes_at if access else event.ends_at).isoformat(),
        },
        "who": keeper.name,
        "gate": keeper.gate,
        "can_undo": keeper.can_undo,
        "urls": {key: _url(name, event) for key, name in names.items()} | {"leave": reverse("tickets:door_leave")},
        "csrf": get_token(request),
        "words": verdict_words() | page_words(),
    }


def _turned_away(request: HttpRequest, closed: Closed) -> HttpResponse:
    if closed.why == Why.LOGIN:
        return redirect_to_login(request.get_full_path())
    if closed.why == Why.NO_PERMISSION:
        raise PermissionDenied
    return render(
        request, "tickets/door_key.html", {"state": "closed", "sentence": closed_words(closed.why)}, status=403
    )


def _url(name: str, event: Event) -> str:
    return reverse(f"tickets:{name}", args=[event.slug])


def _when(event: Event, request: HttpRequest) -> str:
    starts, language = in_zone(event.starts_at, event.timezone), getattr(request, "LANGUAGE_CODE", "es")
    return f"{date_words(starts, language)}, {time_words(starts, language)}"


def _worker_script() -> bytes:
    found = finders.find(WORKER)
    if not found:
        raise Http404
    return Path(str(found)).read_bytes()
