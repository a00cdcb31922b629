"""Campaigns: a list with where each one stands, a form for drafts, and a page of its own for everything else."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.admin.draft import DraftAdmin
from campaigns.admin.urls import campaign_urls
from campaigns.enums import CampaignKind, CampaignStatus, DeliveryStatus
from campaigns.models import Campaign
from campaigns.models.campaign import LISTED
from campaigns.progress import totals_by_state
from campaigns.views.base import HEAVY, launch_page_of
from campaigns.views.page import PageViews
from campaigns.views.showing import CAMPAIGN_TONES, KIND_TONES, audience_words, when
from tickets.admin.showing import badge

S = CampaignStatus


class CampaignList(ChangeList):
    """One page of campaigns, counted in one query, without the thousands of ids that an audience may hold."""

    def get_queryset(self, *args: Any, **kwargs: Any) -> QuerySet:
        """Tests are found from the page of what they test, notes to the team in the list of messages."""
        return super().get_queryset(*args, **kwargs).filter(LISTED).defer(*HEAVY)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        shown = [campaign.pk for campaign in self.result_list]
        counts = totals_by_state(shown)
        can_launch = request.user.has_perm("campaigns.launch_campaign")
        for campaign in self.result_list:
            campaign.counts = counts[campaign.pk]
            campaign.can_launch = can_launch


@admin.register(Campaign)
class CampaignAdmin(DraftAdmin):
    list_display = ("name", "kind_badge", "event_name", "status_badge", "progress", "launched")
    list_filter = ("status", "kind")
    list_select_related = ("event",)
    list_per_page = 25  # type: ignore[misc]
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("name", "event__name")
    search_help_text = gettext_lazy("Name of the campaign or of its event")
    empty_hint = gettext_lazy(
        "Send tickets from the list of events, or write an announcement for everybody or for some tags."
    )
    sortable_by = ("name",)
    actions = None
    autocomplete_fields = ("event",)
    change_form_template = "campaigns/draft.html"
    readonly_fields = ("event_name", "chosen_people")

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        """What was launched is what somebody confirmed: it is not edited any more."""
        is_open = obj is None or obj.status == S.DRAFT
        return is_open and super().has_change_permission(request, obj)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CampaignList

    def get_urls(self) -> list[URLPattern]:
        return [*campaign_urls(self), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        campaign = self.get_object(request, object_id)
        if campaign is None or campaign.status == S.DRAFT or not self.has_view_permission(request, campaign):
            return self._draft_view(request, object_id, form_url, campaign, extra_context)
        if request.method == "POST":
            return self._refuse(request, campaign)
        return PageViews(self).page(request, campaign)

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def kind_badge(self, campaign: Campaign) -> str:
        return badge(campaign.get_kind_display(), KIND_TONES[CampaignKind(campaign.kind)])

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_badge(self, campaign: Campaign) -> str:
        return badge(campaign.get_status_display(), CAMPAIGN_TONES[S(campaign.status)])

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, campaign: Any) -> str:
        """Of what waits for somebody to send it, the way there for those who may."""
        if campaign.can_launch and campaign.status in (S.DRAFT, S.OVERDUE):
            return format_html('<a href="{}">{}</a>', launch_page_of(campaign), _("Check and send"))
        return progress_words(campaign.counts)

    @admin.display(description=gettext_lazy("launched"), ordering="launched_at")
    def launched(self, campaign: Campaign) -> str:
        return when(campaign.launched_at, campaign.zone, now=timezone.now())

    @admin.display(description=gettext_lazy("event"))
    def event_name(self, campaign: Campaign) -> str:
        return str(campaign.event or "")

    @admin.display(description=gettext_lazy("for whom"))
    def chosen_people(self, campaign: Campaign) -> str:
        return audience_words(campaign)


def progress_words(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    if not total:
        return ""
    done = total - sum(counts.get(state, 0) for state in DeliveryStatus.open | {"cancelled"})
    words = _("%(done)d of %(total)d (%(percent)d %%)") % {"done": done, "total": total, "percent": 100 * done // total}
    troubles = []
    if failed := counts.get("failed", 0):
        troubles.append(_("%(n)d failed") % {"n": failed})
    if uncertain := counts.get("uncertain", 0):
        troubles.append(_("%(n)d uncertain") % {"n": uncertain})
    return format_html('<span class="nowrap">{}</span> <small>{}</small>', words, ", ".join(troubles))
