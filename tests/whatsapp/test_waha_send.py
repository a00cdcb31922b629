"""What is asked of WAHA, and when it has taken a message."""

import json

import pytest
import responses

from tests.whatsapp.waha import KEY, MESSAGE, URL, answer, error_of, gateway, recorded, send
from whatsapp.gateways.base import (
    Accepted,
    Connection,
    Document,
    ErrorKind,
    Message,
    OutcomeUnknown,
    Picture,
    Stopped,
)
from whatsapp.gateways.waha import WahaGateway
from whatsapp.registry import gateways


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def asked(web: responses.RequestsMock) -> dict:
    return json.loads(web.calls[0].request.body)


# --- what is asked ------------------------------------------------------------------------------------------------


def test_text_goes_without_a_preview(web):
    answer(web, 201, recorded("201_id_texto.json")["body"])
    send()
    assert asked(web) == {
        "session": "eventos",
        "chatId": "573000000001@c.us",
        "text": MESSAGE.text,
        "linkPreview": False,
    }


def test_picture_goes_as_bare_base64(web):
    web.post(f"{URL}/api/sendImage", status=201)
    send(Message(MESSAGE.phone, MESSAGE.text, Picture(b"\x89PNG")))
    assert asked(web) == {
        "session": "eventos",
        "chatId": "573000000001@c.us",
        "caption": MESSAGE.text,
        "file": {"mimetype": "image/png", "filename": "entrada.png", "data": "iVBORw=="},
    }


def test_document_goes_as_a_file(web):
    web.post(f"{URL}/api/sendFile", status=201)
    send(Message(MESSAGE.phone, MESSAGE.text, document=Document(b"%PDF")))
    assert asked(web) == {
        "session": "eventos",
        "chatId": "573000000001@c.us",
        "caption": MESSAGE.text,
        "file": {"mimetype": "application/pdf", "filename": "entrada.pdf", "data": "JVBERg=="},
    }


@pytest.mark.parametrize(
    ("recipient_id", "chat_id"),
    [
        ("5215555550101@c.us", "5215555550101@c.us"),
        ("100000000000001@lid", "100000000000001@lid"),
        ("5215555550101", "5215555550101@c.us"),
        ("5215555550101@s.whatsapp.net", "5215555550101@c.us"),  # as other gateways write it
        ("", "573000000001@c.us"),
    ],
)
def test_goes_to_whom_a_check_named(web, recipient_id, chat_id):
    answer(web, 201, "")
    send(Message(MESSAGE.phone, MESSAGE.text, recipient_id=recipient_id))
    assert asked(web)["chatId"] == chat_id


def test_key_goes_into_a_header(web):
    answer(web, 201, "")
    send()
    assert web.calls[0].request.headers["X-Api-Key"] == KEY


def test_without_a_key_there_is_no_header(web):
    answer(web, 201, "")
    send(api_key="")
    assert "X-Api-Key" not in web.calls[0].request.headers


def test_key_that_cannot_be_one_stops_before_anything_is_written():
    with pytest.raises(Stopped) as caught:
        send(api_key="dos\r\nLineas: x")
    assert caught.value.kind is ErrorKind.AUTH


def test_slash_at_the_end_of_the_address_does_no_harm(web):
    answer(web, 201, "")
    WahaGateway(Connection(f"{URL}/", "eventos")).send(MESSAGE)
    assert web.calls[0].request.url == f"{URL}/api/sendText"


def test_can_be_chosen_for_a_number():
    assert gateways()["waha"] is WahaGateway


def test_says_what_it_can_do():
    can = gateway().capabilities
    assert can.receipts == {"sent", "delivered", "read", "failed"}
    assert (can.signing, can.checks_numbers, can.sends_documents, can.hears_replies) == ("body", True, True, True)
    assert (can.shows_qr, can.restarts, can.finds_phones, can.needs_templates) == (True, True, True, False)


def test_asks_for_an_address_a_session_and_two_secrets():
    fields = [(field.name, field.default, field.is_required) for field in WahaGateway.fields]
    assert fields == [
        ("base_url", "http://localhost:3000", True),
        ("session_name", "default", True),
        ("new_key", "", False),
        ("new_webhook_secret", "", False),
    ]


# --- accepted -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message_id"),
    [
        ("201_id_texto.json", "AAAA000000000000001"),
        ("201_id_objeto.json", "AAAA000000000000002"),
        ("201_id_en_key.json", "AAAA000000000000003"),
    ],
)
def test_recorded_shapes_of_three_engines(web, name, message_id):
    answer(web, 201, recorded(name)["body"])
    assert send() == Accepted(message_id, 201)


@pytest.mark.parametrize(
    ("body", "accepted"),
    [
        ({"id": "true_5215555550101@c.us_3EB0AA11"}, Accepted("3EB0AA11", 201)),
        ({"id": "true_100000000000001@lid_3EB0AA11"}, Accepted("3EB0AA11", 201)),
        ({"id": {"remote": "573000000001@c.us", "id": "3EB0AA11"}}, Accepted("3EB0AA11", 201)),
        ({"id": {"remote": {"user": "573000000001"}, "id": "3EB0AA11"}}, Accepted("3EB0AA11", 201)),
        ({"id": "3EB0AA11", "to": "573000000001@c.us"}, Accepted("3EB0AA11", 201)),
        ({"key": {"id": "3EB0AA11"}, "status": 1}, Accepted("3EB0AA11", 201)),
        ({"id": "cola_573000000001@c.us_17"}, Accepted("cola_573000000001@c.us_17", 201)),
    ],
)
def test_other_shapes(web, body, accepted):
    answer(web, 201, body)
    assert send() == accepted


@pytest.mark.parametrize("body", ["", "null", "{}", "[]", '{"id": "true_57', '{"id":"' + "x" * 70_000 + '"}', "OK"])
def test_done_without_an_id_is_taken_and_cannot_be_followed(web, body):
    """It was sent, whatever the answer lost: nothing may send it again."""
    answer(web, 201, body)
    assert send() == Accepted("", 201)


def test_another_success_counts_where_it_names_the_message(web):
    answer(web, 200, recorded("201_id_texto.json")["body"])
    assert send() == Accepted("AAAA000000000000001", 200)


# --- a 2xx that is no success -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, recorded("200_exito_con_error_dentro.json")["body"]),
        (200, ""),
        (200, "OK"),
        (200, {"status": "ok"}),
        (200, "<html><h1>Login</h1></html>"),
        (204, ""),
        (201, "<html><h1>Login</h1></html>"),
        (201, {"error": "something broke"}),
        (201, {"key": {"id": "3EB0AA11"}, "status": "ERROR"}),
    ],
)
def test_error_or_silence_inside_a_success_is_a_doubt(web, status, body):
    assert type(error_of(web, status, body)) is OutcomeUnknown
