"""What providers report of our messages, applied to their rows. One of the few writers of a delivery's status.

A receipt can only raise what is known (`campaigns.lattice`), so that repeats and disorder end alike. A few questions
and one update serve a whole post of thousands. What is about no message that we know is kept for a while: it may have
overtaken our own save.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, transaction

from campaigns import early
from campaigns.enums import DeliveryStatus
from campaigns.explanations import RECEIPT_FAILED
from campaigns.heard import Heard
from campaigns.late_faults import LateFault, concerns_others
from campaigns.lattice import Standing, raised
from campaigns.matching import Match, match
from campaigns.models import Delivery
from campaigns.statements import update_each
from campaigns.told_whatsapp import opt_out_all
from whatsapp.gateways.base import ErrorKind

logger = logging.getLogger(__name__)
D = DeliveryStatus

# What a receipt changes. The rest only where the message was not known to have been sent: each column costs an index.
USUAL = ("status", "delivered_at", "read_at", "error_kind", "error_detail", "status_changed_at")
SELDOM = ("sent_at", "gateway_message_id", "due_at")


@dataclass
class Applied:
    """`unmatched`: nobody's, or of a message that is in somebody's hands; to be tried again."""

    changed: int = 0
    unmatched: list[Heard] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)  # addresses by chat id, of the messages that were found
    faults: list[LateFault] = field(default_factory=list)

    def add(self, other: "Applied") -> None:
        self.changed += other.changed
        self.unmatched += other.unmatched
        self.people |= other.people
        self.faults += other.faults


@dataclass(frozen=True)
class Change:
    match: Match
    end: Standing
    message_id: str


def apply(sender_id: int, heard: Sequence[Heard], *, now: datetime) -> Applied:
    """All of one number, in its transaction. One that the database refuses is left out."""
    try:
        with transaction.atomic():
            return _apply(sender_id, heard, now)
    except (DataError, IntegrityError):
        logger.exception("The receipts of number %s could not be applied together", sender_id)
    done = Applied()
    for one in heard:
        try:
            with transaction.atomic():
                done.add(_apply(sender_id, [one], now))
        except (DataError, IntegrityError):
            logger.exception("A receipt of number %s could not be applied", sender_id)
    return done


def _apply(sender_id: int, heard: Sequence[Heard], now: datetime) -> Applied:
    matches, unmatched = match(sender_id, heard)
    changes = [change for match in matches if (change := _change(match, now))]
    changed = _write(changes, now)
    _opt_out(changes, now)
    people = {one.chat_id: match.row.address for match in matches for one in match.heard if one.chat_id}
    return Applied(changed, unmatched, people, [fault for change in changes for fault in _faults(change)])


def apply_some_early(sender_id: int, *, now: datetime, since: datetime | None = None) -> tuple[int, Applied]:
    """What came before its message was on record, where it is by now; in a transaction. Also how many were tried."""
    by_key = early.taken(early.ready(sender_id=sender_id, since=since).order_by("pk")[: early.MOST_AT_ONCE])
    if not by_key:
        return 0, Applied()
    done = apply(sender_id, list(by_key.values()), now=now)
    waiting = {(one.message_id, one.status) for one in done.unmatched}
    early.forget([key for key, one in by_key.items() if (one.message_id, one.status) not in waiting])
    return len(by_key), done


# --- one message


def _change(match: Match, now: datetime) -> Change | None:
    before = match.row
    standing = Standing(
        before.status,
        _left_at(match, now),
        before.delivered_at,
        before.read_at,
        before.error_kind,
        before.error_detail,
    )
    said = [one.said(is_of_last_call=match.is_of_last_call(one)) for one in match.heard]
    end = raised(standing, said, now=now)
    return None if end == standing else Change(match, end, _message_id(match))


def _left_at(match: Match, now: datetime) -> datetime:
    """If it left, it left when the call began."""
    row, about = match.row, match.heard[0]
    if row.sent_at is not None and row.status != D.UNCERTAIN:
        return row.sent_at
    number = match.number_in(about)
    if number is None and match.is_of_last_call(about):
        number = row.attempts_made
    call = match.calls.get(number) if number is not None else None
    return call.started_at if call else row.sent_at or now


def _message_id(match: Match) -> str:
    """Learnt where we did not know it, so that later receipts need no reference."""
    row, about = match.row, match.heard[0]
    is_new = not row.gateway_message_id or (row.status == D.UNCERTAIN and match.is_of_last_call(about))
    return about.message_id if is_new else row.gateway_message_id


def _faults(change: Change) -> Iterator[LateFault]:
    """What a message that has just failed tells of its number or of its campaign."""
    if change.end.status != D.FAILED:
        return
    left_at, campaign = change.end.sent_at, change.match.row.campaign_id
    named = [one for one in change.match.heard if concerns_others(one.error_kind)]
    for one in named:
        yield LateFault(one.error_kind, one.detail, left_at, campaign)
    if change.end.error_kind == RECEIPT_FAILED and not named:
        yield LateFault(RECEIPT_FAILED, change.end.error_detail, left_at, campaign)


# --- many rows


def _write(changes: Sequence[Change], now: datetime) -> int:
    usual = [change for change in changes if not _is_seldom(change)]
    seldom = [change for change in changes if _is_seldom(change)]
    done = update_each(Delivery, "status", USUAL, [_values(change, now) for change in usual])
    return done + update_each(Delivery, "status", USUAL + SELDOM, [_all_values(change, now) for change in seldom])


def _is_seldom(change: Change) -> bool:
    row = change.match.row
    is_known = (row.sent_at, row.gateway_message_id) == (change.end.sent_at, change.message_id)
    return not is_known or row.status in D.withdrawable


def _values(change: Change, now: datetime) -> tuple[Any, ...]:
    row, end = change.match.row, change.end
    since = now if end.status != row.status else row.status_changed_at
    return (row.id, row.status, end.status, end.delivered_at, end.read_at, end.error_kind, end.error_detail, since)


def _all_values(change: Change, now: datetime) -> tuple[Any, ...]:
    return (*_values(change, now), change.end.sent_at, change.message_id, None)


def _opt_out(changes: Sequence[Change], now: datetime) -> None:
    """Whoever told WhatsApp to stop us is asked by nobody else any more, unless they took it back after that report."""
    told = [
        (change.match.row.contact_id, one.at or now)
        for change in changes
        if change.end.status == D.FAILED and change.end.error_kind == ErrorKind.OPTED_OUT
        for one in change.match.heard
        if one.error_kind == ErrorKind.OPTED_OUT
    ]
    opt_out_all(told, now=now)
