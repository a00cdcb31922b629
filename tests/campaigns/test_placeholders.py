import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.placeholders import (
    ALIASES,
    BadTemplate,
    ProblemCode,
    fold,
    known_names,
    offered_names,
    parse_template,
)
from campaigns.rendering import too_long
from campaigns.values import clean_text, clean_value

CASES = {
    case["id"]: case for case in json.loads((Path(__file__).parents[1] / "data" / "plantillas_casos.json").read_text())
}
ALL = known_names(has_event=True, has_ticket=True, attributes=["Mesa", "Talla (cm)"])
P = ProblemCode


def problems(text, known=ALL):
    with pytest.raises(BadTemplate) as raised:
        parse_template(text, known)
    return [(problem.code, problem.quoted) for problem in raised.value.problems]


def rendered(text, known=ALL, **values):
    return parse_template(text, known).render(values)


# --- the cases of the organisers --------------------------------------------------------------------------------


def test_t1_the_older_name_of_the_link_is_understood():
    values = {"nombre": "Ana", "enlace_entrada": "https://example.com/t/x/"}

    assert rendered(CASES["T1"]["texto"], **values).text == "Hola Ana, tu entrada: https://example.com/t/x/"


def test_t2_the_other_syntax_is_refused_and_quoted():
    assert problems(CASES["T2"]["texto"]) == [(P.DOUBLE, "{{nombre}}")]


def test_t3_an_unknown_name_is_refused_and_capitals_and_blanks_are_not():
    assert problems(CASES["T3"]["texto"]) == [(P.UNKNOWN, "{DNI}")]


def test_t4_an_open_brace_is_refused_when_saved():
    assert problems(CASES["T4"]["texto"]) == [(P.UNCLOSED, "{50%")]


def test_t5_empty_braces_and_numbers_are_refused_when_saved():
    assert problems(CASES["T5"]["texto"]) == [(P.EMPTY, "{}"), (P.NUMBER, "{0}")]


def test_t6_line_breaks_stay_line_breaks_once():
    assert rendered(CASES["T6"]["texto"]).text == "Línea 1\nLínea 2\n\n*Importante*"


def test_t7_a_link_in_the_text_stays_as_it_is():
    assert rendered(CASES["T7"]["texto"]).text == CASES["T7"]["texto"]


def test_t8_what_is_too_long_is_noticed_for_the_longest_name_and_never_cut():
    text = rendered(CASES["T8"]["texto"], nombre="N" * 150).text

    assert text == CASES["T8"]["texto"].replace("{nombre}", "N" * 150)
    assert too_long(text, "whatsapp") == len(text) - 4096 > 0


def test_there_are_no_other_cases():
    assert list(CASES) == ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8"]


# --- names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["{codigo}", "{código}", "{CODIGO}", "{ Código }", "{\u0063o\u0301digo}", "{code}", "{Code}"]
)
def test_a_name_is_understood_however_it_is_written(written):
    assert rendered(written, codigo="K7MD-4QXT", code="K7MD-4QXT").text == "K7MD-4QXT"


@pytest.mark.parametrize("written", ["{acompanantes}", "{acompañantes}", "{Acompañantes}", "{companions}"])
def test_companions_are_understood_with_and_without_tilde(written):
    assert rendered(written, acompañantes="2", companions="2").text == "2"


@pytest.mark.parametrize("written", ["{nombre completo}", "{nombre_completo}", "{Nombre-Completo}"])
def test_blanks_hyphens_and_underscores_are_the_same(written):
    assert rendered(written, nombre_completo="Ana Prueba").text == "Ana Prueba"


def test_own_data_of_the_people_is_known_by_its_own_name():
    values = {"Mesa": "7", "Talla (cm)": "165"}

    assert rendered("Mesa {mesa}, talla {talla (CM)}", **values).text == "Mesa 7, talla 165"


def test_data_that_nobody_has_is_an_unknown_name():
    known = known_names(has_event=True, has_ticket=True, attributes=[])

    assert problems("Mesa {mesa}", known) == [(P.UNKNOWN, "{mesa}")]


@pytest.mark.parametrize("name", ["codigo", "enlace", "acompañantes", "link", "enlace_entrada"])
def test_ticket_names_are_for_messages_with_tickets(name):
    known = known_names(has_event=True, has_ticket=False)

    assert problems(f"{{{name}}}", known) == [(P.NEEDS_TICKET, f"{{{name}}}")]


