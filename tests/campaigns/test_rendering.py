from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.placeholders import ALIASES, known_names, parse_template
from campaigns.rendering import (
    LIMITS,
    Occasion,
    Pass,
    Person,
    first_name,
    length_of,
    too_long,
    values_for,
    without_marks,
)
from tickets.models.event import TICKET_SUBJECT, TICKET_TEXT

EVENT = Occasion(
    "Noche de Prueba",
    datetime(2026, 12, 13, 1, 0, tzinfo=UTC),
    ZoneInfo("America/Bogota"),
    "Teatro Ficticio",
    "Calle 1 # 2-3",
)
TICKET = Pass("K7MD-4QXT", "https://example.com/t/x/", 2)
ANA = Person("Ana María Prueba", attributes={"Mesa": "7"}, preferences="https://example.com/preferencias/x/")


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ana María Prueba", "Ana"),
        ("Cher", "Cher"),
        ("  Cher ", "Cher"),
        ("Pérez Prueba, Ana", "Ana"),
        ("Prueba,", "Prueba"),
        ("Dra. Eva Ficticia", "Eva"),
        ("don Luis", "Luis"),
        ("Dr.", "Dr."),
        ("👩‍👩‍👧‍👦 Carla Muestra", "Carla"),
        ("👋", "👋"),
        ("أنا تجربة", "أنا"),
        ("María D'Angelo & Cía <b>", "María"),
        ("   ", ""),
        ("", ""),
    ],
)
def test_the_first_name_is_the_one_to_greet_with(name, first):
    assert first_name(name) == first


def test_the_nickname_is_used_and_without_one_the_first_name():
    assert values_for(Person("Ana Prueba", "Ani"))["apodo"] == "Ani"
    assert values_for(Person("Ana Prueba", " "))["apodo"] == "Ana"


def test_every_value_in_spanish():
    values = values_for(ANA, EVENT, TICKET, language="es")

    assert {name: values[name] for name in (*ALIASES, "mesa")} == {
        "nombre": "Ana",
        "apodo": "Ana",
        "nombre_completo": "Ana María Prueba",
        "evento": "Noche de Prueba",
        "fecha": "sábado 12 de diciembre de 2026",
        "hora": "20:00 (Bogotá)",
        "lugar": "Teatro Ficticio",
        "direccion": "Calle 1 # 2-3",
        "codigo": "K7MD-4QXT",
        "enlace": "https://example.com/t/x/",
        "acompanantes": "2",
        "preferencias": "https://example.com/preferencias/x/",
        "mesa": "7",
    }


@pytest.mark.parametrize(
    ("other", "name"),
    [
        ("first_name", "nombre"),
        ("nickname", "apodo"),
        ("name", "nombre_completo"),
        ("full_name", "nombre_completo"),
        ("event", "evento"),
        ("date", "fecha"),
        ("time", "hora"),
        ("venue", "lugar"),
        ("address", "direccion"),
        ("code", "codigo"),
        ("link", "enlace"),
        ("preferences", "preferencias"),
        ("enlace_entrada", "enlace"),
        ("companions", "acompanantes"),
    ],
)
def test_each_name_in_english_says_the_same(other, name):
    values = values_for(ANA, EVENT, TICKET)

    assert values[other] == values[name] != ""


@pytest.mark.parametrize(("has_event", "has_ticket"), [(False, False), (True, False), (True, True)])
def test_whatever_is_known_has_a_value(has_event, has_ticket):
    known = known_names(has_event=has_event, has_ticket=has_ticket, attributes=ANA.attributes)
    values = values_for(ANA, EVENT if has_event else None, TICKET if has_ticket else None)
    everything = " ".join(f"{{{name}}}" for name in sorted(known))

    assert parse_template(everything, known).render(values).empty == frozenset()


def test_without_a_venue_the_address_is_the_place():
    assert values_for(ANA, Occasion("x", EVENT.starts_at, EVENT.zone, "", "Calle 1"))["lugar"] == "Calle 1"


def test_own_data_never_replaces_our_names():
    person = Person("Ana Prueba", attributes={"Nombre": "Falsa", "CÓDIGO": "falso", "link": "http://evil.example"})
    values = values_for(person, EVENT, TICKET)

    assert (values["nombre"], values["codigo"], values["link"]) == ("Ana", "K7MD-4QXT", TICKET.link)


@pytest.mark.parametrize(
    ("raw", "text"),
    [("7", "7"), (7, "7"), (7.0, "7"), (7.5, "7.5"), (True, "sí"), (False, "no"), (None, ""), ([1], ""), ({}, "")],
)
def test_own_data_is_written_as_a_person_would(raw, text):
    assert values_for(Person("Ana", attributes={"x": raw}))["x"] == text


@pytest.mark.parametrize("attributes", [{"Mesa": "", "mesa": "7"}, {"mesá": "7", "MESA": "8"}])
def test_of_columns_with_the_same_name_the_first_that_says_something_counts(attributes):
    assert values_for(Person("Ana", attributes=attributes))["mesa"] == "7"


def test_the_message_that_every_event_begins_with():
    known = known_names(has_event=True, has_ticket=True)
    values = values_for(ANA, EVENT, TICKET)

    assert parse_template(TICKET_TEXT, known).render(values).text == (
        "Hola Ana 👋\n\n"
        "Aquí está tu entrada para *Noche de Prueba*.\n"
        "📅 sábado 12 de diciembre de 2026, 20:00 (Bogotá)\n"
        "📍 Teatro Ficticio\n"
        "🎟️ Código: K7MD-4QXT\n\n"
        "Muéstrala en la puerta desde tu teléfono:\nhttps://example.com/t/x/"
    )
    assert parse_template(TICKET_SUBJECT, known).render(values).line == "Tu entrada para Noche de Prueba"


# --- room -------------------------------------------------------------------------------------------------------


def test_the_limits_of_each_part():
    assert dict(LIMITS) == {"whatsapp": 4096, "caption": 1024, "subject": 200}


@pytest.mark.parametrize("part", ["whatsapp", "caption", "subject"])
def test_the_last_character_that_fits_and_the_first_that_does_not(part):
    assert too_long("ñ" * LIMITS[part], part) == 0
    assert too_long("ñ" * (LIMITS[part] + 1), part) == 1


def test_length_counts_code_points():
    assert (length_of("Ñandú"), length_of("👋"), length_of("🇨🇴"), length_of("*x*\n")) == (5, 1, 2, 4)


# --- whatever the lists contain ---------------------------------------------------------------------------------

json_values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(st.text(), st.text(), st.dictionaries(st.text(), json_values), st.sampled_from(["es", "en", "fr", ""]))
def test_any_person_has_a_text_for_every_name(name, nickname, attributes, language):
    values = values_for(Person(name, nickname, attributes), EVENT, TICKET, language=language)

    assert all(isinstance(value, str) for value in values.values())
    assert values["codigo"] == "K7MD-4QXT"


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("Entrada para *Noche de jazz*.", "Entrada para Noche de jazz."),
        ("_hola_ y ~adiós~", "hola y adiós"),
        ("2*3*4 y snake_case_name", "2*3*4 y snake_case_name"),
        ("https://example.com/a_b_c", "https://example.com/a_b_c"),
        ("* una lista\n* otra", "* una lista\n* otra"),
    ],
)
def test_the_signs_of_whatsapp_stay_out_of_an_email(marked, plain):
    assert without_marks(marked) == plain
