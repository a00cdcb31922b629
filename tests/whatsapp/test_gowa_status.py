"""How a number behind GOWA is, and how its phone is linked: a code that somebody scans must be left alone."""

import json
from typing import Any

import pytest
import responses

from whatsapp.gateways import gowa_pairing
from whatsapp.gateways.base import Connection, GatewayError, OutcomeUnknown, State, Status, Stopped
from whatsapp.gateways.gowa import GowaGateway

URL = "http://gateway.test:3000"
PNG = b"\x89PNG\r\n\x1a\ncode"
SEEN_FROM_INSIDE = "http://10.0.0.7:3000/statics/qrcode/scan-qr-0b6d.png"
S = State


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(gowa_pairing, "time", clock)
    monkeypatch.setattr(gowa_pairing, "_pairings", {})
    return clock


@pytest.fixture
def web():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def gateway(url: str = URL, **connection: Any) -> GowaGateway:
    return GowaGateway(Connection(url, **connection))


def says(web: responses.RequestsMock, is_connected: Any, is_logged_in: Any, url: str = URL) -> None:
    results = {"is_connected": is_connected, "is_logged_in": is_logged_in, "device_id": "taquilla"}
    web.upsert(responses.GET, f"{url}/app/status", json={"code": "SUCCESS", "results": results})


def shows(
    web: responses.RequestsMock, picture: bytes = PNG, *, duration: Any = 30, link: str = SEEN_FROM_INSIDE
) -> None:
    results = {"device_id": "taquilla", "qr_link": link, "qr_duration": duration}
    web.upsert(responses.GET, f"{URL}/app/login", json={"code": "SUCCESS", "results": results})
    web.upsert(responses.GET, f"{URL}/statics/qrcode/scan-qr-0b6d.png", body=picture)


def refuses(web: responses.RequestsMock, path: str, status: int, code: str, message: str) -> None:
    web.upsert(responses.GET, f"{URL}{path}", json={"code": code, "message": message}, status=status)


def asked(web: responses.RequestsMock, path: str = "/app/login") -> int:
    return sum(call.request.path_url == path for call in web.calls)


# --- how it is ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_connected", "is_logged_in", "state"),
    [
        (True, True, S.READY),
        (True, False, S.NEEDS_QR),
        (False, True, S.STARTING),  # it reconnects
        (False, False, S.LOGGED_OUT),
        ("true", "true", S.UNREACHABLE),
        (1, 1, S.UNREACHABLE),
        (None, True, S.UNREACHABLE),
    ],
)
def test_state(web, is_connected, is_logged_in, state):
    says(web, is_connected, is_logged_in)
    shows(web)
    assert gateway().status().state is state


@pytest.mark.parametrize(
    ("http", "body", "state"),
    [
        (400, {"code": "DEVICE_ID_REQUIRED", "message": "device_id is required"}, S.FAILED),
        (404, {"code": "DEVICE_NOT_FOUND", "message": "device not found"}, S.FAILED),
        (503, {"code": "DEVICE_MANAGER_UNAVAILABLE", "message": "x"}, S.FAILED),
        (500, {"code": "INTERNAL_SERVER_ERROR", "message": "x"}, S.FAILED),
        (401, "Unauthorized", S.AUTH_ERROR),
        (404, "Cannot GET /app/status", S.UNREACHABLE),
        (405, "Method Not Allowed", S.UNREACHABLE),
        (302, "", S.UNREACHABLE),
        (200, "<html>Login</html>", S.UNREACHABLE),
        (200, {"service": "something else"}, S.UNREACHABLE),
        (200, {"code": "SUCCESS", "results": None}, S.UNREACHABLE),
        (429, "", S.UNKNOWN),
        (502, "<html>Bad Gateway</html>", S.UNREACHABLE),
    ],
)
def test_refusals(web, http, body, state):
    web.get(f"{URL}/app/status", body=body if isinstance(body, str) else json.dumps(body), status=http)
    status = gateway().status()
    assert (status.state, status.detail != "") == (state, True)


def test_a_wrong_device_is_named_as_configuration(web):
    web.get(f"{URL}/app/status", json={"code": "DEVICE_NOT_FOUND", "message": "device not found"}, status=404)
    assert gateway(session_name="otra").status().detail.startswith("HTTP 404: GOWA has no device")


def test_no_answer_is_a_state_too(web):
    web.get(f"{URL}/app/status", body=ConnectionError())
    assert gateway().status().state is S.UNREACHABLE
    assert gateway().probe().state is S.UNREACHABLE


# --- the code -----------------------------------------------------------------------------------------------------


def test_the_picture_is_fetched_from_our_address_and_not_from_that_of_the_link(web):
    says(web, True, False)
    shows(web)
    assert gateway(session_name="taquilla").status() == Status(S.NEEDS_QR, qr_image=PNG)
    assert {call.request.headers["X-Device-Id"] for call in web.calls} == {"taquilla"}


def test_the_path_of_our_address_is_kept(web):
    base = f"{URL}/gowa"
    says(web, True, False, base)
    link = "https://10.0.0.7/gowa/statics/qrcode/scan-qr-0b6d.png"
    web.get(f"{base}/app/login", json={"code": "SUCCESS", "results": {"qr_link": link, "qr_duration": 30}})
    web.get(f"{base}/statics/qrcode/scan-qr-0b6d.png", body=PNG)
    assert gateway(base).status().qr_image == PNG


def test_whoever_scans_is_not_disturbed_by_a_page_that_looks_again(web, clock):
    says(web, True, False)
    shows(web, duration=30)
    for _ in range(11):  # every five seconds, as the page does
        assert gateway().status().qr_image == PNG
        clock.now += 5.0
    assert asked(web) == 1
    assert gateway().status().qr_image == PNG
    assert asked(web) == 2


