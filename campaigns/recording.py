"""What a claim, an answer and a look leave behind on the lane's row, which the dispatcher holds and saves."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings as django_settings
from django.db import DataError, IntegrityError, transaction

from campaigns import keeping, safe_mode
from campaigns.absences import doubted
from campaigns.attempts import close_attempt, record_unwritable
from campaigns.calls import Answer, NotRestarted
from campaigns.campaign_faults import stop_campaign
from campaigns.claims import Claimed
from campaigns.enums import LanePause
from campaigns.lanes import Rest, clock_of, end_rest, has_stated_end, is_known_only, know_only, rest
from campaigns.limits import RunLimits, chance
from campaigns.models import Lane
from campaigns.outcomes import LaneEffect, Scope, consequence_of
from campaigns.told_whatsapp import opt_out_all
from tickets.enums import Action
from tickets.history import record
from whatsapp import number_checks, pacing
from whatsapp.enums import SenderState
from whatsapp.gateways.base import ErrorKind, GatewayError, State, Status
from whatsapp.health import record_send, record_state
from whatsapp.restarts import NEEDS_PERSON, note_answer

logger = logging.getLogger(__name__)

# People whom it knows are refused as well: then it may write to nobody.
STOPS = (LaneEffect.STOP, LaneEffect.KNOWN_ONLY)
LONGEST_PROBE_WAIT = 60.0  # a service that comes back is used within a minute
LONGEST_STATED_WAIT = 86_400.0  # a provider that names a longer wait is asked again after a day
SEEN_EVERY = timedelta(seconds=1)  # how exactly a number remembers its last message
PAUSE_OF = {
    "not_ready": LanePause.NOT_READY,
    "unreachable": LanePause.UNREACHABLE,
    "rate_limited": LanePause.RATE_LIMITED,
    "nobody_found": LanePause.NOBODY_FOUND,
    "blocked": LanePause.BLOCKED,
    "new_contacts": LanePause.BLOCKED,
    "auth": LanePause.AUTH,
}


def note_claim(lane: Lane, messages: int, limits: RunLimits, *, now: datetime) -> None:
    """Write the gap ahead too: should we die in the call, whoever takes the lane over keeps the pace."""
    pace, clock = limits.pace(lane), clock_of(lane)
    position = pacing.position_at(clock, pace, now)
    today = now.astimezone(limits.day_zone).date()
    lane.days_used = pacing.day_number(clock, today)
    lane.sent_today = pacing.sent_on_day(clock, today) + messages
    lane.sent_on = today
    lane.position = position + messages
    lane.last_call_at = now
    _set_gap(lane, pace, index=position, end=now)


def _set_gap(lane: Lane, pace: pacing.Pace, *, index: int, end: datetime) -> None:
    if lane.sender_id is None:
        return  # the delay rule never touches e-mail
    lane.current_delay = pacing.gap_after(index, pace, chance=chance(), slow_down=lane.slow_down)
    lane.next_send_at = end + timedelta(seconds=lane.current_delay)


def record_answer(claimed: Claimed, lane: Lane | None, answer: Answer, limits: RunLimits) -> None:
    """The attempt and its delivery always; the lane only while it is ours."""
    ended = answer.ended
    assert ended is not None
    ended = doubted(ended, lane, rest_seconds=limits.settings.breaker_cooldown_seconds)
    close_attempt(claimed.attempt, claimed.delivery, ended, limits.retry(claimed.delivery.tries_charged + 1))
    if ended.look and ended.look.found:
        number_checks.remember(ended.look.phone, ended.look.found, ended.look.gateway, now=ended.finished_at)
    if ended.error and consequence_of(ended.kind).scope == Scope.CAMPAIGN:
        stop_campaign(claimed.delivery.campaign_id, str(ended.kind), ended.error.detail, now=ended.finished_at)
    if ended.kind == ErrorKind.OPTED_OUT and not safe_mode.is_on():  # else it was the owner of the test number
        opt_out_all([(claimed.delivery.contact_id, ended.finished_at)], now=ended.finished_at)
    if lane is None:
        return
    index, pace = max(lane.position - 1, 0), limits.pace(lane)
    lane.last_call_at = ended.finished_at
    began = claimed.attempt.started_at
    if ended.error is None:
        _note_success(lane, is_old=_is_old(lane, began), now=ended.finished_at)
    elif not _note_failure(lane, ended.error, limits, began=began, now=ended.finished_at):
        pace = replace(pace, batch_size=0)  # nothing left: the batch is not complete yet
    _set_gap(lane, pace, index=index, end=ended.finished_at)


def keep_gap(lane: Lane, answer: Answer, limits: RunLimits) -> None:
    """A call of an earlier holding ended: whatever else it says is old, but the gap runs from its end too."""
    if lane.sender_id is None or answer.ended is None:
        return
    end = answer.ended.finished_at
    gap = pacing.gap_after(max(lane.position - 1, 0), limits.pace(lane), chance=chance(), slow_down=lane.slow_down)
    lane.last_call_at = max(lane.last_call_at or end, end)
    lane.next_send_at = max(lane.next_send_at or end, end + timedelta(seconds=gap))


def record_apart(claimed: Claimed, lane: Lane | None, answer: Answer, limits: RunLimits) -> None:
    """The same where a turn has failed before: an answer that the database refuses must not spoil the others."""
    assert answer.ended is not None
    try:
        with transaction.atomic():
            record_answer(claimed, lane, answer, limits)
    except (DataError, IntegrityError, ValueError):
        logger.exception("An answer could not be recorded; the message counts as uncertain")
        record_unwritable(claimed.attempt, now=answer.ended.finished_at)


def _is_old(lane: Lane, began: datetime) -> bool:
    """Of several e-mails at once, one that left before the rest began says nothing new about it."""
    return lane.paused_since is not None and began < lane.paused_since


def _note_success(lane: Lane, *, is_old: bool, now: datetime) -> None:
    sender = lane.sender
    if sender is not None and (sender.last_send_at is None or now - sender.last_send_at >= SEEN_EVERY):
        record_send(sender.pk, now=now)
    lane.failures_in_a_row = 0
    lane.good_in_a_row += 1
    if not is_old:
        lane.probes = 0
        end_rest(lane)
    if lane.slow_down > 1 and lane.good_in_a_row % pacing.GOOD_SENDS_TO_EASE == 0:
        lane.slow_down = pacing.faster(lane.slow_down)
        logger.info("Lane %s: %d messages went well, pauses are x%.2f", lane.pk, lane.good_in_a_row, lane.slow_down)


def _note_failure(lane: Lane, error: GatewayError, limits: RunLimits, *, began: datetime, now: datetime) -> bool:
    """Returns whether the message may have left. `began`: when its call did."""
    consequence, is_old = consequence_of(str(error.kind)), _is_old(lane, began)
    lane.good_in_a_row = 0
    if not consequence.may_have_left:
        _take_back_one(lane)
    match consequence.lane:
        case LaneEffect.NONE:
            if consequence.scope == Scope.RECIPIENT:  # the service answered
                lane.failures_in_a_row = 0
        case LaneEffect.SUSPECT:
            _suspect(lane, error, limits, is_old=is_old, now=now)
        case LaneEffect.KNOWN_ONLY if not is_known_only(lane):
            _know_only(lane, error, now=now)
        case LaneEffect.KNOWN_ONLY if lane.known_only_since and began < lane.known_only_since:
            pass  # to somebody new, before it was told: it says nothing about those whom the number knows
        case effect if not is_old or effect in STOPS:
            _rest(lane, effect, error, limits, now=now)
    return consequence.may_have_left


def _take_back_one(lane: Lane) -> None:
    """It did not leave: neither the run nor the day counts it."""
    lane.position = max(lane.position - 1, 0)
    lane.sent_today = max(lane.sent_today - 1, 0)
    if lane.sent_today == 0 and lane.sent_on is not None:
        lane.sent_on = None
        lane.days_used = max(lane.days_used - 1, 0)


def _rest(lane: Lane, effect: LaneEffect, error: GatewayError, limits: RunLimits, *, now: datetime) -> None:
    if effect == LaneEffect.SLOW_DOWN and lane.sender_id:
        lane.slow_down = pacing.slower(lane.slow_down)
    seconds = _rest_seconds(lane, effect, error, limits)
    until = None if seconds is None else now + timedelta(seconds=seconds)
    reason = PAUSE_OF[str(error.kind)]
    if until is None and has_stated_end(lane, reason, now=now):
        return  # told by a report meanwhile: what names no end would keep the number off for ever
    if lane.pause_reason != reason:
        logger.warning("Lane %s rests: %s until %s, pauses x%.2f", lane.pk, reason, until or "?", lane.slow_down)
    rest(lane, Rest(reason, error.detail, until), now=now)


def _know_only(lane: Lane, error: GatewayError, *, now: datetime) -> None:
    """Whoever waits for it and has been written to from here before stays with it; the others may go elsewhere."""
    assert lane.sender_id is not None
    until = None if error.retry_after is None else now + timedelta(seconds=error.retry_after)
    know_only(lane, error.detail, until, now=now)
    kept = keeping.keep_known(lane.sender_id, now=now)
    logger.warning("Lane %s writes to nobody new until %s; %d messages stay with it", lane.pk, until or "?", kept)


def _rest_seconds(lane: Lane, effect: LaneEffect, error: GatewayError, limits: RunLimits) -> float | None:
    """None: until a person acts."""
    if error.retry_after is not None:
        return min(max(error.retry_after, 0.0), LONGEST_STATED_WAIT)
    if effect in STOPS:
        return None
    if str(error.kind) == "not_ready":
        return min(django_settings.PROBE_SECONDS, LONGEST_PROBE_WAIT)
    return limits.backoff(lane.probes + 1)


def _suspect(lane: Lane, error: GatewayError, limits: RunLimits, *, is_old: bool, now: datetime) -> None:
    """After the rest and a look the lane is half open: one more doubtful call and it rests again, a good one closes.

    One that began before the rest is counted, and changes nothing about it: a ban would end with the cool-down.
    """
    lane.failures_in_a_row += 1
    if is_old or lane.failures_in_a_row < limits.settings.breaker_threshold:
        return
    until = now + timedelta(seconds=limits.settings.breaker_cooldown_seconds)
    rest(lane, Rest(LanePause.BREAKER, error.detail, until), now=now)
    logger.warning("Lane %s rests after failures in a row, until %s", lane.pk, until)


def note_probe(lane: Lane | None, answer: Answer, *, restart_id: int | None = None, now: datetime) -> None:
    """A look at a resting number: ready ends the rest, anything else makes it wait a little longer."""
    assert answer.status is not None
    was_refused = isinstance(answer.status, NotRestarted)
    if restart_id is not None:
        note_answer(restart_id, answer.status.detail, was_refused=was_refused)
    if lane is None or lane.sender is None:
        return
    if was_refused:
        record(None, lane.sender, Action.NOT_RESTARTED, after={"answer": answer.status.detail}, now=now)
    record_state(lane.sender.pk, answer.status, now=now)
    if _rests_anew(lane, now):
        return  # WhatsApp said something of it while we looked: that stands
    if answer.status.state == State.READY:
        end_rest(lane)
        lane.probes = 0
    else:
        rest(lane, _longer(lane, answer.status, now), now=now)


def _rests_anew(lane: Lane, now: datetime) -> bool:
    """No look is taken at a number before its rest is over, so that this one began meanwhile."""
    return lane.is_stopped or (lane.paused_until is not None and lane.paused_until > now)


def _longer(lane: Lane, status: Status, now: datetime) -> Rest:
    if status.state == State.AUTH_ERROR:
        return Rest(LanePause.AUTH, status.detail, None)
    if status.state == State.RESTRICTED and status.ends_in is not None:
        return Rest(LanePause.BLOCKED, status.detail, now + timedelta(seconds=status.ends_in))
    is_silent = status.state == State.UNREACHABLE and not _waited_for_person(lane)
    reason = LanePause.UNREACHABLE if is_silent else LanePause.NOT_READY
    wait = min(django_settings.PROBE_SECONDS * (1 + lane.probes // 4), LONGEST_PROBE_WAIT)
    return Rest(reason, status.detail, now + timedelta(seconds=wait))


def _waited_for_person(lane: Lane) -> bool:
    """It was logged out, locked or asks for its QR code. That its program is silent now as well is no reason to restart
    it; and once it rests like this it goes on to, although its state says "no answer" from the second look on.
    """
    state = lane.sender.state if lane.sender else ""
    if lane.pause_reason == LanePause.NOT_READY:
        return state in NEEDS_PERSON or state == SenderState.UNREACHABLE
    return lane.pause_reason == LanePause.BLOCKED


def rest_without_gateway(lane: Lane, *, now: datetime) -> None:
    """The adapter that the number names is not installed: somebody has to choose another one."""
    name = lane.sender.gateway if lane.sender else ""
    until = now + timedelta(seconds=LONGEST_PROBE_WAIT)
    rest(lane, Rest(LanePause.NOT_READY, name, until), now=now)
