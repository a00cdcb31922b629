"""What every gateway has to do with a message, against a fake of it that keeps what reached a phone."""

import pytest

from tests.whatsapp.contract.bench import (
    ANA,
    BEA,
    TEXT,
    Bench,
    document,
    fingerprint,
    picture,
    those_who,
    those_who_cannot,
    those_whose,
)
from whatsapp.gateways.base import Message, NotSent, Parameter, State, Stopped, TemplateUse, Throttled, Unreachable

pytestmark = pytest.mark.processes
NOT_READY = ("needs_qr", "starting", "logged_out")


def arrived_once(bench: Bench, message: Message) -> dict:
    """The one message that came of it, as it is on the phone."""
    outcome = bench.send(message)
    assert outcome.ending == "accepted"
    arrived = bench.fake.messages()
    assert len(arrived) == 1
    assert outcome.accepted.message_id == arrived[0]["id"]
    assert arrived[0]["phone"] == message.phone[1:]
    assert arrived[0]["notes"] == []
    assert bench.fake.calls("send") == 1
    return arrived[0]


@pytest.mark.parametrize("phone", [ANA, BEA, "+4915200000001", "+447911000001"])
def test_text(bench, phone):
    arrived = arrived_once(bench, Message(phone, TEXT))
    assert (arrived["kind"], arrived["text"], arrived["size"]) == ("text", TEXT, 0)


@pytest.mark.parametrize(
    "text", ["{}", "null", "0", "a" * 4000, "línea\n" * 300, "<b>&amp;</b> \"'\\ %20 {{1}}", "‮😀🏳️‍🌈"]
)
def test_text_arrives_as_it_is(bench, text):
    assert arrived_once(bench, Message(ANA, text))["text"] == text


def test_number_of_which_some_drop_a_digit(bench):
    """Argentina: with and without its 9 it is one person, whom WhatsApp knows with it."""
    bench.fake.set(variants={"541150000001": "5491150000001"})
    assert arrived_once(bench, Message("+5491150000001", TEXT))["text"] == TEXT


@those_who("sends_pictures")
def test_picture(bench):
    image = picture()
    arrived = arrived_once(bench, Message(ANA, TEXT, image))
    assert (arrived["kind"], arrived["text"]) == ("image", TEXT)
    assert (arrived["size"], arrived["sha256"]) == fingerprint(image.content)


@those_who("sends_documents")
def test_document(bench):
    file = document()
    arrived = arrived_once(bench, Message(ANA, TEXT, document=file))
    assert (arrived["kind"], arrived["text"]) == ("document", TEXT)
    assert (arrived["size"], arrived["sha256"]) == fingerprint(file.content)


def test_many_one_after_another_each_with_its_own_id(bench):
    outcomes = [bench.send(Message(ANA, f"{number}: {TEXT}")) for number in range(5)]
    arrived = bench.fake.messages()
    assert [each["text"] for each in arrived] == [f"{number}: {TEXT}" for number in range(5)]
    assert [each.accepted.message_id for each in outcomes] == [each["id"] for each in arrived]
    assert len({each["id"] for each in arrived}) == 5


def test_a_connection_is_not_used_twice(bench):
    """It was to be kept, and is reset when the next message comes: nobody would know whether that one left."""
    bench.fake.set(trap="stale", trap_on=["all"])
    outcomes = [bench.send(Message(ANA, f"{number}: {TEXT}", picture())) for number in range(3)]
    assert [each.ending for each in outcomes] == ["accepted"] * 3
    assert (len(bench.fake.messages()), bench.fake.state()["reused"]) == (3, 0)


# --- templates ----------------------------------------------------------------------------------------------------


@those_who_cannot("needs_templates")
def test_where_there_are_no_templates(bench):
    assert bench.gateway().templates() == []


@those_who("needs_templates")
def test_template(bench):
    use = TemplateUse("entrada", "es_CO", body=(Parameter("Ana"), Parameter("el sábado")), buttons=(Parameter("abc"),))
    image = picture()
    arrived = arrived_once(bench, Message(ANA, TEXT, image, template=use))
    assert (arrived["kind"], arrived["text"]) == ("template", "Hola Ana, tu entrada es para el sábado.")
    assert arrived["parameters"] == ["Ana", "el sábado", "abc"]
    assert (arrived["size"], arrived["sha256"]) == fingerprint(image.content)


@those_who("needs_templates")
def test_template_with_a_document(bench):
    use, file = TemplateUse("entrada_pdf", "es_CO", body=(Parameter("Ana"),)), document()
    arrived = arrived_once(bench, Message(ANA, TEXT, document=file, template=use))
    assert (arrived["kind"], arrived["sha256"]) == ("template", fingerprint(file.content)[1])


