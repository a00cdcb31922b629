"""The page of a campaign that is not a draft any more, and the part of it that follows the run."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from campaigns.enums import CampaignStatus
from campaigns.models import Campaign
from campaigns.replies.people import answered
from campaigns.scene import scene_of
from campaigns.template_choice import Choice
from campaigns.views.base import CampaignViews, page_of
from campaigns.views.live import Live, last_look, look
from campaigns.views.people import people_page
from campaigns.views.run import run_of
from campaigns.views.showing import CAMPAIGN_TONES, audience_words

S = CampaignStatus

# htmx stops asking when it gets this answer.
STOP_POLLING = 286
POLL_SECONDS = {S.SENDING: 2, S.PAUSED: 5, S.SCHEDULED: 30, S.OVERDUE: 30}


class PageViews(CampaignViews):
    def page(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """Called by the admin's change view, whose place it takes for everything that is not a draft."""
        scene = scene_of(request)
        live = look(campaign, scene)
        context = self._live_context(request, campaign, live) | {
            "title": campaign.name,
            "original": campaign,
            "has_history": self.admin.has_view_permission(request),
            "audience_words": audience_words(campaign),
            "template": Choice.of(campaign.template),
            "poll_seconds": POLL_SECONDS.get(S(campaign.status)),
        }
        if request.user.has_perm("campaigns.view_delivery"):
            context["people"] = people_page(campaign, request.GET, live, scene)
        if request.user.has_perm("campaigns.view_reply"):
            context["answered"] = answered(campaign)
        if "run" in request.GET:  # without JavaScript; with it, the chart is asked for once the page stands there
            context["run"] = run_of(campaign, now=scene.now)
        return self.render(request, "campaigns/page.html", context)

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What htmx asks for every two seconds while something may change."""
        try:
            campaign = self.campaign(request, pk)
        except PermissionDenied:
            if not request.headers.get("HX-Request"):
                raise
            return HttpResponse(_("You may not see this campaign any more."), status=STOP_POLLING)
        context = self._live_context(request, campaign, last_look(campaign, scene_of(request)))
        seen_status, _bar, seen_words = request.GET.get("seen", "").partition("|")
        context |= {"is_update": True, "has_moved": seen_status != campaign.status}
        context["has_news"] = seen_words != context["spoken"]
        status = 200 if campaign.status in POLL_SECONDS else STOP_POLLING
        return TemplateResponse(request, "campaigns/_live.html", context, status=status)

    def people(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The list alone, for htmx."""
        campaign = self.campaign(request, pk, "view_delivery")
        scene = scene_of(request)
        people = people_page(campaign, request.GET, last_look(campaign, scene), scene)
        context = {"campaign": campaign, "people": people, "can_export": self._can_export(request)}
        shown = TemplateResponse(request, "campaigns/_people.html", context)
        # Reloading or sharing the address shows the same people, within their page.
        shown.headers["HX-Replace-Url"] = f"{page_of(campaign)}?{people.here}"
        return shown

    def run(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The chart alone, for htmx: once the page is there, then twice a minute while something may change."""
        campaign = self.campaign(request, pk)
        run = run_of(campaign, now=scene_of(request).now, is_asked="now" in request.GET)
        return TemplateResponse(request, "campaigns/_run.html", {"campaign": campaign, "run": run})

    def _can_export(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.export_delivery")

    def _live_context(self, request: HttpRequest, campaign: Campaign, live: Live) -> dict[str, Any]:
        may = request.user.has_perm
        return {
            "campaign": campaign,
            "live": live,
            "snapshot": live.snapshot,
            "tone": CAMPAIGN_TONES[S(campaign.status)],
            "spoken": spoken(campaign, live),
            "page_url": page_of(campaign),
            "can_launch": may("campaigns.launch_campaign"),
            "can_pause": may("campaigns.pause_campaign"),
            "can_cancel": may("campaigns.cancel_campaign"),
            "can_resend": may("campaigns.resend_failed"),
            "can_decide": may("campaigns.resend_uncertain"),
            "can_see_people": may("campaigns.view_delivery"),
            "can_export": self._can_export(request),
        }


def spoken(campaign: Campaign, live: Live) -> str:
    """What a screen reader is told, in steps of ten percent: every two seconds would be noise."""
    taken = live.snapshot
    parts = [str(campaign.get_status_display())]
    if taken.total:
        parts.append(_("%(percent)d %%") % {"percent": live.percent // 10 * 10})
    if taken.waiting and taken.waiting.reason not in ("pace", "batch"):
        parts.append(taken.waiting.sentence)
    return ". ".join(parts)
