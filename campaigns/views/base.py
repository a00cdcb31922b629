"""What the pages of a campaign have in common: they belong to its admin, and each asks who is there."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.enums import CampaignStatus
from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign

if TYPE_CHECKING:
    from campaigns.admin.campaign import CampaignAdmin

# Half a megabyte of ids and texts that most pages do not show.
HEAVY = ("audience", "body", "email_body")


def page_of(campaign: Campaign) -> str:
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def launch_page_of(campaign: Campaign) -> str:
    return reverse("admin:campaigns_campaign_launch", args=[campaign.pk])


def back_to(campaign: Campaign) -> HttpResponseRedirect:
    return HttpResponseRedirect(page_of(campaign))


class CampaignViews:
    def __init__(self, admin: "CampaignAdmin"):
        self.admin = admin

    def campaign(self, request: HttpRequest, pk: int, permission: str = "", *, whole: bool = False) -> Campaign:
        """For somebody who may look at it and has the permission that is asked for; `whole`: with all its texts."""
        if not self.admin.has_view_permission(request):
            raise PermissionDenied
        if permission and not request.user.has_perm(f"campaigns.{permission}"):
            raise PermissionDenied
        light = () if whole else HEAVY
        campaign = Campaign.objects.defer(*light).select_related("event").filter(pk=pk).first()
        if campaign is None:
            raise Http404(_("This campaign does not exist."))
        return campaign

    def render(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        return self.admin.admin_site.page(request, template, context, model=Campaign)  # type: ignore[attr-defined]


def say_no(request: HttpRequest, refused: IllegalMove) -> None:
    """A button that came too late is no error: somebody or something was faster."""
    campaign = refused.campaign
    if refused.to == CampaignStatus.SENDING and campaign.status == CampaignStatus.SENDING:
        messages.info(request, _("“%(name)s” is being sent already.") % {"name": campaign.name})
    else:
        messages.warning(request, str(refused))
