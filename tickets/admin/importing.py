"""The list of imports. What is done with one has pages of its own."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy

from tickets.admin.import_page import ImportPage
from tickets.admin.import_steps import ImportSteps
from tickets.admin.import_urls import import_urls
from tickets.admin.import_views import TONES
from tickets.admin.permissions import ReadOnlyMixin
from tickets.admin.showing import badge
from tickets.enums import ImportState
from tickets.models import Import


def state_badge(job: Import) -> str:
    return badge(job.get_state_display(), TONES[ImportState(job.state)])


@admin.register(Import)
class ImportAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = ("name", "state_now", "rows", "created", "errors", "uploaded")
    list_filter = ("state",)
    list_select_related = ("created_by",)
    search_fields = ("name", "tag")
    search_help_text = gettext_lazy("File or tag")
    empty_hint = gettext_lazy(
        "Upload a list of people as CSV or Excel. Nothing is saved before you have seen what it does."
    )
    sortable_by = ()
    actions = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(
            request.user.has_perm(f"tickets.{name}") for name in ("view_import", "import_contacts", "undo_import")
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tickets.import_contacts")

    def has_undo_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tickets.undo_import")

    def get_urls(self) -> list[URLPattern]:
        return [*import_urls(self), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return ImportSteps(self).upload(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied  # it is looked at here; what can be done with it has addresses of its own
        return ImportPage(self).page(request, object_id)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": Import._meta.verbose_name_plural} | (extra_context or {}))

    @admin.display(description=gettext_lazy("uploaded"), ordering="pk")
    def uploaded(self, job: Import) -> str:
        moment = date_format(localtime(job.created_at), "j M Y, H:i")
        return format_html('<span class="nowrap">{}</span> <small>{}</small>', moment, job.created_by or "")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_now(self, job: Import) -> str:
        return state_badge(job)
