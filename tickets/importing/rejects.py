"""The rows that were not imported, as a file that can be mended and imported again."""

import csv
from collections.abc import Iterator
from io import StringIO

from django.utils.translation import gettext as _
from django.utils.translation import override

from tickets.enums import ProblemKind
from tickets.formulas import inert
from tickets.importing.faults import CODES, sentence_for
from tickets.importing.headers import OWN_COLUMN
from tickets.models import Import, ImportProblem

SEPARATOR = ";"  # what a Spanish Excel expects; the mark in front makes it read the accents
BOM = "\ufeff"


def rejected_rows(job: Import, language: str) -> Iterator[str]:
    """CSV, line by line. Nothing in it runs in a spreadsheet; the two columns in front are left out on the way back.

    The lines are made while they are sent, when nobody remembers the language of the request any more.
    """
    with override(language):
        own = [OWN_COLUMN + _("row"), OWN_COLUMN + _("why it was not imported")]
    yield BOM + _line([*own, *(column["header"] for column in job.columns)])
    problems = ImportProblem.objects.filter(imported_in=job, round=job.round, kind=ProblemKind.ERROR)
    for problem in problems.order_by("line", "pk").iterator(chunk_size=1000):
        with override(language):
            reason = reason_of(problem)
        yield _line([str(problem.line), reason, *problem.cells])


def reason_of(problem: ImportProblem) -> str:
    """A sentence in the language of whoever reads it."""
    if problem.kind == ProblemKind.REPEAT:
        return _("The same person as in row %(first)d.") % {"first": problem.first_line or 0}
    code = CODES.get(problem.code)
    return sentence_for(code, problem.value) if code else problem.code


def _line(cells: list[str]) -> str:
    text = StringIO()
    csv.writer(text, delimiter=SEPARATOR).writerow([inert(cell) for cell in cells])
    return text.getvalue()
