"""How the states of campaigns look, and how moments and audiences are said in words."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from campaigns.enums import AttemptOutcome, CampaignKind, CampaignStatus, DeliveryStatus
from campaigns.models import Campaign
from tickets.dates import in_zone, zone_words
from tickets.models import Tag

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


def when(moment: datetime | None, zone: tzinfo, *, now: datetime) -> str:
    """`15:42 (Bogotá)` for today, else with its day: an hour without its place has made people miss things."""
    if moment is None:
        return ""
    local = in_zone(moment, zone)
    hour = f"{date_format(local, 'H:i')} ({zone_words(local, get_language() or 'es')})"
    if local.date() == in_zone(now, zone).date():
        return hour
    day = date_format(local, "j M Y")
    return f"{day.lower() if (get_language() or 'es').startswith('es') else day}, {hour}"


def audience_words(campaign: Campaign) -> str:
    """Who a campaign is for, before anybody is counted."""
    chosen: Mapping[str, Any] = campaign.audience
    if campaign.kind == CampaignKind.TICKETS:
        return _ticket_words(chosen)
    if chosen.get("everybody"):
        return _("Everybody in the list of contacts")
    parts = [_tag_words(chosen["tags"])] if chosen.get("tags") else []
    if chosen.get("contacts"):
        number = len(chosen["contacts"])
        parts.append(ngettext("%(n)d chosen person", "%(n)d chosen people", number) % {"n": number})
    return "; ".join(parts) or _("Nobody yet")


def _ticket_words(chosen: Mapping[str, Any]) -> str:
    if chosen.get("event_tickets"):
        return _("Whoever holds a valid ticket of the event")
    number = len(chosen.get("tickets", []))
    return ngettext("%(n)d chosen ticket", "%(n)d chosen tickets", number) % {"n": number}


def _tag_words(tags: list[int]) -> str:
    names = ", ".join(f"“{name}”" for name in Tag.objects.filter(pk__in=tags).values_list("name", flat=True))
    return _("Whoever has the tag %(names)s") % {"names": names or "–"}
