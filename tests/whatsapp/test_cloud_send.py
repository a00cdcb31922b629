"""What is posted to Meta for a message, and when a message counts as taken."""

import pytest
import responses

from tests.whatsapp.cloud_answers import BSUID, MESSAGES, TOKEN, URL, bodies, fault, gateway, taken
from whatsapp.gateways.base import (
    Accepted,
    ErrorKind,
    GatewayError,
    Message,
    OutcomeUnknown,
    Parameter,
    Refused,
    Stopped,
    TemplateUse,
)

PHONE = "+573000000001"
MESSAGE = Message(PHONE, "Hola Ana")


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def sent(web: responses.RequestsMock, message: Message, **connection: object):
    web.post(MESSAGES, json=taken())
    gateway(**connection).send(message)
    return bodies(web)[-1]


# --- what is asked ------------------------------------------------------------------------------------------------


def test_text_leaves_without_a_preview_of_its_links(web):
    assert sent(web, MESSAGE) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "573000000001",
        "type": "text",
        "text": {"preview_url": False, "body": "Hola Ana"},
    }
    assert web.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_our_reference_goes_along_so_that_receipts_bring_it_back(web):
    assert sent(web, Message(PHONE, "Hola", reference="entrega-42"))["biz_opaque_callback_data"] == "entrega-42"


def test_reference_that_is_too_long_for_meta_is_cut(web):
    assert sent(web, Message(PHONE, "Hola", reference="x" * 600))["biz_opaque_callback_data"] == "x" * 512


@pytest.mark.parametrize(
    ("recipient_id", "expected"),
    [
        ("", {"to": "573000000001"}),
        ("5215550000001", {"to": "5215550000001"}),
        ("+5215550000001", {"to": "5215550000001"}),
        ("5215550000001@c.us", {"to": "5215550000001"}),  # as another gateway had found it
        ("100000000000001@lid", {"to": "573000000001"}),  # which says nothing to Meta
        (BSUID, {"recipient": BSUID}),
        ("US.ENT.11815799212886844830", {"recipient": "US.ENT.11815799212886844830"}),
        ("us.1", {"to": "573000000001"}),
    ],
)
def test_recipient(web, recipient_id, expected):
    body = sent(web, Message(PHONE, "Hola", recipient_id=recipient_id))
    assert {name: body[name] for name in ("to", "recipient") if name in body} == expected


def test_version_is_an_option(web):
    web.post(MESSAGES.replace("v25.0", "v26.0"), json=taken())
    assert gateway(options={"version": "v26.0"}).send(MESSAGE).message_id == "wamid.AAAA"


def test_what_staff_type_cannot_lead_to_another_address(web):
    web.post(f"{URL}/v25.0%2F..%2Fme/1%2F..%2F2/messages", json=taken())
    gateway(session_name="1/../2", options={"version": "v25.0/../me"}).send(MESSAGE)


def test_without_the_id_of_the_number_nothing_is_asked():
    with pytest.raises(Stopped) as caught:
        gateway(session_name="").send(MESSAGE)
    assert (caught.value.kind, caught.value.detail) == (ErrorKind.AUTH, "an ID is missing that Meta needs")


# --- templates ----------------------------------------------------------------------------------------------------


def template(web: responses.RequestsMock, use: TemplateUse):
    body = sent(web, Message(PHONE, "Hola Ana, 12 de diciembre", template=use))
    assert body["type"] == "template"
    assert "text" not in body
    return body["template"]


def test_template_without_places(web):
    assert template(web, TemplateUse("aviso", "es")) == {"name": "aviso", "language": {"code": "es"}}


def test_template_with_numbered_places(web):
    use = TemplateUse(
        "entrada",
        "es_CO",
        header=(Parameter("Concierto"),),
        body=(Parameter("Ana"), Parameter("12 dic")),
        buttons=(Parameter("abc123"), Parameter("def456", index=2)),
    )
    assert template(web, use) == {
        "name": "entrada",
        "language": {"code": "es_CO"},
        "components": [
            {"type": "header", "parameters": [{"type": "text", "text": "Concierto"}]},
            {"type": "body", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "12 dic"}]},
            {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "abc123"}]},
            {"type": "button", "sub_type": "url", "index": "2", "parameters": [{"type": "text", "text": "def456"}]},
        ],
    }


def test_template_with_named_places(web):
    use = TemplateUse("entrada", "es_CO", body=(Parameter("Ana", "nombre"), Parameter("12 dic", "fecha")))
    assert template(web, use)["components"] == [
        {
            "type": "body",
            "parameters": [
                {"type": "text", "parameter_name": "nombre", "text": "Ana"},
                {"type": "text", "parameter_name": "fecha", "text": "12 dic"},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ana\nMaría", "Ana María"),
        ("Ana\r\n\r\nMaría", "Ana María"),
        ("Ana\tMaría", "Ana María"),
        ("Ana     María", "Ana María"),
        ("  Ana\u2028María ", "Ana María"),
        ("Ana María", "Ana María"),
        ("🎟️ José — ñ", "🎟️ José — ñ"),
    ],
)
def test_value_of_a_place_is_one_line(web, value, text):
    use = TemplateUse("entrada", "es", body=(Parameter(value),))
    assert template(web, use)["components"][0]["parameters"] == [{"type": "text", "text": text}]


# --- taken or not -------------------------------------------------------------------------------------------------


def accepted(web: responses.RequestsMock, body: object) -> Accepted:
    web.post(MESSAGES, json=body)
    return gateway().send(MESSAGE)


def test_taken(web):
    assert accepted(web, taken()) == Accepted("wamid.AAAA", 200)


def test_person_known_by_an_id_only_is_taken_too(web):
    assert accepted(web, taken(input=BSUID, user_id=BSUID)) == Accepted("wamid.AAAA", 200)


@pytest.mark.parametrize("word", ["accepted", "held_for_quality_assessment"])
def test_message_that_is_held_for_a_look_was_taken(web, word):
    body = taken()
    body["messages"][0]["message_status"] = word
    assert accepted(web, body).message_id == "wamid.AAAA"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"messages": []},
        {"messages": [{}]},
        {"messages": [{"id": ""}]},
        {"messages": [{"id": 7}]},
        {"messages": "wamid.AAAA"},
        {"success": True},
    ],
)
def test_success_without_an_id_is_a_doubt(web, body):
    web.post(MESSAGES, json=body)
    with pytest.raises(OutcomeUnknown):
        gateway().send(MESSAGE)


def test_error_inside_a_success_is_an_error(web):
    web.post(MESSAGES, json=taken() | fault(131026))
    with pytest.raises(Refused) as caught:
        gateway().send(MESSAGE)
    assert caught.value.kind is ErrorKind.NOT_ON_WHATSAPP


def test_there_is_nothing_to_restart():
    with pytest.raises(GatewayError):
        gateway().restart()
