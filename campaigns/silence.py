"""A number whose receipts used to come and do not come any more: its messages may reach nobody.

Some sessions say "ready" and take everything while nothing leaves. So a number that reported before, and now sends so
many messages without a word, takes no new work; others take over. It goes on by itself with its next receipt.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from campaigns.enums import DeliveryStatus, LanePause
from campaigns.kicks import kick_dispatchers
from campaigns.lanes import AWAKE
from campaigns.models import Delivery, Lane
from tickets.enums import Action
from tickets.history import record
from whatsapp.models import Sender, SendingSettings, WebhookPost

logger = logging.getLogger(__name__)
D = DeliveryStatus


def watch(settings: SendingSettings, *, now: datetime) -> int:
    """Stop what has fallen silent; returns how many numbers that were. Never one that never gave a receipt."""
    if not settings.silence_messages:
        for lane in _resting():  # this is not watched any more
            _wake(lane, now=now)
        return 0
    before = now - timedelta(minutes=settings.silence_minutes)
    at_work = Lane.objects.filter(
        pause_reason=LanePause.NONE,
        sender__is_enabled=True,
        sender__is_draining=False,
        sender__last_receipt_at__lt=before,
    ).select_related("sender")
    return sum(_stop(lane, settings, before, now=now) for lane in at_work)


def heard_of(sender_id: int, *, now: datetime) -> bool:
    """A receipt came: whether that wakes the number."""
    return any(_wake(lane, now=now) for lane in _resting().filter(sender=sender_id))


def unconfirmed(sender_id: int, since: datetime, before: datetime) -> QuerySet[Delivery]:
    """What the number sent in that time, and no receipt has come for although one could."""
    sent = Delivery.objects.filter(sender=sender_id, status=D.SENT, sent_at__gt=since, sent_at__lte=before)
    return sent.filter(settled_by=None).exclude(gateway_message_id="").order_by()


def _stop(lane: Lane, settings: SendingSettings, before: datetime, *, now: datetime) -> bool:
    sender = lane.sender
    assert sender is not None
    assert sender.last_receipt_at is not None
    since = max(sender.last_receipt_at, lane.trusted_since or sender.last_receipt_at)
    wanted = settings.silence_messages
    if len(unconfirmed(sender.pk, since, before).values("pk")[:wanted]) < wanted or _has_unread_posts(sender):
        return False
    with transaction.atomic():
        # Only while nothing has come meanwhile, and nobody has done something about it.
        as_seen = Lane.objects.filter(
            pk=lane.pk,
            pause_reason=LanePause.NONE,
            trusted_since=lane.trusted_since,
            sender__last_receipt_at=sender.last_receipt_at,
        )
        won = as_seen.update(pause_reason=LanePause.SILENT, pause_detail="", paused_since=now, is_stopped=True)
        if won:
            told = {"last_receipt_at": sender.last_receipt_at, "unconfirmed": wanted}
            record(None, sender, Action.SILENCED, after=told, now=now)
            logger.warning("Number %s has given no receipt since %s and stops", sender.pk, sender.last_receipt_at)
    return bool(won)


def _has_unread_posts(sender: Sender) -> bool:
    """Receipts that nobody has looked at yet are no silence."""
    return WebhookPost.objects.filter(sender=sender, applied_at=None).exists()


def _resting() -> QuerySet[Lane]:
    return Lane.objects.filter(pause_reason=LanePause.SILENT).select_related("sender")


def _wake(lane: Lane, *, now: datetime) -> bool:
    with transaction.atomic():
        if not Lane.objects.filter(pk=lane.pk, pause_reason=LanePause.SILENT).update(**AWAKE):
            return False
        record(None, lane.sender, Action.HEARD_AGAIN, now=now)
        kick_dispatchers(now=now)
    return True
