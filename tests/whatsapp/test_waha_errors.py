"""What WAHA answers when it has not taken a message, and what each answer means."""

import json

import pytest
import requests
import responses

from tests.whatsapp.waha import HTML, KEY, MESSAGE, URL, answer, error_of, recorded, send, thrown
from whatsapp.gateways.base import (
    ErrorKind,
    GatewayError,
    Message,
    NotSent,
    OutcomeUnknown,
    Picture,
    Refused,
    Stopped,
    Throttled,
    Unreachable,
)

K = ErrorKind
READY, ADDRESS, DOUBT = (NotSent, K.NOT_READY), (Unreachable, K.UNREACHABLE), (OutcomeUnknown, K.UNCERTAIN)
REJECTED, NUMBER, KEY_REFUSED = (Refused, K.REJECTED_CONTENT), (Refused, K.INVALID_NUMBER), (Stopped, K.AUTH)
NOT_WORKING = {
    "error": "Session status is not as expected. Try again later or restart the session",
    "session": "eventos",
    "status": "FAILED",
    "expected": ["WORKING"],
}
NO_SESSION = {
    "statusCode": 404,
    "message": "We didn't find a session with name 'eventos'.\nPlease start it first by using POST /api/sessions/eventos/start request",
    "error": "Not Found",
}
LOCKED = "2 UNKNOWN: server returned error 463"


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def meaning_of(web, status, body):
    error = error_of(web, status, body)
    return type(error), error.kind


# --- 3xx and 4xx --------------------------------------------------------------------------------------------------

CLIENT_ERRORS = [
    (301, "", ADDRESS),
    (302, "", DOUBT),
    (308, "", ADDRESS),
    (400, {"statusCode": 400, "message": ["chatId must be a string"], "error": "Bad Request"}, NUMBER),
    (400, {"statusCode": 400, "message": ["text must be a string"], "error": "Bad Request"}, REJECTED),
    (400, {"statusCode": 400, "message": ["chatId must be a string", "text must be a string"]}, REJECTED),
    (400, {"statusCode": 400, "message": "Unexpected token } in JSON", "error": "Bad Request"}, REJECTED),
    (400, recorded("400_texto_largo.json")["body"], REJECTED),
    (400, HTML.format("The plain HTTP request was sent to HTTPS port"), ADDRESS),
    (400, "Client sent an HTTP request to an HTTPS server.", ADDRESS),
    (401, recorded("401_clave.json")["body"], KEY_REFUSED),
    (401, HTML.format("Authorization Required"), KEY_REFUSED),
    (403, {"message": "Forbidden resource", "error": "Forbidden", "statusCode": 403}, KEY_REFUSED),
    (404, NO_SESSION, READY),
    (404, {"statusCode": 404, "message": "Session not found", "error": "Not Found"}, READY),
    (404, {"statusCode": 404, "message": "Cannot POST /api/sendText", "error": "Not Found"}, ADDRESS),
    (404, HTML.format("Not Found"), ADDRESS),
    (404, "404 page not found", ADDRESS),
    (404, {"statusCode": 404, "message": "Chat is gone", "error": "Not Found"}, DOUBT),
    (405, HTML.format("Method Not Allowed"), ADDRESS),
    (408, {"message": "Request Timeout"}, DOUBT),
    (413, HTML.format("Request Entity Too Large"), REJECTED),
    (422, NOT_WORKING, READY),
    (422, {"session": "eventos", "status": "STARTING", "expected": ["WORKING"]}, READY),
    (422, {"message": "The feature is not in this engine", "error": "Unprocessable Entity"}, REJECTED),
    (422, {"message": "Session status is not as expected"}, READY),
    (422, "[]", DOUBT),
    (429, recorded("429_html.json")["body"], (Throttled, K.RATE_LIMITED)),
    (429, recorded("429_retry_after.json")["body"], (Throttled, K.RATE_LIMITED)),
]


@pytest.mark.parametrize(("status", "body", "expected"), CLIENT_ERRORS)
def test_answers_below_500(web, status, body, expected):
    assert meaning_of(web, status, body) == expected


def test_session_that_closes_in_the_middle_says_its_state(web):
    case = recorded("secuencia_cierre_de_sesion.json")["respuestas"][3]
    error = error_of(web, case["status"], case["body"])
    assert (type(error), error.kind) == READY
    assert error.detail == (
        "HTTP 422: Session status is not as expected. Try again later or restart the session FAILED"
    )


def test_limiter_in_front_may_name_a_wait(web):
    case = recorded("429_retry_after.json")
    assert error_of(web, 429, case["body"], case["headers"]).retry_after == 120.0


# --- 5xx ----------------------------------------------------------------------------------------------------------

