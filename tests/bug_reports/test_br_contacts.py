"""Numbers and lists from one end to the other: bug reports BR-001, BR-004 to BR-007, BR-021, BR-030 to BR-035, BR-039.

What one part alone can show stands beside that part: tests/tickets/test_phones.py, test_importing_*.py,
test_imports_*.py, test_aliases.py and test_exporting.py.
"""

import csv
import io
import time

import pytest
from django.urls import reverse
from django.utils import translation

from campaigns.audience import describe
from campaigns.audience_count import count_audience
from campaigns.models import Delivery
from tests.bug_reports.launching import announcement, prepared
from tests.campaigns.driving import run_until_idle
from tests.campaigns.pages import page
from tests.factories import make_campaign, make_contact, make_lane, make_tag
from tests.fakes import Clock, FakeGateway
from tests.tickets.lists import CASES, import_bytes, import_text
from tests.tickets.uploads import imported, problems, totals
from tickets.aliases import contact_of
from tickets.models import Contact, HistoryEntry, ImportProblem, Segment
from whatsapp.gateways.base import ErrorKind, Refused

pytestmark = pytest.mark.django_db


# --- numbers ------------------------------------------------------------------------------------------------------


def test_br_001_br_002_both_spellings_of_mexico_are_one_person_and_one_message(boss):
    make_lane()
    import_text("nombre,telefono\nAna Prueba,5215555550101\nAna Prueba,52 55 5555 0101\n", country="MX")
    assert list(Contact.objects.values_list("phone", flat=True)) == ["+525555550101"]
    assert contact_of("5215555550101") == Contact.objects.get()
    campaign = prepared(announcement(Contact.objects.all()))
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(campaign.launched_at))
    assert [message.phone for message in gateway.sent] == ["+525555550101"]


@pytest.mark.parametrize(
    ("country", "number"), [("MX", "5555550101"), ("DO", "8095550101"), ("CL", "955550101"), ("US", "2025550101")]
)
def test_br_004_no_valid_number_is_left_out_for_the_kind_of_its_line(country, number):
    report = import_text(f"nombre,telefono\nAna Prueba,{number}\n", country=country)
    assert (report.created, report.errors) == (1, [])


def test_br_005_br_006_four_spellings_of_argentina_are_one_person_whose_identity_stays():
    rows = ("11 5555-0101", "11 15 5555-0101", "+54 11 5555 0101", "011 15 5555-0101", "+54 9 11 5555-0101")
    text = "nombre,telefono\n" + "".join(f"Ana Prueba,{number}\n" for number in rows)
    report = import_text(text + "Leo Prueba,15 5555-0101\n", country="AR")
    assert (report.created, report.repeated) == (1, 4)
    assert [(one.line, str(one.code)) for one in report.errors] == [(7, "missing_area_code")]
    assert Contact.objects.get().phone == "+5491155550101"
    assert {contact_of(form) for form in ("5491155550101", "541155550101")} == {Contact.objects.get()}


ODD = "+5493580000001"  # no plan knows it


def test_br_007_a_number_that_the_plan_refuses_is_taken_by_hand_and_on_record(boss):
    add = reverse("admin:tickets_contact_add")
    form = {"name": "Ana Prueba", "nickname": "", "phone": ODD, "email": "", "language": "es", "attributes": ""}
    refused = boss.post(add, form)
    assert "phone" in refused.context["adminform"].form.errors
    assert 'type="checkbox" name="accept_number"' in refused.content.decode()
    assert 'type="checkbox" name="accept_number"' not in boss.post(add, form | {"phone": "12"}).content.decode()
    assert boss.post(add, form | {"accept_number": "on"}).status_code == 302
    contact = Contact.objects.get()
    assert contact.phone == ODD
    entry = HistoryEntry.objects.get(object_id=str(contact.pk), action="changed")
    assert entry.after == {"phone": ODD, "accept_number": True}
    change = reverse("admin:tickets_contact_change", args=[contact.pk])
    assert boss.post(change, form | {"name": "Ana Otra"}).status_code == 302  # it stays without being asked again
    contact.refresh_from_db()
    assert (contact.name, contact.phone) == ("Ana Otra", ODD)


