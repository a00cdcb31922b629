"""Which column is what."""

import pytest

from tests.tickets.lists import import_case, import_text, people, totals
from tickets.importing import FileRefused, headers
from tickets.importing.cells import words_of
from tickets.importing.headers import Field, read_header
from tickets.models import Contact


def field_of(header):
    (column,) = read_header([header])
    return column.field


def keys(*headers):
    return [column.key for column in read_header(headers)]


def fields(*headers):
    return [column.field for column in read_header(headers)]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("  NOMBRE COMPLETO ", Field.NAME),
        ("Nombre y apellidos", Field.NAME),
        ("Nombres", Field.NAME),
        ("Full Name", Field.NAME),
        ("First name", Field.NAME),
        ("Asistente", Field.NAME),
        ("Apellidos", Field.SURNAME),
        ("Last name", Field.SURNAME),
        ("Apodo", Field.NICKNAME),
        ("Celular / WhatsApp", Field.PHONE),
        ("Teléfono móvil", Field.PHONE),
        ("TELEFONO", Field.PHONE),
        ("Te\u0301le\u0301fono", Field.PHONE),
        ("N.º de WhatsApp", Field.PHONE),
        ("Número de celular", Field.PHONE),
        ("Tel.", Field.PHONE),
        ("Phone 1 - Value", Field.PHONE),
        ("E-Mail", Field.EMAIL),
        ("E-mail 1 - Value", Field.EMAIL),
        ("Correo", Field.EMAIL),
        ("Correo electrónico", Field.EMAIL),
        ("Email address", Field.EMAIL),
        ("Etiquetas", Field.TAGS),
        ("Acompañantes", Field.COMPANIONS),
        ("Nº de acompañantes", Field.COMPANIONS),
        ("Companions", Field.COMPANIONS),
    ],
)
def test_br_029_usual_names_of_columns_are_known(header, field):
    assert field_of(header) is field


@pytest.mark.parametrize(
    "header",
    [
        "Mesa",
        "Nombre de la empresa",
        "Nombre del acompañante",
        "Acompañante",
        "Teléfono fijo",
        "Dirección",
        "Número",
        "No.",
        "Fecha",
        "",
        "Phone 2 - Value",
        "Contacto",
    ],
)
def test_br_029_other_columns_are_not_guessed(header):
    assert field_of(header) is None


def test_other_columns_get_names_that_placeholders_can_have():
    assert keys("Mesa", " Tipo de Menú ", "MESA", "", "2ª opción", "الطاولة", "¿Vegetariano?", "x" * 90) == [
        "mesa",
        "tipo_de_menu",
        "mesa_2",
        "columna_4",
        "columna_2a_opcion",
        "columna_6",
        "vegetariano",
        "x" * 40,
    ]


def test_of_two_number_columns_the_likelier_whatsapp_is_used():
    assert fields("Nombre", "Teléfono", "WhatsApp") == [Field.NAME, None, Field.PHONE]


def test_of_two_equal_columns_the_first_is_used():
    assert fields("Correo", "Correo") == [Field.EMAIL, None]


def test_a_full_name_wins_over_its_parts():
    assert fields("Nombre", "Apellidos", "Nombre completo") == [None, None, Field.NAME]


def test_parts_of_a_name_are_kept_together():
    assert fields("Nombre", "Apellido paterno", "Apellido materno") == [Field.NAME, Field.SURNAME, Field.SURNAME]


@pytest.mark.django_db
def test_parts_of_a_name_make_one_name():
    import_text("Apellido paterno,Nombre,Apellido materno,Celular\nPrueba,Ana,Test,3000000001\n")
    assert people() == [("Ana Prueba Test", "+573000000001", "")]


@pytest.mark.django_db
def test_br_029_headers_are_matched_whatever_their_case_accents_and_spaces():
    report = import_case("encabezados")
    assert people() == [
        ("Ana Prueba", "+573000000001", "ana@example.com"),
        ("Luis Ejemplo", "+573000000002", "luis@example.com"),
    ]
    assert list(Contact.objects.order_by("pk").values_list("attributes", flat=True)) == [{"mesa": "12"}, {"mesa": "7"}]
    assert [(column.header, column.field, column.key) for column in report.columns] == [
        ("NOMBRE COMPLETO", Field.NAME, ""),
        ("Celular / WhatsApp", Field.PHONE, ""),
        ("E-Mail", Field.EMAIL, ""),
        ("Mesa", None, "mesa"),
    ]
    assert totals(report) == (2, 2, 0, 0, 0, 0, 0)


@pytest.mark.django_db
def test_br_029_a_file_without_a_known_column_is_refused_and_its_columns_listed():
    with pytest.raises(FileRefused, match="“Fecha”, “Monto”") as caught:
        import_case("columna_desconocida")
    assert (caught.value.code, people()) == ("columns", [])


@pytest.mark.parametrize("header", ["nombre,mesa", "telefono,correo", "3000000001,Ana Prueba", "nombre;x\tmesa"])
def test_br_029_a_file_without_name_or_address_is_refused(header):
    with pytest.raises(FileRefused) as caught:
        import_text(f"{header}\nAna Prueba,3000000001\n")
    assert caught.value.code == "columns"


def test_a_very_wide_file_is_refused_in_a_sentence_that_can_be_read():
    with pytest.raises(FileRefused) as caught:
        import_text(",".join(f"dato {number} {'x' * 200}" for number in range(500)))
    assert len(str(caught.value)) < 1000


def test_a_book_in_a_cell_of_the_header_is_not_read(monkeypatch):
    """Sign by sign, in each of the first rows: a small file would have kept a request busy for half a minute."""
    read = []
    monkeypatch.setattr(headers, "words_of", lambda text: read.append(len(text)) or words_of(text))
    cells = ["Nombre", "Celular", "Mesa " + "漢" * 32_000]
    assert headers.count_fields(cells) == 2
    columns = read_header(cells)
    assert (len(columns[2].header), columns[2].key) == (200, "mesa")
    assert headers.attribute_names(cells)[2] == "mesa"
    assert max(read) == 200
