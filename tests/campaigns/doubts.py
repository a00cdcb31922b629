"""Builds messages that may or may not have arrived, with the call that left them so."""

from datetime import timedelta

from campaigns.models import Campaign, Delivery, DeliveryAttempt
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane

CALLED = NOW - timedelta(minutes=10)


def make_uncertain(*, lane=None, called_at=CALLED, latency_ms=15_000, http_status=None, detail="", **fields):
    """Uncertain after its first call; `latency_ms=None` is a call whose end nobody saw."""
    lane = lane or make_lane()
    contact = fields.pop("contact", None) or make_contact()
    address = contact.phone if lane.channel == "whatsapp" else contact.email
    values = {
        "channel": lane.channel,
        "contact": contact,
        "recipient": contact.name,
        "address": address,
        "status": "uncertain",
        "error_kind": "uncertain",
        "error_detail": detail,
        "attempts_made": 1,
        "sender": lane.sender,
    }
    delivery = make_delivery(**values | fields)
    DeliveryAttempt.objects.create(
        delivery=delivery,
        number=1,
        lane=lane,
        sender=lane.sender,
        fence=1,
        started_at=called_at,
        finished_at=called_at + timedelta(milliseconds=latency_ms or 0),
        outcome="uncertain",
        error_kind="uncertain",
        latency_ms=latency_ms,
        http_status=http_status,
        detail=detail,
    )
    return delivery


def make_finished(number=0, **fields):
    """A finished campaign with so many uncertain messages."""
    campaign = make_campaign(status="finished", finished_at=NOW, **fields)
    lane = make_lane()
    for _ in range(number):
        make_uncertain(campaign=campaign, lane=lane)
    return campaign


def states(campaign):
    return sorted(Delivery.objects.filter(campaign=campaign).values_list("status", flat=True))


def status_of(campaign):
    return Campaign.objects.values_list("status", flat=True).get(pk=campaign.pk)
