"""The last table, and where to look now."""

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.enums import Channel, DeliveryStatus
from campaigns.management.reports import why_words
from campaigns.management.words import table
from campaigns.models import Campaign
from campaigns.progress import Snapshot, errors_by_kind
from demo.story import LOGIN
from scripts.supervision import ROOT
from tickets.models import Ticket
from tickets.qr import public_link
from whatsapp.preview import duration

D = DeliveryStatus


@dataclass(frozen=True)
class Outcome:
    """What the product says, beside what really arrived."""

    seen: Snapshot
    estimate: timedelta
    in_inbox: int
    collapses: int
    mails: int


def outcome_lines(outcome: Outcome) -> list[str]:
    seen = outcome.seen
    rows: list[tuple[object, ...]] = [
        (_("Sent by WhatsApp"), _sent(seen, Channel.WHATSAPP)),
        (_("In the simulator's inbox"), outcome.in_inbox),
        (_("Sent by e-mail"), _sent(seen, Channel.EMAIL)),
        (_("In the mail folder"), outcome.mails),
    ]
    reasons = errors_by_kind(seen.campaign)
    for state in (D.FAILED, D.UNCERTAIN, D.SKIPPED):
        own = [(count, why_words(kind)) for status, kind, count in reasons if status == state]
        rows += [(state.label, count, why) for count, why in own or [(0, "")]]
    return table([*rows, (_("Times the gateway fell over"), outcome.collapses), _time_row(outcome)])


def _sent(seen: Snapshot, channel: Channel) -> int:
    return sum(seen.by_channel.get(channel, {}).get(state, 0) for state in D.arrived)


def _time_row(outcome: Outcome) -> tuple[str, str, str]:
    campaign = outcome.seen.campaign
    took = campaign.status_changed_at - (campaign.launched_at or campaign.status_changed_at)
    estimated = _("the estimate was %(time)s") % {"time": duration(outcome.estimate.total_seconds())}
    return _("Time taken"), duration(took.total_seconds()), estimated


def address_lines(campaign: Campaign, *, site: str, inbox: str, place: Path, password: str) -> list[str]:
    ticket = Ticket.objects.filter(event=campaign.event).order_by("pk").first()
    page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    rows = [
        (_("Admin"), site + reverse("admin:index")),
        (_("Campaign"), site + page),
        (_("A ticket, as its holder sees it"), public_link(ticket) if ticket else ""),
        (_("What arrived by WhatsApp"), inbox),
        (_("What arrived by e-mail"), _short(place / "mail")),
        (_("Login"), f"{LOGIN} / {password}"),
    ]
    command = f"{_short(Path(sys.executable), resolve=False)} demo/manage.py campaign_status {campaign.pk}"
    return [*table(rows), _("Commands on the demo's database:  %(command)s") % {"command": command}]


def _short(path: Path, *, resolve: bool = True) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
