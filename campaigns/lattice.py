"""What several receipts say together about one message. Pure: standard library only.

Receipts come late, twice and in any order. Each can only raise what is known, so that the end is the same for all
orders: nothing < sent < failed < delivered < read. Of moments the earliest counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from whatsapp.webhooks.base import ReceiptStatus

R = ReceiptStatus

ARRIVAL = frozenset({R.DELIVERED, R.READ})
# What may be raised by which receipt. A message that has been sent again and has not left yet must not leave once the
# first try is known to have arrived; that it only left says too little. What a receipt never changes: a message that is
# leaving at this moment, and one that somebody took back.
RAISED_BY: dict[str, frozenset[ReceiptStatus]] = {
    "uncertain": frozenset(R),
    "sent": frozenset(R),
    "failed": ARRIVAL,
    "delivered": ARRIVAL,
    "read": ARRIVAL,
    "pending": ARRIVAL,
    "waiting": ARRIVAL,
}
HEIGHT: dict[str, int] = {status.value: height for height, status in enumerate(R, start=1)}  # others: nothing is known


@dataclass(frozen=True)
class Said:
    """One receipt. `at` is what the provider says, or None."""

    status: ReceiptStatus
    at: datetime | None = None
    error_kind: str = ""
    detail: str = ""
    is_of_last_call: bool = True


@dataclass(frozen=True)
class Standing:
    """What is known of a message that has been sent, or may have been. `sent_at` is given, and stays."""

    status: str
    sent_at: datetime
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    error_kind: str = ""
    error_detail: str = ""


def raised(standing: Standing, said: Iterable[Said], *, now: datetime) -> Standing:
    for one in said:
        if one.status in RAISED_BY.get(standing.status, ()) and (one.is_of_last_call or one.status in ARRIVAL):
            standing = _with_times(_with_status(standing, one), one, now)
    return standing


def _with_status(standing: Standing, said: Said) -> Standing:
    if HEIGHT[said.status] <= HEIGHT.get(standing.status, 0):
        return standing
    has_failed = said.status == R.FAILED
    return replace(
        standing,
        status=said.status.value,
        error_kind=said.error_kind if has_failed else "",
        error_detail=said.detail if has_failed else "",
    )


def _with_times(standing: Standing, said: Said, now: datetime) -> Standing:
    if said.status not in ARRIVAL:
        return standing
    # Nobody reads a message before it was sent, or in the future: that is somebody's clock.
    at = max(min(said.at or now, now), standing.sent_at)
    standing = replace(standing, delivered_at=min(standing.delivered_at or at, at))
    return replace(standing, read_at=min(standing.read_at or at, at)) if said.status == R.READ else standing
