"""What Evolution API is asked, the shapes that it answers a message with, and what each means."""

from typing import Any

import pytest
import responses

from tests.whatsapp.evolution import (
    CHECK,
    HTML,
    KEY,
    MEDIA,
    MESSAGE,
    SENT,
    UNCERTAIN,
    URL,
    WITH_DOCUMENT,
    WITH_PICTURE,
    K,
    answer,
    asked,
    failure,
    gateway,
    meaning_of,
    recorded,
)
from whatsapp.gateways.base import Accepted, Message, NotSent, NumberCheck, Stopped


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


# --- what is asked ------------------------------------------------------------------------------------------------


def test_text_goes_to_its_instance_with_the_key_and_without_preview_or_delay(web):
    answer(web, 201, SENT)
    gateway().send(MESSAGE)
    assert asked(web) == {"number": "573000000001", "text": MESSAGE.text, "linkPreview": False}
    assert web.calls[0].request.headers["apikey"] == KEY


def test_picture_goes_as_bare_base64_with_its_name(web):
    answer(web, 201, SENT, MEDIA)
    gateway().send(WITH_PICTURE)
    assert asked(web) == {
        "number": "573000000001",
        "mediatype": "image",
        "media": "iVBORw==",
        "fileName": "ABCD.png",
        "mimetype": "image/png",
        "caption": MESSAGE.text,
    }


def test_document_goes_as_one(web):
    answer(web, 201, SENT, MEDIA)
    gateway().send(WITH_DOCUMENT)
    assert asked(web) == {
        "number": "573000000001",
        "mediatype": "document",
        "media": "JVBERg==",
        "fileName": "ABCD.pdf",
        "mimetype": "application/pdf",
        "caption": MESSAGE.text,
    }


@pytest.mark.parametrize(
    ("recipient_id", "number"),
    [
        ("", "5215500000001"),
        ("525500000001", "525500000001"),  # what the check of this gateway gives
        ("525500000001@s.whatsapp.net", "525500000001"),
        ("525500000001:12@s.whatsapp.net", "525500000001"),
        ("525500000001@c.us", "525500000001"),
        ("100000000000001@lid", "5215500000001"),  # no number
        ("12036300000000@g.us", "5215500000001"),
    ],
)
def test_number_is_text_of_digits(web, recipient_id, number):
    answer(web, 201, SENT)
    gateway().send(Message("+5215500000001", "Hola", recipient_id=recipient_id))
    assert asked(web)["number"] == number


def test_name_of_the_instance_cannot_leave_its_place_in_the_address(web):
    answer(web, 201, SENT, f"{URL}/message/sendText/mi%20feria%2F2026%3Fx")
    gateway(session_name="mi feria/2026?x").send(MESSAGE)


@pytest.mark.parametrize("key", ["dos\r\nLineas: x", "con espacio", "eñe"])
def test_key_that_cannot_be_one_stops_before_anything_is_written(key):
    with pytest.raises(Stopped) as caught:
        gateway(api_key=key).send(MESSAGE)
    assert (caught.value.kind, key in caught.value.detail) == (K.AUTH, False)


# --- accepted -----------------------------------------------------------------------------------------------------


def test_accepted_with_the_id_and_whom_it_was_sent_to(web):
    answer(web, 201, SENT)
    assert gateway().send(MESSAGE) == Accepted("3EB0AA11BB22", 201)


def test_recorded_id(web):
    case = recorded("201_id_en_key.json")
    answer(web, case["status"], case["body"])
    assert gateway().send(MESSAGE) == Accepted("AAAA000000000000003", 201)


