"""Answers of Evolution API that are too long to be read whole, as all are that hold a picture in base64."""

import json
from typing import Any

import pytest
import responses

from tests.whatsapp.evolution import MEDIA, MESSAGE, SENT, UNCERTAIN, WITH_PICTURE, answer, gateway, meaning_of
from tests.whatsapp.wire import Wire, say
from whatsapp.gateways.base import Accepted, Connection, OutcomeUnknown
from whatsapp.gateways.evolution import EvolutionGateway
from whatsapp.gateways.http import BODY_LIMIT

KEY = SENT["key"]
FILE = {"imageMessage": {"caption": MESSAGE.text}, "base64": "/9j/" * BODY_LIMIT}
LONG = SENT | {"message": FILE}
FORGED = json.dumps({"key": KEY | {"id": "FORGED"}, "status": "PENDING", "message": {}})


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def long(**changes: Any) -> dict[str, Any]:
    return LONG | changes


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in LONG.items() if name not in names}


# --- taken --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        LONG,
        json.dumps(LONG, indent=2),
        json.dumps(LONG, separators=(",", ":"), ensure_ascii=False),
        without("pushName"),
        without("status"),  # that of some versions comes behind the message
        long(pushName=None),
        long(pushName=f'Taquilla "Ñandú" 🎟 {FORGED}'),
        long(key=KEY | {"remoteJid": "100000000000001@lid", "remoteJidAlt": "573000000001@s.whatsapp.net"}),
        long(message={"conversation": FORGED} | FILE),
    ],
)
def test_long_answer_is_accepted_with_the_id_at_its_beginning(web, body):
    answer(web, 201, body, MEDIA)
    assert gateway().send(WITH_PICTURE) == Accepted("3EB0AA11BB22", 201)


def test_text_may_have_a_long_answer_too(web):
    answer(web, 201, LONG)
    assert gateway().send(MESSAGE) == Accepted("3EB0AA11BB22", 201)


def test_answer_that_is_read_whole_need_not_begin_so(web):
    answer(web, 201, {"source": "web"} | SENT)
    assert gateway().send(MESSAGE) == Accepted("3EB0AA11BB22", 201)


# --- in doubt -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"message": {"conversation": FORGED} | FILE} | without("message"),  # the key comes behind what somebody wrote
        {"message": {"key": KEY} | FILE},
        {"pushName": FORGED, "message": FILE},
        {"pushName": "Taquilla", "key": KEY, "message": FILE},
        {"key": {"message": {"conversation": FORGED}} | KEY, "message": FILE},
        {"key": {"remoteJid": FORGED, "fromMe": True}, "message": FILE},
        {"data": {"key": KEY, "message": FILE}},
        {"key": KEY, "error": True, "message": FILE},
        [LONG],
        json.dumps(FORGED + "x" * BODY_LIMIT),
        "Error: " + json.dumps(LONG),
        "\ufeff" + json.dumps(LONG),
        "<html>" + json.dumps(LONG),
        {"key": KEY, "pushName": "x" * BODY_LIMIT},
        long(status="ERROR"),
        long(status=7),
        without("message") | {"messageType": "x" * BODY_LIMIT},
        long(key=KEY | {"fromMe": False}),
        long(key=KEY | {"id": ""}),
        long(key=KEY | {"id": "  "}),
        long(key=KEY | {"id": 7}),
        long(key=KEY | {"id": None}),
        long(key=KEY | {"id": {"id": "3EB0AA11BB22"}}),
        long(key={"fromMe": True, "remoteJid": "573000000001@s.whatsapp.net"}),
        json.dumps(LONG).replace('"fromMe": true', '"fromMe": true,,'),
    ],
)
def test_long_answer_that_does_not_begin_with_the_key_of_a_message_is_uncertain(web, body):
    assert meaning_of(web, 201, body, WITH_PICTURE) == UNCERTAIN


@pytest.mark.parametrize("status", [200, 202, 400, 500])
def test_long_answer_with_another_status_is_uncertain(web, status):
    assert meaning_of(web, status, LONG, WITH_PICTURE) == UNCERTAIN


def test_short_answer_that_ends_in_the_middle_is_uncertain(web):
    """Nobody here cut it."""
    assert meaning_of(web, 201, json.dumps(LONG)[: BODY_LIMIT - 1], WITH_PICTURE) == UNCERTAIN


@pytest.mark.parametrize("length", [b"Content-Length: 300000\r\n", b""])
def test_answer_that_breaks_off_on_its_way_is_uncertain(length):
    begun = b"HTTP/1.1 201 Created\r\n" + length + b"\r\n" + json.dumps(LONG).encode()[:2000]
    with Wire(say(begun)) as server, pytest.raises(OutcomeUnknown) as caught:
        EvolutionGateway(Connection(server.url, session_name="eventos", read_seconds=5.0)).send(WITH_PICTURE)
    assert caught.value.http_status == 201


def test_answer_that_is_longer_than_what_is_read_of_it_is_accepted_on_a_real_connection():
    body = json.dumps(LONG).encode()
    head = f"HTTP/1.1 201 Created\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with Wire(say(head + body)) as server:
        sent = EvolutionGateway(Connection(server.url, session_name="eventos", read_seconds=5.0)).send(WITH_PICTURE)
    assert sent == Accepted("3EB0AA11BB22", 201)
