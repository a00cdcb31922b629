"""From bytes to rows: encodings, separators, quotation marks, and what is no list at all."""

import codecs
from io import BytesIO

import pytest

from tests.factories import NOW
from tests.tickets.lists import import_bytes, import_case, import_text, people, problems, totals
from tickets.importing import FileRefused, import_contacts
from tickets.importing.decoding import detect_encoding
from tickets.importing.records import MOST_CHARACTERS, MOST_LINES
from tickets.models import Contact

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ANA = ("Ana Prueba", "+573000000001", "ana@example.com")
LUIS = ("Luis Ejemplo", "+573000000002", "luis@example.com")
LIST = "nombre,telefono\nZoë Ñandú,3000000003\n"


def refusal(content):
    with pytest.raises(FileRefused) as caught:
        import_bytes(content)
    return caught.value


def test_br_023_a_byte_order_mark_changes_nothing():
    report = import_case("bom_coma")
    assert people() == [ANA, LUIS]
    assert (totals(report), report.encoding) == ((2, 2, 0, 0, 0, 0, 0), "utf-8-sig")


def test_br_023_a_byte_order_mark_does_not_hide_the_first_column():
    import_case("bom_telefono_primero")
    assert people() == [("Ana Prueba", "+573000000001", "")]


def test_br_024_semicolons_are_found():
    report = import_case("punto_y_coma")
    assert people() == [ANA, ("Pérez, Luis", "+573000000002", "luis@example.com")]
    assert report.separator == ";"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_br_024_every_usual_separator_is_found(separator):
    report = import_text(f"nombre{separator}telefono\nAna Prueba{separator}3000000001\n")
    assert (report.separator, report.created) == (separator, 1)


def test_br_024_commas_inside_a_header_do_not_win():
    report = import_text('nombre;"mesa, silla, fila";telefono\nAna Prueba;7;3000000001\n')
    assert (report.separator, report.created) == (";", 1)


def test_br_024_the_separator_can_be_settled_by_hand():
    with pytest.raises(FileRefused):
        import_text("nombre,telefono\nAna Prueba,3000000001\n", separator=";")


def test_a_first_line_for_excel_names_the_separator():
    report = import_text("sep=|\nnombre|telefono\nAna Prueba|3\n")
    assert (report.separator, problems(report)) == ("|", [(3, "too_short", "3")])


def test_br_027_utf_16_with_tabs_is_read():
    report = import_case("tabulador_utf16")
    assert people() == [("Zoë Ñandú", "+573000000003", "")]
    assert (report.encoding, report.separator) == ("utf-16", "\t")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (LIST.encode(), "utf-8"),
        (codecs.BOM_UTF8 + LIST.encode(), "utf-8-sig"),
        (LIST.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + LIST.encode("utf-16-be"), "utf-16"),
        (LIST.encode("utf-16-le"), "utf-16-le"),
        (LIST.encode("utf-16-be"), "utf-16-be"),
        (LIST.encode("utf-32"), "utf-32"),
        (LIST.encode("cp1252"), "cp1252"),
        (LIST.replace("ü", "€").encode("cp1252"), "cp1252"),
        (LIST.encode("latin-1").replace(b"\xeb", b"\x81"), "latin-1"),
    ],
)
def test_br_027_encodings_are_found_in_a_fixed_order(content, encoding):
    assert detect_encoding(BytesIO(content)) == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_br_027_accents_arrive_in_every_encoding(encoding):
    import_text(LIST, encoding=encoding)
    assert people() == [("Zoë Ñandú", "+573000000003", "")]


def test_an_accent_far_down_still_decides_the_encoding():
    rows = "".join(f"Persona {number},{3000000000 + number}\n" for number in range(4000))
    content = f"nombre,telefono\n{rows}Zoë,3009999999\n".encode("cp1252")
    assert len(content) > 1 << 16
    assert detect_encoding(BytesIO(content)) == "cp1252"


def test_half_characters_are_removed_without_changing_the_encoding():
    report = import_bytes("nombre,telefono\nZo\ud83dë,3000000003\n".encode("utf-8", "surrogatepass"))
    assert (people(), report.encoding) == ([("Zoë", "+573000000003", "")], "utf-8")


def test_two_halves_of_a_picture_are_joined():
    import_bytes("nombre,telefono\nZoë \ud83c\udfb8,3000000003\n".encode("utf-8", "surrogatepass"))
    assert people() == [("Zoë 🎸", "+573000000003", "")]


def test_broken_utf_16_is_refused():
    assert refusal(LIST.encode("utf-16") + b"x").code == "unreadable"


@pytest.mark.parametrize("content", [b"", b"  \r\n \n"])
def test_an_empty_file_is_refused(content):
    assert refusal(content).code == "empty"


def test_an_old_spreadsheet_file_is_refused_with_advice():
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500).code == "spreadsheet"


