"""What WPPConnect server is asked, what 2.10.4 answered (recorded without a phone), and what each means."""

import base64
import json
from typing import Any

import pytest
import responses

from whatsapp.gateways.base import (
    Accepted,
    Connection,
    Document,
    ErrorKind,
    GatewayError,
    Message,
    NotSent,
    NumberCheck,
    OutcomeUnknown,
    Picture,
    Refused,
    Stopped,
    Throttled,
    Unreachable,
)
from whatsapp.gateways.wppconnect import WppConnectGateway

URL = "http://gateway.test:21465"
TOKEN = "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"
PHONE = "+12025550123"
MESSAGE = Message(PHONE, "Hola Ana, tu entrada para la función del sábado")
PICTURE = Picture(b"\x89PNG", "image/png", "entrada.png")
DOCUMENT = Document(b"%PDF-1.7", "application/pdf", "Entrada de Ana.pdf")
SERIAL = "true_12025550123@c.us_3EB0AA11BB22"
SENT = {
    "status": "success",
    "response": [{"id": SERIAL, "ack": 0, "to": "12025550123@c.us", "t": 1790000000}],
    "mapper": "return",
}
DISCONNECTED = {"response": None, "status": "Disconnected", "message": "A sessão do WhatsApp não está ativa."}
HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
K = ErrorKind


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def gateway(**connection: Any) -> WppConnectGateway:
    return WppConnectGateway(Connection(URL, **{"session_name": "demo", "api_key": TOKEN} | connection))


def body_of(answer: Any) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer)


def send(web: responses.RequestsMock, message: Message = MESSAGE, *, answer: Any = SENT, status: int = 201) -> Accepted:
    kind = "send-file-base64" if message.picture or message.document else "send-message"
    web.post(f"{URL}/api/demo/{kind}", body=body_of(answer), status=status)
    return gateway().send(message)


def error_of(web: responses.RequestsMock, status: int, answer: Any, message: Message = MESSAGE) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        send(web, message, answer=answer, status=status)
    assert caught.value.http_status == status
    return caught.value


def posted(web: responses.RequestsMock) -> dict[str, Any]:
    return json.loads(web.calls[0].request.body)


# --- what is asked ------------------------------------------------------------------------------------------------


def test_text_goes_to_one_phone_that_is_text(web):
    assert send(web) == Accepted("3EB0AA11BB22", 201)
    assert posted(web) == {"phone": "12025550123", "isGroup": False, "message": MESSAGE.text}
    assert web.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_the_server_is_kept_from_rewriting_its_answers(web):
    """With exactly "application/json" it also loses some of them."""
    send(web)
    assert web.calls[0].request.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("message", "filename", "content"),
    [
        (Message(PHONE, "Tu entrada", PICTURE), "entrada.png", "data:image/png;base64,iVBORw=="),
        (
            Message(PHONE, "Tu entrada", document=DOCUMENT),
            "Entrada de Ana.pdf",
            f"data:application/pdf;base64,{base64.b64encode(DOCUMENT.content).decode()}",
        ),
    ],
)
def test_a_file_goes_as_a_data_url(web, message, filename, content):
    answer = {"status": "success", "response": [{"id": SERIAL, "ack": 1, "sendMsgResult": {}}], "mapper": "return"}
    assert send(web, message, answer=answer) == Accepted("3EB0AA11BB22", 201)
    assert posted(web) == {
        "phone": "12025550123",
        "isGroup": False,
        "filename": filename,
        "caption": "Tu entrada",
        "base64": content,
    }


@pytest.mark.parametrize(
    "message",
    [
        Message(PHONE, ""),
        Message(PHONE, "Tu entrada", Picture(b"")),
        Message(PHONE, "Tu entrada", document=Document(b"")),
    ],
)
def test_nothing_is_never_posted_since_the_server_would_say_success(web, message):
    with pytest.raises(Refused) as caught:
        gateway().send(message)
    assert (caught.value.kind, len(web.calls)) == (K.REJECTED_CONTENT, 0)


@pytest.mark.parametrize(
    ("recipient_id", "phone"),
    [
        ("5215555550123", "5215555550123"),
        ("5215555550123@c.us", "5215555550123"),
        ("900100200301@lid", "12025550123"),
        ("12025550123,12025550199", "12025550123"),
    ],
)
def test_it_goes_to_whom_the_check_named(web, recipient_id, phone):
    send(web, Message(PHONE, "Hola", recipient_id=recipient_id))
    assert posted(web)["phone"] == phone


