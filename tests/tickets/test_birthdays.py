"""Birthdays out of lists and forms: day and month, the day first, and nobody left out because of theirs."""

from datetime import date, datetime

import pytest
from django.urls import reverse
from django.utils import translation

from tests.factories import NOW, make_contact, make_user
from tests.staff import sign_in, sign_in_owner
from tests.tickets.lists import import_bytes, import_text
from tests.tickets.sheets import workbook
from tickets.birth_dates import BadBirthday, birthday_of, read_birthday
from tickets.importing.headers import Field, read_header
from tickets.merging import merge, plan_merge
from tickets.models import Contact, HistoryEntry


@pytest.mark.parametrize(
    "text",
    [
        *("29/02", "29-2", "29.02", "29 02", "29/02/1992", "29-02-92", "29/2/00", "1992-02-29", "1992/2/29"),
        *(
            "29-feb",
            "29 feb.",
            "29/Feb/1992",
            "29 de febrero",
            "29 de febrero de 1992",
            "29 FEBRERO",
            "29 de feb del 1992",
        ),
        *(
            "Feb 29",
            "February 29, 1992",
            "29th of February",
            "feb-29",
            "1992-02-29 00:00",
            "1992-02-29T00:00:00",
            "'29/02",
        ),
    ],
)
def test_many_ways_to_write_one_day(text):
    assert read_birthday(text) == (29, 2)


@pytest.mark.parametrize(("text", "day"), [("03/04", (3, 4)), ("12/11/1990", (12, 11)), ("1 de mayo", (1, 5))])
def test_the_day_comes_first(text, day):
    assert read_birthday(text) == day


@pytest.mark.parametrize("text", ["30/02", "02/29", "1990-02-29", "29/02/1990", "31-abr", "0/1", "13/13/2000"])
def test_a_day_that_does_not_exist(text):
    with pytest.raises(BadBirthday) as caught:
        read_birthday(text)
    assert caught.value.is_date


@pytest.mark.parametrize(
    "text", ["", "mañana", "32874", "feb", "29", "29 de Febreiro", "12/1/19900", "29//02", "1/2/3/4"]
)
def test_what_is_no_day(text):
    with pytest.raises(BadBirthday) as caught:
        read_birthday(text)
    assert not caught.value.is_date


@pytest.mark.parametrize(
    "header",
    ["Cumpleaños", "fecha de nacimiento", "F. Nacimiento", "FECHA_NAC", "Birthday", "Date of birth", "DOB", "Cumple"],
)
def test_the_column_is_recognised(header):
    assert read_header(["Nombre", "Celular", header])[2].field is Field.BIRTHDAY


@pytest.mark.parametrize("header", ["Lugar de nacimiento", "Fecha", "Día"])
def test_other_columns_are_not(header):
    assert read_header(["Nombre", "Celular", header])[2].field is None


# --- lists --------------------------------------------------------------------------------------------------------


@pytest.fixture
def english():
    with translation.override("en"):
        yield


@pytest.mark.django_db
def test_a_birthday_that_is_none_is_a_warning_and_the_person_comes_in(english):
    rows = "Ana Prueba,3000000001,29/02\nLeo Prueba,3000000002,1990-02-29\nEva Prueba,3000000003,pronto\nIda,3000000004,-\n"
    report = import_text("nombre,telefono,cumpleaños\n" + rows)
    assert (report.created, report.errors) == (4, [])
    assert [birthday_of(one) for one in Contact.objects.order_by("pk")] == [(29, 2), None, None, None]
    assert [(one.line, one.sentence) for one in report.warnings] == [
        (3, "There is no day “1990-02-29”, so no birthday was taken. The day comes first: 29/02."),
        (4, "“pronto” is no birthday, so none was taken. Write day and month, as in 29/02."),
    ]


@pytest.mark.django_db
def test_dates_of_excel_cells():
    values = [date(1992, 2, 29), datetime(1990, 5, 1, 0, 0), "29-feb", 32874]  # noqa: DTZ001 - as Excel has them
    rows = [["Ana Prueba", 3000000001 + number, value] for number, value in enumerate(values)]
    report = import_bytes(workbook(Hoja=[["Nombre", "Celular", "Fecha de nacimiento"], *rows]))
    assert [birthday_of(one) for one in Contact.objects.order_by("pk")] == [(29, 2), (1, 5), (29, 2), None]
    assert [str(one.code) for one in report.warnings] == ["bad_birthday"]


@pytest.mark.django_db
def test_a_second_run_changes_nothing_and_an_empty_cell_erases_nothing():
    text = "nombre,telefono,cumple\nAna Prueba,3000000001,29/02\n"
    import_text(text)
    assert import_text(text).unchanged == 1
    assert import_text(text.replace("29/02", "")).unchanged == 1
    assert import_text(text.replace("29/02", "1/3")).updated == 1
    assert birthday_of(Contact.objects.get()) == (1, 3)


# --- form and merge -----------------------------------------------------------------------------------------------

FORM = {"name": "Ana Prueba", "nickname": "", "phone": "+573000000001", "email": "", "language": "es", "attributes": ""}


@pytest.mark.django_db
def test_it_is_one_field_of_the_form_and_its_change_is_on_record(client):
    sign_in_owner(client)
    client.post(reverse("admin:tickets_contact_add"), FORM | {"birthday": "29 de febrero de 1992"})
    contact = Contact.objects.get()
    assert birthday_of(contact) == (29, 2)
    address = reverse("admin:tickets_contact_change", args=[contact.pk])
    assert 'value="29/02"' in client.get(address).content.decode()
    client.post(address, FORM | {"birthday": "29/2"})
    assert not HistoryEntry.objects.filter(action="changed").exists()
    client.post(address, FORM | {"birthday": "1/3"})
    entry = HistoryEntry.objects.get(action="changed")
    assert (entry.before, entry.after) == ({"birthday": "29/02"}, {"birthday": "01/03"})
    client.post(address, FORM | {"birthday": ""})
    contact.refresh_from_db()
    assert birthday_of(contact) is None


@pytest.mark.django_db
def test_a_wrong_one_is_refused_and_what_was_typed_stays(client):
    sign_in_owner(client)
    client.cookies["django_language"] = "es"
    answer = client.post(reverse("admin:tickets_contact_add"), FORM | {"birthday": "31/02"})
    assert answer.context["adminform"].form.errors == {
        "birthday": ["No existe el día “31/02”. Primero va el día: 29/02."]
    }
    assert 'value="31/02"' in answer.content.decode()
    assert not Contact.objects.exists()


@pytest.mark.django_db
def test_whoever_may_only_look_sees_it(client):
    sign_in(client, "tickets.view_contact")
    contact = make_contact(birth_day=29, birth_month=2)
    assert "29/02" in client.get(reverse("admin:tickets_contact_change", args=[contact.pk])).content.decode()
    assert "29/02" in client.get(reverse("admin:tickets_contact_person", args=[contact.pk])).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("chosen", "kept"), [({}, (29, 2)), ({"birthday": "gone"}, (1, 3))])
def test_a_merge_chooses_the_whole_day(chosen, kept):
    keep, gone = make_contact(birth_day=29, birth_month=2), make_contact(birth_day=1, birth_month=3)
    plan = plan_merge(keep, gone)
    merge(keep, gone, chosen, expected=plan.fingerprint, user=make_user(), now=NOW)
    assert birthday_of(Contact.objects.get()) == kept
