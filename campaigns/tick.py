"""The minutely tick: whatever the dead, the lost and the clock left undone. Running it twice does nothing twice."""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings

from campaigns import (
    attempts,
    birthdays,
    installation,
    keeping,
    lanes,
    lifecycle,
    news,
    queueing,
    reminders,
    rescheduling,
    second_channel,
    shared_key,
    silence,
    slots,
)
from campaigns.enums import CampaignStatus
from campaigns.kicks import kick_dispatchers, start_preparing
from campaigns.models import Campaign, Dispatcher
from campaigns.replies.forwarding import forward_due
from campaigns.replies.keeping import forget_old
from campaigns.replies.writers import match_waiting, start_asking
from campaigns.work import idle_lanes
from tickets import pins
from whatsapp.models import SendingSettings

logger = logging.getLogger(__name__)


@dataclass
class Tidied:
    """What one tick did, for the log and the list of tasks."""

    abandoned: int = 0
    returned: int = 0
    promoted: int = 0
    overtaken: int = 0
    silenced: int = 0
    handed_on: int = 0
    kept: int = 0
    expired: int = 0
    withdrawn: int = 0
    started: int = 0
    preparing: int = 0
    reopened: int = 0
    finished: int = 0
    kicked: int = 0
    second_channel: int = 0
    reminded: int = 0
    greeted: int = 0
    pins_forgotten: int = 0
    replies_matched: int = 0
    replies_asked_about: int = 0
    replies_forwarded: int = 0
    replies_forgotten: int = 0


def tick(*, now: datetime) -> Tidied | None:
    """None when another tick is running. Nothing at all is done while sending is held: it might be somebody else's."""
    slots.ensure_slots()
    if installation.check_place(now=now) and not installation.why_held():
        return Tidied()  # only this computer is not known: the tick belongs to the others
    held = slots.take_slot(Dispatcher.TICK, now=now)
    if held is None:
        return None
    try:
        done = Tidied() if installation.why_held() else _tidy(now)
    finally:
        held.free()
    if any(asdict(done).values()):
        logger.info("Tick: %s", {name: count for name, count in asdict(done).items() if count})
    return done


def _tidy(now: datetime) -> Tidied:
    installation.advance()
    shared_key.note()
    limits = SendingSettings.load()
    lanes.ensure_lanes()
    rescheduling.reschedule_all(now=now)
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    return Tidied(
        abandoned=attempts.settle_expired_lanes(now=now),
        returned=queueing.return_stale_claims(before=now - lease, now=now),
        expired=queueing.expire_late(now=now),
        withdrawn=queueing.withdraw_cancelled(now=now),
        promoted=queueing.promote_due(now=now),
        # Receipts that overtook our own save; and only then, whose do not come any more.
        overtaken=news.apply_early(now=now),
        silenced=silence.watch(limits, now=now),
        handed_on=keeping.hand_on(now=now),
        kept=lanes.end_known_only(now=now) + keeping.keep_known_of_all(now=now),
        started=lifecycle.start_due(now=now, grace=timedelta(minutes=limits.schedule_grace_minutes)),
        preparing=_prepare_again(now - lease, now=now),
        reopened=lifecycle.reopen_unfinished(now=now),
        finished=lifecycle.finish_done(now=now),
        kicked=_kick(now=now),
        # Last: whatever goes wrong with these must keep nobody from their message.
        second_channel=second_channel.send_due(now=now),
        reminded=reminders.remind_due(now=now),
        greeted=birthdays.greet_due(now=now),
        pins_forgotten=pins.forget_old(now),
        replies_matched=match_waiting(now=now),
        replies_asked_about=start_asking(now=now),
        replies_forwarded=forward_due(now=now),
        replies_forgotten=forget_old(now=now),
    )


def _prepare_again(before: datetime, *, now: datetime) -> int:
    """Lists whose writer died or whose task was lost."""
    stale = Campaign.objects.filter(
        status=CampaignStatus.SENDING, prepared_at=None, preparing_seen_at__lt=before
    ).values_list("pk", flat=True)
    for pk in stale:
        Campaign.objects.filter(pk=pk).update(preparing_seen_at=now)
        start_preparing(pk)
    return len(stale)


def _kick(*, now: datetime) -> int:
    """Only when a lane that nobody holds could do something before the next tick."""
    before = now + timedelta(seconds=settings.TICK_SECONDS)
    return kick_dispatchers(now=now) if idle_lanes(now=now, before=before) else 0