@pytest.mark.parametrize(
    "phone", ["+123456789012345", "+02025550123", "+1 202 555 0123", "+12025550123;+12025550199", "+12025", ""]
)
def test_a_number_that_the_server_would_misread_is_never_posted(web, phone):
    """Fifteen digits are an id without a number for it, blanks stay in, commas make several people."""
    with pytest.raises(Refused) as caught:
        gateway().send(Message(phone, "Hola"))
    assert (caught.value.kind, len(web.calls)) == (K.INVALID_NUMBER, 0)


def test_fourteen_digits_are_a_number(web):
    send(web, Message("+12345678901234", "Hola"))
    assert posted(web)["phone"] == "12345678901234"


def test_a_session_stays_within_its_place_in_the_address(web):
    web.post(f"{URL}/api/a%2Fb%3Fc/send-message", json=SENT, status=201)
    gateway(session_name="a/b?c").send(MESSAGE)
    assert web.calls[0].request.path_url == "/api/a%2Fb%3Fc/send-message"


def test_a_token_that_cannot_be_one_stops_before_anything_is_written(web):
    with pytest.raises(Stopped) as caught:
        gateway(api_key="dos\r\nLineas: x").send(MESSAGE)
    assert (caught.value.kind, len(web.calls)) == (K.AUTH, 0)


# --- what it answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "identity",
    [
        SERIAL,
        {"fromMe": True, "remote": "12025550123@c.us", "id": "3EB0AA11BB22", "_serialized": SERIAL},
        {"_serialized": "true_900100200301@lid_3EB0AA11BB22"},
        {"id": "3EB0AA11BB22"},
        "3EB0AA11BB22",
    ],
)
def test_every_shape_of_an_id(web, identity):
    assert send(web, answer={"status": "success", "response": [{"id": identity}]}) == Accepted("3EB0AA11BB22", 201)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "success", "response": [], "mapper": "return"},
        {"status": "success", "response": [{}]},
        {"status": "success", "response": [{"id": ""}]},
        {"status": "success", "response": [{"id": None}]},
        {"status": "success", "response": [None]},
        {"status": "success", "response": {"id": SERIAL}},
        {"status": "success", "response": [[]]},
        {"status": "success", "response": [{"id": SERIAL, "ack": -1}]},  # it failed, says the message itself
        {"status": "success"},
        {},
        [],
        "",
        "OK",
        "null",
        HTML.format("Login"),
    ],
)
def test_success_counts_only_with_a_message_that_left(web, answer):
    error = error_of(web, 201, answer)
    assert (type(error), error.kind) == (OutcomeUnknown, K.UNCERTAIN)
    assert "names no message that left" in error.detail


MISSING = {"response": None, "status": "Connected", "message": "O número 12025550123 não existe."}
ANSWERS = [
    (404, DISCONNECTED, NotSent, K.NOT_READY),
    (404, {"status": "disconnected", "session": "demo", "message": "not ready"}, NotSent, K.NOT_READY),
    (404, {"status": "error", "message": "?"}, OutcomeUnknown, K.UNCERTAIN),
    (404, [], OutcomeUnknown, K.UNCERTAIN),
    (404, HTML.format("Cannot POST /api/demo/send-message"), Unreachable, K.UNREACHABLE),
    (404, "", Unreachable, K.UNREACHABLE),
    (400, MISSING, OutcomeUnknown, K.UNCERTAIN),  # the server goes on and sends
    (400, '"Error sending message"', OutcomeUnknown, K.UNCERTAIN),
    (400, HTML.format("SyntaxError: Unexpected token"), Unreachable, K.UNREACHABLE),
    (401, {"message": "Token is not present. Check your header and try again"}, Stopped, K.AUTH),
    (401, {"error": "Check that the Session and Token are correct"}, Stopped, K.AUTH),
    (401, {"message": "Session not informed"}, Stopped, K.AUTH),
    (401, {"message": "Sending the file is mandatory"}, Refused, K.REJECTED_CONTENT),  # not our token
    (401, HTML.format("Authorization Required"), Stopped, K.AUTH),
    (403, HTML.format("Forbidden"), Stopped, K.AUTH),
    (413, HTML.format("PayloadTooLargeError"), Refused, K.REJECTED_CONTENT),
    (429, {"status": "error", "message": "Too many requests, please try again later."}, Throttled, K.RATE_LIMITED),
    (
        500,
        {"status": "Error", "message": "Erro ao enviar a mensagem.", "error": {"level": "error"}},
        OutcomeUnknown,
        K.UNCERTAIN,
    ),
    (500, {"status": "Error", "message": "Error sending the message.", "error": "x"}, OutcomeUnknown, K.UNCERTAIN),
    (501, {"status": "not_supported", "message": "?"}, OutcomeUnknown, K.UNCERTAIN),
    (502, HTML.format("Bad Gateway"), OutcomeUnknown, K.UNCERTAIN),
    (503, HTML.format("Service Unavailable"), OutcomeUnknown, K.UNCERTAIN),
    (504, HTML.format("Gateway Time-out"), OutcomeUnknown, K.UNCERTAIN),
    (302, "", OutcomeUnknown, K.UNCERTAIN),
    (301, "", Unreachable, K.UNREACHABLE),
    (405, "", Unreachable, K.UNREACHABLE),
]