def test_a_picture_is_refused():
    assert refusal(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0").code == "unreadable"


def test_br_028_a_line_break_in_a_name_is_a_space():
    report = import_case("celda_con_salto")
    assert people() == [("Ana Prueba", "+573000000001", ""), ("Luis Ejemplo", "+573000000002", "")]
    assert Contact.objects.get(name="Ana Prueba").attributes == {"nota": 'Mesa 1 Vegetariana, "sin gluten"'}
    assert totals(report) == (2, 2, 0, 0, 0, 0, 0)


def test_br_028_errors_quote_the_physical_line():
    report = import_text('nombre,telefono\n"Ana\n\nPrueba",3000000001\nLuis Ejemplo,300\n"Eva\nFicticia",301\n')
    assert problems(report) == [(5, "too_short", "300"), (6, "too_short", "301")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts_as_one_line(end):
    report = import_text(f"nombre,telefono{end}Ana Prueba,3000000001{end}{end}Luis Ejemplo,300{end}")
    assert (totals(report), problems(report)) == ((3, 1, 0, 0, 0, 1, 1), [(4, "too_short", "300")])


def test_the_last_line_needs_no_end():
    assert import_text("nombre,telefono\nAna Prueba,3000000001").created == 1


def test_a_line_break_inside_the_header_is_read():
    report = import_text('nombre,"Teléfono\n(WhatsApp)"\nAna Prueba,3\n')
    assert problems(report) == [(3, "too_short", "3")]


def test_br_030_blank_rows_are_counted_and_are_no_errors():
    report = import_text("\n\nnombre,telefono\n\n,,\n , \n;\nAna Prueba,3000000001\n" + ",\n" * 3000)
    assert totals(report) == (3005, 1, 0, 0, 0, 1, 3003)
    assert problems(report) == [(7, "too_few_cells", ";")]


def test_br_038_ragged_rows_cost_themselves_only():
    report = import_case("filas_desiguales")
    assert people() == [ANA, ("David Test", "+573000000004", "david@example.com")]
    assert totals(report) == (6, 2, 0, 0, 0, 2, 2)
    assert problems(report) == [(3, "too_many_cells", "SOBRA"), (4, "too_few_cells", "Carla Muestra")]


def test_br_038_empty_cells_beyond_the_header_do_no_harm():
    assert import_text("nombre,telefono\nAna Prueba,3000000001,,\n").created == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ('"Eva Ficticia,3000000009', "unclosed_quote"),
        ('Eva Ficticia,"3000000009', "unclosed_quote"),
        ('"Eva "la jefa" Ficticia",3000000009', "bad_quotes"),
    ],
)
@pytest.mark.parametrize(
    "next_row", ["Luis Ejemplo,3000000002", '"Luis Ejemplo","3000000002"', 'Luis Ejemplo,"3000000002"']
)
def test_br_038_a_stray_quotation_mark_is_reported_once_with_its_line(row, code, next_row):
    report = import_text(f"nombre,telefono\nAna Prueba,3000000001\n{row}\n{next_row}\nDavid Test,3000000004\n")
    assert [name for name, _phone, _email in people()] == ["Ana Prueba", "Luis Ejemplo", "David Test"]
    assert [(problem.line, problem.code) for problem in report.errors] == [(3, code)]
    assert totals(report) == (4, 3, 0, 0, 0, 1, 0)


def test_br_038_an_open_quotation_mark_in_the_last_row():
    report = import_text('nombre,telefono\nAna Prueba,3000000001\n"Eva Ficticia,3000000009')
    assert problems(report) == [(3, "unclosed_quote", '"Eva Ficticia,3000000009')]


def test_br_038_an_open_quotation_mark_in_a_long_file_is_found_without_reading_to_its_end():
    rows = "".join(f"Persona {number},{3000000000 + number}\n" for number in range(MOST_LINES * 3))
    report = import_text(f'nombre,telefono\n"Eva Ficticia,3009999999\n{rows}')
    assert [(problem.line, problem.code) for problem in report.errors] == [(2, "unclosed_quote")]
    assert totals(report) == (MOST_LINES * 3 + 1, MOST_LINES * 3, 0, 0, 0, 1, 0)


def test_br_038_an_open_quotation_mark_in_the_header_does_not_swallow_the_people():
    with pytest.raises(FileRefused, match="Eva"):
        import_text('"Eva,telefono\nAna Prueba,3000000001\n')


def test_quotation_marks_inside_a_plain_cell_are_kept():
    import_text('nombre,telefono\nAna "la jefa" Prueba,3000000001\n')
    assert people() == [('Ana "la jefa" Prueba', "+573000000001", "")]


def test_an_endless_line_is_one_error():
    report = import_text(f"nombre,telefono\n{'x' * (MOST_CHARACTERS * 2 + 5)}\nAna Prueba,3000000001\n")
    assert [(problem.line, problem.code) for problem in report.errors] == [(2, "row_too_long")]
    assert report.created == 1


def test_the_source_stays_open():
    source = BytesIO(LIST.encode())
    import_contacts(source, country="CO", now=NOW)
    assert not source.closed
