import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsapp.gateways.scrubbing import scrub


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("status 503 from 463 of 4096", "status 503 from 463 of 4096"),
        ("no LID found for 573000000009@s.whatsapp.net", "no LID found for …"),
        ("to +57 (300) 000-00.01 now", "to … now"),
        ("ana@example.com", "…"),
        ("<style>a{}</style><p>502 <b>Bad</b> Gateway</p>", "502 Bad Gateway"),
        ("a\r\n\tb\x00c\u202ed", "a b c d"),
        ("image iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ", "image …"),
    ],
)
def test_scrub(text, scrubbed):
    assert scrub(text) == scrubbed


def test_the_message_is_taken_out_when_it_is_quoted_in_part():
    message = "Hola Ana, tu entrada para la función del sábado te espera"
    assert scrub("bad text: 'Hola Ana, tu entrada pa' (cut)", message=message) == "bad text: '…' (cut)"


def test_a_short_message_is_taken_out_whole():
    assert scrub("cannot send Hola", message="Hola") == "cannot send …"


def test_an_empty_secret_hides_nothing():
    assert scrub("all of this", secrets=["", "  "]) == "all of this"


def test_the_end_of_a_long_message_is_taken_out_too():
    message = "".join(f"Parte {n} de un texto largo. " for n in range(150)) + "Puerta 7, a las ocho en punto"
    assert scrub("at: Puerta 7, a las ocho en punto", message=message) == "at:…"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=50), st.text("abcXYZ019-_.", min_size=4, max_size=39), st.text(max_size=50))
def test_a_key_never_survives(before, key, after):
    assert key not in scrub(before + key + after, secrets=[key])


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"\A\+?[1-9][0-9]{7,14}\Z"), st.text(max_size=30))
def test_a_phone_never_survives(phone, around):
    assert phone not in scrub(f"{around} {phone} {around}")