@pytest.mark.parametrize("name", ["evento", "fecha", "hora", "lugar", "venue"])
def test_event_names_are_for_messages_of_an_event(name):
    known = known_names(has_event=False, has_ticket=False)

    assert problems(f"{{{name}}}", known) == [(P.NEEDS_EVENT, f"{{{name}}}")]


def test_own_data_may_be_called_like_a_name_that_is_free():
    known = known_names(has_event=False, has_ticket=False, attributes=["Fecha"])

    assert rendered("{fecha}", known, Fecha="mañana").text == "mañana"


def test_each_name_is_offered_once():
    known = known_names(has_event=True, has_ticket=False, attributes=["Mesa", "nombre", "Código"])

    assert offered_names(known) == [
        "nombre",
        "apodo",
        "nombre_completo",
        "evento",
        "fecha",
        "hora",
        "lugar",
        "direccion",
        "preferencias",
        "Código",
        "Mesa",
    ]


def test_a_column_whose_name_has_braces_is_never_a_name():
    assert known_names(has_event=False, has_ticket=False, attributes=["{x}", " ", ""]) == known_names(
        has_event=False, has_ticket=False
    )


# --- problems ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{ }", (P.EMPTY, "{ }")),
        ("{|amigo}", (P.EMPTY, "{|amigo}")),
        ("{12}", (P.NUMBER, "{12}")),
        ("{nombre.__class__}", (P.EXPRESSION, "{nombre.__class__}")),
        ("{__class__}", (P.EXPRESSION, "{__class__}")),
        ("{nombre!r}", (P.EXPRESSION, "{nombre!r}")),
        ("{nombre:>10}", (P.EXPRESSION, "{nombre:>10}")),
        ("{nombre[0]}", (P.EXPRESSION, "{nombre[0]}")),
        ("{% if x %}", (P.EXPRESSION, "{% if x %}")),
        ("{0.nombre}", (P.EXPRESSION, "{0.nombre}")),
        ("{{ nombre }}", (P.DOUBLE, "{{ nombre }}")),
        ("{{{nombre}}}", (P.DOUBLE, "{{{nombre}}}")),
        ("{{", (P.DOUBLE, "{{")),
        ("a {nombre\nb}", (P.UNCLOSED, "{nombre")),
        ("{", (P.UNCLOSED, "{")),
        ("hola nombre} y", (P.LONE, "nombre}")),
        ("nombre}}", (P.LONE, "nombre}}")),
        ("{nombre}}", (P.LONE, "}")),
        ("} hola", (P.LONE, "}")),
        ("{x" + "y" * 100 + "}", (P.UNKNOWN, "{x" + "y" * 37 + "…")),
    ],
)
def test_each_problem_is_named_and_quoted(text, problem):
    assert problem in problems(text)


def test_all_problems_are_told_at_once_and_each_once():
    assert problems("{DNI} {50% {nombre} {} {DNI} x}") == [
        (P.UNKNOWN, "{DNI}"),
        (P.UNCLOSED, "{50%"),
        (P.EMPTY, "{}"),
        (P.LONE, "x}"),
    ]


@pytest.mark.parametrize(("typed", "meant"), [("nombr", "nombre"), ("evneto", "evento"), ("DNI", "")])
def test_a_slip_gets_a_suggestion(typed, meant):
    with pytest.raises(BadTemplate) as raised:
        parse_template(f"{{{typed}}}", ALL)

    assert raised.value.problems[0].suggestion == meant


# --- rendering --------------------------------------------------------------------------------------------------


def test_three_people_get_three_texts():
    template = parse_template("Hola {nombre}, mesa {mesa}", ALL)
    people = [{"nombre": "Ana", "mesa": "1"}, {"nombre": "Luis", "mesa": "2"}, {"nombre": "Eva", "mesa": "3"}]

    assert [template.render(values).text for values in people] == [
        "Hola Ana, mesa 1",
        "Hola Luis, mesa 2",
        "Hola Eva, mesa 3",
    ]


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t", "\u200b", "\x00"])
def test_the_fallback_stands_where_there_is_nothing_and_is_reported(nothing):
    result = rendered("Hola {apodo | amigo}", apodo=nothing)

    assert (result.text, result.fallbacks_used, result.empty) == ("Hola amigo", {"apodo"}, frozenset())


def test_without_a_fallback_nothing_is_written_and_that_is_reported():
    result = rendered("Mesa {Mesa}.")

    assert (result.text, result.fallbacks_used, result.empty) == ("Mesa .", frozenset(), {"Mesa"})


