"""The report of an import as lines of text."""

import unicodedata
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tickets.importing.headers import Column, Field
from tickets.importing.report import ImportReport, RowProblem


def summary_lines(report: ImportReport) -> Iterator[str]:
    """How the file was read, what came of it, and every row that needs somebody's attention."""
    sections = (_reading(report), _samples(report), _totals(report), *_problems(report))
    for number, section in enumerate(filter(None, sections)):
        if number:
            yield ""
        yield from map(on_one_line, section)


def on_one_line(text: str) -> str:
    """Without the signs that would command a terminal."""
    return "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text)


def _reading(report: ImportReport) -> list[str]:
    return [_read_as(report), _("Columns: %(columns)s") % {"columns": ", ".join(map(_column, report.columns))}]


def _read_as(report: ImportReport) -> str:
    if report.sheet:
        return _("Read from the sheet “%(sheet)s”, numbers of %(country)s.") % {
            "sheet": report.sheet,
            "country": report.country,
        }
    return _("Read as %(encoding)s, cells separated by %(separator)s, numbers of %(country)s.") % {
        "encoding": encoding_words(report.encoding),
        "separator": separator_words().get(report.separator, report.separator),
        "country": report.country,
    }


def encoding_words(encoding: str) -> str:
    return {"cp1252": "Windows-1252", "utf-8-sig": "UTF-8"}.get(encoding, encoding.upper())


def separator_words() -> dict[str, str]:
    return {",": _("commas"), ";": _("semicolons"), "\t": _("tabs")}


def field_words() -> dict[Field, str]:
    return {
        Field.NAME: _("name"),
        Field.SURNAME: _("surname"),
        Field.NICKNAME: _("nickname"),
        Field.PHONE: _("WhatsApp number"),
        Field.EMAIL: _("e-mail"),
        Field.TAGS: _("tags"),
        Field.COMPANIONS: _("companions"),
        Field.BIRTHDAY: _("birthday"),
    }


def _column(column: Column) -> str:
    if column.is_left_out:
        becomes = _("left out")
    else:
        becomes = field_words()[column.field] if column.field else f"{{{column.key}}}"
    return f"“{column.header}” → {becomes}"


def _samples(report: ImportReport) -> list[str]:
    if not report.is_dry_run:
        return []
    people = [
        _("line %(line)d: %(text)s")
        % {"line": sample.line, "text": ", ".join(filter(None, (sample.name, sample.phone, sample.email)))}
        for sample in report.samples
    ]
    return [_("Nothing was saved. The first people would be:"), *people]


def _totals(report: ImportReport) -> list[str]:
    rows = [
        (_("Rows in the file"), report.rows),
        (pgettext("rows of a list", "Created"), report.created),
        (_("Updated"), report.updated),
        (_("Unchanged"), report.unchanged),
        (_("Repeated in the file"), report.repeated),
        (_("With errors"), len(report.errors)),
        (_("Blank"), report.blank),
        (_("Without phone number (counted above too)"), report.without_phone),
    ]
    width = max(len(label) for label, _count in rows)
    return [f"{label:<{width}}  {count:>7}" for label, count in rows]


def _problems(report: ImportReport) -> tuple[list[str], ...]:
    repeats = [
        _("line %(line)d: repeated, the same person as in line %(first)d")
        % {"line": repeat.line, "first": repeat.first_line}
        for repeat in report.repeats
    ]
    return (
        _headed(_("Not imported:"), [_problem(problem) for problem in report.errors]),
        _headed(_("Imported, but have a look:"), [_problem(problem) for problem in report.warnings]),
        _headed(_("Repeated:"), repeats),
    )


def _problem(problem: RowProblem) -> str:
    sentence, value = problem.sentence, problem.value.strip()
    if value and value not in sentence:
        sentence = f"{sentence} (“{value[:60]}”)"
    return _("line %(line)d: %(text)s") % {"line": problem.line, "text": sentence}


def _headed(heading: str, lines: list[str]) -> list[str]:
    return [heading, *lines] if lines else []
