"""What the page of a campaign shows of its run, taken once for everybody who is watching."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django.core.cache import cache
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.confirmations import Confirmed, confirmed_of
from campaigns.enums import AttemptOutcome, CampaignStatus, Channel, DeliveryStatus, SkipReason
from campaigns.explanations import TOO_LONG, Explanation, explain
from campaigns.models import Campaign, DeliveryAttempt
from campaigns.numbers import Number, numbers_in_use
from campaigns.progress import Snapshot, errors_by_kind, snapshot
from campaigns.scene import Scene
from campaigns.views.bar import Segment, segments_of
from campaigns.views.showing import DELIVERY_TONES

D = DeliveryStatus

KEEP_SECONDS = 2  # as often as a page asks
FORGET_SECONDS = 60  # a page that nobody watched for so long is counted anew
LAST_CALLS = 10
NEWEST_CALLS = 500
RATE_MINUTES = 5
MOST_LATELY = 20_000
URGENCY = (D.UNCERTAIN, D.FAILED, D.EXPIRED, D.SKIPPED)


@dataclass(frozen=True)
class StateCount:
    """How many messages are in one state."""

    value: str
    label: str
    tone: str
    number: int


@dataclass(frozen=True)
class Trouble:
    """Everybody who did not get it for one reason."""

    status: str
    kind: str
    number: int
    explanation: Explanation
    tone: str
    label: str

    @property
    def can_resend(self) -> bool:
        """The text of a delivery is frozen: what was too long once would be too long again."""
        return (self.status == D.FAILED and self.kind != TOO_LONG) or self.kind == SkipReason.TEST_ONLY

    @property
    def is_uncertain(self) -> bool:
        return self.status == D.UNCERTAIN

    @property
    def query(self) -> str:
        """Asks the list for these people."""
        asked = {"state": self.status, "reason": self.kind}
        return urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True)
class Live:
    snapshot: Snapshot
    states: list[StateCount]
    troubles: list[Trouble]
    numbers: list[Number]
    calls: list[DeliveryAttempt]
    per_minute: int
    confirmed: Confirmed

    @property
    def done(self) -> int:
        """What was taken back by a cancellation is neither open nor done."""
        return self.snapshot.done - self.snapshot.by_state.get(D.CANCELLED, 0)

    @property
    def segments(self) -> list[Segment]:
        return segments_of(self.snapshot.by_state)

    @property
    def percent(self) -> int:
        return 100 * self.done // self.snapshot.total if self.snapshot.total else 0

    @property
    def resendable(self) -> int:
        return sum(trouble.number for trouble in self.troubles if trouble.can_resend)

    @property
    def has_several_kinds(self) -> bool:
        return sum(trouble.can_resend for trouble in self.troubles) > 1


def look(campaign: Campaign, scene: Scene) -> Live:
    """Count anew, for a page that somebody opens, and keep it for those who are watching already."""
    live = _look(campaign, scene)
    cache.set(_key(campaign), live, FORGET_SECONDS)
    return live


def last_look(campaign: Campaign, scene: Scene) -> Live:
    """What was counted a moment ago, unless the campaign has moved since: fifty viewers cost as much as one.

    While one of them counts anew the others are shown what there was, however long the counting takes.
    """
    kept: Live | None = cache.get(_key(campaign))
    if kept is None or _moves(kept.snapshot.campaign) != _moves(campaign):
        return look(campaign, scene)
    is_fresh = scene.now - kept.snapshot.taken_at < timedelta(seconds=KEEP_SECONDS)
    turn = f"{_key(campaign)}-counting"
    if is_fresh or not cache.add(turn, True, FORGET_SECONDS):
        return kept
    try:
        return look(campaign, scene)
    finally:
        cache.delete(turn)


def _moves(campaign: Campaign) -> tuple[object, ...]:
    return campaign.status, campaign.status_changed_at, campaign.prepared_at


def _key(campaign: Campaign) -> str:
    """The sentences in it are written in the language of the person who asked first."""
    return f"campaign-live-{campaign.pk}-{get_language()}"


def _look(campaign: Campaign, scene: Scene) -> Live:
    taken = snapshot(campaign, scene)
    newest = _newest_calls(campaign, now=scene.now)
    return Live(
        snapshot=taken,
        states=_states(taken),
        troubles=_troubles(campaign),
        numbers=numbers_in_use(scene) if not taken.is_over and Channel.WHATSAPP in taken.by_channel else [],
        calls=_calls(campaign, newest),
        per_minute=_per_minute(campaign, newest, now=scene.now),
        confirmed=_confirmed(taken, scene),
    )


def _confirmed(taken: Snapshot, scene: Scene) -> Confirmed:
    counts = taken.by_channel.get(Channel.WHATSAPP)
    return confirmed_of(taken.campaign, counts, scene.reporting) if counts else Confirmed()


def _states(taken: Snapshot) -> list[StateCount]:
    return [
        StateCount(state.value, str(state.label), DELIVERY_TONES[state], taken.by_state[state])
        for state in D
        if state in taken.by_state
    ]


def _troubles(campaign: Campaign) -> list[Trouble]:
    """First what somebody can do something about."""
    found = [
        Trouble(status, kind, number, _explained(status, kind), DELIVERY_TONES[D(status)], str(D(status).label))
        for status, kind, number in errors_by_kind(campaign)
    ]
    return sorted(found, key=lambda trouble: URGENCY.index(trouble.status))


def _explained(status: str, kind: str) -> Explanation:
    """Said in the language of now: the cache keeps words, not promises of words."""
    if status == D.EXPIRED:
        return Explanation(_("Its last moment had passed before it could leave."))
    found = explain(kind or status) if kind or status == D.UNCERTAIN else Explanation(str(D(status).label))
    return Explanation(str(found.sentence), str(found.suggestion))


class Call(NamedTuple):
    """Of an attempt what is counted; as few columns as can be, of as many calls as a busy installation makes."""

    pk: int
    campaign_id: int
    outcome: str
    started_at: datetime


def _newest_calls(campaign: Campaign, *, now: datetime) -> list[Call]:
    """The newest calls of the campaign's time, of all campaigns: a million rows are not joined every two seconds."""
    of_its_time = DeliveryAttempt.objects.order_by("-started_at")
    if campaign.status != CampaignStatus.SENDING:
        of_its_time = of_its_time.filter(started_at__lte=campaign.status_changed_at)
    rows = of_its_time.values_list("pk", "delivery__campaign", "outcome", "started_at")
    newest = [Call(*row) for row in rows[:NEWEST_CALLS]]
    since = _rate_since(now)
    if campaign.status == CampaignStatus.SENDING and len(newest) == NEWEST_CALLS and newest[-1].started_at > since:
        return [Call(*row) for row in rows.filter(started_at__gte=since)[:MOST_LATELY]]
    return newest


