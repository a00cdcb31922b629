"""The secret link of a door access. Looking at it changes nothing: chat apps open every link for a preview."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from tickets.dates import date_words, in_zone, time_words
from tickets.door_words import closed_words
from tickets.doors import access_by_token, hours_problem, leave, open_session
from tickets.models import DoorAccess
from tickets.views.door import LEFT
from tickets.views.door_base import kept_private


@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def door_key(request: HttpRequest, token: str) -> HttpResponse:
    """What is unknown, switched off or replaced by a new link looks the same."""
    access = access_by_token(token)
    if access is None:
        return render(request, "tickets/door_key.html", {"state": "lost"}, status=404)
    problem = hours_problem(access, timezone.now())
    if request.method == "POST" and problem is None:
        open_session(request, access)
        return redirect("tickets:door", access.event.slug)
    state, sentence = ("closed", closed_words(problem)) if problem else ("open", "")
    context = {"state": state, "sentence": sentence, "access": access, **_hours(access)}
    return render(request, "tickets/door_key.html", context, status=403 if request.method == "POST" else 200)


@kept_private
@require_POST
def door_leave(request: HttpRequest) -> HttpResponse:
    """Nothing of the door stays on the phone. Somebody of the staff goes on in the admin."""
    leave(request)
    return HttpResponseRedirect(f"{reverse('tickets:door_events')}?{LEFT}")


def _hours(access: DoorAccess) -> dict[str, str]:
    zone, language = access.event.timezone, get_language() or "es"
    opens, closes = in_zone(access.opens_at, zone), in_zone(access.closes_at, zone)
    return {
        "opens": f"{date_words(opens, language)}, {time_words(opens, language)}",
        "closes": f"{date_words(closes, language)}, {time_words(closes, language)}",
    }
