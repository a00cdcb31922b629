"""The record of every call: opened before it, closed after it, settled when its owner died.

The delivery's status follows the attempt here and nowhere else. Everything is compare-and-set: an answer that comes
after somebody else decided changes the attempt's row and not the delivery's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from campaigns import safe_mode
from campaigns.enums import AttemptOutcome, DeliveryStatus, SkipReason
from campaigns.models import Delivery, DeliveryAttempt, Lane
from campaigns.number_look import NumberLook
from campaigns.outcomes import Verdict, consequence_of
from campaigns.statements import insert, update
from whatsapp.gateways.base import Accepted, ErrorKind, GatewayError

A = AttemptOutcome
D = DeliveryStatus

OUTCOME_OF = {
    Verdict.FAIL: A.REFUSED,
    Verdict.RETRY: A.NOT_SENT,
    Verdict.RETURN: A.NOT_SENT,
    Verdict.UNCERTAIN: A.UNCERTAIN,
}


# In safe mode the message left, but not to this person, who still has to get it. Without the id of the message, no
# receipt can say otherwise.
WENT_TO_A_TEST_ADDRESS: dict[str, object] = {
    "status": D.SKIPPED,
    "error_kind": SkipReason.TEST_ONLY,
    "error_detail": "",
}


@dataclass(frozen=True)
class Ended:
    """How a call ended: with `accepted` or with `error`, never both."""

    finished_at: datetime
    latency_ms: int
    accepted: Accepted | None = None
    error: GatewayError | None = None
    look: NumberLook | None = None  # at the person's number, before it

    @property
    def kind(self) -> str:
        return "" if self.error is None else str(self.error.kind)


@dataclass(frozen=True)
class RetryRule:
    """When a message that could not leave for this person's sake is tried again, and how often."""

    attempts: int
    wait: float  # seconds before the next try, chance included


def open_attempt(delivery: Delivery, lane: Lane, *, now: datetime) -> DeliveryAttempt:
    """Write ahead. Committed before the call, so that a crash leaves proof that there may have been one."""
    values: dict[str, Any] = {
        "delivery_id": delivery.pk,
        "number": delivery.attempts_made,
        "lane_id": lane.pk,
        "sender_id": lane.sender_id,
        "fence": lane.fence,
        "started_at": now,
        "outcome": A.STARTED,
    }
    nothing_yet = {"error_kind": "", "detail": "", "gateway_message_id": ""}
    return DeliveryAttempt(pk=insert(DeliveryAttempt, values | nothing_yet), **values)


def close_attempt(attempt: DeliveryAttempt, delivery: Delivery, ended: Ended, retry: RetryRule) -> None:
    """Record the answer on the attempt, and on its delivery where that still waits for it."""
    verdict = None if ended.accepted else consequence_of(ended.kind).verdict
    outcome = A.ACCEPTED if verdict is None else OUTCOME_OF[verdict]
    error = ended.error
    # "uncertain" too: the answer may come after the lease ran out and somebody settled the attempt for us.
    update(
        DeliveryAttempt,
        {
            "outcome": outcome,
            "finished_at": ended.finished_at,
            "latency_ms": ended.latency_ms,
            "error_kind": ended.kind,
            "detail": error.detail[:500] if error else "",
            "http_status": error.http_status if error else ended.accepted and ended.accepted.http_status,
            "gateway_message_id": ended.accepted.message_id[:200] if ended.accepted else "",
        },
        {"id": attempt.pk, "outcome": (A.STARTED, A.UNCERTAIN)},
    )
    changes = _accepted(ended) if verdict is None else _changes(verdict, delivery, ended, retry)
    if safe_mode.is_on() and verdict in (None, Verdict.UNCERTAIN):
        changes = WENT_TO_A_TEST_ADDRESS
    update(
        Delivery,
        {"status_changed_at": ended.finished_at, **changes},
        {"id": delivery.pk, "status": (D.CLAIMED, D.UNCERTAIN), "attempts_made": attempt.number},
    )


def _accepted(ended: Ended) -> dict[str, object]:
    assert ended.accepted is not None
    return {
        "status": D.SENT,
        "sent_at": ended.finished_at,
        "gateway_message_id": ended.accepted.message_id[:200],
        "error_kind": "",
        "error_detail": "",
    }


def _changes(verdict: Verdict, delivery: Delivery, ended: Ended, retry: RetryRule) -> dict[str, object]:
    assert ended.error is not None
    said: dict[str, object] = {"error_kind": ended.kind, "error_detail": ended.error.detail[:500]}
    match verdict:
        case Verdict.RETURN:
            return {**said, "status": D.PENDING, "claimed_at": None}
        case Verdict.RETRY if delivery.tries_charged + 1 < retry.attempts:
            wait = timedelta(seconds=ended.error.retry_after or retry.wait)
            return {
                **said,
                "status": D.WAITING,
                "due_at": ended.finished_at + wait,
                "claimed_at": None,
                "tries_charged": delivery.tries_charged + 1,
            }
        case Verdict.FAIL | Verdict.RETRY:
            return {**said, "status": D.FAILED, "tries_charged": delivery.tries_charged + 1}
        case Verdict.UNCERTAIN:
            return {**said, "status": D.UNCERTAIN}


def settle_abandoned(lane: Lane, *, now: datetime) -> int:
    """Attempts that a former holder of the lane left open: they may have left, so they are uncertain."""
    abandoned = DeliveryAttempt.objects.filter(lane=lane, outcome=A.STARTED, fence__lt=lane.fence)
    pairs = list(abandoned.values_list("pk", "delivery_id", "number"))
    for attempt_id, delivery_id, number in pairs:
        _settle(attempt_id, delivery_id, number, now=now)
    return len(pairs)


def _settle(attempt_id: int, delivery_id: int, number: int, *, now: datetime) -> None:
    """Both rows or none: a delivery whose attempt is closed must never look as if nothing had been tried."""
    with transaction.atomic():
        settled = DeliveryAttempt.objects.filter(pk=attempt_id, outcome=A.STARTED).update(
            outcome=A.UNCERTAIN, finished_at=now, error_kind=ErrorKind.UNCERTAIN, detail=""
        )
        if settled:
            Delivery.objects.filter(pk=delivery_id, status=D.CLAIMED, attempts_made=number).update(
                status=D.UNCERTAIN, error_kind=ErrorKind.UNCERTAIN, error_detail="", status_changed_at=now
            )


def record_unwritable(attempt: DeliveryAttempt, *, now: datetime) -> None:
    """An answer came that the database refuses, such as a text with a null byte: what is left is "uncertain"."""
    _settle(attempt.pk, attempt.delivery_id, attempt.number, now=now)


def settle_expired_lanes(*, now: datetime) -> int:
    """The same for lanes that nobody took over since their holder died."""
    settled = 0
    dead = Lane.objects.filter(attempts__outcome=A.STARTED, lease_expires_at__lte=now).distinct()
    released = Lane.objects.filter(attempts__outcome=A.STARTED, lease_expires_at=None).distinct()
    for lane in [*dead, *released]:
        # One more fence, so that the dead holder, should it wake up, finds its lease gone.
        taken = Lane.objects.filter(pk=lane.pk, fence=lane.fence, lease_expires_at=lane.lease_expires_at).update(
            fence=lane.fence + 1, lease_owner="", lease_expires_at=None
        )
        if taken:
            lane.fence += 1
            settled += settle_abandoned(lane, now=now)
    return settled
