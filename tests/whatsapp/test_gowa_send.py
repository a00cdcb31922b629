"""What GOWA is asked, the shapes it answers with (v9.2), and what each means."""

import base64
import json
from email import message_from_bytes
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
from whatsapp.gateways.gowa import GowaGateway
from whatsapp.gateways.meanings import WRONG_ADDRESS

URL = "http://gateway.test:3000"
PHONE = "+12025550123"
MESSAGE = Message(PHONE, "Hola Ana, tu entrada para la función del sábado")
PICTURE = Picture(b"\x89PNG\r\n\x1a\nqr", "image/png", "entrada.png")
DOCUMENT = Document(b"%PDF-1.7", "application/pdf", "Entrada de Ana.pdf")
SENT = {
    "code": "SUCCESS",
    "message": "Message sent to 12025550123@s.whatsapp.net (server timestamp: 2026-11-25 10:00:00 +0000 UTC)",
    "results": {"message_id": "3EB0AA11", "status": "Message sent to 12025550123@s.whatsapp.net"},
}
HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
K = ErrorKind


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def gateway(**connection: Any) -> GowaGateway:
    return GowaGateway(Connection(URL, **connection))


def body_of(answer: Any) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer)


def send(web: responses.RequestsMock, message: Message = MESSAGE, *, answer: Any = SENT, status: int = 200, **own: Any):
    kind = "file" if message.document else "image" if message.picture else "message"
    web.post(f"{URL}/send/{kind}", body=body_of(answer), status=status)
    return gateway(**own).send(message)


def error_of(web: responses.RequestsMock, status: int, answer: Any, **own: Any) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        send(web, answer=answer, status=status, **own)
    assert caught.value.http_status == status
    return caught.value


