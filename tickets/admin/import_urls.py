"""The addresses of an import's pages. They stand before Django's own, which would swallow them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tickets.admin.import_page import ImportPage
from tickets.admin.import_steps import ImportSteps
from tickets.admin.import_undo import ImportUndo

if TYPE_CHECKING:
    from tickets.admin.importing import ImportAdmin

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


def import_urls(admin: "ImportAdmin") -> list[URLPattern]:
    wrap = admin.admin_site.admin_view
    shown, steps, undo = ImportPage(admin), ImportSteps(admin), ImportUndo(admin)

    def page(address: str, view: Callable[..., Any], name: str) -> URLPattern:
        return path(f"<int:pk>/{address}", wrap(view), name=f"tickets_import_{name}")

    return [
        page("live/", require_safe(shown.live), "live"),
        page("rejects.csv", require_POST(shown.rejects), "rejects"),
        page("columns/", page_or_post(steps.columns), "columns"),
        page("run/", require_POST(steps.run), "run"),
        page("discard/", require_POST(steps.discard), "discard"),
        page("undo/", page_or_post(undo.undo), "undo"),
    ]
