"""The people of a campaign as a file: exactly the filtered ones, streamed, inert, on record, for whoever may."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.utils import translation

from campaigns import export
from tests.campaigns.pages import page, said
from tests.factories import NOW, make_campaign, make_delivery, make_sender
from tickets.history_words import details_of
from tickets.models import HistoryEntry
from whatsapp.gateways import meanings

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(fixed_clock):
    campaign = make_campaign(name="Feria de Cali: últimos avisos", status="finished", finished_at=NOW)
    taquilla = make_sender(name="Taquilla")
    make_delivery(
        campaign=campaign,
        recipient="Ana Prueba",
        address="+573001234567",
        status="read",
        sender=taquilla,
        attempts_made=2,
        sent_at=NOW,
        delivered_at=NOW + timedelta(seconds=5),
        read_at=NOW + timedelta(minutes=1),
    )
    make_delivery(
        campaign=campaign,
        recipient="Beto Ejemplo",
        address="beto@example.com",
        channel="email",
        status="failed",
        error_kind="invalid_number",
        error_detail="550 unknown user",
        attempts_made=1,
    )
    make_delivery(recipient="Otra campaña")
    return campaign


def export_of(client, campaign, kind="csv", **filters):
    return client.post(page("export", campaign.pk), {"format": kind, **filters})


def rows(response):
    content = b"".join(response.streaming_content)
    if "csv" in response.headers["Content-Type"]:
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=","))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]


def people(response):
    return [row[0] for row in rows(response)[1:]]


@pytest.mark.parametrize(("kind", "phone"), [("csv", "'+573001234567"), ("xlsx", "+573001234567")])
def test_each_row_says_what_became_of_the_message(boss, campaign, kind, phone):
    header, ana, beto = rows(export_of(boss, campaign, kind))
    assert header == [
        "Person",
        "Address",
        "Channel",
        "Status",
        "Sent from",
        "Reason",
        "Detail",
        "Calls",
        "Sent (Bogotá)",
        "Delivered (Bogotá)",
        "Read (Bogotá)",
    ]
    moments = ["2026-11-25 10:00:00", "2026-11-25 10:00:05", "2026-11-25 10:01:00"]
    assert ana == ["Ana Prueba", phone, "WhatsApp", "Read", "Taquilla", "", "", "2", *moments]
    reason = "The number or address was refused as not valid."
    assert beto == [
        "Beto Ejemplo",
        "beto@example.com",
        "E-mail",
        "Failed",
        "",
        reason,
        "550 unknown user",
        "1",
        *[""] * 3,
    ]


def test_it_is_a_file_with_a_name_and_is_not_kept_anywhere(boss, campaign):
    answer = export_of(boss, campaign, "xlsx")
    assert answer.streaming
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="feria-de-cali-ultimos-avisos-2026-11-25-1000.xlsx"'
    )
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["Ana Prueba", "Beto Ejemplo"]),
        ({"state": "failed"}, ["Beto Ejemplo"]),
        ({"channel": "whatsapp"}, ["Ana Prueba"]),
        ({"reason": "invalid_number"}, ["Beto Ejemplo"]),
        ({"q": "ana"}, ["Ana Prueba"]),
        ({"q": "ana", "state": "failed"}, []),
    ],
)
def test_it_holds_exactly_the_filtered_people(boss, campaign, filters, found):
    shown = boss.get(page("people", campaign.pk), filters).context["people"]
    assert people(export_of(boss, campaign, **filters)) == found
    assert shown.total == len(found)


def test_it_holds_more_than_the_page_shows(boss, campaign, monkeypatch):
    monkeypatch.setattr(export, "ROWS_AT_ONCE", 7)
    for _ in range(60):
        make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    assert len(people(export_of(boss, campaign, state="sent"))) == 60


def test_in_spanish_the_separator_is_the_one_of_excel(boss, campaign):
    boss.cookies["django_language"] = "es"
    content = b"".join(export_of(boss, campaign).streaming_content).decode()
    assert content.startswith("\ufeffPersona;Dirección;Canal;Estado;")
    assert ";Fallido;" in content  # said in the reader's language, though it is written after the view has ended


def test_our_words_in_what_a_gateway_said_are_in_the_readers_language(boss, campaign):
    hint = meanings.BROWSER_DIED.hint
    for _ in range(2):
        make_delivery(campaign=campaign, status="failed", error_detail=f"HTTP 500: {hint}: Target closed")
    boss.cookies["django_language"] = "es"
    answer = export_of(boss, campaign)
    with translation.override("es"):
        in_spanish = translation.gettext(hint)
    assert in_spanish != hint
    assert b"".join(answer.streaming_content).decode().count(f'"HTTP 500: {in_spanish}: Target closed"') == 2


def test_the_button_says_how_many_and_carries_the_filters(boss, campaign):
    html = boss.get(page("change", campaign.pk), {"state": "failed", "q": "beto"}).content.decode()
    form = html[html.index(f'action="{page("export", campaign.pk)}"') :].partition("</form>")[0]
    assert "Download this 1 row:" in form
    assert '<input type="hidden" name="state" value="failed">' in form
    assert '<input type="hidden" name="q" value="beto">' in form


def test_who_took_what_is_on_record(boss, campaign):
    rows(export_of(boss, campaign, "xlsx", state="failed", reason="invalid_number", q="beto"))
    entry = HistoryEntry.objects.get()
    assert (entry.user, entry.action, entry.object_id) == (boss.user, "exported", str(campaign.pk))
    reason = "The number or address was refused as not valid."
    assert details_of(entry) == [
        "Rows: 1",
        "Kind of file: XLSX",
        f"Filters: Status: Failed; Reason: {reason}; Search: beto",
    ]
    with translation.override("es"):
        assert details_of(entry)[2].startswith("Filtros: Estado: Fallido; Motivo: ")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("300 123 4567", "300•••4567"),
        ("Beto.Prueba@example.com", "B•••@example.com"),
        ("+57 300 123 45", "+57•••3 45"),
        ("beto 2", "beto 2"),
    ],
)
def test_an_address_that_was_searched_for_is_not_kept(boss, campaign, typed, kept):
    rows(export_of(boss, campaign, q=typed))
    assert details_of(HistoryEntry.objects.get())[2:] == [f"Filters: Search: {kept}"]


def test_the_number_that_was_asked_for_stands_there_by_its_name(boss, campaign):
    rows(export_of(boss, campaign, number=str(make_sender(name="Puerta").pk)))
    assert details_of(HistoryEntry.objects.get()) == ["Rows: 0", "Kind of file: CSV", "Sent from: Puerta"]


@pytest.mark.parametrize("missing", ["campaigns.export_delivery", "campaigns.view_delivery", "campaigns.view_campaign"])
def test_it_needs_every_permission(staff, campaign, missing):
    needed = {"campaigns.export_delivery", "campaigns.view_delivery", "campaigns.view_campaign"}
    client = staff(*(needed - {missing}))
    assert export_of(client, campaign).status_code == 403
    assert not HistoryEntry.objects.exists()
    assert page("export", campaign.pk) not in client.get(page("change", campaign.pk)).content.decode()


def test_with_every_permission_it_is_offered(staff, campaign):
    client = staff("campaigns.export_delivery", "campaigns.view_delivery", "campaigns.view_campaign")
    assert page("export", campaign.pk) in client.get(page("change", campaign.pk)).content.decode()
    assert page("export", campaign.pk) in client.get(page("people", campaign.pk)).content.decode()
    assert len(people(export_of(client, campaign))) == 2


def test_looking_takes_nothing_along(boss, campaign):
    answer = boss.get(page("export", campaign.pk), {"format": "csv"})
    assert (answer.status_code, answer.headers["Location"]) == (302, page("change", campaign.pk))
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize("kind", ["", "pdf", "csv\x00"])
def test_another_kind_of_file_is_refused_in_words(boss, campaign, kind):
    answer = export_of(boss, campaign, kind)
    assert (answer.status_code, answer.headers["Location"]) == (302, page("change", campaign.pk))
    assert said(answer) == ["Choose a kind of file: Excel or CSV."]
    assert not HistoryEntry.objects.exists()


def test_rows_are_read_while_they_are_written(boss, campaign, django_assert_num_queries):
    for _ in range(30):
        make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    answer = export_of(boss, campaign)
    with django_assert_num_queries(1):
        assert len(people(answer)) == 32
