"""What has to be filled into a template, and how it reads."""

from typing import Any

import pytest

from whatsapp.gateways.base import Parameter, Template, TemplateUse
from whatsapp.gateways.cloud_parts import Button, HeaderFormat
from whatsapp.gateways.cloud_templates import Place, Where, filled, is_approved, places_of, unsaid, use_of

BODY = {
    "type": "BODY",
    "text": "Hola {{1}}, te esperamos el {{2}}.",
    "example": {"body_text": [["Ana", "12 de diciembre"]]},
}
HEADER = {"type": "HEADER", "format": "TEXT", "text": "{{1}}", "example": {"header_text": ["Concierto"]}}
FOOTER = {"type": "FOOTER", "text": "Teatro Prueba"}
LINK = {
    "type": "URL",
    "text": "Ver entrada",
    "url": "https://entradas.example/{{1}}",
    "example": ["https://entradas.example/abc123"],
}
SITE = {"type": "URL", "text": "Sitio", "url": "https://entradas.example"}
STOP = {"type": "QUICK_REPLY", "text": "No más avisos"}
BUTTONS = {"type": "BUTTONS", "buttons": [STOP, LINK, SITE]}
NAMED_BODY = {
    "type": "BODY",
    "text": "Hola {{nombre}}, te esperamos el {{fecha}}. ¡Chao, {{nombre}}!",
    "example": {
        "body_text_named_params": [
            {"param_name": "fecha", "example": "12 de diciembre"},
            {"param_name": "nombre", "example": "Ana"},
        ]
    },
}


def template(*parts: Any, named: bool = False, category: str = "UTILITY") -> Template:
    return Template("entrada", "es_CO", category, "APPROVED", parts, named)


FULL = template(HEADER, BODY, FOOTER, BUTTONS)
VALUES = {"header.1": "Concierto", "body.1": "Ana", "body.2": "12 de diciembre", "button1.1": "abc123"}


# --- places -------------------------------------------------------------------------------------------------------


def test_numbered_places():
    places = places_of(FULL)
    assert places.header == (Place(Where.HEADER, "1", "{{1}}", "Concierto"),)
    assert places.body == (
        Place(Where.BODY, "1", BODY["text"], "Ana"),
        Place(Where.BODY, "2", BODY["text"], "12 de diciembre"),
    )
    assert places.links == (
        Place(Where.BUTTON, "1", LINK["url"], "https://entradas.example/abc123", index=1, label="Ver entrada"),
    )
    assert [place.key for place in places.all] == list(VALUES)
    assert (places.problem, places.is_named) == ("", False)


def test_named_places_stand_once_and_in_the_order_of_the_text():
    places = places_of(template(NAMED_BODY, named=True))
    assert [(place.key, place.example) for place in places.body] == [
        ("body.nombre", "Ana"),
        ("body.fecha", "12 de diciembre"),
    ]
    assert places.is_named


def test_numbers_are_ordered_by_size_because_meta_takes_them_so():
    text = " ".join(f"{{{{{number}}}}}" for number in (10, 2, 1))
    places = places_of(template({"type": "BODY", "text": text}))
    assert [place.name for place in places.body] == ["1", "2", "10"]


def test_words_around_the_places():
    places = places_of(FULL)
    assert (places.header_text, places.body_text, places.footer_text) == ("{{1}}", BODY["text"], "Teatro Prueba")
    assert places.buttons == (
        Button("No más avisos"),
        Button("Ver entrada", LINK["url"], LINK["example"][0]),
        Button("Sitio", "https://entradas.example"),
    )


@pytest.mark.parametrize(
    ("form", "expected", "picture", "document"),
    [
        ("TEXT", HeaderFormat.TEXT, False, False),
        ("IMAGE", HeaderFormat.IMAGE, True, False),
        ("DOCUMENT", HeaderFormat.DOCUMENT, False, True),
        ("document", HeaderFormat.DOCUMENT, False, True),
    ],
)
def test_what_the_header_wants(form, expected, picture, document):
    places = places_of(template({"type": "HEADER", "format": form}, BODY))
    assert (places.header_format, places.needs_picture, places.needs_document) == (expected, picture, document)
    assert places.problem == ""


def test_template_without_a_header_wants_none():
    assert places_of(template(BODY)).header_format is HeaderFormat.NONE