def parts_of(web: responses.RequestsMock) -> dict[str, tuple[str | None, str, bytes]]:
    """Of the multipart request: name of the file, media type and content, by the name of the part."""
    request = web.calls[0].request
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + request.body).get_payload()
    return {
        str(part.get_param("name", header="content-disposition")): (
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in parts
    }


# --- what is asked ------------------------------------------------------------------------------------------------


def test_text_goes_out_as_json_with_bare_digits(web):
    assert send(web) == Accepted("3EB0AA11", 200)
    assert json.loads(web.calls[0].request.body) == {"phone": "12025550123", "message": MESSAGE.text}


def test_a_picture_is_uploaded_and_not_made_smaller(web):
    assert send(web, Message(PHONE, "Tu entrada", PICTURE)) == Accepted("3EB0AA11", 200)
    parts = parts_of(web)
    assert {name: content for name, (file, _, content) in parts.items() if file is None} == {
        "phone": b"12025550123",
        "caption": b"Tu entrada",
        "compress": b"false",
    }
    file, mime, content = parts["image"]
    assert (mime, content) == ("image/png", PICTURE.content)
    assert str(file).endswith(".png")


def test_no_two_pictures_have_one_name_since_gowa_stores_them_under_it(web):
    web.post(f"{URL}/send/image", json=SENT)
    message = Message(PHONE, "Tu entrada", Picture(b"\xff\xd8\xff", "image/jpeg", "entrada.jpg"))
    names = set()
    for _ in range(2):
        gateway().send(message)
        names.add(parts_of(web)["image"][0])
        web.calls.reset()
    assert len(names) == 2
    assert {str(name)[-4:] for name in names} == {".jpg"}


def test_a_document_keeps_the_name_that_the_person_will_see(web):
    assert send(web, Message(PHONE, "Tu entrada", document=DOCUMENT)) == Accepted("3EB0AA11", 200)
    parts = parts_of(web)
    assert parts["file"] == ("Entrada de Ana.pdf", "application/pdf", b"%PDF-1.7")
    assert (parts["phone"][2], parts["caption"][2]) == (b"12025550123", b"Tu entrada")


@pytest.mark.parametrize(
    ("recipient_id", "posted"),
    [
        ("", "12025550123"),
        ("12025550199", "12025550199"),
        ("12025550199@s.whatsapp.net", "12025550199"),
        ("12025550199:7@s.whatsapp.net", "12025550199"),
        ("12025550199@c.us", "12025550199"),
        ("900100200301@lid", "12025550123"),  # of another gateway, and no number
    ],
)
def test_it_goes_to_whom_the_check_named(web, recipient_id, posted):
    send(web, Message(PHONE, "Hola", recipient_id=recipient_id))
    assert json.loads(web.calls[0].request.body)["phone"] == posted


def test_fifteen_digits_go_without_the_plus_that_would_make_them_a_group(web):
    send(web, Message("+123456789012345", "Hola"))
    assert json.loads(web.calls[0].request.body)["phone"] == "123456789012345"


@pytest.mark.parametrize("phone", ["+1234567890123456", "+02025550123", "+12025", "", "+1202555012x", "+١٢٠٢٥٥٥٠١٢٣"])
def test_a_number_that_gowa_would_misread_is_never_posted(web, phone):
    with pytest.raises(Refused) as caught:
        gateway().send(Message(phone, "Hola"))
    assert (caught.value.kind, caught.value.http_status, len(web.calls)) == (K.INVALID_NUMBER, None, 0)


def test_nobody_and_no_device_is_named_where_none_is_stored(web):
    send(web)
    assert {"Authorization", "X-Device-Id"} & set(web.calls[0].request.headers) == set()


def test_user_password_and_device_go_into_headers(web):
    send(web, api_key="clave:de prueba ñ", session_name="taquilla sur+1", options={"user": "ana"})
    headers = web.calls[0].request.headers
    token = base64.b64encode("ana:clave:de prueba ñ".encode()).decode()
    assert (headers["Authorization"], headers["X-Device-Id"]) == (f"Basic {token}", "taquilla%20sur%2B1")


def test_a_line_break_in_the_device_is_no_header_of_its_own(web):
    send(web, session_name="uno\r\nX-Otro: 1")
    assert web.calls[0].request.headers["X-Device-Id"] == "uno%0D%0AX-Otro:%201"


# --- what it answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "results", [{"message_id": "3EB0AA11"}, {"message_id": " 3EB0AA11 "}, {"message_id": "3EB0AA11", "status": ""}]
)
def test_other_shapes_of_success(web, results):
    assert send(web, answer={"code": "SUCCESS", "results": results}) == Accepted("3EB0AA11", 200)


@pytest.mark.parametrize("results", [None, {}, {"message_id": ""}, {"message_id": None}, []])
def test_success_without_an_id_is_accepted_and_cannot_be_followed(web, results):
    assert send(web, answer={"code": "SUCCESS", "results": results}) == Accepted("", 200)


@pytest.mark.parametrize(
    "answer",
    ["", "OK", "null", "[]", "{}", HTML.format("Login"), {"message": "Success", "results": {"message_id": "3EB0AA11"}}],
)
def test_a_2xx_that_does_not_say_success_is_in_doubt(web, answer):
    error = error_of(web, 200, answer)
    assert (type(error), error.kind) == (OutcomeUnknown, K.UNCERTAIN)


def said(code: str, message: str = "") -> dict[str, Any]:
    return {"code": code, "message": message, "results": None}


