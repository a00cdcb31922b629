"""What a plain REST service answers when WhatsApp bans or locks the number, and until when."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from whatsapp.gateways.base import Connection, ErrorKind, GatewayError, Message, Stopped, Throttled
from whatsapp.gateways.ends import LONGEST_LOCK, stated_end
from whatsapp.gateways.http import Answer
from whatsapp.gateways.rest import RestGateway

URL = "http://gateway.test:3010"
MESSAGE = Message("+573000000001", "Hola Ana, tu entrada para la función del sábado")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR, DAY = 3600.0, 86_400.0


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def error_of(web: responses.RequestsMock, status: int, body: Any, headers: dict[str, str] | None = None):
    content = body if isinstance(body, str) else json.dumps(body)
    web.post(f"{URL}/send", body=content, status=status, headers=headers or {})
    with pytest.raises(GatewayError) as caught:
        RestGateway(Connection(URL)).send(MESSAGE)
    return caught.value


TIMELOCK = "WhatsApp rejected this send due to reachout timelock or privacy-token state"
LOCKED = [
    (500, {"success": False, "error": "Error al enviar mensaje: server returned error 463"}),
    (500, {"error": "o servidor retornou o erro 463"}),
    (500, {"error": "Error: code 463"}),
    (429, {"code": "WA_REACHOUT_TIMELOCK", "message": TIMELOCK}),
    (500, {"error": "NackCallerReachoutTimelocked"}),
    (200, {"success": False, "error": "server returned error 463"}),
]
BLOCKED = [
    (403, {"success": False, "error": "La cuenta de WhatsApp está bloqueada"}),
    (403, {"error": "Your account has been temporarily restricted"}),
    (401, {"error": "account_banned"}),
    (503, {"error": "Tu cuenta fue suspendida"}),
    (500, {"error": "This account is not allowed to use WhatsApp"}),
    (500, {"error": "You've been temporarily banned: 101: too many messages. The ban expires in 24h0m0s"}),
    (200, {"message": "Your account has been restricted"}),
]


@pytest.mark.parametrize(("status", "body"), LOCKED)
def test_lock_keeps_the_number_from_new_people(web, status, body):
    error = error_of(web, status, body)
    assert (type(error), error.kind) == (Stopped, ErrorKind.NEW_CONTACTS)


@pytest.mark.parametrize(("status", "body"), BLOCKED)
def test_ban_or_lock_stops_the_number(web, status, body):
    error = error_of(web, status, body)
    assert (type(error), error.kind) == (Stopped, ErrorKind.BLOCKED)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"error": "Error 4630"}),
        (500, {"error": "timeout after 463 ms"}),
        (500, {"error": "The recipient account is restricted"}),
        (500, {"error": "the account is not blocked"}),
        (500, {"error": "El contacto está bloqueado"}),
        (200, {"success": False, "error": "request was blocked"}),
        (403, "<html><h1>This account has been suspended</h1></html>"),
        (302, {"error": "account suspended"}),
        (403, {"error": "Forbidden"}),
    ],
)
def test_what_only_sounds_like_it_does_not(web, status, body):
    assert error_of(web, status, body).kind not in {ErrorKind.BLOCKED, ErrorKind.NEW_CONTACTS}


def test_limiter_that_bans_for_minutes_is_no_ban_of_the_number(web):
    error = error_of(web, 429, {"error": "Too many requests. You've been temporarily banned for 10 minutes."})
    assert type(error) is Throttled


def test_our_own_text_in_an_answer_bans_nobody(web):
    message = Message(MESSAGE.phone, "Atención: su cuenta fue suspendida, pase por taquilla")
    web.post(f"{URL}/send", json={"error": f"cannot send: {message.text}"}, status=500)
    with pytest.raises(GatewayError) as caught:
        RestGateway(Connection(URL)).send(message)
    assert caught.value.kind is ErrorKind.UNCERTAIN


# --- until when ---------------------------------------------------------------------------------------------------


def test_end_in_the_header_is_the_wait(web):
    assert error_of(web, 500, {"error": "error 463"}, {"Retry-After": "7200"}).retry_after == 2 * HOUR


def test_end_beyond_a_day_is_not_cut_short(web):
    assert error_of(web, 500, {"error": "error 463", "retryAfter": 6 * DAY}).retry_after == 6 * DAY


def test_without_a_stated_end_there_is_no_wait(web):
    assert error_of(web, 403, {"error": "La cuenta está bloqueada"}).retry_after is None


def test_end_counts_from_the_gateways_own_clock(web):
    headers = {"Date": "Sun, 01 Mar 2020 12:00:00 GMT", "Retry-After": "Sun, 01 Mar 2020 13:00:00 GMT"}
    assert error_of(web, 500, {"error": "error 463"}, headers).retry_after == HOUR


def wait_in(body: Any, said: str = "", **headers: str) -> float | None:
    return stated_end(Answer(500, json.dumps(body).encode(), headers), said, NOW)


@pytest.mark.parametrize(
    "body",
    [
        {"retryAfter": 3600},
        {"retry_after": "3600"},
        {"data": {"expires_in": 3600.0}},
        {"reachoutTimelock": {"isActive": True, "timeEnforcementEnds": "2026-03-01T13:00:00.000Z"}},
        {"me": {"reachoutTimelock": {"timeEnforcementEnds": int(NOW.timestamp()) + 3600}}},
        {"time_enforcement_ends": str(int(NOW.timestamp()) + 3600)},
        {"restrictedUntil": (int(NOW.timestamp()) + 3600) * 1000},
        {"ends_at": "2026-03-01T08:00:00-05:00"},
        {"expires_at": "2026-03-01 13:00:00"},
        {"blocked_until": "Sun, 01 Mar 2026 13:00:00 GMT"},
    ],
)
def test_forms_of_an_end_in_the_body(body):
    assert wait_in(body) == HOUR


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("The ban expires in 24h0m0s", DAY),
        ("The ban expires in 1h30m0s.", 1.5 * HOUR),
        ("the lock ends in 3 days, 2 hours", 3 * DAY + 2 * HOUR),
        ("La restricción termina en 24 horas", DAY),
        ("You sent 200 messages in 24 hours", None),
        ("The ban expires in a while", None),
    ],
)
def test_end_in_words(said, seconds):
    assert wait_in({}, said) == seconds


def test_the_last_of_several_ends_counts():
    assert wait_in({"expires_at": "2026-03-02T12:00:00Z"}, "expires in 2h", **{"retry-after": "60"}) == DAY


@pytest.mark.parametrize(
    "body",
    [
        {"expires_at": "2026-03-01T11:59:59Z"},  # over, by its clock or ours: a person looks
        {"retryAfter": 0},
        {"retryAfter": -5},
        {"retryAfter": True},
        {"retryAfter": None},
        {"retryAfter": "soon"},
        {"retryAfter": "nan"},
        {"expires_at": "9" * 400},
        {"expires_at": 1e300},
        {"expires_at": [1]},
        {"a": {"b": {"c": {"d": {"retryAfter": 60}}}}},
        [{"retryAfter": 60}],
        "60",
    ],
)
def test_what_is_no_end(body):
    assert wait_in(body) is None


@pytest.mark.parametrize("body", [{"retryAfter": 1e12}, {"expires_at": "9999-12-31T23:59:59Z"}])
def test_no_lock_is_longer_than_the_longest(body):
    assert wait_in(body) == LONGEST_LOCK
