import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.codes import ALPHABET, CODE_LENGTH, TOKEN_ALPHABET, new_code, new_token, parse_code, ticket_url, token_in

codes = st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH).map(lambda raw: f"{raw[:4]}-{raw[4:]}")


def test_a_code_is_two_groups_of_four():
    code = new_code()

    assert [len(group) for group in code.split("-")] == [4, 4]
    assert set(code) <= {*ALPHABET, "-"}


def test_no_two_letters_of_a_code_look_alike():
    assert set(ALPHABET).isdisjoint("01OILU")
    assert len(set(ALPHABET)) == len(ALPHABET) == 30


def test_codes_and_tokens_are_hard_to_guess():
    assert CODE_LENGTH * math.log2(len(ALPHABET)) > 39
    assert len(new_token()) * math.log2(len(TOKEN_ALPHABET)) >= 128


def test_ten_thousand_tokens_are_all_different():
    assert len({new_token() for _ in range(10_000)}) == 10_000


def test_every_letter_turns_up_everywhere():
    drawn = [new_code().replace("-", "") for _ in range(3000)]

    assert [set(letters) for letters in zip(*drawn, strict=True)] == [set(ALPHABET)] * CODE_LENGTH


def test_tokens_hold_nothing_that_whatsapp_would_format():
    assert all(new_token().isalnum() for _ in range(200))


@pytest.mark.parametrize(
    "typed",
    [
        "K7MD-4QXT",
        "k7md-4qxt",
        "K7MD4QXT",
        " k7md 4qxt\n",
        "K7MD–4QXT",
        "K7MD\u20114QXT",
        "k 7 m d . 4 q x t",
        "K7MD\uff0d４ＱＸＴ",
    ],
)
def test_a_code_is_understood_however_it_is_typed(typed):
    assert parse_code(typed) == "K7MD-4QXT"


@pytest.mark.parametrize("typed", ["", "K7MD", "K7MD-4QXTT", "K7MD-4QX0", "K7MD-4QXI", "hola", "K7MD-4QXÑ", "ﷺ"])
def test_what_cannot_be_a_code_is_none(typed):
    assert parse_code(typed) is None


@given(codes)
def test_every_code_survives_being_typed_carelessly(code):
    assert parse_code(code.lower().replace("-", "  ")) == code


@given(st.text())
def test_any_text_is_a_canonical_code_or_none(text):
    code = parse_code(text)

    assert code is None or parse_code(code) == code


def test_the_address_of_a_ticket_is_short_and_only_a_path():
    assert ticket_url("https://example.com/", "abc") == "https://example.com/t/abc/"


def test_the_token_is_found_in_what_was_scanned():
    token = new_token()

    assert token_in(f" {ticket_url('https://example.com', token)}\n") == token
    assert token_in(f"https://old.example.org/t/{token}") == token
    assert token_in(f"http://example.com/t/{token}/qr.png?x=1") == token


@pytest.mark.parametrize("scanned", ["", "https://example.com/t//", "https://example.com/t/short/", "K7MD-4QXT"])
def test_other_scans_hold_no_token(scanned):
    assert token_in(scanned) is None