SERVER_ERRORS = [
    (500, thrown(LOCKED), (Stopped, K.NEW_CONTACTS)),
    (500, thrown("2 UNKNOWN: o servidor retornou o erro 463"), (Stopped, K.NEW_CONTACTS)),
    (500, thrown("NackCallerReachoutTimelocked"), (Stopped, K.NEW_CONTACTS)),
    (500, thrown("Your account has been temporarily restricted"), (Stopped, K.BLOCKED)),
    (500, thrown("no LID found for 573000000001@s.whatsapp.net from server"), (Refused, K.NOT_ON_WHATSAPP)),
    (500, recorded("500_numero_sin_whatsapp.json")["body"], (Refused, K.NOT_ON_WHATSAPP)),
    (500, recorded("500_timed_out.json")["body"], DOUBT),
    (500, thrown("No LID for user"), DOUBT),
    (500, thrown("Lid is missing in chat table"), DOUBT),
    (500, thrown("error 4630"), DOUBT),
    (500, thrown("timeout after 463 ms"), DOUBT),
    (500, thrown("14 UNAVAILABLE: No connection established"), DOUBT),
    (500, {"statusCode": 500, "message": "Internal server error"}, DOUBT),
    (500, {"statusCode": 500, "exception": "?"}, DOUBT),
    (500, "", DOUBT),
    (500, "[]", DOUBT),
    (500, HTML.format("server returned error 463"), DOUBT),
    (502, recorded("502_nginx.json")["body"], DOUBT),
    (503, HTML.format("503 Service Temporarily Unavailable"), DOUBT),
    (503, {"message": "session not found"}, DOUBT),
    (503, {"message": "no LID found"}, DOUBT),
    (504, HTML.format("504 Gateway Time-out"), DOUBT),
]


@pytest.mark.parametrize(("status", "body", "expected"), SERVER_ERRORS)
def test_answers_from_500(web, status, body, expected):
    assert meaning_of(web, status, body) == expected


def test_dead_browser_is_uncertain_and_says_so(web):
    error = error_of(web, 500, thrown("Protocol error (Runtime.callFunctionOn): Target closed."))
    assert (type(error), error.kind) == DOUBT
    assert "browser died" in error.detail


def test_lock_ends_when_the_answer_says(web):
    assert error_of(web, 500, thrown(f"{LOCKED}, the lock expires in 24h0m0s")).retry_after == 86_400.0


def test_lock_without_a_stated_end_has_none(web):
    assert error_of(web, 500, thrown(LOCKED)).retry_after is None


@pytest.mark.parametrize("error", [requests.ReadTimeout("slow"), requests.ConnectionError("reset")])
def test_no_answer_is_a_doubt(web, error):
    web.post(f"{URL}/api/sendText", body=error)
    with pytest.raises(OutcomeUnknown):
        send()


# --- the request inside the answer --------------------------------------------------------------------------------


def error_with_picture(web, body: str) -> GatewayError:
    web.post(f"{URL}/api/sendImage", body=body, status=500)
    with pytest.raises(GatewayError) as caught:
        send(Message(MESSAGE.phone, MESSAGE.text, Picture(b"\x89PNG")))
    return caught.value


def with_file(text: str) -> str:
    """An answer that is longer than what is read of one."""
    body = thrown(text)
    file = {"data": "iVBORw0K" * 10_000}
    body["request"]["body"] = {"chatId": "573000000001@c.us", "caption": MESSAGE.text, "file": file}
    return json.dumps(body)


def test_what_was_thrown_is_found_before_a_picture_that_fills_the_answer(web):
    error = error_with_picture(web, with_file(LOCKED))
    assert (type(error), error.kind) == (Stopped, K.NEW_CONTACTS)
    assert error.detail == "HTTP 500: 2 UNKNOWN: server returned error 463"


def test_nothing_in_our_own_request_is_the_word_of_waha(web):
    mine = f'{{"statusCode": 500, "request": {{"exception": {{"message": "{LOCKED}"}}, "data": "{"x" * 70_000}'
    error = error_with_picture(web, mine)
    assert (type(error), error.kind, error.detail) == (*DOUBT, "HTTP 500")


@pytest.mark.parametrize(
    "head", ['{"statusCode":500,', '{"exception":{"message":"broken \\x"},', '{"exception":{"stack":"x"},']
)
def test_broken_answer_without_a_word_shows_nothing_of_our_request(web, head):
    rest = with_file("x").partition('"request"')
    error = error_with_picture(web, head + rest[1] + rest[2])
    assert (type(error), error.kind, error.detail) == (*DOUBT, "HTTP 500")


def test_our_own_text_bans_nobody(web):
    message = Message(MESSAGE.phone, "Aviso: server returned error 463, su cuenta fue suspendida")
    answer(web, 500, thrown(f"cannot send {message.text}", message))
    with pytest.raises(OutcomeUnknown):
        send(message)


def test_detail_holds_no_phone_no_key_and_no_text(web):
    quoted = f"bad 573000000001@s.whatsapp.net / +573000000001 key {KEY} text {MESSAGE.text}"
    assert error_of(web, 500, thrown(quoted)).detail == "HTTP 500: bad … / … key … text …"
