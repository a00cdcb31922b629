"""The page of an import: how far it is, what came of it, and what is wrong with which row."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tickets.admin.import_undo import can_be_undone
from tickets.admin.import_views import TONES, ImportViews, may_run, page_of
from tickets.countries import country_name
from tickets.enums import Action, ImportState, ProblemKind
from tickets.history import record
from tickets.importing.keeping import KEPT
from tickets.importing.rejects import reason_of, rejected_rows
from tickets.importing.summary import encoding_words, field_words, separator_words
from tickets.importing.uploading import same_file
from tickets.importing.working import columns_of
from tickets.models import Import, ImportProblem, Tag

PER_PAGE = 50
SLOW = timedelta(minutes=2)  # without news, somebody should look whether the worker runs


class Total(NamedTuple):
    label: str
    number: int


class Problem(NamedTuple):
    line: int
    reason: str
    row: str


class CountedPaginator(Paginator):
    """The number is known: nobody counts the rows again."""

    def __init__(self, rows: Any, per_page: int, number: int):
        super().__init__(rows, per_page)
        self._number = number

    @property
    def count(self) -> int:
        return self._number


class ImportPage(ImportViews):
    def page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        job = self.job(request, object_id)
        context = _live(job) | {
            "title": job.name,
            "job": job,
            "tone": TONES[ImportState(job.state)],
            "totals": totals(job),
            "is_open": job.state in ImportState.open,
            "importable": job.created + job.updated + job.unchanged,
            "columns": column_words(job),
            "left_out": ", ".join(column.header for column in columns_of(job) if column.is_left_out and column.header),
            "country": country_name(job.country),
            "encoding": encoding_words(job.layout["encoding"]),
            "separator": separator_words().get(job.layout["separator"], job.layout["separator"]),
            "samples": job.samples,
            "same": same_file(job) if job.state in ImportState.open else None,
            "kept_until": job.created_at + KEPT,
            "may_import": self.admin.has_add_permission(request),
            "may_run": may_run(request, job),
            "may_undo": self.admin.has_undo_permission(request) and can_be_undone(job),
            "may_see_contacts": request.user.has_perm("tickets.view_contact"),
            "may_see_event": request.user.has_perm("tickets.view_event"),
            "tag": Tag.objects.filter(name__iexact=job.tag).first() if job.tag else None,
            **_problems(job, request),
        }
        return self.render(request, "import.html", context)

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of the page that moves. Once it stands still the whole page is another."""
        job = self.job(request, pk)
        if job.state not in ImportState.busy:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return self.render(request, "_import_live.html", _live(job) | {"job": job})

    def rejects(self, request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
        job = self.job(request, pk)
        if job.state in ImportState.busy or not job.errors or job.cleared_at:
            raise Http404(_("There are no rows to download."))
        record(request.user, job, Action.EXPORTED, after={"errors": job.errors})
        name, rejected = slugify(job.name.rpartition(".")[0]) or "lista", _("rejected")
        return StreamingHttpResponse(
            _encoded(rejected_rows(job, get_language() or "es")),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}-{rejected}.csv"'},
        )


def column_words(job: Import) -> str:
    words = field_words()
    used = [column for column in columns_of(job) if not column.is_left_out]
    return ", ".join(
        f"{column.header} → {words[column.field] if column.field else f'{{{column.key}}}'}" for column in used
    )


def totals(job: Import) -> list[Total]:
    """Rows read = all of these, always."""
    is_done = job.state not in {ImportState.CHECKED, ImportState.CHECKING}
    counted = [
        Total(_("Created") if is_done else _("New people"), job.created),
        Total(_("Updated") if is_done else _("Known, with news"), job.updated),
        Total(_("Unchanged"), job.unchanged),
        Total(_("Repeated in the file"), job.repeated),
        Total(_("With errors"), job.errors),
    ]
    return counted + ([Total(_("Blank"), job.blank)] if job.blank else [])


def _live(job: Import) -> dict[str, Any]:
    is_busy = job.state in ImportState.busy
    return {
        "is_busy": is_busy,
        "is_slow": is_busy and timezone.now() - job.seen_at > SLOW,
        "done": job.removed + job.kept if job.state == ImportState.UNDOING else job.rows,
    }


def _problems(job: Import, request: HttpRequest) -> dict[str, Any]:
    numbers = {
        ProblemKind.ERROR: job.errors,
        ProblemKind.WARNING: job.warnings,
        ProblemKind.REPEAT: job.repeated,
    }
    kinds = [(kind, kind.label, number) for kind, number in numbers.items() if number]
    if not kinds or job.state in ImportState.busy or job.cleared_at:
        return {"problem_kinds": []}
    wanted = request.GET.get("show")
    kind = next((kind for kind, _label, _number in kinds if kind == wanted), kinds[0][0])
    rows = ImportProblem.objects.filter(imported_in=job, round=job.round, kind=kind).order_by("line", "pk")
    page = CountedPaginator(rows, PER_PAGE, numbers[kind]).get_page(request.GET.get("page"))
    return {
        "problem_kinds": kinds,
        "kind": kind,
        "problems": _shown(page),
        "problem_page": page,
        "page_url": page_of(job),
    }


def _shown(page: "Page[ImportProblem]") -> list[Problem]:
    return [
        Problem(one.line, reason_of(one), " · ".join(cell for cell in one.cells if cell.strip())[:200]) for one in page
    ]


def _encoded(lines: Iterator[str]) -> Iterator[bytes]:
    return (line.encode() for line in lines)
