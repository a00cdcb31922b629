"""Pages that were left open overnight: what they ask by themselves comes without a session."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _

View = Callable[..., Any]


def part_of_form(site: AdminSite, view: View) -> View:
    """For what htmx asks beside a form: no login page inside a card, and nothing that was typed is lost."""
    guarded = site.admin_view(view)

    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.headers.get("HX-Request") and not site.has_permission(request):
            words = _("Your session has ended. Copy your text, then sign in again in another tab.")
            return HttpResponse(format_html('<p class="p-notice p-notice-warn" role="alert">{}</p>', words))
        return guarded(request, *args, **kwargs)

    return asked
