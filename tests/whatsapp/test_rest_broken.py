"""A plain REST service whose sending broke or took too long: nobody knows what left, whatever it answers."""

import json
from typing import Any

import pytest
import responses

from whatsapp.gateways.base import (
    Connection,
    ErrorKind,
    GatewayError,
    Message,
    NotSent,
    OutcomeUnknown,
    Refused,
    Stopped,
    Throttled,
    Unreachable,
)
from whatsapp.gateways.rest import RestGateway

URL = "http://gateway.test:3010"
MESSAGE = Message("+573000000001", "Hola Ana, tu entrada para la función del sábado")
DOUBT, ASLEEP = (OutcomeUnknown, ErrorKind.UNCERTAIN), (NotSent, ErrorKind.NOT_READY)
NOT_ON_WHATSAPP = (Refused, ErrorKind.NOT_ON_WHATSAPP)
DEAD_BROWSER = [
    "Navigation failed because browser has disconnected!",
    "Protocol error (Runtime.callFunctionOn): Target closed.",
    "Protocol error (Runtime.callFunctionOn): Session closed. Most likely the page has been closed.",
    "Attempted to use detached Frame 'A1B2C3'.",
    "Page crashed!",
    "El navegador se cerró",
]
BROKEN = [
    "WebSocket disconnected before ack",
    "WebSocket is not open: readyState 3 (CLOSED)",
    "socket hang up",
    "Evaluation failed: Error: scan",
    "Evaluation failed: TypeError: window.Store is not initialized",
    "Execution context was destroyed, most likely because of a navigation.",
    "Cannot find context with specified id",
    "Connection Closed",
    "Connection was lost",
    "Connection Terminated by Server",
    "Stream Errored (restart required)",
    "read ECONNRESET",
    "the client disconnected while the message was being sent",
    "El cliente se desconectó al enviar",
    "Se perdió la conexión",
    "La conexión se cerró",
    "Cannot read properties of undefined (reading 'id')",
    "msg is undefined",
    "client.sendMessage is not a function",
    "Navigating frame was detached",
    "context deadline exceeded",
    "This operation was aborted",
    "Request took too long",
    "no response from WhatsApp",
]
SLOW = ["Timed Out", "Request Time-out", "connect ETIMEDOUT", "ProtocolTimeout exceeded", "Tiempo de espera agotado"]


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def error_of(web: responses.RequestsMock, status: int, body: Any) -> GatewayError:
    web.post(f"{URL}/send", body=body if isinstance(body, str) else json.dumps(body), status=status)
    with pytest.raises(GatewayError) as caught:
        RestGateway(Connection(URL)).send(MESSAGE)
    return caught.value


def meaning_of(web: responses.RequestsMock, status: int, body: Any) -> tuple[type[GatewayError], ErrorKind]:
    error = error_of(web, status, body)
    return type(error), error.kind


@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 404, 408, 409, 422, 500, 503])
@pytest.mark.parametrize("text", [*DEAD_BROWSER, *BROKEN, *SLOW])
def test_what_broke_is_in_doubt_whatever_the_status(web, status, text):
    assert meaning_of(web, status, {"success": False, "error": f"Error al enviar mensaje: {text}"}) == DOUBT


@pytest.mark.parametrize("status", [400, 409, 422, 503])
@pytest.mark.parametrize("text", [*DEAD_BROWSER, *BROKEN])
def test_nothing_has_to_say_that_it_was_about_a_sending(web, status, text):
    """Not even where it names a session that is not ready, or a code: "Evaluation failed: Error: scan"."""
    assert meaning_of(web, status, {"success": False, "error": text}) == DOUBT


@pytest.mark.parametrize("text", [*DEAD_BROWSER, *BROKEN, *SLOW])
def test_what_broke_is_no_good_news_where_it_is_all_that_a_success_says(web, text):
    assert meaning_of(web, 200, {"message": text}) == DOUBT


@pytest.mark.parametrize("status", [400, 404, 405])
@pytest.mark.parametrize("text", ["Protocol error: Target closed", "Evaluation failed: x"])
def test_what_broke_is_in_doubt_without_json_too(web, status, text):
    assert meaning_of(web, status, text) == DOUBT


@pytest.mark.parametrize("status", [200, 400, 409, 503])
@pytest.mark.parametrize("text", DEAD_BROWSER)
def test_dead_browser_says_so_whatever_the_status(web, status, text):
    assert "browser died" in error_of(web, status, {"success": False, "error": text}).detail


@pytest.mark.parametrize(
    "text", ["scan", "QR", "disconnected", "Session disconnected", "Desconectado", "Escanee el código QR", "qr timeout"]
)
def test_success_that_only_mentions_a_code_or_an_end_leaves_a_doubt(web, text):
    assert meaning_of(web, 200, {"success": False, "error": text}) == DOUBT


@pytest.mark.parametrize("text", ["disconnected", "Session disconnected", "session_disconnected", "Desconectado"])
@pytest.mark.parametrize("status", [400, 401, 404, 409, 422])
def test_refusal_that_only_says_disconnected_leaves_a_doubt(web, status, text):
    assert meaning_of(web, status, {"error": text}) == DOUBT


