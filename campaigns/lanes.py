"""Lanes: which exist, who holds them, and why one rests. Leases are compare-and-set updates on the lane's row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Coalesce

from campaigns.enums import Channel, LanePause
from campaigns.models import Lane, Mailbox
from whatsapp.limits import add_condition
from whatsapp.models import Sender
from whatsapp.pacing import LaneClock, Pace, Wait, slower, veto

# What a good status ends; a wait that the provider asked for is kept, and a ban or a wrong key needs a person.
SELF_HEALING = frozenset({LanePause.NOT_READY, LanePause.UNREACHABLE, LanePause.BREAKER, LanePause.NOBODY_FOUND})
ANY = Q()


def ensure_lanes() -> None:
    """One lane for each WhatsApp number, `EMAIL_LANES` for each mailbox; safe to call from several processes."""
    for sender in Sender.objects.filter(lane=None):
        ensure_lane(sender)
    for mailbox in (None, *Mailbox.objects.all()):
        ensure_email_lanes(mailbox)


def ensure_email_lanes(mailbox: Mailbox | None) -> None:
    known = set(Lane.objects.filter(channel=Channel.EMAIL, mailbox=mailbox).values_list("number", flat=True))
    for number in set(range(1, settings.EMAIL_LANES + 1)) - known:
        _create(channel=Channel.EMAIL, mailbox=mailbox, number=number)


def ensure_lane(sender: Sender) -> None:
    if not Lane.objects.filter(sender=sender).exists():
        _create(channel=Channel.WHATSAPP, sender=sender)


def _create(**fields: object) -> None:
    try:
        with transaction.atomic():
            Lane.objects.create(**fields)
    except IntegrityError:
        pass  # another process was faster: the lane is there


def usable_lanes(channel: str) -> Q:
    """Lanes that may take new work, as a filter; whether they must wait is pacing's decision."""
    if channel == Channel.WHATSAPP:
        return Q(channel=channel, is_stopped=False, sender__is_enabled=True, sender__is_draining=False)
    is_open = Q(mailbox=None) | Q(mailbox__is_enabled=True)
    return is_open & Q(channel=channel, is_stopped=False, number__lte=settings.EMAIL_LANES)


def is_usable(lane: Lane) -> bool:
    if lane.is_stopped:
        return False
    if lane.sender is None:
        return lane.number <= settings.EMAIL_LANES and (lane.mailbox is None or lane.mailbox.is_enabled)
    return lane.sender.is_enabled and not lane.sender.is_draining


def pools_of(lane: Lane) -> tuple[int, ...]:
    """Whose messages the lane may take: everybody's and those that its number keeps; of e-mail, its mailbox's."""
    if lane.sender_id is None:
        return (lane.mailbox_id or 0,)
    return (lane.sender_id,) if is_known_only(lane) else (0, lane.sender_id)


def is_known_only(lane: Lane) -> bool:
    """WhatsApp lets its number write to nobody new. The tick ends it when its time is over."""
    return lane.known_only_since is not None


add_condition(Q(lane__is_stopped=False))  # for `heaviest_weight`


def heaviest_of(lanes: Iterable[Lane]) -> int:
    """The weight of the heaviest number that sends now, of lanes that are at hand."""
    return max((lane.sender.weight for lane in lanes if lane.sender and is_usable(lane)), default=1)


def take_lease(lane_id: int, owner: str, *, now: datetime) -> int | None:
    """The lane's new fence number when it is ours now, else None."""
    won = Lane.objects.filter(Q(lease_expires_at=None) | Q(lease_expires_at__lte=now), pk=lane_id).update(
        lease_owner=owner, lease_expires_at=_expiry(now), fence=F("fence") + 1
    )
    return Lane.objects.values_list("fence", flat=True).get(pk=lane_id) if won else None


def renew_leases(owner: str, lane_ids: Iterable[int], *, now: datetime) -> datetime:
    """The new end of those leases that are still the owner's."""
    Lane.objects.filter(pk__in=list(lane_ids), lease_owner=owner, lease_expires_at__gt=now).update(
        lease_expires_at=_expiry(now)
    )
    return _expiry(now)


def release_leases(owner: str, lane_ids: Iterable[int]) -> None:
    Lane.objects.filter(pk__in=list(lane_ids), lease_owner=owner).update(lease_owner="", lease_expires_at=None)


def _expiry(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.LEASE_SECONDS)


def clock_of(lane: Lane) -> LaneClock:
    return LaneClock(
        position=lane.position,
        last_call_at=lane.last_call_at,
        next_send_at=lane.next_send_at,
        sent_on=lane.sent_on,
        sent_today=lane.sent_today,
        days_used=lane.days_used,
        slow_down=lane.slow_down,
        paused_until=lane.paused_until,
        is_stopped=lane.is_stopped,
    )


def lane_veto(lane: Lane, pace: Pace, *, day_zone: tzinfo, now: datetime) -> Wait | None:
    """Pacing's word on this lane. The delay rule never touches e-mail, which only rests when its server does."""
    return veto(clock_of(lane), pace if lane.sender_id else Pace(), day_zone=day_zone, now=now)


@dataclass(frozen=True)
class Rest:
    """Why a lane rests and until when; None where only a person ends it."""

    reason: LanePause
    detail: str
    until: datetime | None


def rest(lane: Lane, why: Rest, *, now: datetime) -> None:
    """Write the rest of a lane into the row that the caller holds; the caller saves it with the rest of its turn."""
    if lane.paused_since is None:
        lane.paused_since = now
    lane.pause_reason = why.reason
    lane.pause_detail = why.detail[:500]
    lane.paused_until = why.until
    lane.is_stopped = why.until is None
    lane.probes += 1


