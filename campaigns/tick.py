"""The minutely tick: whatever the dead, the lost and the clock left undone. Running it twice does nothing twice."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial

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
from campaigns.steps import Steps
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
    done, steps = Tidied(), Steps()
    try:
        if not installation.why_held():
            _tidy(done, steps, now)
    finally:
        held.free()
        if any(asdict(done).values()):
            logger.info("Tick: %s", {name: count for name, count in asdict(done).items() if count})
    steps.raise_first()
    return done


# What would do harm if that one had failed: stop a number whose receipts were not read, send tickets once more that
# have arrived, begin at a moment from which the event has moved away.
ONLY_AFTER = {"silenced": "overtaken", "second_channel": "overtaken", "started": "rescheduled"}


def _tidy(done: Tidied, steps: Steps, now: datetime) -> None:
    installation.advance()  # without it nothing may leave
    limits = SendingSettings.load()
    steps.run("key noted", shared_key.note)
    steps.run("lanes", lanes.ensure_lanes)
    steps.run("rescheduled", partial(rescheduling.reschedule_all, now=now))
    for name, step in _steps(limits, now):
        if ONLY_AFTER.get(name) not in steps.failed:
            setattr(done, name, steps.run(name, step) or 0)


def _steps(limits: SendingSettings, now: datetime) -> Iterator[tuple[str, Callable[[], int]]]:
    """In this order: what one of them returns to the queue is there for those behind it."""
    lease, grace = timedelta(seconds=settings.LEASE_SECONDS), timedelta(minutes=limits.schedule_grace_minutes)
    yield "abandoned", partial(attempts.settle_expired_lanes, now=now)
    yield "returned", partial(queueing.return_stale_claims, before=now - lease, now=now)
    yield "expired", partial(queueing.expire_late, now=now)
    yield "withdrawn", partial(queueing.withdraw_cancelled, now=now)
    yield "promoted", partial(queueing.promote_due, now=now)
    # Receipts that overtook our own save; and only then, whose do not come any more.
    yield "overtaken", partial(news.apply_early, now=now)
    yield "silenced", partial(silence.watch, limits, now=now)
    yield "handed_on", partial(keeping.hand_on, now=now)
    yield "kept", partial(_keep_known, now=now)
    yield "started", partial(lifecycle.start_due, now=now, grace=grace)
    yield "preparing", partial(_prepare_again, now - lease, now=now)
    yield "reopened", partial(lifecycle.reopen_unfinished, now=now)
    yield "finished", partial(lifecycle.finish_done, now=now)
    yield "kicked", partial(_kick, now=now)
    # Last, as they may take longer: nobody waits for them with a message.
    yield "second_channel", partial(second_channel.send_due, now=now)
    yield "reminded", partial(reminders.remind_due, now=now)
    yield "greeted", partial(birthdays.greet_due, now=now)
    yield "pins_forgotten", partial(pins.forget_old, now)
    yield "replies_matched", partial(match_waiting, now=now)
    yield "replies_asked_about", partial(start_asking, now=now)
    yield "replies_forwarded", partial(forward_due, now=now)
    yield "replies_forgotten", partial(forget_old, now=now)


def _keep_known(*, now: datetime) -> int:
    return lanes.end_known_only(now=now) + keeping.keep_known_of_all(now=now)


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
