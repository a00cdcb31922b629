"""The addresses that the page of a door talks to (docs/door.md)."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tickets.checkin import NonceTaken, Scan, check_in, find_ticket, take_back
from tickets.door_answers import counts_of, scan_answer, undo_answer
from tickets.door_bodies import Invalid, read_body, read_reports, read_scan, read_undo
from tickets.door_list import door_list, list_rows, version_of
from tickets.door_reports import take_reports
from tickets.doorkeeper import Doorkeeper
from tickets.doors import Closed, Why
from tickets.enums import CheckInResult
from tickets.models import CheckIn, Event
from tickets.views.door_base import Answer, gate_of, json_view


@require_POST
@json_view()
def door_scan(request: HttpRequest, event: Event, keeper: Doorkeeper) -> Answer:
    body = read_scan(read_body(request))
    scan = Scan(body.nonce, body.scanned, timezone.now(), body.people, gate_of(body.gate, keeper))
    try:
        verdict = check_in(event, find_ticket(body.scanned), scan, keeper)
    except NonceTaken as error:
        raise Invalid(_("This scan belongs to another event.")) from error
    return scan_answer(verdict, event) | {"counts": counts_of(event)}


@require_POST
@json_view(reporting=True)
def door_sync(request: HttpRequest, event: Event, keeper: Doorkeeper) -> Answer:
    scans = read_reports(read_body(request))
    results = take_reports(event, scans, keeper, now=timezone.now())
    return {"results": results, "counts": counts_of(event)}


@require_POST
@json_view()
def door_undo(request: HttpRequest, event: Event, keeper: Doorkeeper) -> Answer:
    if not keeper.can_undo:
        raise Closed(Why.NO_PERMISSION)
    body = read_undo(read_body(request))
    checkin = CheckIn.objects.filter(pk=body.checkin, event=event).first()
    if checkin is None:
        raise Invalid(_("There is no such entry at this door."))
    if checkin.result != CheckInResult.GOOD:
        raise Invalid(_("This scan let nobody in, so there is nothing to take back."))
    is_done = take_back(checkin, reason=body.reason, keeper=keeper, now=timezone.now())
    return undo_answer(checkin, is_done) | {"counts": counts_of(event)}


@require_safe
@json_view()
def door_list_json(request: HttpRequest, event: Event, keeper: Doorkeeper) -> HttpResponse:
    rows = list_rows(event)
    etag = f'"{version_of(event, rows)}"'
    response = get_conditional_response(request, etag=etag)
    if response is None or response.status_code != HTTPStatus.NOT_MODIFIED:
        response = JsonResponse(door_list(event, rows, now=timezone.now()))
    response.headers["ETag"] = etag
    # Kept by the page itself; asked for anew each time, and answered in one line while nothing has changed.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
