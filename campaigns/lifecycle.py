"""The life of a campaign: the table of moves, and the only code that makes them.

Every move is one conditional update. Double clicks, reloads, two schedulers and a stale page find the row moved
already and get `IllegalMove`, which says what the campaign is doing now.
"""

import contextlib
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import queueing
from campaigns.enums import CampaignStatus
from campaigns.kicks import kick_dispatchers, start_preparing
from campaigns.models import Campaign, Delivery
from campaigns.scheduling import last_moment_of, reason_to_ask
from campaigns.turns import rejoin_queue
from tickets.enums import Action
from tickets.history import record

logger = logging.getLogger(__name__)
S = CampaignStatus

NEXT: dict[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.SENDING, S.SCHEDULED, S.CANCELLED}),
    S.SCHEDULED: frozenset({S.SENDING, S.OVERDUE, S.DRAFT, S.CANCELLED}),
    S.OVERDUE: frozenset({S.SENDING, S.SCHEDULED, S.DRAFT, S.CANCELLED}),
    S.SENDING: frozenset({S.PAUSED, S.FINISHED, S.CANCELLED}),
    S.PAUSED: frozenset({S.SENDING, S.CANCELLED}),
    S.FINISHED: frozenset({S.SENDING}),  # only when somebody is to get it after all
    S.CANCELLED: frozenset(),
}
LAUNCHABLE = frozenset({S.DRAFT, S.SCHEDULED, S.OVERDUE})
SCHEDULABLE = frozenset({S.DRAFT, S.OVERDUE})
ANY = Q()


class IllegalMove(Exception):
    """The campaign is not where this move starts from; `str()` says so to the person who asked."""

    def __init__(self, campaign: Campaign, to: str):
        self.campaign = campaign
        self.to = to
        super().__init__(
            _("“%(name)s” is %(status)s now, so this was not done.")
            % {"name": campaign.name, "status": str(campaign.get_status_display()).lower()}
        )


class TooLate(IllegalMove):
    """What would be queued now would expire at once."""

    def __str__(self) -> str:
        return _("“%(name)s” may not send any more: its “not later than” has passed.") % {"name": self.campaign.name}


def _move(
    campaign: Campaign, to: str, *, now: datetime, sources: frozenset[str], only: Q = ANY, **changes: object
) -> None:
    assert all(to in NEXT[source] for source in sources)
    won = Campaign.objects.filter(only, pk=campaign.pk, status__in=sources).update(
        status=to, status_changed_at=now, **changes
    )
    campaign.refresh_from_db()
    if not won:
        raise IllegalMove(campaign, to)
    logger.info("Campaign %s is %s", campaign.pk, to)


def launch(campaign: Campaign, *, user: User | None = None, now: datetime | None = None, only: Q = ANY) -> None:
    """Freeze the audience and send. The list is written in the background and nothing leaves before it is whole."""
    now = now or timezone.now()
    with transaction.atomic():
        _move(
            campaign,
            S.SENDING,
            now=now,
            sources=LAUNCHABLE,
            only=only,
            launched_at=now,
            launched_by=user,
            prepared_at=None,
            preparing_seen_at=now,
            status_reason="",
        )
        start_preparing(campaign.pk)


def schedule(
    campaign: Campaign, at: datetime, *, counted_from: str = "", minutes: int = 0, now: datetime | None = None
) -> None:
    """Start by itself at that moment. With `counted_from` it is the event's of now, and moves with the event."""
    _move(
        campaign,
        S.SCHEDULED,
        now=now or timezone.now(),
        sources=SCHEDULABLE,
        scheduled_at=at,
        schedule_from=counted_from,
        schedule_minutes=minutes,
        status_reason="",
    )


def unschedule(campaign: Campaign, *, now: datetime | None = None) -> None:
    """Back to draft, so that it can be changed."""
    _move(
        campaign,
        S.DRAFT,
        now=now or timezone.now(),
        sources=frozenset({S.SCHEDULED, S.OVERDUE}),
        scheduled_at=None,
        schedule_from="",
        schedule_minutes=0,
        status_reason="",
    )


def ask(campaign: Campaign, reason: str, *, now: datetime, at: datetime | None = None) -> None:
    """It does not start by itself after all: a person decides. `at`: when it should have, by the event of now."""
    with transaction.atomic():
        _move(
            campaign,
            S.OVERDUE,
            now=now,
            sources=frozenset({S.SCHEDULED}),
            only=Q(scheduled_at=campaign.scheduled_at),  # nobody has planned it anew meanwhile
            status_reason=reason[:200],
            scheduled_at=at or campaign.scheduled_at,
        )
        record(None, campaign, Action.ASKED, after={"scheduled_at": campaign.scheduled_at}, sentence=reason, now=now)


def pause(campaign: Campaign, *, reason: str = "", now: datetime | None = None) -> None:
    """Takes effect on the very next claim; what is under way ends."""
    _move(campaign, S.PAUSED, now=now or timezone.now(), sources=frozenset({S.SENDING}), status_reason=reason[:200])


