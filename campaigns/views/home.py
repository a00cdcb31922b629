"""The part of the home page that says what is being sent now, and what waits for a person."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.enums import CampaignStatus, DeliveryStatus
from campaigns.lane_waits import rest_sentence
from campaigns.models import Campaign, Delivery
from campaigns.scene import Scene, scene_of
from campaigns.views.base import HEAVY, CampaignViews, launch_page_of, page_of
from campaigns.views.live import Live, last_look
from campaigns.views.showing import CAMPAIGN_TONES

S = CampaignStatus

MOST_CAMPAIGNS = 6
POLL_SECONDS = 5


@dataclass(frozen=True)
class Now:
    """One campaign that is at work, with its page."""

    campaign: Campaign
    live: Live
    tone: str
    url: str


@dataclass(frozen=True)
class Task:
    """Something that no machine will do: a sentence and where to do it."""

    sentence: str
    url: str = ""
    tone: str = "warn"


class HomeViews(CampaignViews):
    def part(self, request: HttpRequest) -> HttpResponse:
        """For htmx, while something is being sent."""
        if not self.admin.has_view_permission(request):
            raise PermissionDenied
        return TemplateResponse(request, "campaigns/_home_part.html", home_part(request))


def home_part(request: HttpRequest) -> dict[str, Any]:
    """Empty for whoever may not see campaigns."""
    user, scene = request.user, scene_of(request)
    if not user.has_perm("campaigns.view_campaign"):
        return {}
    live = Campaign.objects.filter(status__in=sorted(S.live)).defer(*HEAVY).select_related("event")
    running = [
        Now(campaign, last_look(campaign, scene), CAMPAIGN_TONES[S(campaign.status)], page_of(campaign))
        for campaign in live.order_by("priority", "-launched_at")[: MOST_CAMPAIGNS + 1]
    ]
    return {
        "running": running[:MOST_CAMPAIGNS],
        "has_more": len(running) > MOST_CAMPAIGNS,
        "tasks": tasks(scene),
        "poll_seconds": POLL_SECONDS if any(item.campaign.status == S.SENDING for item in running) else 0,
        "can_write": user.has_perm("campaigns.add_campaign"),
    }


def tasks(scene: Scene) -> list[Task]:
    """What needs a person, most urgent first."""
    return [*_worker(scene), *_lanes(scene), *_overdue(), *_uncertain()]


def _worker(scene: Scene) -> list[Task]:
    if not scene.nobody_works:
        return []
    sentence = _("The background worker is not running, so nothing leaves. Ask your technician to start it.")
    return [Task(sentence, tone="bad")]


def _lanes(scene: Scene) -> list[Task]:
    return [
        Task(
            rest_sentence(lane),
            reverse("admin:whatsapp_sender_change", args=[lane.sender_id]) if lane.sender_id else "",
            tone="bad",
        )
        for lane in scene.lanes
        if lane.is_stopped and (lane.sender is None or lane.sender.is_enabled)
    ]


def _overdue() -> list[Task]:
    late = Campaign.objects.filter(status=S.OVERDUE).only("pk", "name")
    sentence = _("The time of “%(name)s” has passed. Send it now, or make it a draft again.")
    return [Task(sentence % {"name": campaign.name}, launch_page_of(campaign)) for campaign in late]


def _uncertain() -> list[Task]:
    number = Delivery.objects.filter(status=DeliveryStatus.UNCERTAIN).count()
    if not number:
        return []
    sentence = ngettext(
        "%(n)d message may or may not have arrived. Look at it and decide.",
        "%(n)d messages may or may not have arrived. Look at them and decide.",
        number,
    )
    return [Task(sentence % {"n": number}, reverse("admin:campaigns_campaign_uncertain"))]
