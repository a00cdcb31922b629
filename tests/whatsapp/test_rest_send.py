"""The shapes that plain REST services answer with, and what each means."""

import json
from pathlib import Path
from typing import Any

import pytest
import responses

from whatsapp.gateways.base import (
    Accepted,
    Connection,
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
from whatsapp.gateways.rest import RestGateway

DATA = Path(__file__).parent.parent / "data" / "gateway"
URL = "http://gateway.test:3010"
MESSAGE = Message("+573000000001", "Hola Ana, tu entrada para la función del sábado")
HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
K = ErrorKind


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def answer(web: responses.RequestsMock, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    web.post(f"{URL}/send", body=content, status=status, headers=headers or {})


def recorded(name: str) -> dict[str, Any]:
    return json.loads((DATA / name).read_text())


def send(message: Message = MESSAGE, **connection: str) -> Accepted:
    return RestGateway(Connection(URL, **connection)).send(message)


def error_of(web: responses.RequestsMock, status: int, body: Any, headers: dict[str, str] | None = None):
    answer(web, status, body, headers)
    with pytest.raises(GatewayError) as caught:
        send()
    assert caught.value.http_status == status
    return caught.value


def meaning_of(web: responses.RequestsMock, status: int, body: Any) -> tuple[type[GatewayError], ErrorKind]:
    error = error_of(web, status, body)
    return type(error), error.kind


# --- what is asked ------------------------------------------------------------------------------------------------


def test_text_goes_to_send(web):
    answer(web, 200, {"success": True, "message_id": "3EB0AA11BB22"})
    send()
    request = web.calls[0].request
    assert json.loads(request.body) == {"phone": MESSAGE.phone, "message": MESSAGE.text}
    assert "X-Api-Key" not in request.headers


def test_picture_goes_to_send_media_as_a_data_url(web):
    web.post(f"{URL}/send-media", json={"success": True, "message_id": "3EB0AA11BB22"})
    send(Message(MESSAGE.phone, MESSAGE.text, Picture(b"\x89PNG", "image/png")))
    body = json.loads(web.calls[0].request.body)
    assert body == {"phone": MESSAGE.phone, "message": MESSAGE.text, "imageBase64": "data:image/png;base64,iVBORw=="}


def test_key_goes_into_a_header(web):
    answer(web, 200, {"success": True})
    send(api_key="clave-de-prueba")
    assert web.calls[0].request.headers["X-Api-Key"] == "clave-de-prueba"


@pytest.mark.parametrize("key", ["dos\r\nLineas: x", "con espacio", "eñe", "😀"])
def test_key_that_cannot_be_one_stops_before_anything_is_written(key):
    with pytest.raises(Stopped) as caught:
        send(api_key=key)
    assert caught.value.kind is K.AUTH
    assert key not in caught.value.detail


def test_slash_at_the_end_of_the_address_does_no_harm(web):
    answer(web, 200, {"success": True})
    RestGateway(Connection(f"{URL}/")).send(MESSAGE)
    assert web.calls[0].request.url == f"{URL}/send"


# --- accepted -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message_id"),
    [
        ("201_id_texto.json", "AAAA000000000000001"),
        ("201_id_objeto.json", "AAAA000000000000002"),
        ("201_id_en_key.json", "AAAA000000000000003"),
    ],
)
def test_recorded_ids(web, name, message_id):
    case = recorded(name)
    answer(web, case["status"], case["body"])
    assert send() == Accepted(message_id, 201)


@pytest.mark.parametrize(
    ("body", "message_id"),
    [
        ({"success": True, "messageId": "3EB0AA11BB22"}, "3EB0AA11BB22"),
        ({"success": True, "message_id": "3EB0AA11BB22"}, "3EB0AA11BB22"),
        ({"success": True, "provider_message_id": "3EB0AA11BB22"}, "3EB0AA11BB22"),
        ({"success": True, "message": {"id": {"_serialized": "true_57300@c.us_3EB0AA11BB22"}}}, "3EB0AA11BB22"),
        ({"status": True, "response": {"id": {"_serialized": "true_57300@c.us_3EB0AA11BB22"}}}, "3EB0AA11BB22"),
        ({"data": {"id": "3EB0AA11BB22"}, "status": 200}, "3EB0AA11BB22"),
        ({"result": {"id": {"id": "3EB0AA11BB22"}}, "ok": True}, "3EB0AA11BB22"),
        ({"id": "true_120363@g.us_3EB0AA11BB22_57300@c.us"}, "3EB0AA11BB22"),
        ({"id": "mensaje-17"}, "mensaje-17"),
        ({"id": 1234567}, "1234567"),
        ({"success": True, "error": None, "messageId": "3EB0AA11BB22"}, "3EB0AA11BB22"),
        ({"status": "PENDING", "messageId": "3EB0AA11BB22"}, "3EB0AA11BB22"),
    ],
)
def test_other_shapes_of_success(web, body, message_id):
    answer(web, 200, body)
    assert send() == Accepted(message_id, 200)


@pytest.mark.parametrize(
    "body",
    [
        {"success": True},
        {"ok": True, "jid": "57300@s.whatsapp.net"},
        {"status": "queued"},
        {"message": "Message queued"},
        {"success": True, "queued": True, "messageId": "cola-17"},  # the id of its queue: no receipt names it
        {"success": True, "messageId": True},
        {"success": True, "messageId": ["3EB0AA11BB22"]},
    ],
)
def test_accepted_without_an_id_that_can_be_followed(web, body):
    answer(web, 200, body)
    assert send() == Accepted("", 200)


# --- a 2xx that is no success -------------------------------------------------------------------------------------


def test_recorded_error_inside_success(web):
    case = recorded("200_exito_con_error_dentro.json")
    assert meaning_of(web, 200, case["body"]) == (Refused, K.NOT_ON_WHATSAPP)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"success": False, "error": "El número no está registrado en WhatsApp"}, (Refused, K.NOT_ON_WHATSAPP)),
        ({"success": False, "error": "WhatsApp client is not ready"}, (NotSent, K.NOT_READY)),
        ({"success": False, "error": "Número inválido"}, (Refused, K.INVALID_NUMBER)),
        ({"success": False, "error": "Protocol error: Target closed"}, (OutcomeUnknown, K.UNCERTAIN)),
        ({"success": False, "messageId": "3EB0AA11BB22"}, (OutcomeUnknown, K.UNCERTAIN)),
        ({"success": "false"}, (OutcomeUnknown, K.UNCERTAIN)),
        ({"ok": False}, (OutcomeUnknown, K.UNCERTAIN)),
        ({"status": False}, (OutcomeUnknown, K.UNCERTAIN)),
        ({"status": 500, "id": "3EB0AA11BB22"}, (OutcomeUnknown, K.UNCERTAIN)),
        ({"error": "something broke", "id": "3EB0AA11BB22"}, (OutcomeUnknown, K.UNCERTAIN)),
        ({"message": "Failed to send"}, (OutcomeUnknown, K.UNCERTAIN)),
        ({"message": "number not registered"}, (Refused, K.NOT_ON_WHATSAPP)),
        ({}, (OutcomeUnknown, K.UNCERTAIN)),
        ([], (OutcomeUnknown, K.UNCERTAIN)),
        ("", (OutcomeUnknown, K.UNCERTAIN)),
        ("OK", (OutcomeUnknown, K.UNCERTAIN)),
        ("null", (OutcomeUnknown, K.UNCERTAIN)),
        ('{"success": true', (OutcomeUnknown, K.UNCERTAIN)),
        (HTML.format("Login"), (OutcomeUnknown, K.UNCERTAIN)),
        ("<p>El número no está registrado</p>", (OutcomeUnknown, K.UNCERTAIN)),
    ],
)
def test_error_or_silence_inside_success(web, body, expected):
    assert meaning_of(web, 200, body) == expected


