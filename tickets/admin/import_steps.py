"""From the file to the start of the import: upload, columns, check, go."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tickets.admin.import_views import ImportViews, back_to, columns_page_of, may_run
from tickets.countries import default_country
from tickets.enums import Action, ImportState
from tickets.forms import ColumnsForm, UploadForm
from tickets.history import record
from tickets.importing import FileRefused, moves
from tickets.importing.keeping import discard
from tickets.importing.lists import MOST_BYTES, MOST_ROWS, Layout
from tickets.importing.uploading import keep_upload, look_again, stored_columns
from tickets.models import Event, Import, Tag
from tickets.zones import country_of_zone

MOST_TAGS = 200  # offered while somebody types


class ImportSteps(ImportViews):
    def upload(self, request: HttpRequest) -> HttpResponse:
        if not self.admin.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(initial={"event": request.GET.get("event", "")})
        if request.method == "POST":
            form = UploadForm(request.POST, request.FILES)
            if form.is_valid() and (job := self._keep(request, form)):
                return HttpResponseRedirect(columns_page_of(job) + _proposing(form.cleaned_data["event"]))
        context = {
            "title": _("Import a list"),
            "form": form,
            "most_megabytes": MOST_BYTES // 1024**2,
            "most_rows": number_format(MOST_ROWS, force_grouping=True),
        }
        return self.render(request, "import_upload.html", context)

    def _keep(self, request: HttpRequest, form: UploadForm) -> Import | None:
        upload, key = form.cleaned_data["file"], form.cleaned_data["key"]
        try:
            job, is_new = keep_upload(upload, key=key, country=_country(form), user=request.user)
        except FileRefused as refused:
            form.add_error("file", str(refused))
            return None
        if is_new:
            record(request.user, job, Action.ADDED)
        return job

    def columns(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.job(request, pk, "import_contacts")
        if job.state not in ImportState.open:
            return back_to(job)
        may_issue = request.user.has_perm("tickets.add_ticket")
        data = request.POST if request.method == "POST" else None
        form = ColumnsForm(job, may_issue=may_issue, data=data, proposed=request.GET.get("event", ""))
        if request.method == "POST" and (answer := self._choose(request, job, form)):
            return answer
        context = {
            "title": _("What is in the columns?"),
            "job": job,
            "form": form,
            "tags": list(Tag.objects.values_list("name", flat=True)[:MOST_TAGS]),
            "reading": [form[name] for name in ("sheet", "encoding", "separator", "country") if name in form.fields],
            "options": [form[name] for name in ("tag", "event") if name in form.fields],
        }
        return self.render(request, "import_columns.html", context)

    def _choose(self, request: HttpRequest, job: Import, form: ColumnsForm) -> HttpResponse | None:
        if request.POST.get("round") != str(job.round):
            messages.warning(request, _("Somebody else changed this import meanwhile. Please look again."))
            return HttpResponseRedirect(columns_page_of(job))
        form.is_valid()
        if self._wants_another_look(request, job, form):
            return self._look_again(request, job, form)
        if not form.is_valid():
            return None
        choices = _choices(form) | {"columns": _chosen_columns(form), "language": get_language() or "es"}
        if not moves.start_check(job, choices=choices, now=timezone.now()):
            messages.info(request, _("This list is being checked already."))
        return back_to(job)

    def _wants_another_look(self, request: HttpRequest, job: Import, form: ColumnsForm) -> bool:
        """By its button, or because the choice was changed and the columns shown are those of another reading."""
        is_other = any(form.cleaned_data.get(name, found) not in {"", found} for name, found in job.layout.items())
        return request.POST.get("do") == "read" or is_other

    def _look_again(self, request: HttpRequest, job: Import, form: ColumnsForm) -> HttpResponse:
        chosen = form.cleaned_data
        names = ("encoding", "separator", "sheet")
        wanted = Layout(**{name: chosen.get(name) or job.layout[name] for name in names})
        try:
            fresh = look_again(job, wanted)
        except FileRefused as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(columns_page_of(job))
        fresh.setdefault("columns", _chosen_columns(form))
        if not moves.choose_layout(job, **(_choices(form) | fresh)):
            messages.warning(request, _("Somebody else changed this import meanwhile. Please look again."))
        return HttpResponseRedirect(columns_page_of(job))

    def run(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.job(request, pk, "import_contacts")
        if not may_run(request, job):
            raise PermissionDenied
        if request.POST.get("round") == str(job.round) and moves.start_run(job, user=request.user, now=timezone.now()):
            sentence = ngettext("%(n)d row is being imported.", "%(n)d rows are being imported.", job.rows)
            messages.success(request, sentence % {"n": job.rows})
        else:
            messages.info(request, _("Nothing was started: this list is at work or done already, or it has changed."))
        return back_to(job)

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.job(request, pk, "import_contacts")
        if not discard(job):
            messages.warning(request, _("This list is being imported or was imported already. It was not deleted."))
            return back_to(job)
        record(request.user, job, Action.DELETED)
        messages.success(request, _("“%(name)s” was deleted. Nothing of it was imported.") % {"name": job.name})
        return HttpResponseRedirect(reverse("admin:tickets_import_changelist"))


def _proposing(event: str) -> str:
    return f"?event={event}" if event.isascii() and event.isdecimal() else ""


def _country(form: UploadForm) -> str:
    """Where the event is for which somebody imports, else where the installation is at home."""
    number = form.cleaned_data["event"]
    is_number = number.isascii() and number.isdecimal() and len(number) < 10
    event = Event.objects.filter(pk=number).first() if is_number else None
    return (country_of_zone(str(event.timezone)) if event else "") or default_country()


def _choices(form: ColumnsForm) -> dict[str, Any]:
    """What goes with the list whatever its columns are. What could not be understood stays as it was."""
    chosen: dict[str, Any] = {
        name: form.cleaned_data[name] for name in ("country", "tag", "event") if name in form.cleaned_data
    }
    return chosen if "event" in form.fields else chosen | {"event": None}


def _chosen_columns(form: ColumnsForm) -> list[dict[str, str]]:
    return [
        chosen | {"name": before["name"]}
        for chosen, before in zip(stored_columns(form.columns), form.job.columns, strict=True)
    ]