def resume(campaign: Campaign, *, now: datetime | None = None) -> None:
    now = now or timezone.now()
    with transaction.atomic():
        _move(campaign, S.SENDING, now=now, sources=frozenset({S.PAUSED}), status_reason="")
        rejoin_queue(campaign)
        if campaign.prepared_at is None:
            start_preparing(campaign.pk)
        kick_dispatchers(now=now)


def cancel(campaign: Campaign, *, reason: str = "", now: datetime | None = None) -> int:
    """Final. Returns how many messages were taken back; what left before stays on record."""
    now = now or timezone.now()
    sources = frozenset({S.DRAFT, S.SCHEDULED, S.OVERDUE, S.SENDING, S.PAUSED})
    with transaction.atomic():
        _move(campaign, S.CANCELLED, now=now, sources=sources, status_reason=reason[:200])
        return queueing.withdraw(campaign, now=now)


def resend(
    campaign: Campaign,
    *,
    kinds: tuple[str, ...] = (),
    uncertain: bool = False,
    only: QuerySet[Delivery] | None = None,
    now: datetime | None = None,
) -> int:
    """Queue again exactly what failed (and what is uncertain, if asked), or `only` these of its messages.

    Opens a finished campaign again.
    """
    now = now or timezone.now()
    with transaction.atomic():
        # Locking the campaign makes two presses of the button take turns: the second finds nothing left.
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        refuse_resend(locked, now=now)
        chosen = queueing.resendable(locked, kinds=kinds, uncertain=uncertain) if only is None else only
        queued = queueing.requeue(chosen, now=now)
        if queued and locked.status == S.FINISHED:
            _move(locked, S.SENDING, now=now, sources=frozenset({S.FINISHED}), finished_at=None)
            rejoin_queue(locked)
        campaign.refresh_from_db()
        if queued:
            kick_dispatchers(now=now)
    return queued


def refuse_resend(campaign: Campaign, *, now: datetime) -> None:
    """Raises IllegalMove where nothing of this campaign may be sent again. Changes nothing and locks nothing."""
    if campaign.status not in (S.SENDING, S.PAUSED, S.FINISHED):
        raise IllegalMove(campaign, S.SENDING)
    last_moment = last_moment_of(campaign)
    if last_moment is not None and last_moment <= now:
        raise TooLate(campaign, S.SENDING)


def finish_done(*, now: datetime, among: Iterable[Campaign] | None = None) -> int:
    """Finish what has nobody left to reach. Uncertain messages do not hold it open: they are listed for review.

    `among` spares whoever has read them already the reading; what was paused or finished meanwhile stays as it is.
    """
    done = 0
    if among is None:
        among = Campaign.objects.filter(status=S.SENDING, prepared_at__isnull=False).defer("audience")
    for campaign in queueing.without_open(list(among)):
        with transaction.atomic():
            sending = Campaign.objects.select_for_update().filter(pk=campaign.pk, status=S.SENDING)
            locked = sending.defer("audience").first()
            if locked is None or queueing.has_open(locked):
                continue
            _move(locked, S.FINISHED, now=now, sources=frozenset({S.SENDING}), finished_at=now)
            done += 1
    return done


def reopen_unfinished(*, now: datetime) -> int:
    """Finished campaigns with somebody to reach after all: a late answer said that their message had not left."""
    reopened = 0
    for campaign in queueing.with_open(Campaign.objects.filter(status=S.FINISHED)).defer("audience"):
        with contextlib.suppress(IllegalMove), transaction.atomic():
            _move(campaign, S.SENDING, now=now, sources=frozenset({S.FINISHED}), finished_at=None)
            record(None, campaign, Action.REOPENED, now=now)
            reopened += 1
    return reopened


def start_due(*, now: datetime, grace: timedelta) -> int:
    """Launch what is scheduled for now. What is later than the grace, or lost its occasion, asks a person instead."""
    started = 0
    due = Q(scheduled_at__lte=now)
    for campaign in Campaign.objects.filter(due, status=S.SCHEDULED).select_related("event"):
        with contextlib.suppress(IllegalMove):  # another scheduler or a person was faster
            if reason := reason_to_ask(campaign, now=now, grace=grace):
                ask(campaign, reason, now=now)
            else:
                with transaction.atomic():
                    launch(campaign, now=now, only=due)
                    record(None, campaign, Action.LAUNCHED, after={"scheduled_at": campaign.scheduled_at}, now=now)
                started += 1
    return started


def ask_about_missed(reason: str, *, now: datetime) -> int:
    """What has become due while nothing could start: within the grace or not, somebody looks at it first."""
    asked = 0
    for campaign in Campaign.objects.filter(status=S.SCHEDULED, scheduled_at__lte=now):
        with contextlib.suppress(IllegalMove):
            ask(campaign, reason, now=now)
            asked += 1
    return asked
