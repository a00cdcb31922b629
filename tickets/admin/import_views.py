"""What the pages of an import have in common: they belong to its admin, and each asks who is there."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tickets.enums import ImportState
from tickets.models import Import

if TYPE_CHECKING:
    from tickets.admin.importing import ImportAdmin

TONES = {
    ImportState.CHOOSING: "warn",
    ImportState.CHECKING: "info",
    ImportState.CHECKED: "warn",
    ImportState.REFUSED: "bad",
    ImportState.RUNNING: "info",
    ImportState.DONE: "ok",
    ImportState.UNDOING: "info",
    ImportState.UNDONE: "neutral",
}


def may_run(request: HttpRequest, job: Import) -> bool:
    """Tickets that somebody else asked for are issued by those only who may issue any."""
    needed = ["tickets.import_contacts"] + (["tickets.add_ticket"] if job.event_id else [])
    return request.user.has_perms(needed)


def page_of(job: Import) -> str:
    return reverse("admin:tickets_import_change", args=[job.pk])


def columns_page_of(job: Import) -> str:
    return reverse("admin:tickets_import_columns", args=[job.pk])


def back_to(job: Import) -> HttpResponseRedirect:
    return HttpResponseRedirect(page_of(job))


class ImportViews:
    def __init__(self, admin: "ImportAdmin"):
        self.admin = admin

    def job(self, request: HttpRequest, pk: int | str, permission: str = "") -> Import:
        """For somebody who may look at imports and has the permission that is asked for."""
        if not self.admin.has_view_permission(request):
            raise PermissionDenied
        if permission and not request.user.has_perm(f"tickets.{permission}"):
            raise PermissionDenied
        if not str(pk).isdecimal():
            raise Http404
        found = Import.objects.select_related("event", "created_by", "run_by", "undone_by").filter(pk=pk).first()
        if found is None:
            raise Http404(_("This import does not exist."))
        return found

    def render(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        return self.admin.admin_site.page(request, f"tickets/{template}", context, model=Import)  # type: ignore[attr-defined]
