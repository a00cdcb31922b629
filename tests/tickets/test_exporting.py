"""Contacts as a file: exactly those who were asked for, inert, on record, and back in without a change."""

import csv
import io
import tracemalloc

import openpyxl
import pytest
from django.urls import reverse

from tests.factories import NOW, make_contact, make_tag
from tests.staff import sign_in, sign_in_owner
from tests.tickets.lists import import_bytes
from tests.tickets.test_spreadsheets import FORMULAS
from tests.tickets.uploads import imported, totals
from tickets.exporting import ContactSheet
from tickets.importing.saving import FIELDS
from tickets.models import Contact, HistoryEntry, Tag
from tickets.spreadsheets import csv_pieces

pytestmark = pytest.mark.django_db

LIST, EXPORT = "admin:tickets_contact_changelist", "admin:tickets_contact_export"


@pytest.fixture
def owner(client):
    client.cookies["django_language"] = "en"
    sign_in_owner(client)
    return client


def content_of(answer):
    return b"".join(answer.streaming_content)


def export_of(client, kind="csv", **query):
    return content_of(client.post(reverse(EXPORT, query=query), {"format": kind}))


def rows(content):
    if content.startswith(b"PK"):
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def names(content):
    return [row[0] for row in rows(content)[1:]]


def awkward_people():
    """Everything that a file could lose or take for something else."""
    tags = make_tag("Socios, 2026"), make_tag('"Prensa"'), make_tag("=VIP"), make_tag("Voluntariado; tarde")
    other = {"mesa": "12", "Talla de camisa": "M", "correo": "otro@example.com", "año": "1990", "nombre": "Nada"}
    make_contact(name="Ana Prueba", tags=tags, attributes=other, birth_day=29, birth_month=2, language="en")
    make_contact(name="María D'Angelo & Cía", nickname="La «Mari»", phone="", email="maria@example.com", tags=tags[:1])
    make_contact(name="José  Ñandú", email="", attributes={"nota": "dos\nrenglones; y  espacios", "vacía": ""})
    make_contact(
        name="أنا تجربة 👩‍👩‍👧", phone="+5491155550101", whatsapp_opt_out_at=NOW, whatsapp_opt_out_source="BAJA"
    )
    make_contact(name="Bia", phone="+551155550101", email_opt_out_at=NOW, email_consent_at=NOW)
    for number, text in enumerate([*FORMULAS, "'=1", "''@x"]):
        make_contact(name=f"-Persona {number}", nickname=text.strip()[:60], attributes={"=x": text, "n": number})
    make_contact(name="N/A", email="na@example.com")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_br_027_br_029_br_035_an_export_comes_back_in_unchanged(owner, kind, language):
    """Through the same steps as on the page: upload, guess the columns, check, import."""
    owner.cookies["django_language"] = language
    awkward_people()
    before = list(Contact.objects.order_by("pk").values())
    tags = list(Contact.tags.through.objects.order_by("pk").values())
    job = imported(export_of(owner, kind), name=f"contactos.{kind}")
    assert totals(job) == (len(before), 0, 0, len(before), 0, 0, 0)
    assert job.warnings <= 1  # a number that may be a landline
    assert list(Contact.objects.order_by("pk").values()) == before
    assert list(Contact.tags.through.objects.order_by("pk").values()) == tags
    assert Tag.objects.count() == 4


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_into_an_empty_list_it_brings_everybody_with_everything(owner, kind):
    awkward_people()
    content = export_of(owner, kind)
    fields = (*FIELDS, "birth_day", "birth_month")
    before = list(Contact.objects.order_by("pk").values(*fields))
    Contact.objects.all().delete()
    assert import_bytes(content).created == len(before)
    again = list(Contact.objects.order_by("pk").values(*fields))
    assert [one | {"name": " ".join(one["name"].split())} for one in before] == again
    assert Contact.objects.get(name="Ana Prueba").attributes["correo"] == "otro@example.com"
    assert Contact.objects.get(name="Ana Prueba").tags.count() == 4


def test_every_column_is_there(owner):
    make_contact(
        name="Ana Prueba",
        nickname="Anita",
        phone="+573000000001",
        email="ana@example.com",
        tags=(make_tag("Gala"), make_tag("Coro")),
        birth_day=29,
        birth_month=2,
        attributes={"mesa": "12"},
        whatsapp_opt_out_at=NOW,
        whatsapp_opt_out_source="BAJA",
    )
    header, row = rows(export_of(owner, "xlsx"))
    said = dict(zip(header, row, strict=True))
    assert [said[name] for name in ("Full name", "Nickname", "WhatsApp", "E-mail", "Tags", "Birthday", "{mesa}")] == [
        *("Ana Prueba", "Anita", "+573000000001", "ana@example.com", "Coro; Gala", "29/02", "12")
    ]
    assert said["Pregonero: language"] == "Español"
    assert said["Pregonero: asked through (WhatsApp)"] == "BAJA"
    assert said["Pregonero: no more WhatsApp since"].startswith("20")
    assert said["Pregonero: no more e-mail since"] == ""


