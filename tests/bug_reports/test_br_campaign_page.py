"""The page of a campaign and its exports: bug reports BR-025, BR-035 and BR-145 to BR-150."""

import csv
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.bug_reports.scene import CASES
from tests.campaigns.pages import page
from tests.factories import NOW, make_campaign, make_contact, make_delivery
from tests.history import told
from tickets.phones import normalize_phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(fixed_clock):
    return make_campaign(name="Gala", status="finished", finished_at=NOW)


def export(client, campaign, kind="csv", **filters):
    return b"".join(client.post(page("export", campaign.pk), {"format": kind, **filters}).streaming_content)


def test_br_025_an_export_begins_with_the_mark_that_excel_needs(boss, campaign):
    make_delivery(campaign=campaign, recipient="José Ñandú", address="+573001234567", status="sent", sent_at=NOW)
    content = export(boss, campaign)
    assert content.startswith(b"\xef\xbb\xbf")
    row = next(reversed(list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))))
    assert (row[0], normalize_phone(row[1]).e164) == ("José Ñandú", "+573001234567")  # an import reads it as it was


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_br_035_names_and_answers_of_gateways_are_inert_in_every_export(boss, campaign, kind):
    with open(CASES.parent / "contacts" / "contactos_inyeccion.csv", newline="", encoding="utf-8") as file:
        typed = [row["nombre"] for row in csv.DictReader(file)]
    for name in typed:
        make_delivery(campaign=campaign, recipient=name, status="failed", error_kind="temporary", error_detail=name)
    content = export(boss, campaign, kind)
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}  # n: an empty one
        rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert [row[0] for row in rows[1:]] == [f"'{name}" for name in typed]
    cells = [cell for row in rows for cell in row if not (kind == "xlsx" and cell[:3] == "+57")]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and cell] == []


def test_br_145_no_page_of_the_list_skips_rows_or_counts_them_anew(boss, campaign):
    for _ in range(120):
        make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    first = boss.get(page("people", campaign.pk)).context["people"]
    with CaptureQueriesContext(connection) as queries:
        second = boss.get(f"{page('people', campaign.pk)}?{first.next}").context["people"]
    assert [row.delivery.pk for row in second.rows] == sorted(campaign.deliveries.values_list("pk", flat=True))[50:100]
    asked = [query["sql"] for query in queries if "campaigns_delivery" in query["sql"]]
    assert [sql for sql in asked if "OFFSET" in sql] == []
    assert [sql for sql in asked if sql.startswith("SELECT COUNT(*)")] == []


def test_br_146_the_page_of_a_campaign_holds_fifty_people_whatever_its_size(boss, campaign):
    for number in range(200):
        make_delivery(campaign=campaign, recipient=f"Persona {number:03d}", status="sent", sent_at=NOW)
    html = boss.get(page("change", campaign.pk)).content.decode()
    assert sum(f"Persona {number:03d}" in html for number in range(200)) == 50
    assert len(html) < 200_000


def test_br_147_no_drop_down_of_the_list_names_contacts(boss, campaign):
    contact = make_contact(name="Ana en ningún menú")
    make_delivery(campaign=campaign, contact=contact, recipient="Destinataria", status="sent", sent_at=NOW)
    filters = boss.get(page("people", campaign.pk)).context["people"].filters
    assert {one.name for one in filters} <= {"state", "channel", "reason", "number"}
    assert "Ana en ningún menú" not in boss.get(page("change", campaign.pk)).content.decode()


def test_br_148_who_may_not_see_the_list_gets_it_in_no_other_way(staff, campaign):
    make_delivery(campaign=campaign, recipient="Ana Prueba", status="failed", error_kind="temporary")
    client = staff("campaigns.view_campaign", "campaigns.export_delivery")
    assert "Ana Prueba" not in client.get(page("change", campaign.pk)).content.decode()
    assert client.get(page("people", campaign.pk)).status_code == 403
    assert client.post(page("export", campaign.pk), {"format": "csv"}).status_code == 403


def test_br_150_the_file_holds_exactly_what_was_filtered_and_says_so_before_and_after(boss, campaign):
    for number in range(70):
        make_delivery(campaign=campaign, recipient=f"Falló {number}", status="failed", error_kind="temporary")
        make_delivery(campaign=campaign, recipient=f"Llegó {number}", status="sent", sent_at=NOW)
    asked = {"state": "failed", "q": "falló"}
    assert "Download these 70 rows:" in boss.get(page("change", campaign.pk), asked).content.decode()
    rows = list(csv.reader(io.StringIO(export(boss, campaign, **asked).decode("utf-8-sig"), newline="")))[1:]
    assert sorted(row[0] for row in rows) == sorted(f"Falló {number}" for number in range(70))
    assert told() == [
        ("jefa", "exported", ["Rows: 70", "Kind of file: CSV", "Filters: Status: Failed; Search: falló"]),
    ]
