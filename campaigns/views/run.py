"""The chart of a run: how many messages left in each part of it, and what happened meanwhile."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from campaigns.enums import CampaignStatus
from campaigns.models import Campaign
from campaigns.run_counts import Counted, count_parts
from campaigns.run_marks import Mark, marks_of
from campaigns.run_times import Parts, cut
from campaigns.views.showing import when
from tickets.date_formats import formatted
from tickets.dates import in_zone

# Counting a run of a million takes some 50 ms: not every two seconds, as the bar does, but twice a minute for everybody
# who is watching, and when somebody asks for it.
KEEP_SECONDS = 30
LEAST_SECONDS = 2  # however often somebody asks
FORGET_SECONDS = 600


@dataclass(frozen=True)
class Run:
    """`chart` is what the chart tag draws; None before anything has left."""

    chart: dict[str, Any] | None
    description: str
    counted_at: datetime


def run_of(campaign: Campaign, *, now: datetime, is_asked: bool = False) -> Run:
    """What was counted lately, unless the campaign has moved since, or somebody asked for it anew."""
    key = f"campaign-run-{campaign.pk}-{campaign.status_changed_at.timestamp()}-{get_language()}"
    kept: Run | None = cache.get(key)
    good_for = timedelta(seconds=LEAST_SECONDS if is_asked else KEEP_SECONDS)
    if kept is not None and now - kept.counted_at < good_for:
        return kept
    run = _run(campaign, now=now)
    cache.set(key, run, FORGET_SECONDS)
    return run


def _run(campaign: Campaign, *, now: datetime) -> Run:
    first = campaign.prepared_at or campaign.launched_at
    if first is None:
        return Run(None, "", now)
    last = now if campaign.status == CampaignStatus.SENDING else campaign.status_changed_at
    parts = cut(first, max(first, last), campaign.zone)
    counted = count_parts(campaign, parts.edges)
    if not any(any(part) for part in counted):
        return Run(None, "", now)
    marks = marks_of(campaign, first, max(first, last))
    return Run(_chart(campaign, parts, counted, marks), _description(campaign, counted, now=now), now)


def _chart(campaign: Campaign, parts: Parts, counted: list[Counted], marks: list[Mark]) -> dict[str, Any]:
    style = _style(parts)
    lines = [(_("Sent"), "ok", [part.sent for part in counted])]
    lines.append((_("Failed"), "bad", [part.failed for part in counted]))
    lines.append((_("Uncertain"), "warn", [part.uncertain for part in counted]))
    shown = [{"label": label, "tone": tone, "values": values} for label, tone, values in lines if any(values)]
    return {
        "type": "bar",
        "labels": [_moment(edge, campaign, style) for edge in parts.edges[:-1]],
        "series": shown,
        "stacked": True,
        "marks": [
            {"at": parts.index_of(mark.at), "label": f"{_moment(mark.at, campaign, _mark_style(parts))} {mark.words}"}
            for mark in marks
        ],
        "unit": unit_words(parts.step),
    }


def _style(parts: Parts) -> str:
    """As much of the moment as tells one part from another."""
    if parts.step >= timedelta(days=1):
        return "j M"
    if parts.edges[-1] - parts.edges[0] > timedelta(hours=20):
        return "j M H:i"
    return "H:i:s" if parts.step < timedelta(minutes=1) else "H:i"


def _mark_style(parts: Parts) -> str:
    return "j M H:i" if parts.edges[-1] - parts.edges[0] > timedelta(hours=20) else "H:i"


def _moment(moment: datetime, campaign: Campaign, style: str) -> str:
    return formatted(in_zone(moment, campaign.zone), style)


def unit_words(step: timedelta) -> str:
    """`messages a minute`, `messages in each 2 hours`: by the largest unit that divides it."""
    seconds = int(step.total_seconds())
    if seconds % 86400 == 0:
        days = seconds // 86400
        return ngettext("messages a day", "messages in each %(n)d days", days) % {"n": days}
    if seconds % 3600 == 0:
        hours = seconds // 3600
        return ngettext("messages an hour", "messages in each %(n)d hours", hours) % {"n": hours}
    if seconds % 60 == 0:
        minutes = seconds // 60
        return ngettext("messages a minute", "messages in each %(n)d minutes", minutes) % {"n": minutes}
    return ngettext("messages a second", "messages in each %(n)d seconds", seconds) % {"n": seconds}


def _description(campaign: Campaign, counted: list[Counted], *, now: datetime) -> str:
    """What the picture shows, for whoever cannot see it."""
    return _("Messages over time: %(sent)d sent, %(failed)d failed, %(uncertain)d uncertain until %(moment)s.") % {
        "sent": sum(part.sent for part in counted),
        "failed": sum(part.failed for part in counted),
        "uncertain": sum(part.uncertain for part in counted),
        "moment": when(now, campaign.zone, now=now),
    }
