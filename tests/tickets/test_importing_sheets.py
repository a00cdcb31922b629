"""Excel files: what stands in the cells, which sheet and which row is meant, and what must not be opened."""

import lzma
import struct
import zipfile
import zlib
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import Workbook

from tests.tickets.lists import CASES, import_bytes, people, problems, totals
from tests.tickets.sheets import raw_workbook, saved, workbook
from tickets.importing import FileRefused, sheet_events
from tickets.importing import workbook as workbooks
from tickets.models import Contact

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HEADER = ["Nombre", "Teléfono", "Correo", "Mesa"]
ANA = ["Ana Prueba", "3000000001", "ana@example.com", 4]


def refusal(content, **options):
    with pytest.raises(FileRefused) as caught:
        import_bytes(content, **options)
    return caught.value


def case(name):
    return (CASES / f"contactos_{name}.xlsx").read_bytes()


def test_br_030_a_million_invisible_rows_are_two_contacts():
    report = import_bytes(case("un_millon_de_filas_vacias"))
    assert people() == [("Ana Prueba", "+573000000001", ""), ("Luis Ejemplo", "+573000000002", "")]
    assert totals(report) == (2, 2, 0, 0, 0, 0, 0)


def test_br_037_numbers_are_digits_and_what_excel_made_of_others_is_an_error_of_the_row():
    report = import_bytes(case("celdas_numericas"))
    assert people() == [
        ("Ana Prueba", "+573000000001", "ana@example.com"),
        ("Luis Ejemplo", "+573000000002", "luis@example.com"),
        ("Carla Muestra", "+573000000003", "carla@example.com"),
    ]
    assert problems(report) == [
        (5, "empty_formula", ""),
        (6, "date_cell", "2027-01-15"),
        (7, "decimal_cell", "573000000006.5"),
    ]
    assert totals(report) == (6, 3, 0, 0, 0, 3, 0)


def test_br_037_only_the_chosen_sheet_is_read():
    content = workbook(Notas=[["no importar"]], Gente=[HEADER, ANA], Otros=[HEADER, ["Eva Ficticia", 3000000009]])
    assert import_bytes(content, sheet="Gente").created == 1
    assert people() == [("Ana Prueba", "+573000000001", "ana@example.com")]


def test_br_016_a_number_that_became_a_decimal_or_scientific_is_whole_again():
    rows = "".join(
        f'<row r="{line}"><c r="A{line}" t="inlineStr"><is><t>Persona {line}</t></is></c><c r="B{line}"><v>{value}</v></c></row>'
        for line, value in ((2, "3000000001.0"), (3, "5.73000000002E11"), (4, "573000000003"))
    )
    header = '<row r="1"><c t="inlineStr"><is><t>Nombre</t></is></c><c t="inlineStr"><is><t>Celular</t></is></c></row>'
    import_bytes(raw_workbook(header + rows))
    assert [phone for _name, phone, _email in people()] == ["+573000000001", "+573000000002", "+573000000003"]


def test_dates_times_and_booleans_are_other_data_that_people_can_read():
    values = [date(2026, 12, 31), datetime(2026, 12, 31, 20, 30), True, 2.5]  # noqa: DTZ001 - as Excel has them
    header = ["Nombre", "Celular", "Ingreso", "Llegada", "Vegano", "Cuota"]
    import_bytes(workbook(Hoja=[header, ["Ana Prueba", 3000000001, *values]]))
    assert Contact.objects.get().attributes == {
        "ingreso": "2026-12-31",
        "llegada": "2026-12-31 20:30",
        "vegano": "1",
        "cuota": "2.5",
    }


