"""Phone numbers: every row of the case file, and the bug reports BR-001 to BR-022 as far as this part can show them."""

import csv
import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from tests.factories import make_contact
from tickets.models import Contact
from tickets.phone_faults import SENTENCES
from tickets.phone_messages import bad_phone_sentence, phone_sentence
from tickets.phone_writing import says_none
from tickets.phones import BadPhone, Phone, PhoneFault, PhoneWarning, is_known_country, normalize_phone

CASES = Path(__file__).parent.parent / "data" / "telefonos_casos.csv"
REASONS = {
    "falta codigo de area": PhoneFault.MISSING_AREA_CODE,
    "formato de fijo anterior a 2021": PhoneFault.OLD_LANDLINE,
    "notacion cientifica": PhoneFault.SCIENTIFIC,
    "dos numeros en una celda": PhoneFault.TWO_NUMBERS,
    "extension": PhoneFault.EXTENSION,
    "corto": PhoneFault.TOO_SHORT,
    "largo": PhoneFault.TOO_LONG,
    "no valido": PhoneFault.INVALID,
    "sin telefono": PhoneFault.NO_PHONE,
}
WARNINGS = {
    "+5491155550101 (se supone movil)": Phone("+5491155550101", PhoneWarning.ASSUMED_MOBILE),
    "fijo o movil antiguo": Phone("+551155550101", PhoneWarning.LANDLINE_OR_OLD_MOBILE),
    "fijo +576010000001": Phone("+576010000001", PhoneWarning.LANDLINE),
    "fijo +34955550101": Phone("+34955550101", PhoneWarning.LANDLINE),
}


def case_rows():
    with CASES.open(encoding="utf-8", newline="") as file:
        return [(row["entrada"], row["pais_por_defecto"], row["esperado"]) for row in csv.DictReader(file)]


def decoded(text):
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)


def outcome(raw, country="CO"):
    try:
        return normalize_phone(raw, country)
    except BadPhone as error:
        return error.code


def expected(text):
    kind, _, rest = text.partition(" ")
    if kind == "ERROR":
        return REASONS[rest]
    return WARNINGS[rest] if kind == "AVISO" else Phone(text)


def test_the_case_file_is_complete():
    assert len(case_rows()) == 40


@pytest.mark.parametrize(("raw", "country", "wanted"), case_rows())
def test_every_row_of_the_case_file(raw, country, wanted):
    assert outcome(decoded(raw), country) == expected(wanted)


@pytest.mark.parametrize(
    "raw",
    [
        "+52 1 55 5555 0101",
        "+52 55 5555 0101",
        "5215555550101",
        "044 55 5555 0101",
        "045 55 5555 0101",
        "01 55 5555 0101",
        "1 55 5555 0101",
        "0052 1 55 5555 0101",
    ],
)
def test_br_001_mexico_has_one_spelling(raw):
    assert outcome(raw, "MX") == Phone("+525555550101")


def test_br_002_a_webhook_number_of_mexico_needs_no_default_country():
    assert outcome("+5215555550101", "CO") == Phone("+525555550101")


@pytest.mark.parametrize(
    ("raw", "country"), [("+525555550101", "MX"), ("8095550101", "DO"), ("955550101", "CL"), ("2025550123", "US")]
)
def test_br_004_plans_that_do_not_tell_mobiles_apart_give_no_warning(raw, country):
    assert outcome(raw, country).warning is None


@pytest.mark.parametrize(("raw", "e164"), [("6010000001", "+576010000001"), ("018000910000", "+5718000910000")])
def test_br_004_the_kind_of_line_is_a_warning_only(raw, e164):
    assert outcome(raw, "CO") == Phone(e164, PhoneWarning.LANDLINE)


@pytest.mark.parametrize(
    "raw",
    ["5491155550101", "11 15 5555-0101", "011 15 5555-0101", "9 11 5555 0101", "+54 9 11 15 5555 0101"],
)
def test_br_005_argentina_has_one_identity(raw):
    assert outcome(raw, "AR") == Phone("+5491155550101")


