"""How WAHA says that a session is, its QR code and its restart."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
import requests
import responses

from tests.whatsapp.waha import HTML, KEY, URL, as_text, gateway
from whatsapp.gateways.base import GatewayError, NotSent, OutcomeUnknown, State, Status, Unreachable
from whatsapp.gateways.waha import QR_SECONDS
from whatsapp.gateways.waha_status import LOCKED

S = State
SESSION = f"{URL}/api/sessions/eventos"
QR = f"{URL}/api/eventos/auth/qr"
PNG = b"\x89PNG\r\n\x1a\nwaha"
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CLOCK = {"Date": format_datetime(AT, usegmt=True)}
HOUR = 3600
IN_AN_HOUR = int(AT.timestamp()) + HOUR


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def session(status="WORKING", **fields):
    me = {"id": "573000000000@c.us", "pushName": "Eventos", "lid": "100000000000000@lid"}
    return {"name": "eventos", "status": status, "me": me, "engine": {"engine": "GOWS"}, "config": {}} | fields


def status_of(web, http, body, headers=None) -> Status:
    web.get(SESSION, body=as_text(body), status=http, headers=headers or {})
    return gateway().status()


@pytest.mark.parametrize(
    ("name", "state", "says_why"),
    [
        ("WORKING", S.READY, False),
        ("STARTING", S.STARTING, False),
        ("PASSKEY_REQUIRED", S.NEEDS_QR, True),
        ("PASSKEY_CONFIRMATION_REQUIRED", S.NEEDS_QR, True),
        ("STOPPED", S.FAILED, True),
        ("FAILED", S.FAILED, True),
        ("SOMETHING_NEW", S.UNKNOWN, True),
        (None, S.UNKNOWN, True),
    ],
)
def test_states(web, name, state, says_why):
    status = status_of(web, 200, session(name))
    assert (status.state, bool(status.detail), status.qr_image) == (state, says_why, b"")
    assert web.calls[0].request.headers["X-Api-Key"] == KEY


@pytest.mark.parametrize(
    ("http", "body", "state"),
    [
        (200, [], S.UNREACHABLE),
        (200, "", S.UNREACHABLE),
        (200, HTML.format("Login"), S.UNREACHABLE),
        (301, "", S.UNREACHABLE),
        (401, {"message": "Unauthorized", "statusCode": 401}, S.AUTH_ERROR),
        (403, {"message": "Forbidden resource", "statusCode": 403}, S.AUTH_ERROR),
        (404, {"statusCode": 404, "message": "Cannot GET /api/sessions/eventos", "error": "Not Found"}, S.UNREACHABLE),
        (404, HTML.format("Not Found"), S.UNREACHABLE),
        (429, HTML.format("Too Many Requests"), S.UNKNOWN),
        (500, {"statusCode": 500, "exception": {"message": "x"}}, S.FAILED),
        (502, HTML.format("Bad Gateway"), S.UNREACHABLE),
        (503, HTML.format("Unavailable"), S.UNREACHABLE),
        (504, HTML.format("Time-out"), S.UNREACHABLE),
    ],
)
def test_answers_that_are_no_session(web, http, body, state):
    assert status_of(web, http, body).state is state


def test_session_that_was_never_started_is_said_to_be_missing(web):
    status = status_of(web, 404, {"statusCode": 404, "message": "Session not found", "error": "Not Found"})
    assert (status.state, "WAHA has no session of this name" in status.detail) == (S.FAILED, True)


def test_session_that_is_there_and_not_up_is_not_said_to_be_missing(web):
    status = status_of(web, 422, {"error": "Session status is not as expected", "status": "STOPPED", "expected": []})
    assert status == Status(S.FAILED, "HTTP 422: Session status is not as expected STOPPED")


def test_engine_that_contradicts_is_not_ready(web):
    engine = {"engine": "GOWS", "gows": {"found": True, "connected": False}}
    assert status_of(web, 200, session(engine=engine)).state is S.UNKNOWN


def test_name_of_a_session_is_quoted(web):
    web.get(f"{URL}/api/sessions/a%2Fb%20c%3Fd", json=session())
    assert gateway(session_name="a/b c?d").status().state is S.READY


def test_never_raises(web):
    web.get(SESSION, body=requests.ReadTimeout("slow"))
    assert gateway().status().state is S.UNREACHABLE
    assert gateway(api_key="dos lineas\n").status().state is S.AUTH_ERROR


# --- locked for new people ----------------------------------------------------------------------------------------


def locked(is_active=True, ends=IN_AN_HOUR):
    lock = {"enforcementType": "RESTRICT_ALL_COMPANIONS", "isActive": is_active, "timeEnforcementEnds": ends}
    return {"id": "573000000000@c.us", "reachoutTimelock": lock}


def test_active_lock_with_an_end_keeps_the_number_from_new_people_until_then(web):
    assert status_of(web, 200, session(me=locked()), CLOCK) == Status(S.READY, LOCKED, locked_for=HOUR)


@pytest.mark.parametrize("me", [locked(is_active=False), locked(is_active=None), {"reachoutTimelock": None}, None])
def test_no_lock_or_one_that_was_lifted(web, me):
    assert status_of(web, 200, session(me=me), CLOCK) == Status(S.READY)


@pytest.mark.parametrize("ends", [None, AT.timestamp() - HOUR, "soon"])
def test_lock_without_an_end_in_the_future_is_told_and_stops_nothing(web, ends):
    status = status_of(web, 200, session(me=locked(ends=ends)), CLOCK)
    assert (status.state, status.locked_for) == (S.READY, None)
    assert "does not say until when" in status.detail


def test_only_the_lock_is_searched_for_its_end(web):
    mine = {"metadata": {"expiresAt": "2026-03-02T12:00:00Z"}}
    assert status_of(web, 200, session(me=locked(), config=mine), CLOCK).locked_for == HOUR


def test_session_that_is_down_is_down_whatever_its_lock(web):
    assert status_of(web, 200, session("FAILED", me=locked()), CLOCK).state is S.FAILED


# --- QR code ------------------------------------------------------------------------------------------------------


def qr_of(web, **answer) -> Status:
    web.get(QR, **answer)
    return status_of(web, 200, session("SCAN_QR_CODE", me=None))


def test_qr_code_comes_as_a_picture(web):
    assert qr_of(web, body=PNG, content_type="image/png") == Status(S.NEEDS_QR, qr_image=PNG)
    request = web.calls[1].request
    assert (request.headers["Accept"], request.headers["X-Api-Key"]) == ("image/png", KEY)


def test_qr_code_is_not_waited_for(web):
    """A session that has moved on answers after ten seconds that it did."""
    qr_of(web, body=PNG)
    assert web.calls[1].request.req_kwargs["timeout"][1] == QR_SECONDS == 5.0


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 422, "json": {"status": "WORKING", "expected": ["SCAN_QR_CODE"]}},
        {"body": b"<svg/>"},
        {"body": PNG + b"x" * 70_000},
        {"status": 500, "body": PNG},
        {"body": requests.ReadTimeout("slow")},
    ],
)
def test_without_a_whole_picture_there_is_no_code(web, answer):
    assert qr_of(web, **answer) == Status(S.NEEDS_QR)


# --- restart ------------------------------------------------------------------------------------------------------


def restart(web, http, body) -> str:
    web.post(f"{SESSION}/restart", body=as_text(body), status=http)
    return gateway().restart()


@pytest.mark.parametrize(("body", "answer"), [(session("STARTING", me=None), "STARTING"), ("", ""), ({}, "")])
def test_restart_returns_the_state_that_it_led_to(web, body, answer):
    assert restart(web, 201, body) == answer


@pytest.mark.parametrize(
    ("http", "body", "error"),
    [
        (404, {"statusCode": 404, "message": "Session not found", "error": "Not Found"}, NotSent),
        (404, HTML.format("Not Found"), Unreachable),
        (200, HTML.format("Login"), OutcomeUnknown),
        (500, {"exception": {"message": "x"}}, OutcomeUnknown),
    ],
)
def test_restart_that_is_not_accepted(web, http, body, error):
    with pytest.raises(GatewayError) as caught:
        restart(web, http, body)
    assert type(caught.value) is error
