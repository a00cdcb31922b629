"""What the addresses of a door have in common: who stands there, and answers in JSON that a phone understands."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.door_bodies import Invalid
from tickets.door_words import closed_words
from tickets.doorkeeper import Doorkeeper
from tickets.doors import Closed, Why, keeper_at
from tickets.models import Event
from tickets.views.kept_private import UNLISTED, with_headers

Answer = dict[str, Any]

# Other sites learn no address by the policy of the whole site; a stricter one would make browsers hide where a form
# comes from, and its protection refuse it.
kept_private = with_headers(UNLISTED)


def event_called(slug: str) -> Event:
    event = Event.objects.filter(slug=slug).first()
    if event is None:
        raise Http404(_("There is no such event."))
    return event


def json_view(
    *, reporting: bool = False
) -> Callable[[Callable[..., Answer | HttpResponse]], Callable[..., HttpResponse]]:
    """For a view of (request, event, keeper) that answers with a dictionary: whatever is wrong becomes JSON too.

    Who is there is asked before anything that was sent is read.
    """

    def wrap(view: Callable[..., Answer | HttpResponse]) -> Callable[..., HttpResponse]:
        @kept_private
        @wraps(view)
        def answered(request: HttpRequest, slug: str) -> HttpResponse:
            try:
                event = event_called(slug)
                answer = view(request, event, keeper_at(request, event, now=timezone.now(), reporting=reporting))
            except Http404 as missing:
                return json_error(404, "unknown_event", str(missing))
            except Closed as closed:
                return closed_answer(closed.why)
            except Invalid as invalid:
                return json_error(400, "invalid", str(invalid))
            return answer if isinstance(answer, HttpResponse) else JsonResponse(answer)

        return answered

    return wrap


def closed_answer(why: Why) -> JsonResponse:
    is_unknown = why == Why.LOGIN
    return json_error(401 if is_unknown else 403, "login" if is_unknown else "closed", closed_words(why))


def json_error(status: int, error: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": error, "sentence": sentence}, status=status)


def gate_of(body_gate: str, keeper: Doorkeeper) -> str:
    """Where the phone stands; what nobody chose there is what the access says."""
    return body_gate or keeper.gate
