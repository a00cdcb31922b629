"""The admin site: the control room that everything is reachable from."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.menu import build_menu


class PregoneroAdminSite(admin.AdminSite):
    site_title = "Pregonero"
    site_header = "Pregonero"
    index_title = _("Home")
    site_url = None
    empty_value_display = "–"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if context["has_permission"]:
            context["menu"] = build_menu(request, context["available_apps"], reverse("admin:index"))
        return context

    def page(
        self, request: HttpRequest, template: str, context: dict[str, Any], *, model: type[Model]
    ) -> TemplateResponse:
        """A page of our own in the frame of the admin, in the part of the menu that `model` belongs to."""
        request.current_app = self.name
        return TemplateResponse(request, template, {**self.each_context(request), "opts": model._meta} | context)

    def part_of_form(self, view: Callable[..., Any]) -> Callable[..., Any]:
        """As `admin_view`, for what htmx asks beside a form that may have stayed open overnight.

        Without a session it answers a sentence: no login page inside a card, and nothing that was typed is lost.
        """
        guarded = self.admin_view(view)

        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.headers.get("HX-Request") and not self.has_permission(request):
                words = gettext("Your session has ended. Copy your text, then sign in again in another tab.")
                return HttpResponse(format_html('<p class="p-notice p-notice-warn" role="alert">{}</p>', words))
            return guarded(request, *args, **kwargs)

        return asked

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from config.home import home  # noqa: PLC0415 - the site exists before the models do

        return super().index(request, home(request, timezone.now()) | (extra_context or {}))