def has_stated_end(lane: Lane, reason: LanePause, *, now: datetime) -> bool:
    """It rests for that already, and somebody said until when."""
    return lane.pause_reason == reason and lane.paused_until is not None and lane.paused_until > now


def end_rest(lane: Lane) -> None:
    lane.pause_reason = LanePause.NONE
    lane.pause_detail = ""
    lane.paused_since = None
    lane.paused_until = None
    lane.is_stopped = False


def know_only(lane: Lane, detail: str, until: datetime | None, *, now: datetime) -> None:
    """Into the row that the caller holds, like `rest`. None: until a person uses the number again."""
    lane.known_only_since = lane.known_only_since or now
    lane.known_only_until = until
    lane.known_only_detail = detail[:500]


def lock_out_new_people(sender_id: int, detail: str, until: datetime | None, *, now: datetime) -> bool:
    """The gateway says it by itself. An end that is stated takes the place of none, or of an earlier one."""
    is_news = Q(known_only_since=None)
    if until is not None:
        is_news |= Q(known_only_until=None) | Q(known_only_until__lt=until - SAME_END)
    since = Coalesce("known_only_since", Value(now))
    changes = {"known_only_since": since, "known_only_until": until, "known_only_detail": detail[:500]}
    return bool(Lane.objects.filter(is_news, sender_id=sender_id).update(**changes))


SAME_END = timedelta(minutes=1)  # told twice


def rest_until_looked(sender_id: int, detail: str, until: datetime, *, now: datetime) -> bool:
    """WhatsApp restricted the number, and nobody says until when: nothing leaves until a look finds it ready."""
    at_work = Lane.objects.filter(sender_id=sender_id, pause_reason=LanePause.NONE)
    changes = {"pause_reason": LanePause.NOT_READY, "pause_detail": detail[:500], "paused_until": until}
    return bool(at_work.update(**changes, paused_since=now))


def slow_down(lane: Lane, detail: str, until: datetime, *, now: datetime) -> bool:
    """The provider said so afterwards: nothing leaves until then, and for a while it goes slower."""
    changes = {"pause_reason": LanePause.RATE_LIMITED, "pause_detail": detail[:500], "paused_until": until}
    at_work = Lane.objects.filter(pk=lane.pk, pause_reason=LanePause.NONE)
    return bool(at_work.update(**changes, paused_since=now, slow_down=slower(lane.slow_down)))


NEW_PEOPLE_AGAIN: dict[str, Any] = {"known_only_since": None, "known_only_until": None, "known_only_detail": ""}


def end_known_only(*, now: datetime) -> int:
    """Of those whose time is over."""
    return Lane.objects.filter(known_only_until__lte=now).update(**NEW_PEOPLE_AGAIN)


def stop(sender_id: int, why: Rest, *, now: datetime) -> bool:
    """WhatsApp restricted the number: nothing leaves from it until then, whoever holds its lane.

    An end that was stated stands: what names none is about the same, and would keep the number off for ever.
    """
    changes = {"pause_reason": why.reason, "pause_detail": why.detail[:500], "paused_until": why.until}
    lane = Lane.objects.filter(sender_id=sender_id).exclude(pause_reason=why.reason, paused_until=why.until)
    if why.until is None:
        lane = lane.exclude(pause_reason=why.reason, paused_until__gt=now)
    return bool(lane.update(**changes, paused_since=now, is_stopped=why.until is None))


AWAKE: dict[str, Any] = {
    "pause_reason": LanePause.NONE,
    "pause_detail": "",
    "paused_since": None,
    "paused_until": None,
    "is_stopped": False,
    "probes": 0,
}


def wake(sender_id: int, *, now: datetime, only: Q = ANY) -> bool:
    """A person changed the number, or wants it: let its lane try anew, with all that was before forgiven."""
    resting = Lane.objects.filter(~Q(pause_reason=LanePause.NONE) | Q(known_only_since__isnull=False), sender=sender_id)
    changes = AWAKE | NEW_PEOPLE_AGAIN | {"failures_in_a_row": 0, "noes_in_a_row": 0, "trusted_since": now}
    return bool(resting.filter(only).update(**changes))


def reach_more_people(sender_id: int) -> bool:
    """Meta lets the number reach more people than when it began to rest for that, or all."""
    resting = Lane.objects.filter(sender_id=sender_id, pause_reason=LanePause.PEOPLE_LIMIT)
    changed = resting.annotate(limit=Cast("sender__people_limit", CharField())).exclude(pause_detail=F("limit"))
    return bool(Lane.objects.filter(pk__in=list(changed.values_list("pk", flat=True))).update(**AWAKE))


def wake_ready(sender_id: int, *, now: datetime) -> bool:
    """The number says that it is ready. Its failures still count: one more, and its breaker opens again.

    A gateway that cannot look numbers up is ready, too: that rest lasts to its end.
    """
    resting = Lane.objects.filter(sender_id=sender_id, pause_reason__in=sorted(SELF_HEALING))
    return bool(resting.exclude(pause_reason=LanePause.NOBODY_FOUND, paused_until__gt=now).update(**AWAKE))


def trust(sender_id: int, *, now: datetime) -> None:
    """It became another one: nothing that is told of what left before holds against it."""
    changes = {"failures_in_a_row": 0, "noes_in_a_row": 0, "trusted_since": now}
    Lane.objects.filter(sender_id=sender_id).update(**changes)