@pytest.mark.parametrize("raw", ["11 5555-0101", "+54 11 5555 0101", "541155550101", "0054 11 5555 0101"])
def test_br_006_argentina_without_the_9_is_the_same_person_with_a_warning(raw):
    assert outcome(raw, "AR") == Phone("+5491155550101", PhoneWarning.ASSUMED_MOBILE)


@pytest.mark.parametrize("raw", ["15 5555-0101", "15 555-0101", "5555-0101", "+54 15 5555 0101"])
def test_br_006_argentina_without_the_area_code_is_nobody(raw):
    assert outcome(raw, "AR") == PhoneFault.MISSING_AREA_CODE


def test_br_009_a_cut_mobile_number_is_not_called_an_old_landline():
    assert outcome("30000000", "CO") == PhoneFault.TOO_SHORT


def test_an_argentine_free_call_number_is_not_made_a_mobile():
    assert outcome("0810 555 0101", "AR") == Phone("+548105550101", PhoneWarning.LANDLINE)


@pytest.mark.parametrize("raw", ["30000000011", "0000000000", "+570000000000", "0"])
def test_br_007_possible_is_not_enough(raw):
    assert outcome(raw, "CO") in {PhoneFault.TOO_LONG, PhoneFault.INVALID}


@pytest.mark.parametrize("raw", ["+55 11 9555-0101", "11 9555 0101"])
def test_br_008_brazil_gets_its_ninth_digit_back(raw):
    assert outcome(raw, "BR") == Phone("+5511995550101", PhoneWarning.NINTH_DIGIT_ADDED)


def test_br_008_brazil_area_55_is_not_taken_for_the_country():
    assert outcome("55 99555-0101", "BR") == Phone("+5555995550101")


@pytest.mark.parametrize("raw", ["3230000001", "3242000001", "3010000001"])
def test_br_009_newer_colombian_mobiles_pass(raw):
    assert outcome(raw, "CO") == Phone(f"+57{raw}")


@pytest.mark.parametrize("raw", ["0034 600 000 001", "00 34 600000001", "+0034600000001", "+34 600 000 001"])
@pytest.mark.parametrize("country", ["ES", "CO", "AR", "MX"])
def test_br_011_two_zeros_are_a_plus(raw, country):
    assert outcome(raw, country) == Phone("+34600000001")


def test_br_011_two_zeros_before_colombia_are_not_a_carrier_prefix():
    assert outcome("0057 300 000 0001", "CO") == Phone("+573000000001")


def test_br_012_the_default_country_decides():
    assert [outcome("955550101", country).e164 for country in ("PE", "ES", "CL")] == [
        "+51955550101",
        "+34955550101",
        "+56955550101",
    ]


@pytest.mark.parametrize(
    ("raw", "country", "e164"),
    [
        ("0414 000 0001", "VE", "+584140000001"),
        ("+58 0414 000 0001", "VE", "+584140000001"),
        ("099 555 0101", "EC", "+593995550101"),
        ("+593 099 555 0101", "EC", "+593995550101"),
        ("+57 03 300 000 0001", "CO", "+573000000001"),
    ],
)
def test_br_013_the_trunk_zero_goes(raw, country, e164):
    assert outcome(raw, country) == Phone(e164)


@pytest.mark.parametrize(
    "sign", ["\u202a", "\u202c", "\u200e", "\u2068", "\u2069", "\ufe0f", "\ufe0d", "\ufeff", "\u00ad"]
)
@pytest.mark.parametrize("pattern", ["{}+573000000001", "+57{}3000000001", "+573000000001{}"])
def test_br_014_invisible_characters_go(sign, pattern):
    assert outcome(pattern.format(sign)) == Phone("+573000000001")