def test_a_formula_counts_with_its_value_and_an_empty_result_is_empty():
    rows = (
        '<row r="1"><c t="inlineStr"><is><t>Nombre</t></is></c><c t="inlineStr"><is><t>Celular</t></is></c>'
        '<c t="inlineStr"><is><t>Correo</t></is></c></row>'
        '<row r="2"><c r="A2" t="str"><f>UPPER("ana")</f><v>ANA</v></c><c r="B2"><f>1+1</f><v>3000000001</v></c>'
        '<c r="C2" t="str"><f>""</f><v></v></c></row>'
        '<row r="3"><c r="A3" t="inlineStr"><is><t>Luis</t></is></c><c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    report = import_bytes(raw_workbook(rows))
    assert people() == [("ANA", "+573000000001", "")]
    assert problems(report) == [(3, "error_cell", "#DIV/0!")]


def test_shared_texts_may_have_formats_and_reading_aids():
    texts = (
        "<si><t>Nombre</t></si><si><t>Celular</t></si><si><r><t>Ana </t></r><r><t>Prueba</t></r></si>"
        "<si><t>3000000001</t><rPh><t>tres</t></rPh></si>"
    )
    rows = '<row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row><c t="s"><v>2</v></c><c t="s"><v>3</v></c></row>'
    import_bytes(raw_workbook(rows, texts))
    assert people() == [("Ana Prueba", "+573000000001", "")]


def test_titles_above_the_header_are_no_people():
    content = workbook(Hoja=[["Lista de invitados 2026"], [], ["Impresa el lunes"], HEADER, ANA])
    report = import_bytes(content)
    assert (totals(report), people()[0][0]) == ((1, 1, 0, 0, 0, 0, 0), "Ana Prueba")


def test_a_header_of_two_joined_rows_is_one_header():
    book = Workbook()
    sheet = book.active
    sheet.append(["Invitados del sábado"])
    sheet.merge_cells("A1:D1")
    sheet.append(["Nombre", "Contacto", None, "Mesa"])
    sheet.append([None, "Celular", "Correo", None])
    for place in ("A2:A3", "B2:C2", "D2:D3"):
        sheet.merge_cells(place)
    sheet.append(ANA)
    report = import_bytes(saved(book))
    assert [column.header for column in report.columns] == ["Nombre", "Celular", "Correo", "Mesa"]
    assert people() == [("Ana Prueba", "+573000000001", "ana@example.com")]


def test_cells_that_are_missing_at_the_end_of_a_row_are_empty_and_surplus_ones_are_an_error():
    report = import_bytes(workbook(Hoja=[HEADER, ["Ana Prueba", 3000000001], [*ANA, "sobra"]]))
    assert totals(report) == (2, 1, 0, 0, 0, 1, 0)
    assert problems(report) == [(3, "too_many_cells", "sobra")]


def test_the_first_sheet_that_can_be_seen_is_meant():
    book = Workbook()
    hidden = book.active
    hidden.title = "Oculta"
    hidden.sheet_state = "hidden"
    sheet = book.create_sheet("Gente")
    sheet.append(HEADER)
    sheet.append(ANA)
    assert import_bytes(saved(book)).sheet == "Gente"


@pytest.mark.parametrize("content", [b"PK\x03\x04 no es un zip", raw_workbook("<row><c")])
def test_a_broken_file_is_refused_with_what_to_do(content):
    assert refusal(content).code == "broken_workbook"


def test_an_empty_sheet_is_refused():
    assert refusal(workbook(Hoja=[])).code == "empty"


def test_entities_are_never_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    row = '<row r="1"><c t="inlineStr"><is><t>&b;</t></is></c></row>'
    assert refusal(raw_workbook(row, prologue=bomb)).code == "harmful"


def test_a_part_that_unpacks_to_too_much_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_SHEET", 2000)
    assert refusal(raw_workbook("<row/>" * 1000)).code == "too_much"


def test_a_frame_that_unpacks_to_too_much_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_FRAME", 2000)
    assert refusal(raw_workbook(parts=[("xl/styles.xml", " " * 2001)])).code == "too_much"


def test_an_archive_of_thousands_of_parts_is_no_list(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_PARTS", 4)
    assert refusal(raw_workbook()).code == "too_much"


def test_a_list_of_a_million_parts_is_not_read(monkeypatch):
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("x", b"")
    whole = content.getvalue()
    start, end = whole.index(b"PK\1\2"), whole.index(b"PK\5\6")
    listed = whole[start:end] * 30_000
    closing = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 30_000, 30_000, len(listed), start, 0)
    monkeypatch.setattr(zipfile, "ZipInfo", None)
    assert refusal(whole[:start] + listed + closing).code == "too_much"


def test_shared_texts_have_a_limit(monkeypatch):
    monkeypatch.setattr(sheet_events, "MOST_ALL_CHARACTERS", 100)
    assert refusal(raw_workbook("<row><c t='s'><v>0</v></c></row>", "<si/>" * 6)).code == "too_much"


def test_a_row_has_a_limit():
    assert refusal(workbook(Hoja=[[f"columna {n}" for n in range(101)]])).code == "too_much"


def test_a_cell_has_a_limit():
    rows = f'<row><c t="inlineStr"><is><t>Nombre</t></is></c><c t="inlineStr"><is><t>Celular</t></is></c></row><row><c t="inlineStr"><is><t>{"a" * 40_000}</t></is></c></row>'
    (problem,) = import_bytes(raw_workbook(rows)).errors
    assert (problem.code, len(problem.value)) == ("text_too_long", 32_767)


def test_empty_rows_are_read_without_keeping_them():
    """An object kept for each would be at least three times the limit."""
    import tracemalloc

    content = raw_workbook("<row/>" * 100_000)
    tracemalloc.start()
    try:
        assert refusal(content).code == "empty"
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024**2
    finally:
        tracemalloc.stop()


PEOPLE = raw_workbook(
    '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
    + "".join(f'<row><c t="s"><v>{n + 2}</v></c><c><v>{3000000000 + n * n}</v></c></row>' for n in range(200)),
    "<si><t>Nombre</t></si><si><t>Celular</t></si>" + "".join(f"<si><t>Persona {n * n}</t></si>" for n in range(200)),
)


def damaged(name, *, at, byte=0xFF):
    """The file with one byte of the packed content of a part, or of its own header, turned over."""
    with zipfile.ZipFile(BytesIO(PEOPLE)) as archive:
        start = archive.getinfo(name).header_offset
    content = bytearray(PEOPLE)
    content[start + at] ^= byte
    return bytes(content)


def repacked(packing):
    content = BytesIO()
    with zipfile.ZipFile(BytesIO(PEOPLE)) as old, zipfile.ZipFile(content, "w", packing) as archive:
        for name in old.namelist():
            archive.writestr(name, old.read(name))
    return content.getvalue()


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"])
@pytest.mark.parametrize("at", [0, 8, 30, 61, 62, 63, 100, 200])
def test_a_file_with_a_damaged_byte_is_read_or_refused_and_raises_nothing_else(part, at):
    with suppress(FileRefused):
        import_bytes(damaged(part, at=at))


def test_damaged_bytes_are_noticed():
    """Otherwise the test above would damage nothing."""
    for at in (0, 63, 200):
        assert refusal(damaged("xl/worksheets/sheet1.xml", at=at)).code == "broken_workbook"
    assert import_bytes(PEOPLE).created == 200


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_excel_never_packs_is_not_unpacked(packing, monkeypatch):
    content = repacked(packing)
    monkeypatch.setattr(zipfile, "_get_decompressor", None)
    assert refusal(content).code == "broken_workbook"


@pytest.mark.parametrize(
    "error", [zlib.error, lzma.LZMAError, struct.error, OverflowError, RecursionError, MemoryError]
)
@pytest.mark.parametrize("place", ["read", "open"])
def test_whatever_a_broken_part_raises_is_a_refusal(monkeypatch, error, place):
    def broken(*args, **kwargs):
        raise error("broken")

    monkeypatch.setattr(workbooks.BoundedArchive, place, broken)
    assert refusal(PEOPLE).code == "broken_workbook"


def _lines(*numbers):
    row = '<row r="{}"><c t="inlineStr"><is><t>Nombre</t></is></c><c t="inlineStr"><is><t>Celular</t></is></c></row>'
    return raw_workbook("".join(row.format(number) for number in numbers))


@pytest.mark.parametrize("lines", [(1, "1e999"), (1, 99_999_999_999), (2, 1), (2, 2), (-1, 2), (0, 1), (1, "x")])
def test_lines_that_no_sheet_has_are_a_broken_file(lines):
    assert refusal(_lines(*lines)).code == "broken_workbook"


def test_lines_may_be_missing_up_to_the_last_one():
    assert import_bytes(_lines(3, 1_048_576)).rows == 1
