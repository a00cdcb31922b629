"""How the states of campaigns look, and how moments and audiences are said in words."""

from datetime import datetime, tzinfo

from django.utils.formats import date_format
from django.utils.translation import get_language

from campaigns.audience_words import audience_words as audience_words
from campaigns.enums import AttemptOutcome, CampaignKind, CampaignStatus, Channel, DeliveryStatus
from campaigns.models import Delivery
from tickets.date_formats import formatted
from tickets.dates import in_zone, zone_words

S = CampaignStatus
D = DeliveryStatus
A = AttemptOutcome

CAMPAIGN_TONES = {
    S.DRAFT: "neutral",
    S.SCHEDULED: "violet",
    S.OVERDUE: "warn",
    S.SENDING: "info",
    S.PAUSED: "warn",
    S.FINISHED: "ok",
    S.CANCELLED: "neutral",
}
KIND_TONES = {CampaignKind.TICKETS: "violet", CampaignKind.ANNOUNCEMENT: "info"}
DELIVERY_TONES = {
    D.WAITING: "neutral",
    D.PENDING: "neutral",
    D.CLAIMED: "info",
    D.SENT: "ok",
    D.DELIVERED: "ok",
    D.READ: "ok",
    D.FAILED: "bad",
    D.UNCERTAIN: "warn",
    D.SKIPPED: "neutral",
    D.CANCELLED: "neutral",
    D.EXPIRED: "warn",
}
OUTCOME_TONES = {A.STARTED: "info", A.ACCEPTED: "ok", A.REFUSED: "bad", A.NOT_SENT: "warn", A.UNCERTAIN: "warn"}


def is_unconfirmed(delivery: Delivery) -> bool:
    """Of a WhatsApp message only the sending is known, as it stays where its number gives no receipts."""
    return delivery.status == D.SENT and delivery.channel == Channel.WHATSAPP


def when(moment: datetime | None, zone: tzinfo, *, now: datetime) -> str:
    """`15:42 (Bogotá)` for today, else with its day: an hour without its place has made people miss things."""
    if moment is None:
        return ""
    local = in_zone(moment, zone)
    hour = f"{date_format(local, 'H:i')} ({zone_words(local, get_language() or 'es')})"
    if local.date() == in_zone(now, zone).date():
        return hour
    return f"{formatted(local, 'j M Y')}, {hour}"
