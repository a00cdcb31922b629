"""Every scan at a door: read here, taken back on a page of its own, never written by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tickets.admin.checkin_undo import UndoView, can_be_taken_back
from tickets.admin.permissions import ReadOnlyMixin
from tickets.admin.showing import TONES, badge, local_time
from tickets.enums import CheckInResult
from tickets.models import CheckIn


class OfflineFilter(admin.SimpleListFilter):
    """What phones without network did by themselves."""

    title = gettext_lazy("without network")
    parameter_name = "offline"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("conflict", _("Let in against the rules")), ("all", _("All that was told afterwards"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = {
            "conflict": Q(result=CheckInResult.REFUSED, let_in_offline__gt=0),
            "all": Q(received_at__isnull=False),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(CheckIn)
class CheckInAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = ("scanned", "at_local", "event", "verdict_and_why", "admitted", "where")
    list_filter = (("event", admin.RelatedOnlyFieldListFilter), "result", "reason", OfflineFilter)
    list_select_related = ("event", "user", "access")
    search_fields = ("=scanned", "=ticket__code")
    search_help_text = gettext_lazy("Code of a ticket")
    sortable_by = ()
    actions = None
    empty_hint = gettext_lazy("Scans appear here as soon as the doors open.")
    readonly_fields = ("at_local", "verdict", "why", "by", "told_at", "let_in_offline", "taken_back")

    def get_fields(self, request: HttpRequest, obj: CheckIn | None = None) -> Any:
        shown = ["at_local", "event", "ticket", "scanned", "verdict", "why", "admitted", "gate", "by"]
        if obj is not None and not obj.reason:
            shown.remove("why")
        if obj is not None and obj.received_at:
            shown += ["told_at", "let_in_offline"]
        return [*shown, "taken_back"] if obj is not None and obj.undone_at else shown

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.list_display, "undo_link") if may_take_back(request) else self.list_display

    def get_urls(self) -> list[URLPattern]:
        page_or_post = require_http_methods(["GET", "HEAD", "POST"])
        view = self.admin_site.admin_view(page_or_post(UndoView(self).undo))
        return [path("<int:pk>/undo/", view, name="tickets_checkin_undo"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        checkin = self.get_object(request, object_id)
        can = isinstance(checkin, CheckIn) and may_take_back(request) and can_be_taken_back(checkin)
        return super().change_view(request, object_id, form_url, {"can_take_back": can} | (extra_context or {}))

    @admin.display(description=gettext_lazy("time"))
    def at_local(self, checkin: CheckIn) -> str:
        return local_time(checkin.at, checkin.event.timezone)

    @admin.display(description=gettext_lazy("reason"))
    def why(self, checkin: CheckIn) -> str:
        return checkin.get_reason_display() if checkin.reason else ""

    @admin.display(description=gettext_lazy("result"))
    def verdict(self, checkin: CheckIn) -> str:
        if checkin.undone_at:
            return badge(_("Taken back"), "warn")
        shown = badge(checkin.get_result_display(), TONES[CheckInResult(checkin.result)])
        if checkin.result != CheckInResult.REFUSED or not checkin.let_in_offline:
            return shown
        people = ngettext("%(n)d let in without network", "%(n)d let in without network", checkin.let_in_offline)
        return format_html("{} {}", shown, badge(people % {"n": checkin.let_in_offline}, "warn"))

    @admin.display(description=gettext_lazy("result"))
    def verdict_and_why(self, checkin: CheckIn) -> str:
        return format_html("{} <small>{}</small>", self.verdict(checkin), self.why(checkin))

    @admin.display(description=gettext_lazy("gate"))
    def where(self, checkin: CheckIn) -> str:
        return format_html("{} <small>{}</small>", checkin.gate, self.by(checkin))

    @admin.display(description=gettext_lazy("by"))
    def by(self, checkin: CheckIn) -> str:
        return str(checkin.access or checkin.user or "")

    @admin.display(description=gettext_lazy("reported"))
    def told_at(self, checkin: CheckIn) -> str:
        return local_time(checkin.received_at, checkin.event.timezone)

    @admin.display(description=gettext_lazy("taken back"))
    def taken_back(self, checkin: CheckIn) -> str:
        moment = local_time(checkin.undone_at, checkin.event.timezone)
        return format_html("{} {}<br>{}", moment, checkin.undone_by or "", checkin.undo_reason)

    @admin.display(description="", empty_value="")
    def undo_link(self, checkin: CheckIn) -> str:
        if not can_be_taken_back(checkin):
            return ""
        address = reverse("admin:tickets_checkin_undo", args=[checkin.pk])
        shown = '<a href="{}">{}<span class="visually-hidden"> {}</span></a>'
        return format_html(shown, address, _("Take back…"), checkin.scanned)


def may_take_back(request: HttpRequest) -> bool:
    return request.user.has_perm("tickets.undo_checkin")
