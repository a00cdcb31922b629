"""The page of an event: tickets, places, what became of the messages, who is without a ticket, and the door."""

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.event_reach import reach
from campaigns.reminders import event_page
from campaigns.views.event_door import arrivals_chart, chart_words, conflicts_of, door_of, refusals_of
from campaigns.views.event_export import Sheet, facts
from campaigns.views.event_look import EXPORT, MESSAGES, PEOPLE, SCANS, SEND, TICKETS, Look, rights_of
from campaigns.views.event_missing import reminder_words, second_words
from campaigns.views.event_people import Choice, chosen_ids, people_of
from campaigns.views.event_sending import draft_for, sendable
from campaigns.views.event_shown import (
    access_add_page,
    accesses_page,
    door_page,
    fates_of,
    moments_of,
    places_of,
    scans_page,
    state_of,
    tiles_of,
)
from campaigns.views.page import STOP_POLLING
from campaigns.views.starting import onwards
from tickets.admin.files import TYPES, file_of
from tickets.dates import in_zone
from tickets.enums import Action
from tickets.history import record
from tickets.models import Event

if TYPE_CHECKING:
    from campaigns.admin.campaign import CampaignAdmin

POLL_SECONDS = 5
CHART_SECONDS = 30
LONGEST_KEY = 24