# --- whom ---------------------------------------------------------------------------------------------------------


def test_br_150_exactly_the_filtered_and_searched(owner):
    tag = make_tag("Coro")
    for name in ("Ana Uno", "Ana Dos", "Leo Tres"):
        make_contact(name=name, tags=(tag,))
    make_contact(name="Ana Cuatro")
    assert names(export_of(owner)) == ["Ana Uno", "Ana Dos", "Leo Tres", "Ana Cuatro"]
    assert names(export_of(owner, tags__id__exact=tag.pk)) == ["Ana Uno", "Ana Dos", "Leo Tres"]
    assert names(export_of(owner, tags__id__exact=tag.pk, q="ana")) == ["Ana Uno", "Ana Dos"]
    listed = owner.get(reverse(LIST), {"tags__id__exact": tag.pk, "q": "ana", "p": "1"}).content.decode()
    assert f"export/?q=ana&amp;tags__id__exact={tag.pk}" in listed
    assert "Export 2…" in listed
    page = owner.get(reverse(EXPORT, query={"tags__id__exact": tag.pk, "q": "ana"})).content.decode()
    assert "Export 2 people" in page


def test_the_ticked_ones(owner):
    people = [make_contact() for _ in range(3)]
    ticked = {"action": "export_action", "_selected_action": [people[0].pk, people[2].pk]}
    answer = owner.post(reverse(LIST), ticked)
    assert "Export 2 people" in owner.get(answer.url).content.decode()
    assert names(content_of(owner.post(answer.url, {"format": "csv"}))) == [people[0].name, people[2].name]


def test_all_of_a_filtered_list(owner):
    tag = make_tag()
    people = [make_contact(tags=(tag,)) for _ in range(3)]
    make_contact()
    ticked = {"action": "export_action", "select_across": "1", "_selected_action": [people[0].pk]}
    answer = owner.post(reverse(LIST, query={"tags__id__exact": tag.pk}), ticked)
    assert names(content_of(owner.post(answer.url, {"format": "csv"}))) == [one.name for one in people]


def test_it_is_on_record_without_whole_addresses(owner):
    tag = make_tag("Coro")
    make_contact(name="Ana", phone="+573000000001", email="ana@example.com", tags=(tag,))
    export_of(owner, tags__id__exact=tag.pk, q="ana@example.com")
    export_of(owner, "xlsx", q="+57 300 000 0001")
    export_of(owner)
    after = list(HistoryEntry.objects.order_by("pk").values_list("action", "after"))
    assert after == [
        ("exported", {"rows": 1, "format": "CSV", "only": ["tags: Coro", "Search: a•••@example.com"]}),
        ("exported", {"rows": 1, "format": "XLSX", "only": ["Search: +57•••0001"]}),
        ("exported", {"rows": 1, "format": "CSV"}),
    ]


# --- rights and bad input -----------------------------------------------------------------------------------------


def test_who_may_not_export_sees_no_button_and_gets_nothing(client):
    sign_in(client, "tickets.view_contact", "tickets.change_contact")
    make_contact()
    assert "/export/" not in client.get(reverse(LIST)).content.decode()
    assert client.get(reverse(EXPORT)).status_code == 403
    assert client.post(reverse(EXPORT), {"format": "csv"}).status_code == 403
    assert not HistoryEntry.objects.exists()


def test_a_get_writes_nothing_and_a_wrong_kind_is_said(owner):
    make_contact()
    owner.get(reverse(EXPORT))
    answer = owner.post(reverse(EXPORT), {"format": "pdf"})
    assert "Choose a kind of file: Excel or CSV." in answer.content.decode()
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize("query", [{"q": "nadie"}, {"chosen": "x.99999999999999999999"}])
def test_nobody_to_export(owner, query):
    make_contact()
    assert "Nobody to export" in owner.get(reverse(EXPORT, query=query)).content.decode()
    assert "Nobody to export" in owner.post(reverse(EXPORT, query=query), {"format": "csv"}).content.decode()


def test_an_address_that_asks_for_nonsense_leads_to_the_list(owner):
    assert owner.get(reverse(EXPORT, query={"no_such_field": "1"})).status_code == 302


def test_a_long_list_takes_no_more_memory_than_a_short_one(django_assert_max_num_queries):
    Contact.objects.bulk_create(
        Contact(name=f"Persona {n}", phone=f"+57300{n:06d}1", attributes={"mesa": str(n)}) for n in range(6_000)
    )

    def peak(contacts):
        sheet = ContactSheet(contacts)
        tracemalloc.start()
        size = sum(len(piece) for piece in csv_pieces(sheet.header, sheet.rows(), separator=";"))
        _now, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size, highest

    everybody = Contact.objects.all()
    (_small, little), (large, much) = peak(everybody.filter(phone__startswith="+57300000")), peak(everybody)
    assert large > 250_000
    assert much < little + 1_000_000
    with django_assert_max_num_queries(20):
        assert sum(1 for _row in ContactSheet(everybody).rows()) == 6_000
