"""Which letters a drawn ticket has, and how texts of any length find their place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tickets.cards import NAMES, make_card
from tickets.drawing.fitting import fit
from tickets.drawing.letters import direction_of, drawable, known_letters


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("María Ñandú", "María Ñandú"),
        ("Nguyễn Thị Ánh Nguyệt", "Nguyễn Thị Ánh Nguyệt"),
        ("Łódź Ελένη Дмитрий", "Łódź Ελένη Дмитрий"),
        ("أنا تجربة", "أنا تجربة"),
        ("שלום", "שלום"),
        ("نمی\u200cشود", "نمی\u200cشود"),  # without it the word is another
        ("王小明", "◇"),
        ("王小明 Ana", "◇ Ana"),
        ("Ana 👨‍👩‍👧‍👦🇨🇴!", "Ana ◇!"),
        ("🧑🏽‍🎤", "◇"),
        ("❤️", "❤"),
        ("𝓜𝓪𝓻𝓲𝓪", "Maria"),
        ("Ｍａｒｉａ", "Maria"),
        ("e\u0301", "é"),
        ("王\u0301", "◇"),
        ("\u0301a", "a"),
        ("a\u202eb\u2066c\u200f", "abc"),
        ("a\x00b\ufffe\U0010ffff", "ab"),
        ("  dos\u00a0 palabras\n", "dos palabras"),
        ("", ""),
    ],
)
def test_what_the_fonts_lack_becomes_one_neutral_sign(text, drawn):
    assert drawable(text) == drawn


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_whatever_somebody_is_called_can_be_drawn(text):
    drawn = drawable(text)

    assert {ord(sign) for sign in drawn} <= known_letters()
    assert "◇◇" not in drawn or "◇" in text
    assert drawable(drawn) == drawn


@pytest.mark.parametrize(
    ("text", "direction"), [("Ana", "ltr"), ("أنا Ana", "rtl"), ("12 (שלום)", "rtl"), ("Ana أنا", "ltr"), ("12", "ltr")]
)
def test_a_text_is_read_the_way_of_its_first_letter(text, direction):
    assert direction_of(text) == direction


# --- fitting: each letter is as wide as the size of the letters


def fitted(text, *, width=10, sizes=(2, 1), most_lines=2):
    found = fit(text, width=width, sizes=sizes, most_lines=most_lines, measure=lambda line, size: len(line) * size)
    return list(found.lines), found.size


def test_what_fits_stays_as_large_as_can_be():
    assert fitted("una dos") == (["una", "dos"], 2)


def test_a_longer_text_has_smaller_letters():
    assert fitted("una dos tres") == (["una dos", "tres"], 1)


def test_a_word_that_is_wider_than_the_place_goes_on_below():
    assert fitted("a" * 15) == (["a" * 10, "a" * 5], 1)


def test_marks_stay_on_their_letters_when_a_word_is_broken():
    assert fitted("xy\u0301z", width=2, sizes=(1,), most_lines=3)[0] == ["x", "y\u0301", "z"]


def test_what_is_too_long_for_every_size_is_cut_and_says_so():
    assert fitted("una dos tres cuatro cinco seis") == (["una dos", "tres…"], 1)


def test_nothing_takes_no_line():
    assert fitted("") == ([], 2)


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=["M", "C"]), max_size=80), st.integers(2, 30), st.integers(1, 4))
def test_no_line_is_wider_than_its_place(text, width, most_lines):
    lines, size = fitted(text, width=width, sizes=(2, 1), most_lines=most_lines)

    assert len(lines) <= most_lines
    assert all(len(line) * size <= width for line in lines)


# --- the words


def test_a_card_says_when_in_the_zone_of_the_event_and_names_its_city():
    card = make_card(language="en")

    assert (card.date, card.hours, card.until) == ("Saturday 12 December 2026", "20:00 – 23:00 (Bogotá time)", "")


def test_a_card_speaks_the_language_of_its_holder():
    assert (make_card().kind, make_card(language="en").kind) == ("Entrada", "Ticket")
    assert make_card().companions == "y 2 acompañantes · entran 3 personas"
    assert make_card(companions=1, language="en").companions == "and 1 companion · 2 people enter"


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_every_name_leaves_a_card(name):
    assert {ord(sign) for sign in make_card(name).name} <= known_letters()
