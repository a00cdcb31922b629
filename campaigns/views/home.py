"""The part of the home page that says what is being sent now, how the numbers are, and what waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language

from campaigns.enums import CampaignStatus
from campaigns.models import Campaign
from campaigns.models.campaign import LISTED
from campaigns.progress import Snapshot, snapshot_of, totals_of
from campaigns.scene import Scene, scene_of
from campaigns.views.base import HEAVY, CampaignViews, page_of
from campaigns.views.home_numbers import numbers_now
from campaigns.views.home_tasks import tasks
from campaigns.views.showing import CAMPAIGN_TONES

S = CampaignStatus

MOST_CAMPAIGNS = 6
MOST_ROWS = 200
POLL_SECONDS = 5
KEEP_SECONDS = 4  # whoever watches meanwhile sees what was counted for somebody else


@dataclass(frozen=True)
class Now:
    """One campaign that is at work, with its page."""

    campaign: Campaign
    snapshot: Snapshot
    tone: str
    url: str


class HomeViews(CampaignViews):
    def part(self, request: HttpRequest) -> HttpResponse:
        """For htmx, while something is being sent."""
        if not self.admin.has_view_permission(request):
            raise PermissionDenied
        return TemplateResponse(request, "campaigns/_home_part.html", {"part": home_part(request)})


def home_part(request: HttpRequest) -> dict[str, Any]:
    """Empty for whoever may not see campaigns."""
    user, scene = request.user, scene_of(request)
    if not user.has_perm("campaigns.view_campaign"):
        return {}
    at_work = _at_work()
    live = [campaign for campaign in at_work if campaign.status in S.live]
    numbers = numbers_now(scene) if user.has_perm("whatsapp.view_sender") else None
    return {
        "running": _running(live[:MOST_CAMPAIGNS], scene),
        "has_more": len(live) > MOST_CAMPAIGNS,
        "tasks": tasks(request, scene, late=[campaign for campaign in at_work if campaign.status == S.OVERDUE]),
        "numbers": numbers,
        "poll_seconds": POLL_SECONDS if any(campaign.status == S.SENDING for campaign in live) else 0,
        "can_write": user.has_perm("campaigns.add_campaign"),
        "can_launch": user.has_perm("campaigns.launch_campaign"),
    }


def _at_work() -> list[Campaign]:
    """What is late, what sends, what is paused: the few that somebody has to do with now. Tests have their draft."""
    wanted = Campaign.objects.filter(LISTED, status__in=[S.SENDING, S.PAUSED, S.OVERDUE])
    found = wanted.defer(*HEAVY).select_related("event").order_by("priority", "-launched_at", "-pk")[:MOST_ROWS]
    return sorted(found, key=lambda campaign: campaign.status != S.SENDING)


def _running(campaigns: Sequence[Campaign], scene: Scene) -> list[Now]:
    return [
        Now(shot.campaign, shot, CAMPAIGN_TONES[S(shot.campaign.status)], page_of(shot.campaign))
        for shot in _snapshots(campaigns, scene)
    ]


def _snapshots(campaigns: Sequence[Campaign], scene: Scene) -> list[Snapshot]:
    """All of them counted together, once for everybody who looks in these seconds."""
    if not campaigns:
        return []
    key = f"home-{get_language()}"  # the sentences are in the language of whoever asked first
    kept: list[Snapshot] | None = cache.get(key)
    if kept is not None and _is_fresh(kept, campaigns, scene):
        return kept
    counts = totals_of([campaign.pk for campaign in campaigns])
    taken = [snapshot_of(campaign, counts[campaign.pk], scene) for campaign in campaigns]
    cache.set(key, taken, KEEP_SECONDS)
    return taken


def _is_fresh(kept: Sequence[Snapshot], campaigns: Sequence[Campaign], scene: Scene) -> bool:
    same = [_moves(shot.campaign) for shot in kept] == [_moves(campaign) for campaign in campaigns]
    return same and scene.now - kept[0].taken_at < timedelta(seconds=KEEP_SECONDS)


def _moves(campaign: Campaign) -> tuple[object, ...]:
    return campaign.pk, campaign.name, campaign.status, campaign.status_changed_at, campaign.prepared_at
