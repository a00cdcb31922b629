"""What a claim, an answer and a look leave behind on the lane. Called inside the dispatcher's transaction."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from django.conf import settings as django_settings

from campaigns.attempts import RetryRule, close_attempt
from campaigns.calls import Answer
from campaigns.claims import Claimed
from campaigns.enums import LanePause
from campaigns.lanes import Rest, clock_of, end_rest, rest
from campaigns.models import Lane
from campaigns.outcomes import LaneEffect, consequence_of
from campaigns.retries import backoff
from whatsapp.gateways.base import GatewayError, State, Status
from whatsapp.health import record_send, record_state
from whatsapp.limits import pace_of
from whatsapp.models import SendingSettings
from whatsapp.pacing import Pace, gap_after, position_at, sent_on_day

_chance = random.SystemRandom().random
LONGEST_PROBE_WAIT = 60.0  # a service that comes back is used within a minute
LANE_FIELDS = (
    "next_send_at",
    "last_call_at",
    "position",
    "current_delay",
    "failures_in_a_row",
    "good_in_a_row",
    "sent_on",
    "sent_today",
    "pause_reason",
    "pause_detail",
    "paused_since",
    "paused_until",
    "probes",
    "is_stopped",
)
PAUSE_OF = {
    "not_ready": LanePause.NOT_READY,
    "unreachable": LanePause.UNREACHABLE,
    "rate_limited": LanePause.RATE_LIMITED,
    "blocked": LanePause.BLOCKED,
    "auth": LanePause.AUTH,
}


@dataclass(frozen=True)
class RunLimits:
    """The settings as they are now, read anew in every turn: a change is obeyed by the very next wait."""

    settings: SendingSettings

    @classmethod
    def load(cls) -> "RunLimits":
        return cls(SendingSettings.load())

    @property
    def day_zone(self) -> tzinfo:
        return self.settings.window_timezone

    def pace(self, lane: Lane) -> Pace:
        return pace_of(self.settings, lane.sender)

    def retry(self, tries: int) -> RetryRule:
        return RetryRule(attempts=self.settings.retry_attempts, wait=self.backoff(tries))

    def backoff(self, tries: int) -> float:
        return backoff(
            tries,
            base=self.settings.retry_base_seconds,
            factor=float(self.settings.retry_factor),
            cap=self.settings.retry_cap_seconds,
            chance=_chance(),
        )


def note_claim(lane: Lane, messages: int, limits: RunLimits, *, now: datetime) -> None:
    """Write the gap ahead too: should we die in the call, whoever takes the lane over keeps the pace."""
    pace, clock = limits.pace(lane), clock_of(lane)
    position = position_at(clock, pace, now)
    today = now.astimezone(limits.day_zone).date()
    lane.sent_today = sent_on_day(clock, today) + messages
    lane.sent_on = today
    lane.position = position + messages
    lane.last_call_at = now
    _set_gap(lane, pace, index=position, end=now)
    lane.save(update_fields=LANE_FIELDS)


def _set_gap(lane: Lane, pace: Pace, *, index: int, end: datetime) -> None:
    if lane.sender_id is None:
        return  # the delay rule never touches e-mail
    lane.current_delay = gap_after(index, pace, chance=_chance(), slow_down=lane.slow_down)
    lane.next_send_at = end + timedelta(seconds=lane.current_delay)


def record_answer(claimed: Claimed, lane: Lane | None, answer: Answer, limits: RunLimits) -> None:
    """The attempt and its delivery always; the lane only while it is ours."""
    assert answer.ended is not None
    close_attempt(claimed.attempt, claimed.delivery, answer.ended, limits.retry(claimed.delivery.tries_charged + 1))
    if lane is None:
        return
    lane.last_call_at = answer.ended.finished_at
    _set_gap(lane, limits.pace(lane), index=max(lane.position - 1, 0), end=answer.ended.finished_at)
    if answer.ended.error is None:
        _note_success(lane, now=answer.ended.finished_at)
    else:
        _note_failure(lane, answer.ended.error, limits, now=answer.ended.finished_at)
    lane.save(update_fields=LANE_FIELDS)


def _note_success(lane: Lane, *, now: datetime) -> None:
    if lane.sender_id is not None:
        record_send(lane.sender_id, now=now)
    lane.failures_in_a_row = 0
    lane.good_in_a_row += 1
    lane.probes = 0
    end_rest(lane)


def _note_failure(lane: Lane, error: GatewayError, limits: RunLimits, *, now: datetime) -> None:
    consequence = consequence_of(str(error.kind))
    lane.good_in_a_row = 0
    if not consequence.may_have_left:
        lane.position = max(lane.position - 1, 0)
        lane.sent_today = max(lane.sent_today - 1, 0)
    match consequence.lane:
        case LaneEffect.NONE:
            lane.failures_in_a_row = 0
        case LaneEffect.PAUSE:
            until = now + timedelta(seconds=_pause_seconds(lane, error, limits))
            rest(lane, Rest(PAUSE_OF[str(error.kind)], error.detail, until), now=now)
        case LaneEffect.STOP:
            rest(lane, Rest(PAUSE_OF[str(error.kind)], error.detail, None), now=now)
        case LaneEffect.SUSPECT:
            _suspect(lane, error, limits, now=now)


def _pause_seconds(lane: Lane, error: GatewayError, limits: RunLimits) -> float:
    if error.retry_after is not None:
        return error.retry_after
    if str(error.kind) == "not_ready":
        return min(django_settings.PROBE_SECONDS, LONGEST_PROBE_WAIT)
    return limits.backoff(lane.probes + 1)


def _suspect(lane: Lane, error: GatewayError, limits: RunLimits, *, now: datetime) -> None:
    lane.failures_in_a_row += 1
    if lane.failures_in_a_row >= limits.settings.breaker_threshold:
        until = now + timedelta(seconds=limits.settings.breaker_cooldown_seconds)
        rest(lane, Rest(LanePause.BREAKER, error.detail, until), now=now)
        lane.failures_in_a_row = 0


def note_probe(lane: Lane | None, answer: Answer, *, now: datetime) -> None:
    """A look at a resting number: ready ends the rest, anything else makes it wait a little longer."""
    assert answer.status is not None
    if lane is None or lane.sender is None:
        return
    record_state(lane.sender.pk, answer.status, now=now)
    if answer.status.state == State.READY:
        end_rest(lane)
        lane.probes = 0
    else:
        rest(lane, _longer(lane, answer.status, now), now=now)
    lane.save(update_fields=LANE_FIELDS)


def _longer(lane: Lane, status: Status, now: datetime) -> Rest:
    if status.state == State.AUTH_ERROR:
        return Rest(LanePause.AUTH, status.detail, None)
    reason = LanePause.UNREACHABLE if status.state == State.UNREACHABLE else LanePause.NOT_READY
    wait = min(django_settings.PROBE_SECONDS * (1 + lane.probes // 4), LONGEST_PROBE_WAIT)
    return Rest(reason, status.detail, now + timedelta(seconds=wait))


def rest_without_gateway(lane: Lane, *, now: datetime) -> None:
    """The adapter that the number names is not installed: somebody has to choose another one."""
    name = lane.sender.gateway if lane.sender else ""
    until = now + timedelta(seconds=LONGEST_PROBE_WAIT)
    rest(lane, Rest(LanePause.NOT_READY, name, until), now=now)
    lane.save(update_fields=LANE_FIELDS)
