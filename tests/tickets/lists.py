"""Lists as files, for the tests of the import."""

from io import BytesIO
from pathlib import Path

from tests.factories import NOW
from tickets.importing import import_contacts
from tickets.models import Contact

CASES = Path(__file__).parent.parent / "data" / "contacts"


def import_text(text, *, encoding="utf-8", country="CO", **options):
    return import_bytes(text.encode(encoding), country=country, **options)


def import_bytes(content, *, country="CO", **options):
    return import_contacts(BytesIO(content), country=country, now=NOW, **options)


def import_case(name, **options):
    return import_bytes((CASES / f"contactos_{name}.csv").read_bytes(), **options)


def people():
    """Everybody who is stored, as tuples, in the order of their rows."""
    return list(Contact.objects.order_by("pk").values_list("name", "phone", "email"))


def totals(report):
    """Rows, created, updated, unchanged, repeated, errors and blank, which have to add up."""
    assert report.adds_up
    return (
        report.rows,
        report.created,
        report.updated,
        report.unchanged,
        report.repeated,
        len(report.errors),
        report.blank,
    )


def problems(report):
    return [(problem.line, str(problem.code), problem.value) for problem in report.errors]