# --- 3xx and 4xx --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "error"), [(301, Unreachable), (307, Unreachable), (308, Unreachable)])
def test_moved_for_good_is_a_wrong_address(web, status, error):
    assert meaning_of(web, status, "") == (error, K.UNREACHABLE)


@pytest.mark.parametrize("status", [300, 302, 303, 304])
def test_other_redirects_may_follow_a_message_that_left(web, status):
    assert meaning_of(web, status, "") == (OutcomeUnknown, K.UNCERTAIN)


def test_recorded_long_text(web):
    case = recorded("400_texto_largo.json")
    assert meaning_of(web, 400, case["body"]) == (Refused, K.REJECTED_CONTENT)


def test_recorded_wrong_key(web):
    case = recorded("401_clave.json")
    assert meaning_of(web, 401, case["body"]) == (Stopped, K.AUTH)


CLIENT_ERRORS = [
    (400, {"success": False, "error": "El número de teléfono no es válido"}, (Refused, K.INVALID_NUMBER)),
    (400, {"error": "invalid phone number"}, (Refused, K.INVALID_NUMBER)),
    (400, {"error": "La imagen no es válida"}, (Refused, K.REJECTED_CONTENT)),
    (400, {"error": "phone is required"}, (Refused, K.INVALID_NUMBER)),
    (400, {"error": "The number is not registered on WhatsApp"}, (Refused, K.NOT_ON_WHATSAPP)),
    (400, {"errors": [{"msg": "Invalid value", "path": "message"}]}, (Refused, K.REJECTED_CONTENT)),
    (400, {"error": "Client is not connected"}, (NotSent, K.NOT_READY)),
    (400, "Bad Request", (Refused, K.REJECTED_CONTENT)),
    (400, HTML.format("The plain HTTP request was sent to HTTPS port"), (Unreachable, K.UNREACHABLE)),
    (401, {"error": "Not logged in: scan the QR code"}, (NotSent, K.NOT_READY)),
    (401, HTML.format("Authorization Required"), (Stopped, K.AUTH)),
    (403, {"error": "Forbidden"}, (Stopped, K.AUTH)),
    (404, {"success": False, "error": "El número no está registrado en WhatsApp"}, (Refused, K.NOT_ON_WHATSAPP)),
    (404, {"error": "number not registered"}, (Refused, K.NOT_ON_WHATSAPP)),
    (404, {"error": "El contacto no existe"}, (Refused, K.NOT_ON_WHATSAPP)),
    (404, {"success": False, "error": "session_not_connected"}, (NotSent, K.NOT_READY)),
    (404, {"message": "We didn't find a session with name 'x'"}, (NotSent, K.NOT_READY)),
    (404, {"statusCode": 404, "message": "Cannot POST /send", "error": "Not Found"}, (Unreachable, K.UNREACHABLE)),
    (404, {"detail": "Not Found"}, (Unreachable, K.UNREACHABLE)),
    (404, {"error": "no chat"}, (OutcomeUnknown, K.UNCERTAIN)),
    (404, HTML.format("La página no existe"), (Unreachable, K.UNREACHABLE)),
    (404, "404 page not found", (Unreachable, K.UNREACHABLE)),
    (404, "", (Unreachable, K.UNREACHABLE)),
    (405, {"error": "Method Not Allowed"}, (Unreachable, K.UNREACHABLE)),
    (408, {"error": "Request Timeout"}, (OutcomeUnknown, K.UNCERTAIN)),
    (409, {"error": "Conflict"}, (OutcomeUnknown, K.UNCERTAIN)),
    (413, HTML.format("Request Entity Too Large"), (Refused, K.REJECTED_CONTENT)),
    (418, {"error": "teapot"}, (OutcomeUnknown, K.UNCERTAIN)),
    (422, {"error": "number is not a registered user"}, (Refused, K.NOT_ON_WHATSAPP)),
    (422, {"detail": [{"loc": ["body", "message"], "msg": "field required"}]}, (Refused, K.REJECTED_CONTENT)),
]


