import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from campaigns.placeholders import BadTemplate, ProblemCode, known_names, parse_template
from campaigns.text_messages import SENTENCES, check_text, check_ticket_text, sentences_for
from tests.factories import make_contact
from tickets.models.event import TICKET_SUBJECT, TICKET_TEXT

KNOWN = known_names(has_event=False, has_ticket=False, attributes=["Mesa"])


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def sentences(text, known=KNOWN):
    with pytest.raises(BadTemplate) as raised:
        parse_template(text, known)
    return sentences_for(raised.value)


def test_every_problem_has_a_sentence_that_quotes_the_text():
    assert set(SENTENCES) == set(ProblemCode)
    assert all("%(quoted)s" in str(sentence) for sentence in SENTENCES.values())


def test_all_problems_are_quoted_and_the_names_are_listed():
    assert sentences("Trae tu {DNI} al {evento}") == [
        "“{DNI}” is not the name of anything that we know.",
        "“{evento}” belongs to an event, and this message has none. Choose an event or take it out.",
        "You can use: {nombre}, {apodo}, {nombre_completo}, {preferencias}, {Mesa}",
    ]


def test_a_slip_is_answered_with_the_name_that_was_meant():
    assert "Did you mean {nombre}?" in sentences("{nombr}")[0]


def test_a_per_cent_sign_in_the_text_is_quoted_as_it_is():
    assert sentences("Descuento {50%")[0].startswith("“{50%” opens a brace")


def test_a_hundred_columns_are_not_all_listed():
    known = known_names(has_event=False, has_ticket=False, attributes=[f"columna {n:03d}" for n in range(100)])

    assert sentences("{x}", known)[-1].count("{") == 25
    assert sentences("{x}", known)[-1].endswith("…")


def test_a_form_gets_each_sentence_with_its_code():
    with pytest.raises(ValidationError) as raised:
        check_text("{{nombre}} {}", KNOWN)

    assert [error.code for error in raised.value.error_list] == ["double", "empty", "names"]


def test_a_good_text_comes_back_as_a_template():
    assert check_text("Hola {nombre}", KNOWN).render({"nombre": "Ana"}).text == "Hola Ana"


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", TICKET_TEXT, TICKET_SUBJECT, "Mesa {mesa}: {código} {acompañantes}"])
def test_the_message_of_an_event_may_use_everything_that_somebody_has(text):
    make_contact(attributes={"Mesa": "7"})

    check_ticket_text(text)


@pytest.mark.django_db
def test_the_message_of_an_event_may_not_use_what_nobody_has():
    with pytest.raises(ValidationError) as raised:
        check_ticket_text("{mesa}")

    assert raised.value.error_list[0].code == "unknown"
