"""How an instance of Evolution API is, its code to scan, and what staff see of it."""

from typing import Any

import pytest
import responses

from tests.whatsapp.evolution import CODE, NO_INSTANCE, PNG, URL, gateway, paths, say, say_connection, say_record
from whatsapp.gateways.base import Connection, Signing, State, Status
from whatsapp.gateways.evolution import EvolutionGateway
from whatsapp.registry import gateways

S = State


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


# --- ready, or something is wrong -------------------------------------------------------------------------------------


def test_ready(web):
    say_connection(web, "open")
    assert gateway().status() == Status(S.READY)
    assert web.calls[0].request.headers["apikey"] == "clave-de-prueba"


def test_instance_that_is_on_record_and_does_not_run(web):
    say_connection(web, None)
    assert gateway().status() == Status(S.FAILED, "the gateway does not run this instance")


def test_state_that_nobody_knows(web):
    say_connection(web, "dreaming")
    assert gateway().status() == Status(S.UNKNOWN, "state dreaming")


def test_unknown_instance_is_named_and_says_nothing_of_the_key(web):
    say(web, "/instance/connectionState/eventos", NO_INSTANCE, 404)
    assert gateway().status() == Status(S.FAILED, "the instance does not exist")


@pytest.mark.parametrize(
    ("http", "body", "state"),
    [
        (200, {}, S.UNREACHABLE),
        (200, [], S.UNREACHABLE),
        (200, {"instance": "eventos"}, S.UNREACHABLE),
        (200, "<html>Login</html>", S.UNREACHABLE),
        (302, "", S.UNREACHABLE),
        (401, {"status": 401, "error": "Unauthorized", "response": {"message": "Unauthorized"}}, S.AUTH_ERROR),
        (401, NO_INSTANCE, S.AUTH_ERROR),
        (403, "Forbidden", S.AUTH_ERROR),
        (404, {"status": 404, "response": {"message": ["Cannot GET /instance/connectionState/"]}}, S.UNREACHABLE),
        (404, "<html>Not Found</html>", S.UNREACHABLE),
        (405, "", S.UNREACHABLE),
        (429, "", S.UNKNOWN),
        (500, {"status": 500, "response": {"message": "boom"}}, S.FAILED),
        (502, "<html>Bad Gateway</html>", S.UNREACHABLE),
    ],
)
def test_other_answers(web, http, body, state):
    say(web, "/instance/connectionState/eventos", body, http)
    assert gateway().status().state is state


def test_status_never_raises():
    assert gateway(api_key="dos lineas\n").status().state is S.AUTH_ERROR
    assert EvolutionGateway(Connection("http://[::1")).status().state is S.UNREACHABLE


# --- closed: why ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (401, Status(S.LOGGED_OUT, "the phone removed this device (401)")),
        ("401", Status(S.LOGGED_OUT, "the phone removed this device (401)")),
        (402, Status(S.RESTRICTED, "WhatsApp locked the account for a while (402)")),
        (403, Status(S.RESTRICTED, "WhatsApp locked the account (403)")),
        (406, Status(S.RESTRICTED, "WhatsApp banned the account (406)")),
        (440, Status(S.FAILED, "another session took the connection over (440)")),
        (405, Status(S.FAILED, "WhatsApp does not take this version of the gateway any more (405)")),
        (428, Status(S.FAILED, "not connected to WhatsApp")),
        (None, Status(S.FAILED, "not connected to WhatsApp")),
        (True, Status(S.FAILED, "not connected to WhatsApp")),
        ("²", Status(S.FAILED, "not connected to WhatsApp")),
    ],
)
def test_closed_says_why_and_asks_for_no_code(web, code, status):
    """Asking for one would start a connection. The token that stands beside the reason is not shown."""
    say_connection(web, "close")
    say_record(web, disconnectionReasonCode=code, ownerJid="573000000099@s.whatsapp.net")
    assert gateway().status() == status
    assert paths(web) == [
        "GET /instance/connectionState/eventos",
        "GET /instance/fetchInstances?instanceName=eventos",
    ]


@pytest.mark.parametrize("last", ["open", "connecting"])
def test_reason_of_an_earlier_end_does_not_count(web, last):
    say_connection(web, "close")
    say_record(web, connectionStatus=last, disconnectionReasonCode=403, ownerJid="573000000099@s.whatsapp.net")
    assert gateway().status() == Status(S.FAILED, "not connected to WhatsApp")


