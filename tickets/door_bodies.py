"""What a phone sends to a door, checked value by value: whatever is odd gets a sentence and never a failure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from tickets.checkin import LONGEST_REASON, MOST_PEOPLE
from tickets.scanned import LONGEST, kept_text

LARGEST_BODY = 64 * 1024  # bytes
MOST_REPORTS = 200  # scans in one request
LONGEST_GATE = 60


class Invalid(ValueError):
    """`str()` is the sentence for whoever stands at the door."""


@dataclass(frozen=True)
class ScanBody:
    nonce: str
    scanned: str
    people: int
    gate: str


@dataclass(frozen=True)
class ReportBody(ScanBody):
    """`key` of the list names the ticket; `scanned` is only there when the list had no such key."""

    key: str
    at: datetime
    let_in: int


@dataclass(frozen=True)
class UndoBody:
    checkin: int
    reason: str


def read_body(request: HttpRequest) -> Mapping[str, Any]:
    """The object that was sent. Nothing that is too large is read."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > LARGEST_BODY:
        raise Invalid(_("That is too much at once. Send fewer scans at a time."))
    if request.content_type != "application/json":
        raise Invalid(_("The phone sent something that cannot be read. Load the page again."))
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):  # also what is not UTF-8
        body = None
    if not isinstance(body, dict):
        raise Invalid(_("The phone sent something that cannot be read. Load the page again."))
    return body


def read_scan(body: Mapping[str, Any]) -> ScanBody:
    return ScanBody(
        nonce=_nonce(body),
        scanned=_text(body, "scanned", LONGEST),
        people=_number(body, "people", least=1, most=MOST_PEOPLE, default=1),
        gate=kept_text(_text(body, "gate", LONGEST_GATE, required=False)),
    )


def read_report(body: Any) -> ReportBody:
    if not isinstance(body, dict):
        raise Invalid(_("The phone sent something that cannot be read. Load the page again."))
    key = _text(body, "key", LONGEST, required=False)
    return ReportBody(
        nonce=_nonce(body),
        scanned=_text(body, "scanned", LONGEST, required=not key),
        people=_number(body, "people", least=1, most=MOST_PEOPLE, default=1),
        gate=kept_text(_text(body, "gate", LONGEST_GATE, required=False)),
        key=key,
        at=_moment(body),
        let_in=_number(body, "let_in", least=0, most=MOST_PEOPLE, default=0),
    )


def read_reports(body: Mapping[str, Any]) -> list[Any]:
    """The scans, each still to be read by itself."""
    scans = body.get("scans")
    if not isinstance(scans, list):
        raise Invalid(_("The phone sent something that cannot be read. Load the page again."))
    if len(scans) > MOST_REPORTS:
        raise Invalid(_("That is too much at once. Send fewer scans at a time."))
    return scans


def read_undo(body: Mapping[str, Any]) -> UndoBody:
    _nonce(body)
    reason = kept_text(_text(body, "reason", LONGEST_REASON, required=False), most=LONGEST_REASON)
    if not reason:
        raise Invalid(_("Write why the entry is taken back."))
    return UndoBody(_number(body, "checkin", least=1, most=2**63 - 1), reason)


def nonce_in(body: Any) -> str:
    """As it was sent, to name the item that was refused; empty when there is none that could be one."""
    nonce = body.get("nonce") if isinstance(body, dict) else None
    return nonce[:64] if isinstance(nonce, str) else ""


def _nonce(body: Mapping[str, Any]) -> str:
    try:
        nonce = UUID(_text(body, "nonce", 64))
    except ValueError as error:
        raise _bad("nonce") from error
    return str(nonce)


def _text(body: Mapping[str, Any], name: str, most: int, *, required: bool = True) -> str:
    value = body.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise _bad(name)
    if len(value) > most:
        raise Invalid(_("“%(name)s” is too long: at most %(most)d characters.") % {"name": name, "most": most})
    return value


def _number(body: Mapping[str, Any], name: str, *, least: int, most: int, default: int | None = None) -> int:
    value = body.get(name)
    value = default if value is None else value
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _bad(name)
    return value


def _moment(body: Mapping[str, Any]) -> datetime:
    try:
        moment = parse_datetime(_text(body, "at", 64))
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        raise _bad("at")
    return moment


def _bad(name: str) -> Invalid:
    return Invalid(_("“%(name)s” is missing or not as it should be. Load the page again.") % {"name": name})