def _calls(campaign: Campaign, newest: list[Call]) -> list[DeliveryAttempt]:
    own = [call.pk for call in newest if call.campaign_id == campaign.pk]
    made = DeliveryAttempt.objects.select_related("delivery", "sender").defer("delivery__text").order_by("-pk")
    if len(own) < LAST_CALLS and len(newest) >= NEWEST_CALLS:
        return list(made.filter(delivery__campaign=campaign)[:LAST_CALLS])
    return list(made.filter(pk__in=sorted(own, reverse=True)[:LAST_CALLS]))


def _per_minute(campaign: Campaign, newest: list[Call], *, now: datetime) -> int:
    """What left lately, over the time that it had to leave in."""
    if campaign.status != CampaignStatus.SENDING:
        return 0
    since = _rate_since(now)
    # Counted here: asked to count, a database begins with everything that the campaign or the outcome ever had.
    wanted = (campaign.pk, AttemptOutcome.ACCEPTED)
    accepted = sum((call.campaign_id, call.outcome) == wanted for call in newest if call.started_at >= since)
    began = max(since, campaign.prepared_at or since)
    minutes = max((now - began).total_seconds() / 60, 1.0)
    return round(accepted / minutes)


def _rate_since(now: datetime) -> datetime:
    return now - timedelta(minutes=RATE_MINUTES)
