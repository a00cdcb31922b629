"""People of a list: who is found, who is told not to be, and what a bad file is answered."""

import io

import pytest
from django.core.exceptions import ValidationError

from campaigns.people_lists import MOST_BYTES, MOST_LINES, find_people, read_file
from tests.factories import make_campaign, make_contact, make_event, make_ticket

pytestmark = pytest.mark.django_db


def find(text, campaign=None):
    return find_people(text.splitlines(), campaign or make_campaign())


def test_numbers_and_addresses_however_they_are_written():
    ana = make_contact(phone="+573000000901", email="")
    eva = make_contact(phone="", email="eva@example.com")
    found = find("300 000 0901\n EVA@Example.com \n+57 300 000 0999\nnadie@example.com")
    assert found.ids == [ana.pk, eva.pk]
    assert found.missing == ["+57 300 000 0999", "nadie@example.com"]
    assert found.lines == 4


def test_a_sheet_with_other_columns_and_a_header():
    ana = make_contact(phone="+573000000901", email="ana@example.com")
    text = "Nombre;Celular;Correo\nAna Prueba;300 000 0901;\n\nOtra;;ANA@example.com\nSin datos;;\n"
    found = find(text)
    assert (found.ids, found.lines, found.missing) == ([ana.pk], 2, [])


def test_one_cell_that_is_known_is_enough():
    ana = make_contact(phone="", email="ana@example.com")
    found = find("1020304050,ana@example.com")  # the first is the number of a document
    assert (found.ids, found.missing) == ([ana.pk], [])


def test_a_family_with_one_address_is_meant_whole():
    family = sorted(make_contact(phone="", email="casa@example.com").pk for _ in range(2))
    assert find("casa@example.com").ids == family


def test_a_line_that_is_there_twice_is_one_person_and_one_complaint():
    make_contact(phone="", email="ana@example.com")
    found = find("ana@example.com\nana@example.com\nx@example.com\nx@example.com")
    assert (len(found.ids), found.missing) == (1, ["x@example.com"])


def test_more_people_than_one_question_holds(django_assert_max_num_queries):
    people = [make_contact(phone="", email=f"p{n}@example.com").pk for n in range(3)]
    lines = [f"p{n}@example.com" for n in range(1200)]
    with django_assert_max_num_queries(5):  # 500 at once, and the country of numbers without one
        found = find_people(lines, make_campaign())
    assert found.ids == people
    assert len(found.missing) == 1197


def test_for_tickets_the_tickets_of_these_people():
    event = make_event()
    ticket = make_ticket(event=event, holder=make_contact(email="ana@example.com"))
    make_ticket(event=event, status="voided", holder=make_contact(name="Void", email="void@example.com"))
    make_contact(name="None", email="none@example.com")
    campaign = make_campaign(kind="tickets", event=event)
    found = find("ana@example.com\nvoid@example.com\nnone@example.com", campaign)
    assert found.ids == [ticket.pk]
    assert sorted(found.without_ticket) == ["None", "Void"]


@pytest.mark.parametrize("text", ["", "hola\nqué tal", "Nombre;Ciudad\nAna;Cali"])
def test_a_list_without_numbers_and_addresses_is_refused(text):
    with pytest.raises(ValidationError) as refused:
        find(text)
    assert refused.value.code == "nothing"


def test_a_list_without_end_is_refused():
    with pytest.raises(ValidationError) as refused:
        find_people((f"p{n}@example.com" for n in range(MOST_LINES + 1)), make_campaign())
    assert refused.value.code == "too_many"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_files_in_the_encodings_of_spreadsheets(encoding):
    text = "Nombre;Correo\r\nÑandú;ana@example.com\r\n"
    assert read_file(io.BytesIO(text.encode(encoding)))[1] == "Ñandú;ana@example.com"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a spreadsheet", b"x" * (MOST_BYTES + 1)])
def test_what_is_no_list_is_refused_with_a_sentence(content):
    with pytest.raises(ValidationError) as refused:
        read_file(io.BytesIO(content))
    assert refused.value.messages[0].endswith(".")