@pytest.mark.parametrize("status", [200, 400, 401, 404, 409, 422, 503])
@pytest.mark.parametrize(
    "text",
    [
        "WhatsApp client is not ready",
        "El cliente no está conectado",
        "not connected",
        "session_not_connected",
        "client is not ready yet",
        "session is disconnected",
        "WhatsApp Web is currently disconnected",
        "La sesión de WhatsApp está desconectada",
        "Session status is not as expected. Try again later or restart the session",
        "Error al enviar mensaje: el cliente no está listo",
    ],
)
def test_plain_statement_about_the_session_is_believed(web, status, text):
    assert meaning_of(web, status, {"success": False, "error": text}) == ASLEEP


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 503])
@pytest.mark.parametrize("text", ["Scan the QR code first", "Escanee el código", "QR pending", "disconnected: scan"])
def test_refusal_that_asks_for_a_code_is_believed(web, status, text):
    assert meaning_of(web, status, {"success": False, "error": text}) == ASLEEP


def test_503_of_the_service_itself_says_that_it_is_not_ready(web):
    assert meaning_of(web, 503, {"success": False, "error": "Session disconnected"}) == ASLEEP


@pytest.mark.parametrize(
    "body", ["<html><h1>503</h1>Scan our QR for news</html>", "upstream disconnected", {"message": "peer disconnected"}]
)
def test_503_of_somebody_in_between_stays_in_doubt(web, body):
    assert meaning_of(web, 503, body) == DOUBT


# --- words that only sound like it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 400, 500])
def test_page_that_finds_nobody_before_the_sending_is_believed(web, status):
    said = {"success": False, "error": "Evaluation failed: Error: no LID found for 573000000009@s.whatsapp.net"}
    assert meaning_of(web, status, said) == NOT_ON_WHATSAPP


def test_limiter_may_speak_of_a_time_out(web):
    assert meaning_of(web, 429, {"error": "Too many requests, timeout 60 s"}) == (Throttled, ErrorKind.RATE_LIMITED)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, (Stopped, ErrorKind.AUTH)), (404, (Unreachable, ErrorKind.UNREACHABLE))],
)
def test_page_for_people_may_speak_of_a_time_out(web, status, expected):
    assert meaning_of(web, status, "<html><p>Your visit timed out, log in again</p></html>") == expected


def test_moved_for_good_says_nothing_about_a_sending(web):
    assert meaning_of(web, 301, "Connection closed") == (Unreachable, ErrorKind.UNREACHABLE)


@pytest.mark.parametrize("text", ["the runtime output is not allowed", "invalid content in context", "closed group"])
def test_words_that_only_look_alike_are_no_doubt(web, text):
    assert meaning_of(web, 400, {"error": text}) == (Refused, ErrorKind.REJECTED_CONTENT)


def test_our_own_text_breaks_nothing(web):
    message = Message(MESSAGE.phone, "La conexión se cerró: Timed Out, Evaluation failed")
    web.post(f"{URL}/send", json={"error": f"could not parse: {message.text}"}, status=400)
    with pytest.raises(Refused):
        RestGateway(Connection(URL)).send(message)


@pytest.mark.parametrize("status", [400, 401, 404, 503])
@pytest.mark.parametrize(
    "text",
    [
        "WhatsApp no está listo: tiempo de espera agotado",
        "Client not ready: initialization timed out",
        "WhatsApp is not connected (connection closed)",
    ],
)
def test_a_session_that_is_not_ready_and_says_why_has_sent_nothing(web, status, text):
    assert meaning_of(web, status, {"success": False, "error": text}) == ASLEEP


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    "text", ["Failed to send message", "Error al enviar mensaje", "Could not send", "No se pudo enviar"]
)
def test_a_sending_that_failed_without_a_reason_is_in_doubt(web, status, text):
    assert meaning_of(web, status, {"success": False, "error": text}) == DOUBT


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Failed to send message: text too long", ErrorKind.REJECTED_CONTENT),
        ("Error al enviar: número inválido", ErrorKind.INVALID_NUMBER),
        ("message is required", ErrorKind.REJECTED_CONTENT),
    ],
)
def test_with_a_reason_it_is_refused(web, status, text, kind):
    assert meaning_of(web, status, {"success": False, "error": text}) == (Refused, kind)


@pytest.mark.parametrize("text", ["session_not_connected", "not_ready", "session_not_found", "timed_out"])
def test_one_word_with_underscores_is_no_good_news_either(web, text):
    assert error_of(web, 200, {"message": text}).kind in (ErrorKind.NOT_READY, ErrorKind.UNCERTAIN)


@pytest.mark.parametrize("status", [400, 503])
@pytest.mark.parametrize("text", ["Connection closed. Please scan the QR code", "Conexión cerrada, escanee el QR"])
def test_one_that_was_cut_off_and_wants_a_code_now_may_have_sent_first(web, status, text):
    assert meaning_of(web, status, {"success": False, "error": text}) == DOUBT
