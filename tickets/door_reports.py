"""Scans that a phone made without network, told afterwards: each stands alone, and each is put on record."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tickets.checkin import NonceTaken, Report, Scan, check_in, find_ticket
from tickets.dates import in_zone
from tickets.door_answers import scan_answer
from tickets.door_bodies import Invalid, ReportBody, nonce_in, read_report
from tickets.door_list import tickets_by_key
from tickets.doorkeeper import Doorkeeper
from tickets.models import Event, Ticket


def take_reports(event: Event, scans: list[Any], keeper: Doorkeeper, *, now: datetime) -> list[dict[str, Any]]:
    """The answer to each of them, in their order. What cannot be read is said and spoils nothing else."""
    read = [_read(scan) for scan in scans]
    known = tickets_by_key(event, {body.key for body in read if isinstance(body, ReportBody) and body.key})
    tickets = Ticket.objects.select_related("holder").in_bulk(set(known.values()))
    by_key = {key: tickets[pk] for key, pk in known.items() if pk in tickets}
    return [
        _answer(event, body, keeper, by_key, now) if isinstance(body, ReportBody) else _refused(scan, str(body))
        for scan, body in zip(scans, read, strict=True)
    ]


def believed_moment(at: datetime, event: Event, *, now: datetime) -> datetime:
    """When the phone scanned. A clock that says the future, or a day before that of the doors, is wrong: it was now."""
    midnight = in_zone(event.doors_open, event.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    return at if midnight <= at <= now else now


def _read(scan: Any) -> ReportBody | Invalid:
    try:
        return read_report(scan)
    except Invalid as error:
        return error


def _answer(
    event: Event, body: ReportBody, keeper: Doorkeeper, by_key: dict[str, Ticket], now: datetime
) -> dict[str, Any]:
    ticket = by_key.get(body.key) or find_ticket(body.scanned)
    scan = Scan(
        nonce=body.nonce,
        scanned=body.scanned or body.key,
        at=believed_moment(body.at, event, now=now),
        people=body.people,
        gate=body.gate or keeper.gate,
        report=Report(received_at=now, let_in=body.let_in),
    )
    try:
        verdict = check_in(event, ticket, scan, keeper)
    except NonceTaken:
        return _refused({"nonce": body.nonce}, _("This scan belongs to another event."))
    return scan_answer(verdict, event) | {"conflict": verdict.is_conflict}


def _refused(scan: Any, sentence: str) -> dict[str, Any]:
    return {"nonce": nonce_in(scan), "error": "invalid", "sentence": sentence}
