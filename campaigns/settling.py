"""A person decides about messages that may or may not have arrived.

The calls stay on record as they ended: what was decided stands on the delivery, and in the history of its campaign.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from campaigns import lifecycle
from campaigns.enums import DeliveryStatus
from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign, Delivery, DeliveryAttempt
from tickets.enums import Action
from tickets.history import record

logger = logging.getLogger(__name__)
D = DeliveryStatus


@dataclass(frozen=True)
class Share:
    """The chosen messages of one campaign; `why` is the sentence that keeps them from being sent again, if any does."""

    campaign: Campaign
    number: int
    why: str = ""


@dataclass(frozen=True)
class SentAgain:
    queued: int
    stayed: tuple[Share, ...] = ()


def count_as_sent(deliveries: QuerySet[Delivery], *, user: User | None, now: datetime) -> int:
    """What is uncertain among them arrived, as far as anybody will ever know. Returns how many that were."""
    return sum(_count_in(campaign, deliveries, user=user, now=now) for campaign in _campaigns_of(deliveries))


def _count_in(campaign: Campaign, deliveries: QuerySet[Delivery], *, user: User | None, now: datetime) -> int:
    calls = DeliveryAttempt.objects.filter(delivery=OuterRef("pk")).order_by("-number")
    with transaction.atomic():
        settled = _still_uncertain(campaign, deliveries).update(
            status=D.SENT,
            sent_at=Coalesce(
                Subquery(calls.values("started_at")[:1]), Value(now), output_field=DateTimeField()
            ),  # if it left, it left then
            settled_by=user,
            error_kind="",
            error_detail="",
            status_changed_at=now,
        )
        if settled:
            _write_down(campaign, user, Action.SETTLED, settled)
    return settled


def send_again(deliveries: QuerySet[Delivery], *, user: User | None, now: datetime) -> SentAgain:
    """Back into the queue, campaign by campaign. What a campaign does not allow stays as it is, with the reason."""
    queued, stayed = 0, []
    for campaign in _campaigns_of(deliveries):
        try:
            queued += _send_in(campaign, deliveries, user=user, now=now)
        except IllegalMove as refused:
            left = _still_uncertain(campaign, deliveries).count()
            stayed.append(Share(campaign, left, str(refused)))
    return SentAgain(queued, tuple(share for share in stayed if share.number))


def _send_in(campaign: Campaign, deliveries: QuerySet[Delivery], *, user: User | None, now: datetime) -> int:
    with transaction.atomic():
        queued = lifecycle.resend(campaign, only=_still_uncertain(campaign, deliveries), now=now)
        if queued:
            _write_down(campaign, user, Action.RESENT, queued)
    return queued


def shares(deliveries: QuerySet[Delivery], *, now: datetime) -> Iterator[Share]:
    """What sending again would do, campaign by campaign. For the question that is asked before it."""
    for campaign in _campaigns_of(deliveries):
        number = _still_uncertain(campaign, deliveries).count()
        try:
            lifecycle.refuse_resend(campaign, now=now)
        except IllegalMove as refused:
            yield Share(campaign, number, str(refused))
        else:
            yield Share(campaign, number)


def _campaigns_of(deliveries: QuerySet[Delivery]) -> list[Campaign]:
    """Always in the same order, so that two people who decide at once do not wait for each other in a circle."""
    chosen = Campaign.objects.filter(pk__in=deliveries.order_by().values("campaign"))
    return list(chosen.defer("audience", "body", "email_body").order_by("pk"))


def _still_uncertain(campaign: Campaign, deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Asked of the row itself beside the choice, so that a row that moves while we wait for it is left alone."""
    chosen = deliveries.order_by().values("pk")
    return Delivery.objects.filter(campaign=campaign, status=D.UNCERTAIN, pk__in=chosen).order_by()


def _write_down(campaign: Campaign, user: User | None, action: Action, number: int) -> None:
    """Nobody is named where the command was not told who decides."""
    logger.info("Campaign %s: %s, %s", campaign.pk, action, number)
    record(user or "settle_uncertain", campaign, action, after={"uncertain": number})