@pytest.mark.parametrize(("status", "answer", "kind_of_error", "kind"), ANSWERS)
def test_errors(web, status, answer, kind_of_error, kind):
    error = error_of(web, status, answer)
    assert (type(error), error.kind) == (kind_of_error, kind)


def test_a_number_that_the_server_misses_says_why_it_is_in_doubt_and_hides_it(web):
    detail = error_of(web, 400, MISSING).detail
    assert "sends all the same" in detail
    assert "12025550123" not in detail


def test_our_own_text_in_an_error_says_nothing_about_the_server(web):
    message = Message(PHONE, "Sending the file is mandatory")
    error = error_of(web, 401, {"error": f"wrong token for: {message.text}"}, message)
    assert error.kind is K.AUTH


def test_detail_holds_no_token_no_phone_and_no_text(web):
    error = error_of(web, 500, {"message": f"{PHONE} with {TOKEN} of {MESSAGE.text}"})
    assert error.detail == "HTTP 500: … with … of …"


# --- is it on WhatsApp? -------------------------------------------------------------------------------------------


def check(web: responses.RequestsMock, answer: Any, status: int = 200) -> NumberCheck:
    web.get(f"{URL}/api/demo/check-number-status/12025550123", body=body_of(answer), status=status)
    return gateway().check_number(PHONE)


def found(exists: Any, serialized: str = "12025550123@c.us") -> dict[str, Any]:
    identity = {"server": "c.us", "user": "12025550123", "_serialized": serialized}
    response = {"id": identity, "numberExists": exists, "canReceiveMessage": exists, "isBusiness": False}
    return {"status": "success", "response": response}


@pytest.mark.parametrize(
    ("serialized", "recipient_id"),
    [
        ("12025550123@c.us", "12025550123"),
        ("12025550199@c.us", "12025550199"),  # the digits of another variant
        ("900100200301@lid", ""),
    ],
)
def test_a_number_is_found(web, serialized, recipient_id):
    assert check(web, found(True, serialized)) == NumberCheck(True, recipient_id)


def test_a_number_is_not_found(web):
    assert check(web, found(False)) == NumberCheck(False)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (404, DISCONNECTED),
        (401, {"error": "Check that the Session and Token are correct"}),
        (500, {"status": "error", "message": "x"}),
        (200, {"status": "success", "response": {}}),
        (200, found("true")),
        (500, found(False)),
        (200, HTML.format("Login")),
    ],
)
def test_whatever_else_it_says_leaves_the_question_open(web, status, answer):
    result = check(web, answer, status)
    assert (result.exists, result.recipient_id, result.detail != "") == (None, "", True)


def test_no_answer_and_a_number_that_is_misread_leave_it_open_too(web):
    web.get(f"{URL}/api/demo/check-number-status/12025550123", body=ConnectionError())
    assert gateway().check_number(PHONE).exists is None
    assert gateway().check_number("+123456789012345").exists is None
    assert len(web.calls) == 1