class EventViews:
    def __init__(self, admin: "CampaignAdmin"):
        self.admin = admin

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        look = self._look(request, pk)
        context = self._live_context(request, look) | {
            "title": look.event.name,
            "moments": moments_of(look.event),
            "types": list(look.event.types.all()),
            "accesses_url": accesses_page(look.event) if request.user.has_perm("tickets.view_dooraccess") else "",
            "access_add_url": access_add_page(look.event) if request.user.has_perm("tickets.add_dooraccess") else "",
            "form_key": secrets.token_hex(10),
        }
        context |= self._desk(request, look, context["types"])
        if request.user.has_perm(SCANS):
            context |= self._arrivals(look) | self._refusals(request, look)
        if request.user.has_perms(PEOPLE):
            context["people"] = people_of(look.reach, look.groups, look.rows, request.GET)
        return self._render(request, "campaigns/event.html", context)

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What htmx asks for every five seconds while something may change: all numbers, and no list."""
        try:
            look = self._look(request, pk)
        except PermissionDenied:
            if not request.headers.get("HX-Request"):
                raise
            return HttpResponse(_("You may not see this event any more."), status=STOP_POLLING)
        context = self._live_context(request, look) | self._desk(request, look, list(look.event.types.all()))
        context["has_news"] = request.GET.get("seen", "") != context["spoken"]
        context |= {"is_update": True, "form_key": secrets.token_hex(10)}
        is_over = not context["poll_seconds"] and request.headers.get("HX-Request")
        status = STOP_POLLING if is_over else 200
        return TemplateResponse(request, "campaigns/event_live.html", context, status=status)

    def arrivals(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The chart alone, for htmx."""
        look = self._look(request, pk, SCANS)
        context = self._live_context(request, look) | self._arrivals(look)
        return TemplateResponse(request, "campaigns/event_arrivals.html", context)

    def refusals(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The newest refusals and conflicts alone, for htmx."""
        look = self._look(request, pk, SCANS)
        context = self._live_context(request, look) | self._refusals(request, look)
        return TemplateResponse(request, "campaigns/event_refusals.html", context)

    def people(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The list of those without a ticket alone, for htmx."""
        look = self._look(request, pk, *PEOPLE)
        people = people_of(look.reach, look.groups, look.rows, request.GET)
        context = {"event": look.event, "people": people, "page_url": event_page(look.event.pk)} | rights_of(request)
        shown = TemplateResponse(request, "campaigns/event_people.html", context)
        # Reloading or sharing the address shows the same people, within their page.
        shown.headers["HX-Replace-Url"] = f"{event_page(look.event.pk)}?{people.here}"
        return shown

    def send(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A draft for exactly those whom no ticket has reached for one reason. Its launch page asks before it sends."""
        look = self._look(request, pk, *SEND)
        if request.method != "POST":
            return HttpResponseRedirect(event_page(look.event.pk))
        why = Choice.of(request.POST).why
        typed = request.POST.get("form_key", "")[:LONGEST_KEY] or secrets.token_hex(10)
        key = f"{typed}-{sha256(why.encode()).hexdigest()[:12]}"
        groups = reach(look.event, look.now).missing()
        draft = draft_for(look.event, groups, why, user=request.user, form_key=key)
        if draft is None:
            messages.info(request, _("Nobody is left to send it to: it has arrived meanwhile, or is under way."))
            return HttpResponseRedirect(event_page(look.event.pk))
        return onwards([draft])

    def export(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Exactly the people that the filters ask for, streamed; nothing is kept on the server."""
        look = self._look(request, pk, *EXPORT)
        if request.method != "POST":
            return HttpResponseRedirect(event_page(look.event.pk))
        kind, choice = request.POST.get("format", ""), Choice.of(request.POST)
        if kind not in TYPES:
            messages.error(request, _("Choose a kind of file: Excel or CSV."))
            return HttpResponseRedirect(event_page(look.event.pk))
        ids = chosen_ids(look.groups, choice)
        record(request.user, look.event, Action.EXPORTED, after=facts(len(ids), kind, choice))
        sheet, at = Sheet(look.reach, look.rows, ids), in_zone(timezone.now(), look.event.timezone)
        return file_of(sheet, kind, title=_("Without a ticket"), name=look.event.name, at=at)

    def _look(self, request: HttpRequest, pk: int, *permissions: str) -> Look:
        if not request.user.has_perms(["tickets.view_event", *permissions]):
            raise PermissionDenied
        event = Event.objects.defer("ticket_text", "email_text", "description").filter(pk=pk).first()
        if event is None:
            raise Http404(_("This event does not exist."))
        return Look(event, timezone.now())

    def _render(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        request.place_in_menu = reverse("admin:tickets_event_changelist")  # type: ignore[attr-defined]
        return self.admin.admin_site.page(request, template, context, model=Event)  # type: ignore[attr-defined]

    def _live_context(self, request: HttpRequest, look: Look) -> dict[str, Any]:
        may, event = request.user.has_perm, look.event
        door = door_of(event, look.tickets, look.door, look.now) if may(SCANS) else None
        is_live = look.is_live(with_messages=may(MESSAGES))
        return rights_of(request) | {
            "event": event,
            "state": state_of(event, look.now),
            "phase": look.phase.value,
            "poll_seconds": POLL_SECONDS if is_live else 0,
            "chart_seconds": CHART_SECONDS if is_live else 0,
            "page_url": event_page(event.pk),
            "door_url": door_page(event),
            "scans_url": scans_page(event),
            "door": door,
            "now": look.now,
            "spoken": spoken(door) if door else "",
        }

    def _desk(self, request: HttpRequest, look: Look, types: list[Any]) -> dict[str, Any]:
        may, found = request.user.has_perm, dict[str, Any]()
        if may(TICKETS):
            found["tiles"] = tiles_of(look.event, look.tickets)
            found["places"] = places_of(look.event, look.tickets, types)
        if may(MESSAGES):
            found |= {
                "fates": fates_of(look.reach),
                "valid": look.reach.total,
                "lost": look.reach.lost,
                "rows": look.rows,
                "sendable": sum(group.number for group in sendable(look.groups)),
                "second": second_words(look.event, look.second, look.now),
                "reminder": reminder_words(look.event, look.now),
            }
        return found

    def _arrivals(self, look: Look) -> dict[str, Any]:
        chart = arrivals_chart(look.event, look.door, look.now)
        return {"chart": chart, "chart_words": chart_words(look.event, look.door, chart, look.now) if chart else ""}

    def _refusals(self, request: HttpRequest, look: Look) -> dict[str, Any]:
        return {
            "refusals": refusals_of(look.event, look.door, request.GET, look.now),
            "conflicts": conflicts_of(look.event, look.door, look.now),
            "conflicts_url": scans_page(look.event, offline="conflict"),
        }


def spoken(door: Any) -> str:
    """What a screen reader is told, in steps of five percent: every five seconds would be noise."""
    return _("%(percent)d %% are inside.") % {"percent": door.percent // 5 * 5}