def test_never_linked_needs_a_code(web):
    say_connection(web, "close")
    say_record(web, ownerJid=None)
    assert gateway().status() == Status(S.NEEDS_QR, "not linked with a phone yet; a restart asks for a code")


@pytest.mark.parametrize(
    ("http", "body"),
    [
        (200, []),
        (200, {"name": "eventos", "disconnectionReasonCode": 403}),
        (200, [{"name": "otra", "disconnectionReasonCode": 403}]),
        (200, ["eventos"]),
        (200, "<html>"),
        (401, [{"name": "eventos", "disconnectionReasonCode": 403}]),
        (500, ""),
    ],
)
def test_closed_and_nobody_says_why(web, http, body):
    say_connection(web, "close")
    say(web, "/instance/fetchInstances?instanceName=eventos", body, http)
    assert gateway().status() == Status(S.FAILED, "not connected to WhatsApp")


# --- connecting: starting, or waiting for a scan ----------------------------------------------------------------------


def status_while_connecting(web: responses.RequestsMock, body: Any, http: int = 200) -> Status:
    say_connection(web, "connecting")
    say_record(web, connectionStatus="connecting")
    say(web, "/instance/connect/eventos", body, http)
    return gateway().status()


def test_code_as_text_and_as_picture(web):
    assert status_while_connecting(web, CODE) == Status(S.NEEDS_QR, qr_text="2@abc,def==", qr_image=PNG)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"count": 0}, Status(S.STARTING)),
        ({"pairingCode": None, "code": None, "base64": None, "count": 0}, Status(S.STARTING)),
        (CODE | {"code": "<img src=x>"}, Status(S.NEEDS_QR, qr_image=PNG)),
        (CODE | {"code": "x" * 3001}, Status(S.NEEDS_QR, qr_image=PNG)),
        (CODE | {"base64": "data:image/svg+xml,<svg/>"}, Status(S.NEEDS_QR, qr_text="2@abc,def==")),
        (CODE | {"base64": "data:image/png;base64,###"}, Status(S.NEEDS_QR, qr_text="2@abc,def==")),
        (CODE | {"base64": "data:image/png;base64,AAAA"}, Status(S.NEEDS_QR, qr_text="2@abc,def==")),
        (CODE | {"code": "", "base64": ""}, Status(S.STARTING)),
        ({"instance": {"instanceName": "eventos", "state": "open"}}, Status(S.READY)),
        ({"error": True, "message": "algo"} | CODE, Status(S.STARTING, "algo")),
        ("", Status(S.STARTING)),
    ],
)
def test_connecting(web, body, status):
    assert status_while_connecting(web, body) == status


def test_connecting_and_the_second_question_fails(web):
    assert status_while_connecting(web, {"status": 500, "error": "boom"}, 500) == Status(S.STARTING, "boom")


def test_linked_number_that_finds_its_way_back_is_asked_for_no_code(web):
    """The gateway still has the one with which it was linked long ago, and would give it."""
    say_connection(web, "connecting")
    say_record(web, connectionStatus="open", ownerJid="573000000099@s.whatsapp.net")
    assert gateway().status() == Status(S.STARTING)


def test_connecting_and_no_answer_to_the_second_question(web):
    say_connection(web, "connecting")
    web.get(f"{URL}/instance/fetchInstances", body=OSError("cut"))
    web.get(f"{URL}/instance/connect/eventos", body=OSError("cut"))
    assert gateway().status().state is S.STARTING


# --- what staff see of it ---------------------------------------------------------------------------------------------


def test_it_can_be_chosen_and_says_what_its_licence_asks_for():
    assert gateways()["evolution"] is EvolutionGateway
    assert "Evolution API" in EvolutionGateway.notice


def test_it_needs_an_instance_and_a_key():
    fields = {field.name: field for field in EvolutionGateway.fields}
    assert [name for name, field in fields.items() if field.is_required] == ["base_url", "session_name", "new_key"]


def test_what_it_can_do():
    can = EvolutionGateway.capabilities
    assert (can.shows_qr, can.restarts, can.checks_numbers, can.sends_documents, can.hears_replies) == (True,) * 5
    assert (can.receipts, can.signing) == ({"sent", "delivered", "read", "failed"}, Signing.HEADER)
