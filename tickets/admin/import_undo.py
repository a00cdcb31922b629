"""Taking an import back, after the numbers were seen."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.admin.import_views import ImportViews, back_to, page_of
from tickets.enums import ImportState
from tickets.importing import moves
from tickets.importing.undoing import undo_plan
from tickets.models import Import


def can_be_undone(job: Import) -> bool:
    return job.state == ImportState.DONE and job.cleared_at is None


class ImportUndo(ImportViews):
    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.job(request, pk, "undo_import")
        if not can_be_undone(job):
            messages.info(request, _("There is nothing to undo here any more."))
            return back_to(job)
        plan = undo_plan(job)
        seen = request.POST.get("expected")
        if request.method == "POST" and seen == plan.mark:
            if moves.start_undo(job, user=request.user, now=timezone.now()):
                messages.success(request, _("The import is being undone."))
            return back_to(job)
        context = {
            "title": _("Undo the import of “%(name)s”?") % {"name": job.name},
            "job": job,
            "plan": plan,
            "has_changed": seen is not None,
            "page_url": page_of(job),
        }
        return self.render(request, "import_undo.html", context)