def test_a_value_that_is_there_needs_no_fallback():
    result = rendered("Hola {apodo|amigo}", apodo="Ani")

    assert (result.text, result.fallbacks_used, result.empty) == ("Hola Ani", frozenset(), frozenset())


def test_braces_in_a_value_are_text_and_never_filled_in():
    assert rendered("Hola {nombre}", nombre="Ana {nombre} {}{{mesa}}").text == "Hola Ana {nombre} {}{{mesa}}"


def test_nothing_is_written_as_html():
    assert rendered("{nombre}", nombre="María D'Angelo & Cía <b>").text == "María D'Angelo & Cía <b>"


def test_a_value_stays_on_its_line():
    assert rendered("{nombre}!", nombre="Ana\r\nMaría\u2028Prueba\n").text == "Ana María Prueba!"


def test_half_characters_and_controls_are_removed_and_joined_emoji_survive():
    family = "👩‍👩‍👧‍👦 🇨🇴 ❤️"

    assert rendered("{nombre}", nombre=f"Carla\ud83d \x07{family}").text == f"Carla {family}"
    assert rendered(f"\ud83d\x00{family}").text == family


def test_a_name_from_right_to_left_is_isolated_and_no_other_is():
    assert rendered("{nombre}: {mesa}", nombre="أنا تجربة", mesa="7").text == "\u2068أنا تجربة\u2069: 7"


def test_a_value_cannot_turn_the_message_around():
    assert rendered("{nombre} {mesa}", nombre="\u202eAna\u2069", mesa="7").text == "Ana 7"


def test_a_combined_accent_stays_as_it_was_typed():
    assert rendered("{nombre}", nombre="Jose\u0301").text == "Jose\u0301"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Entra: {enlace}.", "Entra: https://x.co/t/1/ ."),
        ("({enlace})", "( https://x.co/t/1/ )"),
        ("{enlace}{nombre}", "https://x.co/t/1/ Ana"),
        ("{nombre}{enlace}", "Ana https://x.co/t/1/"),
        ("{enlace}{mesa}.", "https://x.co/t/1/ ."),
        ("Entra:\n{enlace}\nGracias", "Entra:\nhttps://x.co/t/1/\nGracias"),
    ],
)
def test_nothing_sticks_to_a_link(text, result):
    assert rendered(text, enlace="https://x.co/t/1/", nombre="Ana").text == result


def test_a_subject_is_one_line():
    assert rendered("Tu entrada\npara {nombre}", nombre="Ana").line == "Tu entrada para Ana"


# --- whatever people type ---------------------------------------------------------------------------------------

odd = "{}|. \n\r\t\x00\x85\u2028\u200b\u200d\u202e\u2068\u2069\ufeff\ud83d\u0301أa"
anything = st.text(st.sampled_from(odd) | st.characters(exclude_categories=()))
typed = st.text(st.sampled_from("{}|. \n0aé") | st.characters(exclude_categories=())).map(
    lambda text: text + "{nombre}" if len(text) % 2 else text
)


def problems_or_text(text):
    try:
        return (), parse_template(text, ALL).render({}).text
    except BadTemplate as error:
        return error.problems, ""


@given(typed)
def test_every_text_is_a_template_or_says_what_is_wrong(text):
    found, result = problems_or_text(text)

    assert not {"{", "}"} & set(result)
    assert found or clean_text(text).count("{") == clean_text(text).count("}")


@given(anything, anything)
def test_rendering_never_fails_and_can_always_be_sent(name, table):
    text = rendered("Hola {nombre|amigo}, {mesa}\n{enlace}", nombre=name, mesa=table, enlace=table).text

    assert text.encode()
    assert text.count("\n") == 1


@given(st.text("{}|nombre 0.", min_size=1).filter(str.strip))
def test_braces_survive_as_they_were_typed(value):
    assert rendered("<{nombre}>", nombre=value).text == f"<{value.strip()}>"


@given(anything)
def test_cleaning_twice_changes_nothing_more(value):
    once = clean_value(value)

    assert clean_value(once) == once


@given(anything)
def test_folding_twice_changes_nothing_more(name):
    assert fold(fold(name)) == fold(name)


def test_our_own_names_are_written_as_they_are_compared():
    words = [word for name, others in ALIASES.items() for word in (name, *others)]

    assert [fold(word) for word in words] == words
    assert len(set(words)) == len(words)