NOT_ON_WHATSAPP = "Phone 12025550123@s.whatsapp.net is not on whatsapp"
ANSWERS = [
    # Two 401 that differ: the number is not linked, and our password is wrong.
    (401, said("AUTHENTICATION_ERROR", "you are not logged in"), NotSent, K.NOT_READY),
    (401, said("AUTHENTICATION_ERROR", "you are not connect to services server"), NotSent, K.NOT_READY),
    (401, "Unauthorized", Stopped, K.AUTH),
    (401, HTML.format("Authorization Required"), Stopped, K.AUTH),
    (403, HTML.format("Forbidden"), Stopped, K.AUTH),
    (400, said("INVALID_JID", NOT_ON_WHATSAPP), Refused, K.NOT_ON_WHATSAPP),
    (400, said("INVALID_JID", "user is not registered"), Refused, K.NOT_ON_WHATSAPP),
    (400, said("INVALID_JID", "your JID is invalid"), Refused, K.INVALID_NUMBER),
    (400, said("VALIDATION_ERROR", "phone number cannot start with 0"), Refused, K.INVALID_NUMBER),
    (400, said("VALIDATION_ERROR", "your image is not allowed. please use jpg/jpeg/png"), Refused, K.REJECTED_CONTENT),
    (400, said("VALIDATION_ERROR", "message: cannot be blank."), Refused, K.REJECTED_CONTENT),
    (400, said("DEVICE_ID_REQUIRED", "device_id is required via X-Device-Id header"), NotSent, K.NOT_READY),
    (404, said("DEVICE_NOT_FOUND", "device not found; create a device first"), NotSent, K.NOT_READY),
    (404, said("NOT_FOUND", "device taquilla not found"), NotSent, K.NOT_READY),
    (503, said("DEVICE_MANAGER_UNAVAILABLE", "Device manager is not initialized"), NotSent, K.NOT_READY),
    (500, said("INVALID_WA_CLI", "your WhatsApp CLI is invalid or empty"), NotSent, K.NOT_READY),
    (500, said("INTERNAL_SERVER_ERROR", "Whatsapp client is not initialized"), NotSent, K.NOT_READY),
    (429, said("WA_REACHOUT_TIMELOCK", "WhatsApp rejected this send (error 463)"), Stopped, K.NEW_CONTACTS),
    (500, said("INTERNAL_SERVER_ERROR", "server returned error 463"), Stopped, K.NEW_CONTACTS),
    (429, HTML.format("Too Many Requests"), Throttled, K.RATE_LIMITED),
    (500, said("UPLOAD_MEDIA_ERROR", "Failed to upload media"), NotSent, K.TEMPORARY),
    (413, "Request Entity Too Large", Refused, K.REJECTED_CONTENT),
    (500, said("INTERNAL_SERVER_ERROR", "server returned error 479"), OutcomeUnknown, K.UNCERTAIN),
    (500, said("INTERNAL_SERVER_ERROR", "server returned error 4631"), OutcomeUnknown, K.UNCERTAIN),
    (500, said("INTERNAL_SERVER_ERROR", "context deadline exceeded"), OutcomeUnknown, K.UNCERTAIN),
    (504, said("GATEWAY_TIMEOUT", "request timed out"), OutcomeUnknown, K.UNCERTAIN),
    (408, said("CONTEXT_ERROR", "context canceled"), OutcomeUnknown, K.UNCERTAIN),
    (400, said("SOMETHING_NEW", "?"), OutcomeUnknown, K.UNCERTAIN),
    (404, said("SOMETHING_NEW", "?"), OutcomeUnknown, K.UNCERTAIN),
    (500, "", OutcomeUnknown, K.UNCERTAIN),
    (502, HTML.format("Bad Gateway"), OutcomeUnknown, K.UNCERTAIN),
    (503, HTML.format("Service Unavailable"), OutcomeUnknown, K.UNCERTAIN),
    (504, HTML.format("Gateway Time-out"), OutcomeUnknown, K.UNCERTAIN),
    (302, "", OutcomeUnknown, K.UNCERTAIN),
    (301, "", Unreachable, K.UNREACHABLE),
    (308, "", Unreachable, K.UNREACHABLE),
    (400, HTML.format("The plain HTTP request was sent to HTTPS port"), Unreachable, K.UNREACHABLE),
    (404, "Cannot POST /send/message", Unreachable, K.UNREACHABLE),
    (404, HTML.format("Not Found"), Unreachable, K.UNREACHABLE),
    (405, "Method Not Allowed", Unreachable, K.UNREACHABLE),
]


