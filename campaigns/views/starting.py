"""Where the buttons of events, tickets, contacts and tags lead, and where a campaign is duplicated."""

import secrets
from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.actions import MOST_EVENTS
from campaigns.duplicates import duplicate
from campaigns.enums import CampaignStatus
from campaigns.models import Campaign
from campaigns.views.base import CampaignViews, back_to, launch_page_of, page_of
from tickets.enums import TicketStatus
from tickets.models import Ticket

LONGEST_KEY = 24


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

    def duplicate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A campaign once more, as a draft. Asked first, because it may leave people out."""
        campaign = self.campaign(request, pk, "add_campaign")
        if not campaign.is_listed:
            raise Http404(_("This campaign does not exist."))
        if request.method == "POST":
            key = request.POST.get("form_key", "")[:LONGEST_KEY] or secrets.token_hex(12)
            with_reached = request.POST.get("reached") == "with"
            copy = duplicate(campaign, user=request.user, key=f"{key}-copy", with_reached=with_reached)
            messages.success(request, _("“%(name)s” is a draft. Nothing was sent.") % {"name": copy.name})
            return back_to(copy)
        context = {
            "title": _("Duplicate “%(name)s”") % {"name": campaign.name},
            "campaign": campaign,
            "was_launched": campaign.launched_at is not None,
            "form_key": secrets.token_hex(12),
            "page_url": page_of(campaign),
        }
        return self.render(request, "campaigns/duplicate.html", context)


def _tickets(draft: Campaign) -> int:
    """How many it is about; its launch page says how many of them are sent."""
    if (chosen := draft.audience.get("tickets")) and not draft.audience.get("event_tickets"):
        return len(chosen)
    return Ticket.objects.filter(event=draft.event, status=TicketStatus.VALID).count()