# --- what cannot be filled ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([{"type": "HEADER", "format": "VIDEO"}, BODY], "a video, a place or a product"),
        ([{"type": "HEADER", "format": "LOCATION"}, BODY], "a video, a place or a product"),
        ([{"type": "HEADER"}, BODY], "a video, a place or a product"),
        ([BODY, {"type": "CAROUSEL", "cards": []}], "a carousel"),
        ([BODY, {"type": "LIMITED_TIME_OFFER"}], "a countdown"),
        ([BODY, {"type": "CALL_PERMISSION_REQUEST"}], "leave to call"),
        ([BODY, {"type": "SOMETHING_NEW"}], "does not know"),
        ([BODY, {}], "does not know"),
        ([BODY, {"type": "BUTTONS", "buttons": [STOP, {"type": "COPY_CODE", "example": "AB12"}]}], "copies a code"),
        ([BODY, {"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "x"}]}], "a form inside WhatsApp"),
        ([BODY, {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "x"}]}], "codes to sign in"),
        ([BODY, {"type": "BUTTONS", "buttons": [{"type": "CATALOG"}]}], "a catalogue"),
        ([BODY, {"type": "BUTTONS", "buttons": [{"type": "MPM"}]}], "a catalogue"),
        ([BODY, {"type": "BUTTONS", "buttons": [{"type": "SOMETHING_NEW"}]}], "does not know"),
        ([HEADER], "no text"),
        ([], "no text"),
    ],
)
def test_problem_is_said_in_a_sentence(parts, words):
    problem = places_of(template(*parts)).problem
    assert words in problem
    assert problem.endswith(".")


def test_codes_to_sign_in_are_not_for_campaigns():
    assert "codes to sign in" in places_of(template(BODY, category="AUTHENTICATION")).problem


@pytest.mark.parametrize("kind", ["URL", "QUICK_REPLY", "PHONE_NUMBER", "VOICE_CALL", "REQUEST_CONTACT_INFO"])
def test_buttons_that_need_nothing(kind):
    places = places_of(template(BODY, {"type": "BUTTONS", "buttons": [{"type": kind, "text": "x"}]}))
    assert (places.problem, places.links) == ("", ())


@pytest.mark.parametrize(
    "part",
    [
        {"type": "BODY", "text": "Hola {{1}}", "example": "x"},
        {"type": "BODY", "text": "Hola {{1}}", "example": {"body_text": "x"}},
        {"type": "BODY", "text": "Hola {{1}}", "example": {"body_text": [[7]]}},
        {"type": "BODY", "text": "Hola {{1}}", "example": {"body_text_named_params": ["x"]}},
    ],
)
def test_example_in_no_known_shape_is_passed_over(part):
    assert places_of(template(part)).body == (Place(Where.BODY, "1", "Hola {{1}}"),)


@pytest.mark.parametrize("buttons", [None, "x", [None], [7]])
def test_buttons_in_no_known_shape_are_passed_over(buttons):
    assert places_of(template(BODY, {"type": "BUTTONS", "buttons": buttons})).buttons == ()


@pytest.mark.parametrize(
    ("status", "expected"),
    [("APPROVED", True), ("approved", True), ("PAUSED", False), ("REJECTED", False), ("", False)],
)
def test_only_approved_ones_may_leave(status, expected):
    assert is_approved(status) is expected


# --- filled -------------------------------------------------------------------------------------------------------


def test_filled():
    assert filled(places_of(FULL), VALUES) == (
        "Concierto\n\n"
        "Hola Ana, te esperamos el 12 de diciembre.\n\n"
        "Teatro Prueba\n\n"
        "[No más avisos]\n[Ver entrada] https://entradas.example/abc123\n[Sitio] https://entradas.example"
    )


def test_named_places_are_filled_wherever_they_stand():
    values = {"body.nombre": "Ana", "body.fecha": "12 dic"}
    text = filled(places_of(template(NAMED_BODY, named=True)), values)
    assert text == "Hola Ana, te esperamos el 12 dic. ¡Chao, Ana!"


def test_place_without_a_value_is_seen():
    places = places_of(template(BODY))
    assert filled(places, {"body.2": "hoy"}) == "Hola {{1}}, te esperamos el hoy."
    assert [place.key for place in unsaid(places, {"body.1": " \n", "body.2": "hoy"})] == ["body.1"]
    assert unsaid(places_of(FULL), VALUES) == []


def test_braces_in_a_value_are_not_filled_again():
    assert filled(places_of(template(BODY)), {"body.1": "{{2}}", "body.2": "hoy"}) == "Hola {{2}}, te esperamos el hoy."


def test_values_read_as_they_will_arrive():
    assert filled(places_of(template(BODY)), {"body.1": "Ana\nMaría", "body.2": "a    b"}) == (
        "Hola Ana María, te esperamos el a b."
    )


# --- what a message carries ---------------------------------------------------------------------------------------


def test_use_of_numbered_places():
    assert use_of(FULL, VALUES) == TemplateUse(
        "entrada",
        "es_CO",
        header=(Parameter("Concierto"),),
        body=(Parameter("Ana"), Parameter("12 de diciembre")),
        buttons=(Parameter("abc123", index=1),),
    )


def test_use_of_named_places_names_them_but_not_those_of_buttons():
    values = {"body.nombre": "Ana", "body.fecha": "12 dic", "button1.1": "abc"}
    assert use_of(template(NAMED_BODY, BUTTONS, named=True), values) == TemplateUse(
        "entrada",
        "es_CO",
        body=(Parameter("Ana", "nombre"), Parameter("12 dic", "fecha")),
        buttons=(Parameter("abc", index=1),),
    )


def test_use_without_a_value_is_none():
    with pytest.raises(KeyError):
        use_of(FULL, {"body.1": "Ana"})