@pytest.mark.parametrize("typed", ["358000", "no tiene", "+57300 / +57301", "0000000000", "+5730000000010000"])
def test_br_007_possible_is_not_enough_whatever_is_ticked(boss, typed):
    form = {"name": "Ana", "phone": typed, "email": "ana@example.com", "language": "es", "accept_number": "on"}
    answer = boss.post(reverse("admin:tickets_contact_add"), form | {"attributes": "", "nickname": ""})
    assert "phone" in answer.context["adminform"].form.errors
    assert not Contact.objects.exists()


def test_br_007_a_list_brings_no_such_number_in():
    report = import_text(f"nombre,telefono\nAna,{ODD}\n")
    assert (report.created, len(report.errors)) == (0, 1)


def test_br_021_a_number_without_whatsapp_fails_alone_with_its_reason(boss):
    """The list holds it, one call says so, and everybody behind it gets the message."""
    make_lane()
    rows = "".join(f"Persona {n},+57300000001{n}\n" for n in range(4))
    assert import_text("nombre,telefono\n" + rows).created == 4
    campaign = prepared(announcement(Contact.objects.order_by("pk")))
    gateway = FakeGateway(Refused("not on WhatsApp", kind=ErrorKind.NOT_ON_WHATSAPP))
    run_until_idle(gateway, Clock(campaign.launched_at))
    found = list(Delivery.objects.order_by("slot").values_list("recipient", "status", "error_kind"))
    assert found == [
        ("Persona 0", "failed", "not_on_whatsapp"),
        *((f"Persona {number}", "sent", "") for number in (1, 2, 3)),
    ]
    boss.cookies["django_language"] = "es"
    shown = boss.get(page("people", campaign.pk), {"state": "failed"}).content.decode()
    assert "no tiene WhatsApp" in shown


# --- lists --------------------------------------------------------------------------------------------------------


def test_br_030_a_million_invisible_rows_are_two_people_in_seconds():
    content = (CASES / "contactos_un_millon_de_filas_vacias.xlsx").read_bytes()
    begun = time.perf_counter()
    report = import_bytes(content)
    assert (report.created, report.errors) == (2, [])
    assert time.perf_counter() - begun < 30  # a machine that is busy with other tests too


REASONS = ("", "12", "no tiene", "5.73E+11", "3000000001 / 3000000002", "3000000001 ext 12", "0000000000")


def list_of_5000() -> str:
    """4,963 people, and 37 rows of which each is wrong in a way of its own or of a few."""
    good = [f"Persona {n},30{n:08d},,{n % 40}" for n in range(1, 4_964)]
    bad = [f"Mala {n},{REASONS[n % len(REASONS)]},," for n in range(30)]
    bad += [f"Mala {n},3009999999,esto no es un correo," for n in range(30, 35)]
    bad += [",3009999998,,", "Mala 36,3009999997,a@example.com,1,sobra"]
    for number, row in enumerate(bad):
        good.insert(100 + number * 130, row)
    return "nombre,celular,correo,mesa\n" + "\n".join(good) + "\n"