@pytest.mark.parametrize(("status", "answer", "kind_of_error", "kind"), ANSWERS)
def test_errors(web, status, answer, kind_of_error, kind):
    error = error_of(web, status, answer)
    assert (type(error), error.kind) == (kind_of_error, kind)


def test_a_number_that_is_not_there_may_be_there_after_all(web):
    error = error_of(web, 400, said("INVALID_JID", NOT_ON_WHATSAPP))
    assert "could not look the number up in time" in error.detail
    assert "12025550123" not in error.detail


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, "DEVICE_ID_REQUIRED", "GOWA has no device or several"),
        (404, "DEVICE_NOT_FOUND", "GOWA has no device with this id"),
    ],
)
def test_a_wrong_device_is_called_what_it_is(web, status, code, words):
    error = error_of(web, status, said(code, "x"))
    assert words in error.detail
    assert code in error.detail


def test_the_end_of_a_time_lock_is_passed_on_where_it_is_stated(web):
    web.post(
        f"{URL}/send/message",
        json=said("WA_REACHOUT_TIMELOCK", "no new chats"),
        status=429,
        headers={"Retry-After": "3600"},
    )
    with pytest.raises(Stopped) as caught:
        gateway().send(MESSAGE)
    assert caught.value.retry_after == 3600.0


def test_our_own_text_in_an_error_says_nothing_about_gowa(web):
    message = Message(PHONE, "server returned error 463, phone")
    web.post(f"{URL}/send/message", json=said("INTERNAL_SERVER_ERROR", f"bad: {message.text}"), status=500)
    with pytest.raises(OutcomeUnknown):
        gateway().send(message)


def test_detail_holds_no_password_no_phone_and_no_text(web):
    token = base64.b64encode(b"ana:clave-de-prueba").decode()
    quoted = f"{PHONE} key clave-de-prueba token {token} text {MESSAGE.text}"
    error = error_of(web, 500, said("X", quoted), api_key="clave-de-prueba", options={"user": "ana"})
    assert error.detail == "HTTP 500: X: … key … token … text …"


# --- is it on WhatsApp? -------------------------------------------------------------------------------------------


def check(web: responses.RequestsMock, answer: Any, status: int = 200) -> NumberCheck:
    web.get(f"{URL}/user/check?phone=12025550123", body=body_of(answer), status=status)
    return gateway().check_number(PHONE)


def test_a_number_is_found(web):
    answer = {"code": "SUCCESS", "results": {"is_on_whatsapp": True}}
    assert check(web, answer) == NumberCheck(True)


def test_a_number_that_is_not_found_comes_with_a_doubt(web):
    found = check(web, {"code": "SUCCESS", "results": {"is_on_whatsapp": False}})
    assert (found.exists, found.detail) == (False, "GOWA says the same when it could not look the number up")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, {"code": "SUCCESS", "results": {}}),
        (200, {"code": "SUCCESS", "results": {"is_on_whatsapp": "true"}}),
        (200, {"results": {"is_on_whatsapp": False}}),
        (200, HTML.format("Login")),
        (401, said("AUTHENTICATION_ERROR", "you are not logged in")),
        (401, "Unauthorized"),
        (500, said("INTERNAL_SERVER_ERROR", "info query timed out")),
    ],
)
def test_whatever_else_it_says_leaves_the_question_open(web, status, answer):
    found = check(web, answer, status)
    assert (found.exists, found.recipient_id, found.detail != "") == (None, "", True)


def test_no_answer_and_a_number_that_is_none_leave_it_open_too(web):
    web.get(f"{URL}/user/check?phone=12025550123", body=ConnectionError())
    assert gateway().check_number(PHONE).exists is None
    assert gateway().check_number("+02025550123").exists is None
    assert len(web.calls) == 1


def test_the_address_says_what_is_wrong_with_it(web):
    assert WRONG_ADDRESS.hint in error_of(web, 404, HTML.format("Not Found")).detail
