"""Where the buttons of events, tickets, contacts and tags lead: the draft's own page, or a list of several drafts."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.actions import MOST_EVENTS
from campaigns.enums import CampaignStatus
from campaigns.models import Campaign
from campaigns.views.base import CampaignViews, launch_page_of
from tickets.enums import TicketStatus
from tickets.models import Ticket


def onwards(drafts: Sequence[Campaign]) -> HttpResponseRedirect:
    """One draft opens its launch page; several are listed, because each is judged by itself."""
    if len(drafts) == 1:
        return HttpResponseRedirect(launch_page_of(drafts[0]))
    chosen = urlencode([("id", draft.pk) for draft in drafts])
    return HttpResponseRedirect(f"{reverse('admin:campaigns_campaign_drafts')}?{chosen}")


class StartViews(CampaignViews):
    def drafts(self, request: HttpRequest) -> HttpResponse:
        if not self.admin.has_view_permission(request):
            raise PermissionDenied
        chosen = [int(pk) for pk in request.GET.getlist("id") if pk.isdecimal()][:MOST_EVENTS]
        found = Campaign.objects.filter(pk__in=chosen, status=CampaignStatus.DRAFT).select_related("event")
        rows = [(draft, _tickets(draft), launch_page_of(draft)) for draft in found.order_by("pk")]
        context = {"title": _("Send tickets of several events"), "rows": rows, "launched": len(chosen) - len(rows)}
        return self.render(request, "campaigns/drafts.html", context)


def _tickets(draft: Campaign) -> int:
    """How many it is about; its launch page says how many of them are sent."""
    if chosen := draft.audience.get("tickets"):
        return len(chosen)
    return Ticket.objects.filter(event=draft.event, status=TicketStatus.VALID).count()