def test_br_032_br_033_br_034_of_5000_rows_4963_come_in_and_37_are_offered_with_reasons(boss):
    """And the same file again changes nothing."""
    content = list_of_5000()
    job = imported(content)
    assert totals(job) == (5_000, 4_963, 0, 0, 0, 37, 0)
    assert Contact.objects.count() == 4_963
    rejected = boss.post(reverse("admin:tickets_import_rejects", args=[job.pk]))
    text = b"".join(rejected.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text), delimiter=";")
    assert header[2:] == ["nombre", "celular", "correo", "mesa"]
    assert len(rows) == 37
    lines = content.splitlines()
    for number, reason, *cells in rows:
        assert ",".join(cell.removeprefix("'") for cell in cells) == lines[int(number) - 1]
        assert len(reason) > 15
    assert len({reason for _number, reason, *_cells in rows}) >= 9
    before = list(Contact.objects.order_by("pk").values())
    again = import_text(content)
    assert (again.created, again.updated, again.unchanged, len(again.errors)) == (0, 0, 4_963, 37)
    assert list(Contact.objects.order_by("pk").values()) == before


def test_br_033_the_reasons_are_said_in_spanish():
    job = imported("nombre,celular\nAna,12\nLeo,3000000001 ext 12\n", language="es")
    with translation.override("es"):
        assert [code for _line, code, _value in problems(job)] == ["too_short", "extension"]
        assert ImportProblem.objects.filter(imported_in=job).count() == 2


def test_br_034_whoever_opted_out_stays_so_after_any_list():
    contact = make_contact(phone="+573000000001", whatsapp_opt_out_at="2026-01-01T00:00Z", email_opt_out_at=None)
    imported("nombre,celular,acepta whatsapp,no whatsapp\nAna,3000000001,sí,no\n")
    contact.refresh_from_db()
    assert contact.whatsapp_opt_out_at is not None


def test_br_035_the_case_file_goes_out_inert_and_comes_back_as_it_is(boss):
    assert import_bytes((CASES / "contactos_inyeccion.csv").read_bytes()).created
    before = list(Contact.objects.order_by("pk").values())
    for kind in ("csv", "xlsx"):
        answer = boss.post(reverse("admin:tickets_contact_export"), {"format": kind})
        content = b"".join(answer.streaming_content)
        if kind == "csv":
            cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
            assert any(cell.startswith("'=HYPERLINK") for cell in cells)
        job = imported(content, name=f"vuelta.{kind}")
        assert (job.created, job.updated, job.errors) == (0, 0, 0)
    assert list(Contact.objects.order_by("pk").values()) == before


# --- no cap -------------------------------------------------------------------------------------------------------


def test_br_039_an_audience_of_2812_is_2812_and_one_of_780_is_780(boss):
    tag = make_tag("Todos")
    Contact.objects.bulk_create(Contact(name=f"Persona {n}", phone=f"+57300{n:06d}1") for n in range(2_812))
    link = Contact.tags.through
    ids = list(Contact.objects.order_by("pk").values_list("pk", flat=True))
    link.objects.bulk_create(link(contact_id=pk, tag=tag) for pk in ids)
    segment = Segment.objects.create(name="Todos", rules={"any_tags": [tag.pk]})
    for chosen in ({"tags": [tag.pk]}, {"segments": [segment.pk]}, {"contacts": ids}, {"everybody": True}):
        assert count_audience(make_campaign(audience=describe(**chosen))).messages == 2_812
    draft = announcement([], audience=describe(contacts=ids[:780]))
    form = {"name": "Aviso", "channels": "whatsapp", "body": "Hola {nombre}"}
    assert "<strong>780</strong> messages" in boss.post(page("count", draft.pk), form).content.decode()
    launched = prepared(announcement([], audience=describe(segments=[segment.pk])))
    assert Delivery.objects.filter(campaign=launched, status="pending").count() == 2_812


def test_br_039_a_question_that_fails_is_an_error_and_no_empty_list(boss, monkeypatch):
    def fail(*args):
        raise RuntimeError("too many variables")

    monkeypatch.setattr("campaigns.audience.has_any_tag", fail)
    draft = announcement([], audience=describe(tags=[make_tag().pk]))
    with pytest.raises(RuntimeError):
        boss.post(page("count", draft.pk), {"name": "Aviso", "channels": "whatsapp", "tags": draft.audience["tags"]})
