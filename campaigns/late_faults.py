"""What the failure of messages says of their number or their campaign: WhatsApp took them, and let none through.

Some providers accept everything and tell of a lock, a ban or a template that they refuse only afterwards; others say no
more than that it failed. Without an ear for that, a campaign would be used up on a number through which nothing goes.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from campaigns.campaign_faults import stop_campaign
from campaigns.enums import AttemptOutcome, CampaignStatus, DeliveryStatus, LanePause
from campaigns.explanations import RECEIPT_FAILED
from campaigns.lanes import Rest, lock_out_new_people, slow_down, stop
from campaigns.models import Campaign, DeliveryAttempt, Lane
from campaigns.outcomes import LaneEffect, Scope, consequence_of
from whatsapp.gateways.base import ErrorKind
from whatsapp.models import SendingSettings

logger = logging.getLogger(__name__)
D = DeliveryStatus

FRESH = timedelta(hours=1)  # a report about what left longer ago says nothing about now
PAUSE_OF = {ErrorKind.BLOCKED: LanePause.BLOCKED, ErrorKind.AUTH: LanePause.AUTH}
SLOWER_FOR = timedelta(seconds=30)  # the number rests; what left before is reported meanwhile
LEAST_IN_A_ROW = 3  # whatever the settings say of calls: a report that comes alone is about one person
LOOKED_AT = 500  # calls of all numbers, the newest
EFFECTS = (LaneEffect.STOP, LaneEffect.KNOWN_ONLY, LaneEffect.SLOW_DOWN)


@dataclass(frozen=True)
class LateFault:
    """A message that failed after it had left, for a reason that others may share."""

    kind: str
    detail: str
    left_at: datetime
    campaign_id: int


def concerns_others(kind: str) -> bool:
    return _is_of_campaign(kind) or consequence_of(kind).lane in EFFECTS


def _is_of_campaign(kind: str) -> bool:
    return consequence_of(kind).scope == Scope.CAMPAIGN


def heed(sender_id: int, faults: Iterable[LateFault], *, now: datetime) -> int:
    """How much that changed. Nothing from before somebody used the number again counts."""
    newest = _one_of_each(faults)
    lane = Lane.objects.filter(sender=sender_id).first() if newest else None
    if lane is None:
        return 0
    since = max(now - FRESH, lane.trusted_since or now - FRESH)
    return sum(_heed(lane, fault, since, now) for fault in newest if fault.left_at > since)


def _one_of_each(faults: Iterable[LateFault]) -> list[LateFault]:
    """The newest of each kind, and of each campaign where it is about that: a post may hold hundreds."""
    newest: dict[tuple[str, int], LateFault] = {}
    for fault in sorted(faults, key=lambda one: one.left_at):
        newest[fault.kind, fault.campaign_id if _is_of_campaign(fault.kind) else 0] = fault
    return list(newest.values())


def _heed(lane: Lane, fault: LateFault, since: datetime, now: datetime) -> bool:
    is_new = _act(lane, fault, since, now)
    if is_new:
        logger.warning("Number %s: messages that had left failed: %s", lane.sender_id, fault.kind)
    return is_new


def _act(lane: Lane, fault: LateFault, since: datetime, now: datetime) -> bool:
    """What names no end lasts until a person acts."""
    assert lane.sender_id is not None
    if fault.kind == RECEIPT_FAILED:
        # Else a reason is known, and perhaps an end.
        is_at_work = Lane.objects.filter(pk=lane.pk, pause_reason=LanePause.NONE, known_only_since=None).exists()
        fails = is_at_work and _fails_throughout(lane.sender_id, since)
        return fails and stop(lane.sender_id, Rest(LanePause.FAILING, fault.detail, None), now=now)
    if _is_of_campaign(fault.kind):
        return _left_since_its_start(fault) and stop_campaign(fault.campaign_id, fault.kind, fault.detail, now=now)
    match consequence_of(fault.kind).lane:
        case LaneEffect.KNOWN_ONLY:
            return lock_out_new_people(lane.sender_id, fault.detail, None, now=now)
        case LaneEffect.SLOW_DOWN:
            is_of_now = fault.left_at > now - SLOWER_FOR
            return is_of_now and slow_down(lane, fault.detail, now + SLOWER_FOR, now=now)
    return stop(lane.sender_id, Rest(PAUSE_OF[ErrorKind(fault.kind)], fault.detail, None), now=now)


def _left_since_its_start(fault: LateFault) -> bool:
    """Not before somebody resumed it: they have mended what was wrong."""
    at_work = Campaign.objects.filter(pk=fault.campaign_id, status=CampaignStatus.SENDING)
    return at_work.filter(status_changed_at__lte=fault.left_at).exists()


def _fails_throughout(sender_id: int, since: datetime) -> bool:
    """All that was heard of the number's last messages is that they failed, without a reason that lies in a person.

    A gateway that reports nothing but failures is no such case: of most messages nothing is heard.
    """
    calls = DeliveryAttempt.objects.filter(started_at__gt=since, outcome=AttemptOutcome.ACCEPTED, sender__isnull=False)
    calls = calls.filter(number=F("delivery__attempts_made"))  # what became of a message says nothing of earlier calls
    # Of all numbers, in the order of an index: asked for one, SQLite would sort all that it ever sent.
    ends = calls.order_by("-started_at").values_list("sender", "delivery__status", "delivery__error_kind")[:LOOKED_AT]
    failed = unheard = 0
    for sender, status, kind in ends:
        if sender != sender_id:
            continue
        if status in (D.DELIVERED, D.READ):
            break
        failed += status == D.FAILED and kind == RECEIPT_FAILED
        unheard += status == D.SENT and failed > 0
    wanted = max(SendingSettings.load().breaker_threshold, LEAST_IN_A_ROW)
    return failed >= max(wanted, unheard)
