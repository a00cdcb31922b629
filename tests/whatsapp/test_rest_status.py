import base64
import json
from typing import Any

import pytest
import responses

from whatsapp.gateways.base import Connection, GatewayError, OutcomeUnknown, State, Status, Unreachable
from whatsapp.gateways.rest import RestGateway

URL = "http://gateway.test:3010"
PNG = b"\x89PNG\r\n\x1a\nrest"
S = State


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def status_of(web: responses.RequestsMock, http: int, body: Any) -> Status:
    web.get(f"{URL}/status", body=body if isinstance(body, str) else json.dumps(body), status=http)
    return RestGateway(Connection(URL)).status()


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"ready": True}, S.READY),
        ({"ready": True, "qr": None, "message": "ok"}, S.READY),
        ({"isReady": True}, S.READY),
        ({"connected": True, "status": "connected"}, S.READY),
        ({"data": {"isConnected": True}}, S.READY),
        ({"status": "CONNECTED"}, S.READY),
        ({"success": True, "state": "CONNECTED", "message": "session_connected"}, S.READY),
        ({"status": "open"}, S.READY),
        ({"ready": True, "state": "authenticated"}, S.READY),
        ({"ready": "true"}, S.STARTING),  # must be a boolean
        ({"ready": 1}, S.STARTING),
        ({"ready": False}, S.STARTING),
        ({"ready": False, "qr": "2@abc"}, S.NEEDS_QR),
        ({"ready": False, "hasQR": True}, S.NEEDS_QR),
        ({"connected": False, "qr_pending": True}, S.NEEDS_QR),
        ({"status": "SCAN_QR_CODE"}, S.NEEDS_QR),
        ({"ready": False, "error": "auth failure"}, S.FAILED),
        ({"ready": False, "state": "UNPAIRED"}, S.LOGGED_OUT),
        ({"status": "disconnected"}, S.FAILED),
        ({"status": "initializing"}, S.STARTING),
        ({"state": "BANNED"}, S.RESTRICTED),
        ({"ready": False, "connected": True}, S.STARTING),  # the first one counts
        ({"connected": False, "loggedIn": True}, S.STARTING),
        ({"ready": True, "state": "DISCONNECTED"}, S.UNKNOWN),  # contradicts itself
        ({"ready": False, "state": "CONNECTED"}, S.UNKNOWN),
        ({"service": "something else"}, S.UNKNOWN),
        ({"hasQR": False}, S.UNKNOWN),  # no QR is not readiness
        ({"status": True}, S.UNKNOWN),
        ({}, S.UNKNOWN),
        ([], S.UNREACHABLE),
        ("", S.UNREACHABLE),
        ("<html>Login</html>", S.UNREACHABLE),
    ],
)
def test_state(web, body, state):
    assert status_of(web, 200, body).state is state


@pytest.mark.parametrize(
    ("http", "body", "state"),
    [
        (301, "", S.UNREACHABLE),
        (302, "", S.UNREACHABLE),
        (401, {"error": "Unauthorized"}, S.AUTH_ERROR),
        (403, "Forbidden", S.AUTH_ERROR),
        (404, "<html>Not Found</html>", S.UNREACHABLE),
        (404, {"error": "session_not_found"}, S.FAILED),
        (429, "", S.UNKNOWN),
        (500, {"error": "x"}, S.FAILED),
        (502, "<html>Bad Gateway</html>", S.UNREACHABLE),
        (503, {"ready": False}, S.STARTING),
        (503, {"ready": False, "qr": "2@abc"}, S.NEEDS_QR),
        (503, {"ready": True}, S.UNKNOWN),
        (503, "<html>Unavailable</html>", S.FAILED),
    ],
)
def test_state_by_http_status(web, http, body, state):
    assert status_of(web, http, body).state is state


def test_detail_is_what_the_gateway_says(web):
    assert status_of(web, 200, {"ready": False, "message": "Iniciando"}) == Status(S.STARTING, "Iniciando")


def test_detail_holds_no_phone(web):
    assert status_of(web, 200, {"ready": True, "message": "soy +57 300 000 0001"}).detail == "soy …"


def test_qr_as_text(web):
    status = status_of(web, 200, {"ready": False, "qr": "2@abc,def==", "message": "Escanee"})
    assert status == Status(S.NEEDS_QR, "Escanee", qr_text="2@abc,def==")


def test_qr_as_picture(web):
    data = "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert status_of(web, 200, {"ready": False, "qrCode": data}) == Status(S.NEEDS_QR, qr_image=PNG)


@pytest.mark.parametrize(
    "qr",
    [
        "<img src=x>",
        "two words",
        "x" * 3001,
        "data:image/png;base64,###",
        "data:image/png;base64,AAAA",
        "data:image/svg+xml,<svg/>",
        {"a": 1},
        True,
    ],
)
def test_qr_that_is_none_is_left_out(web, qr):
    assert status_of(web, 200, {"ready": False, "qr": qr}) == Status(S.NEEDS_QR)


def test_no_qr_once_it_is_ready(web):
    assert status_of(web, 200, {"ready": True, "qr": "2@abc"}).qr_text == ""


def test_status_never_raises_for_a_key_that_cannot_be_one():
    assert RestGateway(Connection(URL, api_key="dos lineas\n")).status().state is S.AUTH_ERROR


def test_status_never_raises_for_a_bad_address():
    assert RestGateway(Connection("http://[::1")).status().state is S.UNREACHABLE


# --- restart ------------------------------------------------------------------------------------------------------


def restart(web: responses.RequestsMock, http: int, body: Any) -> str:
    web.post(f"{URL}/restart", body=body if isinstance(body, str) else json.dumps(body), status=http)
    return RestGateway(Connection(URL)).restart()


def test_restart_returns_what_was_answered(web):
    assert restart(web, 200, {"success": True, "message": "Reiniciando"}) == "Reiniciando"


def test_restart_needs_no_words(web):
    assert restart(web, 200, "") == ""


@pytest.mark.parametrize(
    ("http", "body", "error"),
    [
        (404, "<html>Cannot POST /restart</html>", Unreachable),
        (500, {"error": "x"}, OutcomeUnknown),
        (200, {"success": False, "error": "x"}, OutcomeUnknown),
    ],
)
def test_restart_that_is_not_accepted(web, http, body, error):
    with pytest.raises(GatewayError) as caught:
        restart(web, http, body)
    assert type(caught.value) is error
