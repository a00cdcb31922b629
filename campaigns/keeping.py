"""A person who was reached from one number keeps it, for as long as that number can send.

Kept messages stand in the pool of their number. When it cannot send within ten minutes and another number can, they
go to everybody's pool.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Subquery

from campaigns.enums import Channel, DeliveryStatus, Origin
from campaigns.lanes import is_usable, lane_veto, usable_lanes
from campaigns.limits import RunLimits
from campaigns.models import Campaign, Delivery, Lane, Mailbox, Reply
from campaigns.queueing import MOST_AT_ONCE, open_pool
from campaigns.template_lanes import may_take
from campaigns.windows import sending
from campaigns.work import Work, work_now
from tickets.conditions import STATE
from tickets.models import Contact
from whatsapp.models import Sender

PATIENCE = timedelta(minutes=10)
LATELY = timedelta(hours=24)


def kept_numbers(campaign: Campaign, contact_ids: Collection[int]) -> dict[int, int]:
    """By contact, the number that reached them last, where it still sends and there is another to choose from."""
    lanes = Lane.objects.filter(usable_lanes(Channel.WHATSAPP)).select_related("sender")
    in_use = {lane.sender_id for lane in lanes if may_take(lane.sender, campaign)}
    if len(in_use) < 2:
        return {}
    found = Contact.objects.filter(pk__in=contact_ids).annotate(last=_last_number_of("pk")).values_list("pk", "last")
    return {contact: sender for contact, sender in found if sender in in_use}


def keep_known(sender_id: int, *, now: datetime) -> int:
    """Those that wait for any number, whose person was last reached from this one or wrote to it within a day: it may
    write to them, also while it may write to nobody new. A part at a time."""
    waiting = Delivery.objects.filter(channel=Channel.WHATSAPP, status=DeliveryStatus.PENDING, pool=0)
    sender = Sender.objects.get(pk=sender_id)
    waiting = waiting.filter(campaign__in=[campaign.pk for campaign in sending() if may_take(sender, campaign)])
    wrote = Reply.objects.filter(contact=OuterRef("contact"), sender=sender_id, received_at__gt=now - LATELY)
    knows = Q(last=sender_id) | Q(Exists(wrote))
    found = waiting.annotate(last=_last_number_of("contact")).filter(knows).values("pk")[:MOST_AT_ONCE]
    return Delivery.objects.filter(pk__in=found, status=DeliveryStatus.PENDING, pool=0).update(pool=sender_id)


def _last_number_of(contact: str) -> Subquery:
    """That of the last message which is not known to have failed after it had left. `contact` names the column."""
    left = Delivery.objects.filter(contact=OuterRef(contact), sender__isnull=False, sent_at__isnull=False)
    reached = left.annotate(state=STATE).filter(state__in=sorted(DeliveryStatus.arrived))
    return Subquery(reached.order_by("-sent_at").values("sender")[:1])


def keep_known_of_all(*, now: datetime) -> int:
    """Once a minute, of the numbers that may write to nobody new: for what was launched since."""
    numbers = Lane.objects.filter(known_only_since__isnull=False, sender__isnull=False)
    return sum(keep_known(pk, now=now) for pk in numbers.order_by("pk").values_list("sender", flat=True))


def hand_on(*, now: datetime) -> int:
    """Once a minute, also what no lane takes any more: its number or its mailbox was deleted."""
    limits, campaigns = RunLimits.load(), sending()
    work = work_now(campaigns, limits, now=now)
    mailboxes = {0, *Mailbox.objects.values_list("pk", flat=True)}
    orphans = work.pools.get(Channel.EMAIL, frozenset()) - mailboxes
    found = sum(open_pool(campaign.pk, Channel.EMAIL, pool) for campaign in campaigns for pool in orphans)
    return found + let_go_of_unavailable(campaigns, work, limits, now=now)


def let_go_of_unavailable(campaigns: Iterable[Campaign], work: Work, limits: RunLimits, *, now: datetime) -> int:
    """Returns how many messages may leave from any number from now on."""
    kept_by = work.pools.get(Channel.WHATSAPP, frozenset()) - {0}
    if not kept_by:
        return 0
    lanes = Lane.objects.filter(channel=Channel.WHATSAPP).select_related("sender")
    able = [lane.sender for lane in lanes if _can_send_soon(lane, limits, now=now)]
    return sum(_let_go(campaign, work, able) for campaign in campaigns)


def _let_go(campaign: Campaign, work: Work, able: Iterable[Sender | None]) -> int:
    others = {sender.pk for sender in able if sender and may_take(sender, campaign)}
    # An answer from a number that they have not written to would be a riddle: it waits for its own, or expires.
    if not others or campaign.origin == Origin.REPLY:
        return 0
    kept_by = work.of_campaigns.get(campaign.pk, frozenset()) - {0} - others
    return sum(open_pool(campaign.pk, Channel.WHATSAPP, pool) for pool in sorted(kept_by))


def _can_send_soon(lane: Lane, limits: RunLimits, *, now: datetime) -> bool:
    if not is_usable(lane):
        return False
    if _rests_again_and_again(lane, now=now):
        return False
    wait = lane_veto(lane, limits.pace(lane), day_zone=limits.day_zone, now=now)
    return wait is None or (wait.until is not None and wait.until <= now + PATIENCE)


def _rests_again_and_again(lane: Lane, *, now: datetime) -> bool:
    """One whose next look is due says nothing: perhaps there was no work for hours, and so nobody looked."""
    if not lane.pause_reason or lane.paused_since is None or now - lane.paused_since <= PATIENCE:
        return False
    return lane.paused_until is None or lane.paused_until > now