def test_recipient_that_is_no_number_is_left_out(web):
    answer(web, 201, SENT | {"key": SENT["key"] | {"remoteJid": "100000000000001@lid"}})
    assert gateway().send(MESSAGE) == Accepted("3EB0AA11BB22", 201)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        [],
        {},
        '{"key": {"id": "3EB0',
        HTML.format("Login"),
        {"key": None},
        {"key": {"id": ""}},
        {"key": {"id": 7}},
        {"id": "3EB0AA11BB22", "messageId": "ck0000000000000000000001"},  # not the id that receipts carry
        SENT | {"status": "ERROR"},
        SENT | {"error": True},
        {"error": True, "message": "[object Object]"},
        recorded("200_exito_con_error_dentro.json")["body"],
        failure(400, [{"jid": "573000000001@s.whatsapp.net", "exists": False}]),
    ],
)
def test_success_that_names_no_message_is_uncertain(web, body):
    assert meaning_of(web, 200, body) == UNCERTAIN


@pytest.mark.parametrize("status", [400, 500, 504])
def test_message_in_an_answer_without_success_is_uncertain(web, status):
    assert meaning_of(web, status, SENT) == UNCERTAIN


# --- whether a number has WhatsApp ----------------------------------------------------------------------------------


def check(web: responses.RequestsMock, status: int, body: Any, phone: str = "+573000000001") -> NumberCheck:
    answer(web, status, body, CHECK)
    found = gateway().check_number(phone)
    assert asked(web) == {"numbers": [phone[1:]]}
    return found


def found(jid: str, *, exists: Any) -> list[dict[str, Any]]:
    return [{"jid": jid, "exists": exists, "number": "573000000001"}]


def test_number_that_has_whatsapp_under_other_digits(web):
    body = found("525500000001@s.whatsapp.net", exists=True)
    assert check(web, 200, body, "+5215500000001") == NumberCheck(True, "525500000001")


def test_number_that_is_known_by_no_number(web):
    assert check(web, 200, found("100000000000001@lid", exists=True)) == NumberCheck(True, "")


def test_number_without_whatsapp_at_the_check(web):
    assert check(web, 200, found("573000000001@s.whatsapp.net", exists=False)) == NumberCheck(False)


def test_no_for_digits_that_the_gateway_made_itself_is_no_answer(web):
    body = found("541100000001@s.whatsapp.net", exists=False)
    assert check(web, 200, body, "+5491100000001") == NumberCheck(None, detail="the gateway asked about other digits")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, []),
        (200, {"exists": False}),
        (200, found("573000000001@s.whatsapp.net", exists=False) * 2),
        (200, found("573000000001@s.whatsapp.net", exists=0)),
        (200, found("573000000001@s.whatsapp.net", exists="false")),
        (200, [["exists", False]]),
        (200, "<html>Login</html>"),
        (400, {"data": None, "isBoom": True, "isServer": False, "output": {"statusCode": 428}}),
        (400, {"status": 400, "error": "Bad Request", "message": [["numbers is not of a type(s) array"]]}),
        (400, found("573000000001@s.whatsapp.net", exists=False)),
        (401, failure(401, "Unauthorized")),
        (404, failure(404, ['The "eventos" instance does not exist'])),
        (500, failure(500, "Connection Closed")),
    ],
)
def test_answer_that_does_not_answer(web, status, body):
    found = check(web, status, body)
    assert (found.exists, found.recipient_id) == (None, "")
    assert found.detail.startswith(f"HTTP {status}")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"data": None, "isBoom": True, "isServer": False, "output": {"statusCode": 428}}, K.NOT_READY),
        (404, failure(404, ['The "eventos" instance does not exist']), K.NOT_READY),
        (500, failure(500, "Connection Closed"), K.NOT_READY),
        (401, failure(401, "Unauthorized"), K.AUTH),
    ],
)
def test_number_that_nobody_could_ask_about_says_why(web, status, body, kind):
    """So the message waits for the number to come back, and is not tried on one that is known to be away."""
    error = check(web, status, body).error
    assert isinstance(error, NotSent)
    assert error.kind is kind


def test_check_never_raises():
    assert gateway(api_key="dos lineas\n").check_number("+573000000001").exists is None
