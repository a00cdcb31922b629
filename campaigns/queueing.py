"""Moves of deliveries that no call is involved in: into the queue, out of it, and back after a failure.

With `claims` and `attempts` these are the only functions that write a delivery's status.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.absences import ask_anew
from campaigns.enums import CampaignKind, CampaignStatus, DeliveryStatus, Origin, SkipReason
from campaigns.explanations import TOO_LONG
from campaigns.models import Campaign, Delivery, DeliveryAttempt
from campaigns.scheduling import is_too_late
from campaigns.statements import values_in_use

D = DeliveryStatus
OPEN = sorted(D.open)
MOST_AT_ONCE = 5000


def promote_due(*, now: datetime) -> int:
    """Rows whose moment has come join the queue; until then they do not stand in front of anybody."""
    due = Delivery.objects.filter(status=D.WAITING, due_at__lte=now)
    if not due.exists():  # asked first: an update of nothing takes SQLite's one write lock all the same
        return 0
    return due.update(status=D.PENDING, due_at=None, status_changed_at=now)


def withdraw(campaign: Campaign, *, now: datetime) -> int:
    """Take back what has not left: the campaign was cancelled."""
    return Delivery.objects.filter(campaign=campaign, status__in=sorted(D.withdrawable)).update(
        status=D.CANCELLED, due_at=None, status_changed_at=now
    )


def expire_late(*, now: datetime) -> int:
    """What may not leave any more, because its campaign's "not later than" has passed."""
    late = Campaign.objects.filter(is_too_late(now), status__in=[CampaignStatus.SENDING, CampaignStatus.PAUSED])
    return Delivery.objects.filter(campaign__in=late.values("pk"), status__in=sorted(D.withdrawable)).update(
        status=D.EXPIRED, due_at=None, status_changed_at=now
    )


def skip(delivery: Delivery, reason: str, *, now: datetime) -> bool:
    """This person may not get it any more; said in the list, counted as nobody's failure."""
    return bool(
        Delivery.objects.filter(pk=delivery.pk, status=D.PENDING).update(
            status=D.SKIPPED, error_kind=reason, error_detail="", status_changed_at=now
        )
    )


# Sent, but not to the person: the safe mode was on.
TEST_ONLY = Q(status=D.SKIPPED, error_kind=SkipReason.TEST_ONLY)
# Waits for its turn, or would when somebody presses "send again".
CAN_LEAVE = Q(status__in=sorted(D.withdrawable | {D.FAILED})) | TEST_ONLY


def skip_doubles(ids: Collection[int], *, now: datetime) -> int:
    """Of one person who was listed twice: what has not left, and what could be sent again, goes to them no more."""
    return Delivery.objects.filter(CAN_LEAVE, pk__in=ids).update(
        status=D.SKIPPED, error_kind=SkipReason.MERGED, error_detail="", due_at=None, status_changed_at=now
    )


def skip_opted_out(contact_id: int, channel: str, *, now: datetime) -> int:
    """Of a person who has just said no: the announcements of this channel that have not left. Tickets go on, and so
    does the answer to somebody who wrote.

    What somebody holds at this moment is left to them: it is judged once more when it is taken from the queue.
    """
    waiting = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        contact=contact_id, channel=channel, status__in=sorted(D.withdrawable), campaign__kind=CampaignKind.ANNOUNCEMENT
    )
    waiting = waiting.exclude(campaign__origin=Origin.REPLY)
    found = list(waiting.order_by("pk").values_list("pk", flat=True))
    return Delivery.objects.filter(pk__in=found, status__in=sorted(D.withdrawable)).update(
        status=D.SKIPPED, error_kind=SkipReason.OPTED_OUT, error_detail="", due_at=None, status_changed_at=now
    )


def resendable(campaign: Campaign, *, kinds: Collection[str] = (), uncertain: bool = False) -> QuerySet[Delivery]:
    """What a person may send again: what failed, and what is uncertain only when it is asked for by name.

    A text that is too long is frozen as it is and would be refused again: it takes a new, shorter message.
    """
    wanted = (Q(status=D.FAILED) & ~Q(error_kind=TOO_LONG)) | TEST_ONLY
    if kinds:
        wanted &= Q(error_kind__in=list(kinds))
    if uncertain:
        wanted |= Q(status=D.UNCERTAIN)
    return Delivery.objects.filter(wanted, campaign=campaign)


def requeue(deliveries: QuerySet[Delivery], *, now: datetime) -> int:
    """Back into the queue in one update, so that two presses of the button queue each message once."""
    again = deliveries.filter(Q(status__in=[D.FAILED, D.UNCERTAIN]) | TEST_ONLY)
    ask_anew(again)
    return again.update(
        status=D.PENDING,
        due_at=None,
        tries_charged=0,
        error_kind="",
        error_detail="",
        claimed_at=None,
        status_changed_at=now,
    )


def return_stale_claims(*, before: datetime, now: datetime) -> int:
    """A claim for which no attempt was ever written goes back to the queue: certainly nothing left.

    Claim and attempt are written in one transaction, so this is for rows that came about in another way. A claim whose
    attempt exists, closed or not, is never touched here.
    """
    tried = DeliveryAttempt.objects.filter(delivery=OuterRef("pk"), number=OuterRef("attempts_made"))
    stale = Delivery.objects.filter(~Exists(tried), status=D.CLAIMED, claimed_at__lt=before)
    return stale.update(status=D.PENDING, claimed_at=None, status_changed_at=now)


def pools_in_use(campaigns: Iterable[Campaign], channel: str) -> dict[int, list[int]]:
    """By campaign, the pools in which somebody waits. One look-up in the index for each, however many people wait."""
    ids, where = [campaign.pk for campaign in campaigns], {"channel": channel, "status": D.PENDING}
    return values_in_use(Delivery, "pool", "campaign", ids, where)


def open_pool(campaign_id: int, channel: str, pool: int) -> int:
    """Let any number send what one number kept; a part at a time, so that nobody waits long for the database."""
    kept = Delivery.objects.filter(campaign=campaign_id, channel=channel, status=D.PENDING, pool=pool)
    return Delivery.objects.filter(pk__in=kept.values("pk")[:MOST_AT_ONCE], status=D.PENDING).update(pool=0)


def has_open(campaign: Campaign) -> bool:
    return not without_open([campaign])


def without_open(campaigns: Collection[Campaign]) -> list[Campaign]:
    """Those of the campaigns that have nobody left to reach.

    The states of each are read off its totals' index, step by step. Asked for any open message, a database that does
    not know yet that many have come may look for it among those of all campaigns.
    """
    found = values_in_use(Delivery, "status", "campaign", [campaign.pk for campaign in campaigns], {})
    return [campaign for campaign in campaigns if D.open.isdisjoint(found.get(campaign.pk, ()))]


def with_open(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Those of the campaigns that still have somebody to reach."""
    return campaigns.filter(Exists(Delivery.objects.filter(campaign=OuterRef("pk"), status__in=OPEN)))


def withdraw_cancelled(*, now: datetime) -> int:
    """What came back to the queue after its campaign was cancelled: a call was under way at that moment."""
    cancelled = Campaign.objects.filter(status=CampaignStatus.CANCELLED, launched_at__isnull=False)
    return Delivery.objects.filter(campaign__in=cancelled.values("pk"), status__in=sorted(D.withdrawable)).update(
        status=D.CANCELLED, due_at=None, status_changed_at=now
    )
