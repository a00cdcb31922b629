"""Campaigns: a list with where each one stands, a form for drafts, and a page of its own for everything else."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.admin.urls import campaign_urls
from campaigns.enums import CampaignKind, CampaignStatus, DeliveryStatus
from campaigns.forms import CampaignForm
from campaigns.models import Campaign
from campaigns.progress import totals_by_state
from campaigns.views.base import HEAVY, back_to, launch_page_of
from campaigns.views.compose import preview_of
from campaigns.views.page import PageViews
from campaigns.views.showing import CAMPAIGN_TONES, KIND_TONES, audience_words, when
from tickets.admin.permissions import BigTableMixin
from tickets.admin.showing import badge

S = CampaignStatus


class NotDraft(Exception):
    """The campaign was launched while somebody was editing it."""


class CampaignList(ChangeList):
    """One page of campaigns, counted in one query, without the thousands of ids that an audience may hold."""

    def get_queryset(self, *args: Any, **kwargs: Any) -> QuerySet:
        return super().get_queryset(*args, **kwargs).defer(*HEAVY)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        shown = [campaign.pk for campaign in self.result_list]
        counts = totals_by_state(shown)
        for campaign in self.result_list:
            campaign.counts = counts[campaign.pk]


@admin.register(Campaign)
class CampaignAdmin(BigTableMixin, admin.ModelAdmin):
    form = CampaignForm
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
    fieldsets_of_tickets = (
        (gettext_lazy("The tickets"), {"fields": ("name", "event_name", "chosen_people")}),
        (gettext_lazy("The message"), {"fields": ("body", "attach_qr", "image", ("link", "link_text"))}),
        (gettext_lazy("By e-mail"), {"fields": ("subject", "email_body")}),
    )
    fieldsets_of_announcements = (
        (gettext_lazy("The announcement"), {"fields": ("name", "event")}),
        (gettext_lazy("For whom"), {"fields": ("chosen_people", "tags", "everybody")}),
        (gettext_lazy("The message"), {"fields": ("body", "image", ("link", "link_text"))}),
        (gettext_lazy("By e-mail"), {"fields": ("subject", "email_body")}),
    )
    fieldset_of_hours = (
        gettext_lazy("Hours"),
        {"classes": ("collapse",), "fields": (("window_from", "window_to"), "zone", "not_after", "seen")},
    )

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        """What was launched is what somebody confirmed: it is not edited any more."""
        is_open = obj is None or obj.status == S.DRAFT
        return is_open and super().has_change_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        is_tickets = obj is not None and obj.kind == CampaignKind.TICKETS
        own: Any = self.fieldsets_of_tickets if is_tickets else self.fieldsets_of_announcements
        if not is_tickets and not (obj and obj.audience.get("contacts")):
            own = [(title, {"fields": _without(options["fields"], "chosen_people")}) for title, options in own]
        if obj is not None and not self.has_change_permission(request, obj):
            return [(title, {"fields": _without(options["fields"], "tags", "everybody")}) for title, options in own]
        return [*own, self.fieldset_of_hours]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CampaignList

    def get_urls(self) -> list[URLPattern]:
        return [*campaign_urls(self), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        context = {"title": _("New announcement")} | preview_of(Campaign()) | (extra_context or {})
        return super().add_view(request, form_url, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        campaign = self.get_object(request, object_id)
        if campaign is None or campaign.status == S.DRAFT or not self.has_view_permission(request, campaign):
            return self._draft_view(request, object_id, form_url, campaign, extra_context)
        if request.method == "POST":
            return self._refuse(request, campaign)
        return PageViews(self).page(request, campaign)

    def _draft_view(
        self, request: HttpRequest, object_id: str, form_url: str, campaign: Campaign | None, extra_context: Any
    ) -> HttpResponse:
        context = {"can_launch": request.user.has_perm("campaigns.launch_campaign")}
        context |= {
            "can_cancel": request.user.has_perm("campaigns.cancel_campaign"),
            "show_save_and_add_another": False,
        }
        if campaign is not None:
            context |= preview_of(campaign)
        try:
            return super().change_view(request, object_id, form_url, context | (extra_context or {}))
        except NotDraft:
            assert campaign is not None
            campaign.refresh_from_db()
            return self._refuse(request, campaign)

    def _refuse(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        sentence = _("“%(name)s” is no draft any more (%(status)s), so nothing was changed.")
        words = {"name": campaign.name, "status": str(campaign.get_status_display()).lower()}
        messages.error(request, sentence % words)
        return back_to(campaign)

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """Only what the form holds is written, and only while it is a draft: Django has opened the transaction."""
        assert isinstance(obj, Campaign)
        assert isinstance(form, CampaignForm)
        form.put_audience()
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
            obj.save()
            return
        if not Campaign.objects.select_for_update().filter(pk=obj.pk, status=S.DRAFT).exists():
            raise NotDraft
        own = {field.name for field in Campaign._meta.concrete_fields}
        obj.save(update_fields=[*(name for name in form.fields if name in own), "audience"])

    def response_add(self, request: HttpRequest, obj: Model, post_url_continue: str | None = None) -> HttpResponse:
        return self._onwards(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        return self._onwards(request, obj) or super().response_change(request, obj)

    def _onwards(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """The button “Continue to launch” saves and goes on."""
        if "_launch" in request.POST and request.user.has_perm("campaigns.launch_campaign"):
            return HttpResponseRedirect(launch_page_of(obj))
        return None

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def kind_badge(self, campaign: Campaign) -> str:
        return badge(campaign.get_kind_display(), KIND_TONES[CampaignKind(campaign.kind)])

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_badge(self, campaign: Campaign) -> str:
        return badge(campaign.get_status_display(), CAMPAIGN_TONES[S(campaign.status)])

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, campaign: Any) -> str:
        """Of what waits for somebody to send it, the way there."""
        if campaign.status in (S.DRAFT, S.OVERDUE):
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


def _without(fields: Any, *names: str) -> tuple[Any, ...]:
    return tuple(field for field in fields if field not in names)