@those_who("needs_templates")
def test_template_whose_places_have_names(bench):
    use = TemplateUse("aviso", "es_CO", body=(Parameter("Ana", "nombre"),))
    assert arrived_once(bench, Message(ANA, TEXT, template=use))["text"] == "Hola Ana, hay novedades."


@pytest.mark.parametrize(
    "use",
    [
        TemplateUse("no_hay_tal", "es_CO"),
        TemplateUse("aviso", "es", body=(Parameter("Ana", "nombre"),)),
        TemplateUse("aviso", "es_CO"),
        TemplateUse("vieja", "es_CO"),
    ],
    ids=["name", "language", "parameters", "paused"],
)
@those_who("needs_templates")
def test_template_that_is_not_as_approved(bench, use):
    outcome = bench.send(Message(ANA, TEXT, template=use))
    assert outcome.ending == "template"
    assert bench.fake.messages() == []


@those_who("needs_templates")
def test_list_of_templates(bench):
    """Of all pages, without following an address that leads elsewhere."""
    found = {each.name: each for each in bench.gateway().templates()}
    assert list(found) == ["aviso", "entrada", "entrada_pdf", "vieja"]
    assert {name for name, each in found.items() if each.has_named_parameters} == {"aviso"}
    assert (found["aviso"].category, found["vieja"].status, found["entrada"].language) == (
        "MARKETING",
        "PAUSED",
        "es_CO",
    )
    assert [part["type"] for part in found["entrada"].parts] == ["BODY", "HEADER", "BUTTONS"]


# --- who gets nothing ---------------------------------------------------------------------------------------------


def test_somebody_without_whatsapp(bench):
    bench.fake.set(absent=[ANA[1:]])
    assert bench.send().ending in bench.dialect.absent
    assert bench.fake.messages() == []
    assert bench.send(Message(BEA, TEXT)).ending == "accepted"


@pytest.mark.parametrize("phase", NOT_READY)
def test_not_ready(bench, phase):
    bench.fake.set(phase=phase)
    outcome = bench.send()
    assert (type(outcome.error), outcome.ending) == (NotSent, "not_ready")
    assert bench.fake.messages() == []


def test_no_such_session(bench):
    bench.fake.set(phase="missing")
    outcome = bench.send()
    assert outcome.ending in bench.dialect.missing
    assert isinstance(outcome.error, NotSent)
    assert bench.fake.messages() == []


def test_wrong_key(bench):
    outcome = bench.send(key="otra-llave-1b2c")
    assert (type(outcome.error), outcome.ending) == (Stopped, "auth")
    assert "otra-llave" not in outcome.error.detail
    assert bench.fake.messages() == []


@pytest.mark.parametrize("key", ["dos\r\nLineas: x", "dos\nlineas", "\x00"])
def test_a_key_that_cannot_be_one(bench, key):
    outcome = bench.send(key=key)
    assert (type(outcome.error), outcome.ending) == (Stopped, "auth")
    assert bench.gateway(key=key).status().state is State.AUTH_ERROR
    assert "lineas" not in bench.fake.state()["header_names"]  # a header of its own
    assert bench.fake.messages() == []


def test_nobody_there(bench, nobody):
    outcome = bench.send(url=nobody)
    assert (type(outcome.error), outcome.ending) == (Unreachable, "unreachable")


# --- limits and locks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limited", ["seconds", "page"])
def test_too_many(bench, limited):
    bench.fake.set(limited=limited)
    outcome = bench.send()
    assert (type(outcome.error), outcome.ending, outcome.error.retry_after) == (Throttled, "rate_limited", 17.0)
    assert bench.fake.messages() == []


@pytest.mark.parametrize("limited", ["seconds", "page"])
def test_too_many_without_a_word_on_how_long(bench, limited):
    bench.fake.set(limited=limited, retry_after="")
    outcome = bench.send()
    assert (type(outcome.error), outcome.error.retry_after) == (Throttled, None)


@those_whose("shows_locks")
def test_lock_for_somebody_whom_the_number_does_not_know(bench):
    bench.fake.set(lock="contact", strangers=[ANA[1:]])
    outcome = bench.send()
    assert isinstance(outcome.error, Stopped)
    assert outcome.ending in {"new_contacts", "blocked"}
    assert (outcome.error.retry_after, bench.fake.messages()) == (None, [])
    assert bench.send(Message(BEA, TEXT)).ending == "accepted"


@those_whose("shows_locks")
def test_lock_of_the_account_until_a_stated_end(bench):
    bench.fake.set(lock="account", retry_after="7200")
    outcome = bench.send()
    assert isinstance(outcome.error, Stopped)
    assert outcome.ending in {"new_contacts", "blocked"}
    assert outcome.error.retry_after == (7200.0 if bench.dialect.lock_tells_end else None)
    assert bench.fake.messages() == []
