"""What a message means is decided by the whole of it, whatever signs, capitals and accents it is written with."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.models import ReplySettings
from campaigns.replies.words import Meaning, Vocabulary, in_both, normalized, too_long, unreadable, words_in

VOCABULARY = ReplySettings().vocabulary()
NOISE = st.text(alphabet="¡!¿?.,;:*_~\"'«»()-… \t\n\u200b\u200d\ufe0f🙏👍🏽😡🇨🇴", max_size=8)


@pytest.mark.parametrize(
    "text",
    [
        "BAJA",
        "baja",
        " Baja ",
        "¡BAJA!",
        "*BAJA*",
        "“Baja.”",
        "Baja 🙏🏽",
        "b\u200baja",
        "ＢＡＪＡ",
        "STOP",
        "Stop!!",
        "unsubscribe",
        "cancelar",
        "Salir",
        "PARAR",
        "sair",
        "no  más",
        "NO MAS",
        "no\nmás",
        "dar de baja",
    ],
)
def test_these_stop(text):
    assert VOCABULARY.meaning_of(text) == Meaning.STOP


@pytest.mark.parametrize("text", ["ALTA", "alta 😊", "Start", "volver", "¡Entrar!", "voltar", "Suscribir"])
def test_these_go_on(text):
    assert VOCABULARY.meaning_of(text) == Meaning.RESUME


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "🙏",
        "…",
        "baja por favor",
        "Por favor no me den de baja",
        "¿A qué hora cancelar?",
        "BAJA BAJA",
        "bajar",
        "trabaja",
        "no stop",
        "don't stop",
        "La planta alta",
        "gracias",
    ],
)
def test_a_word_within_a_message_means_nothing(text):
    assert VOCABULARY.meaning_of(text) == Meaning.OTHER


def test_a_phrase_counts_where_it_is_listed():
    words = Vocabulary.of({"es": "baja\nBaja, por favor, gracias\nNo molestar"}, {"es": "alta"})
    assert words.meaning_of("no molestar.") == Meaning.STOP
    assert words.meaning_of("por favor") == Meaning.STOP  # a comma ends a word, as a line does
    assert words.meaning_of("baja por favor") == Meaning.OTHER


def test_the_words_of_all_languages_count_and_are_known_by_their_language():
    assert VOCABULARY.languages_of("sair") == {"pt"}
    assert VOCABULARY.languages_of("¡Parar!") == {"es", "pt"}
    assert VOCABULARY.languages_of("hola") == frozenset()


def test_a_word_in_both_lists_stops():
    """No form lets that through; if it comes about nevertheless, the no counts."""
    assert Vocabulary.of({"es": "ya"}, {"es": "ya"}).meaning_of("YA") == Meaning.STOP


@given(st.text(max_size=60))
@example("İ")
@example("ß")
@example("ﷺ")
def test_normalizing_again_changes_nothing(text):
    assert normalized(normalized(text)) == normalized(text)


@given(st.text(max_size=60))
def test_what_is_left_is_letters_digits_and_single_blanks(text):
    plain = normalized(text)
    assert plain == " ".join(plain.split(" ")).strip()
    assert "  " not in plain
    assert {unicodedata.category(char)[0] for char in plain.replace(" ", "")} <= {"L", "N"}


@given(st.sampled_from(sorted(VOCABULARY.stop) + sorted(VOCABULARY.resume)), NOISE, NOISE, st.booleans())
def test_signs_around_a_word_make_no_difference(word, before, after, is_loud):
    said = before + (word.upper() if is_loud else word) + after
    assert VOCABULARY.meaning_of(said) == VOCABULARY.meaning_of(word) != Meaning.OTHER


@given(
    st.sampled_from(sorted(VOCABULARY.stop) + sorted(VOCABULARY.resume)),
    st.from_regex(r"\A[a-z]{2,9}( [a-z]{2,9}){0,3}\Z"),
    st.booleans(),
)
def test_any_other_word_beside_it_makes_it_something_else(word, other, is_before):
    said = f"{other} {word}" if is_before else f"{word} {other}"
    known = VOCABULARY.stop.keys() | VOCABULARY.resume.keys()
    assert (VOCABULARY.meaning_of(said) == Meaning.OTHER) == (said not in known)


@given(st.text(max_size=200))
def test_no_message_is_too_strange(text):
    assert VOCABULARY.meaning_of(text) in Meaning


def test_a_list_as_somebody_types_it():
    assert words_in(" BAJA \n\nNo más,SALIR ;\r\nparar") == ["BAJA", "No más", "SALIR", "parar"]


def test_what_is_wrong_with_a_list():
    assert unreadable("BAJA\n🙏\n...") == ["🙏", "..."]
    assert too_long(f"BAJA\n{'a' * 41}\n{'b' * 40}") == ["a" * 41]
    assert list(in_both(["Baja\nsalir", "¡ALTA!"], ["alta\nSÁLIR"])) == ["salir", "¡ALTA!"]


@pytest.mark.parametrize("language", ["es", "en", "pt"])
def test_the_lists_that_come_along_contradict_nobody(language):
    known = ReplySettings()
    stop = [getattr(known, f"stop_words_{code}") for code in ("es", "en", "pt")]
    resume = getattr(known, f"resume_words_{language}")
    assert words_in(resume) != []
    assert list(in_both(stop, [resume])) == []
    own = getattr(known, f"stop_words_{language}")
    assert (unreadable(own), too_long(own), unreadable(resume)) == ([], [], [])


@pytest.mark.parametrize("language", ["es", "en", "pt"])
def test_an_answer_names_a_word_that_works(language):
    """Whoever does what they were told is understood."""
    known = ReplySettings()
    back = known.answer("stop", language).rstrip(".").rpartition(" ")[2]
    out = known.answer("resume", language).rstrip(".").rpartition(" ")[2]
    assert VOCABULARY.meaning_of(back) == Meaning.RESUME
    assert VOCABULARY.meaning_of(out) == Meaning.STOP


def test_an_answer_in_a_language_without_one_is_in_that_of_the_site():
    assert ReplySettings().answer("stop", "fr") == ReplySettings().answer("stop", "es")
