"""How a session of WPPConnect server is, and how it is restarted; as 2.10.4 answered without a phone."""

import base64
import json
from typing import Any

import pytest
import responses

from whatsapp.gateways.base import Connection, GatewayError, OutcomeUnknown, State, Status, Stopped, Unreachable
from whatsapp.gateways.wppconnect import WppConnectGateway

URL = "http://gateway.test:21465"
API = f"{URL}/api/demo"
PNG = b"\x89PNG\r\n\x1a\ncode"
DATA_URL = "data:image/png;base64," + base64.b64encode(PNG).decode()
S = State


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def gateway() -> WppConnectGateway:
    return WppConnectGateway(Connection(URL, session_name="demo", api_key="token-de-prueba"))


def status_of(web: responses.RequestsMock, body: Any, http: int = 200) -> Status:
    web.get(f"{API}/status-session", body=body if isinstance(body, str) else json.dumps(body), status=http)
    return gateway().status()


def connects(web: responses.RequestsMock, body: Any, http: int = 200) -> None:
    web.get(f"{API}/check-connection-session", json=body, status=http)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"status": "INITIALIZING", "qrcode": None, "version": "2.10.4"}, S.STARTING),
        ({"status": "CLOSED", "qrcode": None}, S.FAILED),
        ({"status": "CLOSED", "qrcode": None, "session": ""}, S.FAILED),
        ({"status": "disconnectedMobile"}, S.LOGGED_OUT),
        ({"status": "browserClose"}, S.FAILED),
        ({"status": "SOMETHING_NEW"}, S.UNKNOWN),
        ({"status": True}, S.UNREACHABLE),
        ({"status": None}, S.UNREACHABLE),
        ({"service": "something else"}, S.UNREACHABLE),
        ([], S.UNREACHABLE),
        ("<html>Login</html>", S.UNREACHABLE),
    ],
)
def test_state(web, body, state):
    assert status_of(web, body).state is state


def test_what_it_says_is_passed_on(web):
    assert status_of(web, {"status": "CLOSED"}) == Status(S.FAILED, "CLOSED")


@pytest.mark.parametrize(
    ("http", "body", "state"),
    [
        (401, {"message": "Token is not present. Check your header and try again"}, S.AUTH_ERROR),
        (401, {"error": "Check that the Session and Token are correct"}, S.AUTH_ERROR),
        (404, "<html>Cannot GET</html>", S.UNREACHABLE),
        (429, {"message": "Too many requests"}, S.UNKNOWN),
        (500, {"status": "error", "message": "The session is not active"}, S.FAILED),
        (502, "<html>Bad Gateway</html>", S.UNREACHABLE),
    ],
)
def test_refusals(web, http, body, state):
    status = status_of(web, body, http)
    assert (status.state, status.detail.startswith(f"HTTP {http}")) == (state, True)
    assert status.detail.count("HTTP") == 1


def test_the_token_goes_along_and_is_not_shown(web):
    status = status_of(web, {"status": "error", "message": "bad token-de-prueba"}, 500)
    assert status.detail == "HTTP 500: bad …"
    assert web.calls[0].request.headers["Authorization"] == "Bearer token-de-prueba"


# --- connected? ---------------------------------------------------------------------------------------------------

CONNECTED = {"status": "CONNECTED", "qrcode": None, "urlcode": "2@abc", "version": "2.10.4"}


@pytest.mark.parametrize(
    ("http", "body", "state"),
    [
        (200, {"status": True, "message": "Connected"}, S.READY),
        (200, {"status": False, "message": "Disconnected"}, S.UNKNOWN),  # its browser died
        (200, {}, S.READY),
        (404, {"status": False}, S.READY),  # a server without this question
    ],
)
def test_connected_is_what_it_was_when_it_last_changed(web, http, body, state):
    connects(web, body, http)
    assert status_of(web, CONNECTED).state is state


def test_a_second_question_without_an_answer_is_silence(web):
    web.get(f"{API}/check-connection-session", body=ConnectionError())
    assert status_of(web, CONNECTED).state is S.UNREACHABLE


# --- the code -----------------------------------------------------------------------------------------------------


def test_the_code_is_the_picture_that_comes_along(web):
    found = status_of(web, {"status": "QRCODE", "qrcode": DATA_URL, "urlcode": "2@abc"})
    assert found == Status(S.NEEDS_QR, qr_image=PNG)


def test_else_its_text(web):
    assert status_of(web, {"status": "QRCODE", "qrcode": None, "urlcode": "2@abc"}) == Status(
        S.NEEDS_QR, qr_text="2@abc"
    )


@pytest.mark.parametrize(
    "qrcode",
    [None, "", "data:image/svg+xml;base64,PHN2Zz4=", "data:image/png;base64,PHN2Zz4=", "data:image/png;base64,%"],
)
def test_else_what_the_page_of_the_code_gives(web, qrcode):
    web.get(f"{API}/qrcode-session", body=PNG, content_type="image/png")
    assert status_of(web, {"status": "QRCODE", "qrcode": qrcode, "urlcode": ""}) == Status(S.NEEDS_QR, qr_image=PNG)


def test_that_page_may_have_none_yet(web):
    web.get(f"{API}/qrcode-session", json={"status": "INITIALIZING", "message": "QRCode is not available..."})
    assert status_of(web, {"status": "QRCODE", "urlcode": "x" * 2901}) == Status(S.NEEDS_QR)


def test_a_pairing_code_is_not_what_staff_can_scan(web):
    status = status_of(web, {"status": "PHONECODE", "qrcode": None})
    assert (status.state, "pairing code" in status.detail) == (S.NEEDS_QR, True)


# --- restart ------------------------------------------------------------------------------------------------------


def closes(web: responses.RequestsMock, body: Any, http: int = 200) -> None:
    web.post(f"{API}/close-session", body=body if isinstance(body, Exception | str) else json.dumps(body), status=http)


@pytest.mark.parametrize(
    ("http", "body"),
    [
        (200, {"status": True, "message": "Session successfully closed"}),
        (500, {"status": False, "message": "Error closing session", "error": {"level": "error"}}),  # while it starts
        (404, {"response": None, "status": "Disconnected", "message": "A sessão do WhatsApp não está ativa."}),
        (200, ConnectionError()),  # it hangs
    ],
)
def test_restart_closes_and_starts(web, http, body):
    closes(web, body, http)
    web.post(f"{API}/start-session", json={"status": "CLOSED", "qrcode": None, "session": ""})
    assert gateway().restart() == ""
    asked = [(call.request.path_url, json.loads(call.request.body)) for call in web.calls]
    assert asked == [("/api/demo/close-session", {}), ("/api/demo/start-session", {"waitQrCode": False})]
    assert {call.request.headers["Content-Type"] for call in web.calls} == {"application/json; charset=utf-8"}


@pytest.mark.parametrize(
    ("http", "body", "error"),
    [
        (401, {"error": "Check that the Session and Token are correct"}, Stopped),
        (404, "<html>Cannot POST</html>", Unreachable),
    ],
)
def test_restart_stops_where_closing_shows_that_nothing_can_work(web, http, body, error):
    closes(web, body, http)
    with pytest.raises(error):
        gateway().restart()
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    ("http", "body"), [(500, {"status": "error", "message": "The session is not active"}), (200, "<html>?</html>")]
)
def test_a_start_without_a_clear_answer_is_in_doubt(web, http, body):
    closes(web, {"status": True})
    web.post(f"{API}/start-session", body=body if isinstance(body, str) else json.dumps(body), status=http)
    with pytest.raises(GatewayError) as caught:
        gateway().restart()
    assert type(caught.value) is OutcomeUnknown
