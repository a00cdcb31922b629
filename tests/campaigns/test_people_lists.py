"""People of a list: who is found, who is told not to be, and what a bad file is answered."""

import io
import itertools

import pytest
from django.core.exceptions import ValidationError

from campaigns import people_lists
from campaigns.people_lists import MOST_BYTES, MOST_CELLS, MOST_LINES, find_people, read_file
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


def test_addresses_as_mail_programs_write_them():
    people = [make_contact(phone="", email=f"{name}@example.com").pk for name in ("ana", "eva")]
    text = 'Ana Prueba <Ana@example.com>, "Muestra, Eva" <eva@example.com>; Nadie <nadie@example.com>'
    assert find(text.replace(";", "\n")).ids == people
    assert find("Nadie <nadie@example.com>").missing == ["Nadie <nadie@example.com>"]


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


def test_a_list_without_end_is_refused_as_soon_as_it_is_too_long(monkeypatch):
    """Whoever looks for people may hold the database: nothing is made of what will be refused."""
    monkeypatch.setattr(people_lists, "normalize_phone", lambda *_args: pytest.fail("read a number of it"))
    lines = (str(3_000_000_000 + number) for number in itertools.count())
    with pytest.raises(ValidationError) as refused:
        find_people(lines, make_campaign())
    assert refused.value.code == "too_many"
    assert next(lines) == str(3_000_000_000 + MOST_LINES + 1)


def test_one_line_without_end_is_refused_too(monkeypatch):
    monkeypatch.setattr(people_lists, "normalize_phone", lambda *_args: pytest.fail("read a number of it"))
    with pytest.raises(ValidationError) as refused:
        find(",".join(["3000000001"] * (MOST_CELLS + 1)))
    assert (refused.value.code, str(MOST_CELLS) in refused.value.messages[0]) == ("too_many", True)


def test_everybody_on_one_long_line_is_found():
    people = [make_contact(phone="", email=f"p{n}@example.com").pk for n in range(100)]
    found = find(", ".join(f"p{n}@example.com" for n in range(100)))
    assert (found.ids, found.lines, found.missing) == (people, 1, [])
    [quoted] = find("; ".join(f"nobody{n}@example.com" for n in range(100))).missing
    assert quoted == "nobody0@example.com, nobody1@example.com, nobody2@example.co"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_files_in_the_encodings_of_spreadsheets(encoding):
    text = "Nombre;Correo\r\nÑandú;ana@example.com\r\n"
    assert read_file(io.BytesIO(text.encode(encoding)))[1] == "Ñandú;ana@example.com"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a spreadsheet", b"x" * (MOST_BYTES + 1)])
def test_what_is_no_list_is_refused_with_a_sentence(content):
    with pytest.raises(ValidationError) as refused:
        read_file(io.BytesIO(content))
    assert refused.value.messages[0].endswith(".")
