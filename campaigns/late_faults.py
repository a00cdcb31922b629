"""What the failure of messages says of their number: WhatsApp took them, and reported later that it let none through.

Some providers accept everything and tell of a lock or a ban only afterwards. Without an ear for that, a campaign would
be used up on a number through which nothing goes.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.enums import LanePause
from campaigns.lanes import Rest, lock_out_new_people, stop
from campaigns.models import Lane
from campaigns.outcomes import LaneEffect, consequence_of
from whatsapp.gateways.base import ErrorKind

logger = logging.getLogger(__name__)

FRESH = timedelta(hours=1)  # a report about what left longer ago says nothing about now
PAUSE_OF = {ErrorKind.BLOCKED: LanePause.BLOCKED, ErrorKind.AUTH: LanePause.AUTH}


@dataclass(frozen=True)
class LateFault:
    """A message that failed for its number's sake after it had left."""

    kind: str
    detail: str
    left_at: datetime


def is_about_number(kind: str) -> bool:
    return bool(kind) and consequence_of(kind).lane in (LaneEffect.STOP, LaneEffect.KNOWN_ONLY)


def heed(sender_id: int, faults: Iterable[LateFault], *, now: datetime) -> int:
    """How much that changed about the number. Nothing from before somebody used it again counts."""
    newest = _one_of_each(faults)
    lane = Lane.objects.filter(sender=sender_id).first() if newest else None
    if lane is None:
        return 0
    since = max(now - FRESH, lane.trusted_since or now - FRESH)
    return sum(_heed(sender_id, fault, now) for fault in newest if fault.left_at > since)


def _one_of_each(faults: Iterable[LateFault]) -> list[LateFault]:
    """The newest of each kind: a post may hold hundreds."""
    by_kind: dict[str, LateFault] = {}
    for fault in sorted(faults, key=lambda one: one.left_at):
        by_kind[fault.kind] = fault
    return list(by_kind.values())


def _heed(sender_id: int, fault: LateFault, now: datetime) -> bool:
    """Until a person acts: such a report names no end."""
    if consequence_of(fault.kind).lane == LaneEffect.KNOWN_ONLY:
        is_new = lock_out_new_people(sender_id, fault.detail, None, now=now)
    else:
        is_new = stop(sender_id, Rest(PAUSE_OF[ErrorKind(fault.kind)], fault.detail, None), now=now)
    if is_new:
        logger.warning("Number %s: messages that had left failed: %s", sender_id, fault.kind)
    return is_new