@pytest.mark.parametrize(
    "raw",
    [
        "300\u2011000\u20110001",
        "300\u2013000\u20130001",
        "300\u2212000\u22120001",
        "+57\u00a0300\u202f000\u30000001",
        "３００００００００１",
        "＋５７（３００）０００．０００１",
        "٣٠٠٠٠٠٠٠٠١",
        "3️⃣0️⃣0️⃣0000001",
    ],
)
def test_br_014_unusual_signs_are_read_as_what_they_look_like(raw):
    assert outcome(raw) == Phone("+573000000001")


@pytest.mark.parametrize("raw", ["5.73E+11", "5,73E+11", "5.73000000003E+11", "5.73e11", "-5,73E+11", "3E9"])
def test_br_015_a_shortened_number_is_never_expanded(raw):
    assert outcome(raw) == PhoneFault.SCIENTIFIC


@pytest.mark.parametrize("raw", ["573000000001.0", "+573000000001.0", "3000000001,0", "3000000001.00"])
def test_br_016_the_decimal_zero_goes_first(raw):
    assert outcome(raw) == Phone("+573000000001")


@pytest.mark.parametrize("raw", ["573000000001.5", "30000000.01"])
def test_br_016_other_decimals_are_no_phone_number(raw):
    assert outcome(raw) == PhoneFault.NOT_DIGITS


@pytest.mark.parametrize(
    "raw",
    [
        "3000000001 / 3000000002",
        "300 000 0001 / 300 000 0002",
        "300 000 0001 - 300 000 0002",
        "300 000 0001\n300 000 0002",
        "300 000 0001 y 300 000 0002",
        "3000000001 e 3000000002",
        "3000000001;3000000002",
        "3000000001 3000000002",
        "+573000000001+573000000002",
        "300 000 0001/02",
    ],
)
def test_br_018_two_numbers_are_never_one(raw):
    assert outcome(raw) == PhoneFault.TWO_NUMBERS


@pytest.mark.parametrize(
    "raw", ["3000000001 ext 12", "3000000001 ext. 12", "3000000001x12", "3000000001 #12", "3000000001 Extensión 12"]
)
def test_br_018_extensions_have_no_whatsapp(raw):
    assert outcome(raw) == PhoneFault.EXTENSION


@pytest.mark.parametrize(
    ("raw", "country", "e164"),
    [
        ("573000000001", "CO", "+573000000001"),
        ("34600000001", "ES", "+34600000001"),
        ("51955550101", "PE", "+51955550101"),
        ("584140000001", "VE", "+584140000001"),
        ("525555550101", "MX", "+525555550101"),
        ("5511955550101", "BR", "+5511955550101"),
        ("18095550101", "DO", "+18095550101"),
    ],
)
def test_br_019_full_length_with_the_default_country_is_international(raw, country, e164):
    assert outcome(raw, country) == Phone(e164)


def test_br_019_another_country_is_not_guessed_from_bare_digits():
    assert outcome("525555550101", "CO") == PhoneFault.TOO_LONG


def test_br_019_a_lost_zero_is_too_short():
    assert outcome("414000000", "VE") == PhoneFault.TOO_SHORT


@pytest.mark.parametrize(
    "raw", ["+57 300 000 0001", "3000000001", "(300) 000-0001", "573000000001", "(+57) 300.000.0001"]
)
def test_br_020_one_person_has_one_number(raw):
    assert outcome(raw) == Phone("+573000000001")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "-",
        "--",
        "N/A",
        "n.a.",
        "no",
        "No tiene",
        "NO TIENE",
        "Sin teléfono",
        "sin número",
        "ninguno",
        "S/N",
        "#N/A",
        "null",
        "None",
        "\u200b",
        "\u00a0",
        "x",
        "\r\n",
        "'",
    ],
)
def test_br_022_saying_that_there_is_none_is_no_phone(raw):
    assert outcome(raw) == PhoneFault.NO_PHONE