def test_two_devices_do_not_show_each_others_code(web):
    says(web, True, False)
    shows(web)
    for device in ("uno", "dos", "uno"):
        gateway(session_name=device).status()
    assert asked(web) == 2


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [(30, 55.0), (10, 15.0), (0, 15.0), (10_000, 15.0), ("30", 15.0), (None, 15.0), (True, 15.0)],
)
def test_a_code_is_shown_as_long_as_it_can_be_scanned(duration, seconds):
    assert gowa_pairing.lifetime(duration) == seconds
    assert gowa_pairing.lifetime(float("nan")) == 15.0


@pytest.mark.parametrize("state", [(True, True), (False, True), (False, False)])
def test_a_number_that_waits_for_no_code_is_never_asked_for_one(web, state):
    says(web, *state)
    gateway().status()
    assert asked(web) == 0


def test_a_program_that_looks_by_itself_asks_for_none_either(web):
    says(web, True, False)
    assert gateway().probe() == Status(S.NEEDS_QR)
    assert asked(web) == 0


@pytest.mark.parametrize(
    "link",
    [
        "",
        None,
        7,
        "http://x/statics/qrcode/../../secreto.png",
        "http://x/otra.png",
        "http://x/statics/qrcode/a.png.html",
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(web, link):
    says(web, True, False)
    shows(web, link=link)
    status = gateway().status()
    assert (status.state, status.qr_image) == (S.NEEDS_QR, b"")
    assert {call.request.path_url for call in web.calls} == {"/app/status", "/app/login"}


def test_only_a_real_png_is_shown(web):
    says(web, True, False)
    shows(web, b"<svg onload=alert(1)>")
    assert gateway().status() == Status(S.NEEDS_QR)


def test_without_a_code_it_is_asked_again_after_a_while(web, clock):
    says(web, True, False)
    refuses(web, "/app/login", 500, "QR_CHANNEL_ERROR", "QR channel error")
    for _ in range(3):
        status = gateway().status()
        assert (status.state, status.detail) == (S.NEEDS_QR, "HTTP 500: QR_CHANNEL_ERROR: QR channel error")
    assert asked(web) == 1
    shows(web)
    clock.now += 15.0
    assert gateway().status().qr_image == PNG


def test_no_answer_to_the_wish_for_a_code_is_no_silence_of_the_gateway(web):
    says(web, True, False)
    web.get(f"{URL}/app/login", body=ConnectionError())
    assert gateway().status() == Status(S.NEEDS_QR, "the connection broke before an answer came")


@pytest.mark.parametrize(("status", "code"), [(400, "ALREADY_LOGGED_IN"), (500, "SESSION_SAVED_ERROR")])
def test_a_device_that_turns_out_to_be_linked_needs_no_code(web, status, code):
    says(web, True, False)
    refuses(web, "/app/login", status, code, "You already logged in")
    assert gateway().status() == Status(S.STARTING, "You already logged in")


# --- restart ------------------------------------------------------------------------------------------------------


def test_restart_reconnects(web):
    web.get(f"{URL}/app/reconnect", json={"code": "SUCCESS", "message": "Reconnect success"})
    assert gateway(session_name="taquilla").restart() == "Reconnect success"
    assert web.calls[0].request.headers["X-Device-Id"] == "taquilla"


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (500, "INTERNAL_SERVER_ERROR", "device taquilla is not logged in (session deleted)"),
        (401, "AUTHENTICATION_ERROR", "you are not logged in"),
        (500, "INVALID_WA_CLI", "your WhatsApp CLI is invalid or empty"),
    ],
)
def test_restart_of_a_device_without_a_phone_leads_to_its_code(web, clock, status, code, message):
    """GOWA says of such a device that it is logged out, before, while and after a code is on show."""
    refuses(web, "/app/reconnect", status, code, message)
    says(web, False, False)
    shows(web)
    assert gateway().restart() == "no phone is linked: scan the QR code"
    assert gateway().status() == Status(S.NEEDS_QR, qr_image=PNG)
    assert gateway().probe() == Status(S.NEEDS_QR)
    clock.now += 179.0
    assert gateway().status().state is S.NEEDS_QR
    clock.now += 1.0
    assert gateway().status().state is S.LOGGED_OUT
    assert asked(web) == 2


def test_restart_asks_for_a_fresh_code(web):
    refuses(web, "/app/reconnect", 500, "INTERNAL_SERVER_ERROR", "device x is not logged in (session deleted)")
    says(web, False, False)
    shows(web)
    for _ in range(2):
        gateway().restart()
        gateway().status()
    assert asked(web) == 2


def test_after_the_scan_a_later_logout_is_not_taken_for_the_linking(web):
    refuses(web, "/app/reconnect", 500, "INTERNAL_SERVER_ERROR", "device x is not logged in (session deleted)")
    shows(web)
    gateway().restart()
    says(web, True, True)
    assert gateway().status().state is S.READY
    says(web, False, False)
    assert gateway().status().state is S.LOGGED_OUT


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [(401, "Unauthorized", Stopped), (500, {"code": "INTERNAL_SERVER_ERROR", "message": "boom"}, OutcomeUnknown)],
)
def test_restart_that_is_refused(web, status, body, error):
    web.get(f"{URL}/app/reconnect", body=body if isinstance(body, str) else json.dumps(body), status=status)
    with pytest.raises(GatewayError) as caught:
        gateway().restart()
    assert type(caught.value) is error