@pytest.mark.parametrize(("status", "body", "expected"), CLIENT_ERRORS)
def test_client_errors(web, status, body, expected):
    assert meaning_of(web, status, body) == expected


def test_recorded_session_that_closes_in_the_middle(web):
    case = recorded("secuencia_cierre_de_sesion.json")["respuestas"][3]
    assert meaning_of(web, case["status"], case["body"]) == (NotSent, K.NOT_READY)


# --- 429 ----------------------------------------------------------------------------------------------------------


def test_recorded_429_with_a_wait(web):
    case = recorded("429_retry_after.json")
    error = error_of(web, 429, case["body"], case["headers"])
    assert (type(error), error.kind, error.retry_after) == (Throttled, K.RATE_LIMITED, 120.0)


def test_recorded_429_as_a_page(web):
    case = recorded("429_html.json")
    error = error_of(web, 429, case["body"], case["headers"])
    assert (type(error), error.retry_after, error.detail) == (Throttled, None, "HTTP 429: 429 Too Many Requests")


# --- 5xx ----------------------------------------------------------------------------------------------------------


def test_recorded_number_without_whatsapp(web):
    case = recorded("500_numero_sin_whatsapp.json")
    error = error_of(web, 500, case["body"])
    assert (type(error), error.kind) == (Refused, K.NOT_ON_WHATSAPP)
    assert "573000000009" not in error.detail