@pytest.mark.parametrize("raw", ["0000000000", "000-000-0000", "0", "00", "+0"])
def test_br_022_a_row_of_zeros_is_not_valid(raw):
    assert outcome(raw) == PhoneFault.INVALID


@pytest.mark.parametrize(
    "raw", ["preguntar a Luis", "300 000 000l", "1-800-FLOWERS", "wa.me/573000000001", "57+3000000001", "=A1+B1"]
)
def test_letters_are_never_turned_into_digits(raw):
    assert outcome(raw) == PhoneFault.NOT_DIGITS


@pytest.mark.parametrize("raw", ["'3000000001", "’3000000001", '="3000000001"', "=+573000000001"])
def test_marks_by_which_spreadsheets_make_text_go(raw):
    assert outcome(raw) == Phone("+573000000001")


@pytest.mark.parametrize("raw", ["3" * 40, "+" + "1" * 300])
def test_an_endless_number_is_too_long(raw):
    assert outcome(raw) == PhoneFault.TOO_LONG


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("+999 300 000 0001", PhoneFault.INVALID),
        ("5", PhoneFault.TOO_SHORT),
        ("+5", PhoneFault.TOO_SHORT),
        ("00999", PhoneFault.INVALID),
        ("57", PhoneFault.TOO_SHORT),
    ],
)
def test_nonsense_is_refused_without_a_crash(raw, fault):
    assert outcome(raw) == fault


def test_a_canonical_number_stays_as_it_is():
    numbers = {outcome(decoded(raw), country) for raw, country, _ in case_rows()}
    canonical = [number.e164 for number in numbers if isinstance(number, Phone)]
    assert [outcome(number, "US").e164 for number in canonical] == canonical


def test_a_bad_phone_explains_itself_and_keeps_what_was_typed():
    with pytest.raises(BadPhone, match=r"“300” has too few digits\.") as caught:
        normalize_phone(" 300 ", "CO")
    assert (caught.value.code, caught.value.raw) == (PhoneFault.TOO_SHORT, " 300 ")


def test_every_code_has_a_sentence():
    assert set(SENTENCES) == {*PhoneFault, *PhoneWarning}


def test_no_sentence_stumbles_over_a_percent_sign():
    assert all("50%s" in phone_sentence(code, "50%s") for code in SENTENCES if "%(number)s" in SENTENCES[code])


def test_a_long_text_is_shown_shortened():
    with translation.override("en"):
        assert phone_sentence(PhoneFault.TOO_SHORT, "z" * 500) == f"“{'z' * 60}” has too few digits."


@pytest.mark.parametrize(("country", "known"), [("CO", True), ("ES", True), ("co", False), ("XX", False), ("", False)])
def test_known_countries(country, known):
    assert is_known_country(country) is known


@pytest.mark.parametrize(("text", "is_none"), [("no tiene correo", True), ("-", True), ("Noé", False), ("0", False)])
def test_says_none(text, is_none):
    assert says_none(text) is is_none


@pytest.mark.django_db
def test_br_002_a_form_stores_the_canonical_number():
    contact = Contact(name="Ana Prueba", phone="+52 1 55 5555 0101")
    contact.full_clean()
    assert contact.phone == "+525555550101"


@pytest.mark.django_db
def test_br_020_a_form_finds_the_same_number_written_differently():
    make_contact(phone="+573000000001")
    with pytest.raises(ValidationError):
        Contact(name="Ana Prueba", phone="(300) 000-0001").full_clean()


@pytest.mark.django_db
def test_a_form_says_what_is_wrong_with_a_number():
    with pytest.raises(ValidationError) as caught:
        Contact(name="Ana Prueba", phone="5.73E+11").full_clean()
    (error,) = caught.value.error_dict["phone"]
    assert error.code == "scientific"
    assert error.message == bad_phone_sentence(BadPhone(PhoneFault.SCIENTIFIC, "5.73E+11"))