@pytest.mark.parametrize("name", ["500_timed_out.json", "502_nginx.json"])
def test_recorded_server_errors_are_uncertain(web, name):
    case = recorded(name)
    assert meaning_of(web, case["status"], case["body"]) == (OutcomeUnknown, K.UNCERTAIN)


SERVER_ERRORS = [
    (500, {"success": False, "error": "Error al enviar mensaje: x"}, (OutcomeUnknown, K.UNCERTAIN)),
    (500, {"error": "Error: el número no está registrado"}, (Refused, K.NOT_ON_WHATSAPP)),
    (500, {"error": "Input buffer contains unsupported image format"}, (Refused, K.REJECTED_CONTENT)),
    (500, {"error": "La sesión no existe"}, (OutcomeUnknown, K.UNCERTAIN)),
    (500, "", (OutcomeUnknown, K.UNCERTAIN)),
    (503, {"success": False, "error": "El servicio de WhatsApp no está listo"}, (NotSent, K.NOT_READY)),
    (503, {"error": "busy"}, (NotSent, K.NOT_READY)),
    (503, {}, (OutcomeUnknown, K.UNCERTAIN)),
    (503, "", (OutcomeUnknown, K.UNCERTAIN)),
    (503, {"message": "Service Unavailable"}, (OutcomeUnknown, K.UNCERTAIN)),
    (503, "upstream connect error or disconnect/reset before headers", (OutcomeUnknown, K.UNCERTAIN)),
    (503, "Service not ready", (NotSent, K.NOT_READY)),
    (503, HTML.format("503 Service Temporarily Unavailable"), (OutcomeUnknown, K.UNCERTAIN)),
    (504, HTML.format("504 Gateway Time-out"), (OutcomeUnknown, K.UNCERTAIN)),
    (599, {"error": "?"}, (OutcomeUnknown, K.UNCERTAIN)),
]


@pytest.mark.parametrize(("status", "body", "expected"), SERVER_ERRORS)
def test_server_errors(web, status, body, expected):
    assert meaning_of(web, status, body) == expected


def test_503_may_name_a_wait(web):
    assert error_of(web, 503, {"error": "not ready"}, {"Retry-After": "30"}).retry_after == 30.0


@pytest.mark.parametrize(
    "text", ["Attempted to use detached Frame", "Session closed.", "Target closed.", "Protocol error (x)"]
)
def test_dead_browser_is_uncertain_and_says_so(web, text):
    error = error_of(web, 500, {"success": False, "error": f"Error al enviar mensaje: {text}"})
    assert (type(error), error.kind) == (OutcomeUnknown, K.UNCERTAIN)
    assert "browser died" in error.detail


# --- details ------------------------------------------------------------------------------------------------------


def test_detail_holds_no_phone_no_key_and_no_text(web):
    quoted = f"bad +573000000001 / 573000000001 / 57 300 000 0001 key clave-de-prueba text {MESSAGE.text}"
    answer(web, 400, {"error": quoted})
    with pytest.raises(Refused) as caught:
        send(api_key="clave-de-prueba")
    assert caught.value.detail == "HTTP 400: bad … / … / … key … text …"


def test_our_own_text_in_an_error_says_nothing_about_the_gateway(web):
    message = Message(MESSAGE.phone, "Escanea tu QR en la puerta: scan the QR")
    answer(web, 400, {"error": f"could not parse: {message.text}"})
    with pytest.raises(Refused) as caught:
        send(message)
    assert caught.value.kind is K.REJECTED_CONTENT


def test_detail_is_short(web):
    assert len(error_of(web, 500, {"error": "una palabra y otra " * 500}).detail) == 300
