"""Answers that nobody has thought of: an adapter says one of the few things that it may say, and never falls over.

Over real HTTP, each answer made of a status, headers, and a body of the words that gateways use.
"""

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.whatsapp.contract.bench import ANA, TEXT, Bench, picture
from whatsapp.gateways.base import (
    Accepted,
    GatewayError,
    Message,
    NumberCheck,
    State,
    Status,
    Template,
    TemplateUse,
)
from whatsapp.gateways.scrubbing import DETAIL_LENGTH
from whatsapp.webhooks.base import ID_LENGTH

pytestmark = pytest.mark.processes
SECONDS = 20.0  # none of these answers keeps anybody waiting
EXAMPLES = 40  # of each test and gateway; always the same ones

# Where gateways put things.
NAMES = st.sampled_from(
    [
        *(
            "id",
            "key",
            "_serialized",
            "messageId",
            "message_id",
            "message",
            "messages",
            "error",
            "errors",
            "code",
            "status",
        ),
        *(
            "state",
            "data",
            "response",
            "results",
            "instance",
            "success",
            "ok",
            "ready",
            "qr",
            "qrcode",
            "base64",
            "value",
        ),
        *(
            "me",
            "reachoutTimelock",
            "isActive",
            "timeEnforcementEnds",
            "exists",
            "numberExists",
            "jid",
            "number",
            "chatId",
        ),
        *("is_on_whatsapp", "is_connected", "is_logged_in", "qr_link", "qr_duration", "contacts", "wa_id", "paging"),
        *(
            "cursors",
            "after",
            "next",
            "components",
            "name",
            "language",
            "parameter_format",
            "health_status",
            "entities",
        ),
        *("exception", "expected", "connectionStatus", "disconnectionReasonCode", "disconnectionObject", "queued"),
        *("error_data", "details", "error_subcode"),
    ]
)
WORDS = st.sampled_from(
    [
        *(
            "WORKING",
            "CONNECTED",
            "open",
            "connecting",
            "close",
            "SCAN_QR_CODE",
            "QRCODE",
            "SUCCESS",
            "success",
            "error",
        ),
        *("AUTHENTICATION_ERROR", "INVALID_JID", "Disconnected", "PENDING", "ERROR", "NAMED", "", "null", "true", "0"),
        *(
            "true_573000000001@c.us_3EB0AA11",
            "@lid",
            "573000000001@s.whatsapp.net",
            "data:image/png;base64,iVBORw0KGgo=",
        ),
        *(
            "Error: Connection Closed",
            "server returned error 463",
            "\ud800",
            "\x00\x1b[2J",
            "9" * 400,
            "x" * 5000,
            TEXT,
        ),
        *("2026-13-45T99:00:00Z", "1e999", "-1", "http://127.0.0.1:1/x", "//evil.invalid/x", "https://x.invalid/a.png"),
    ]
)
NUMBERS = st.sampled_from([0, 1, -1, 190, 463, 131026, 10**18, 10**400, -(10**400), 1.5, 1e308, -0.0])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
STATUSES = st.sampled_from(
    [
        *(200, 201, 202, 204, 206, 299, 300, 304, 400, 401, 402, 403, 404, 408, 409, 410, 413, 415, 418, 422, 425, 429),
        *(451, 500, 501, 502, 503, 504, 508, 511, 520, 599, 600, 999),
    ]
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Retry-After": st.sampled_from(
            [
                "",
                "0",
                "-5",
                "5",
                "nan",
                "inf",
                "1e400",
                "999999999",
                "Sun, 99 Foo",
                "Wed, 21 Oct 2099 07:28:00 GMT",
                "ñ",
            ]
        ),
        "Date": st.sampled_from(["", "yesterday", "Wed, 21 Oct 1015 07:28:00 GMT", "Wed, 21 Oct 2099 07:28:00 -9999"]),
        "Content-Type": st.sampled_from(["", "text/html", "application/json; charset=nothing", "image/png", "\xff"]),
        "Content-Encoding": st.sampled_from(["gzip", "deflate", "br", "identity", "nothing"]),
        "Location": st.sampled_from(["", "/", "http://[", "ftp://x"]),
        "Transfer-Encoding": st.sampled_from(["chunked", "identity"]),
        "Content-Length": st.sampled_from(["0", "5", "99999999999", "-1", "x"]),
    },
)


def encoded(value: Any) -> str:
    """JSON as it may come: half a surrogate, numbers too long for others, and not only ASCII."""
    return json.dumps(value)


BODIES = st.one_of(
    VALUES.map(encoded),
    VALUES.map(encoded),
    VALUES.map(encoded),
    st.sampled_from(
        ["", " ", "OK", "{", "[[[[", "<html>", "<h1>502 Bad Gateway</h1>", "NaN", '{"a":Infinity}', "\xef\xbb\xbf{}"]
    ),
    st.binary(max_size=40).map(lambda some: some.decode("latin-1")),
)
ANSWERS = st.fixed_dictionaries({"status": STATUSES, "headers": HEADERS, "body": BODIES})
MESSAGES = [
    Message(ANA, TEXT),
    Message(ANA, TEXT, picture()),
    Message(ANA, "", template=TemplateUse("entrada", "es_CO")),
    Message(ANA, TEXT, recipient_id="900100200300@lid"),
]
# That by themselves say nothing at all.
BLANKS = st.sampled_from([None, 0, 1, True, "", "x", [], {}, [[]], [None], {"id": None}, 10**400, "9" * 400, "\ud800"])
CALM = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
bounded = settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=CALM)


def answering(bench: Bench, answer: dict[str, Any]) -> None:
    bench.anew()
    bench.fake.set(trap="raw", raw=answer, trap_on=["all"])


def check_error(bench: Bench, error: GatewayError, message: Message | None = None) -> None:
    bench.check_detail(error.detail, message)
    assert len(error.detail) <= DETAIL_LENGTH + 100  # what is put before the gateway's words
    assert error.retry_after is None or 0 <= error.retry_after < math.inf


@given(answer=ANSWERS, message=st.sampled_from(MESSAGES))
@bounded
def test_message(bench, answer, message):
    answering(bench, answer)
    outcome = bench.send(message, read_seconds=SECONDS)
    if outcome.error:
        check_error(bench, outcome.error, message)
    else:
        assert isinstance(outcome.accepted, Accepted)
        assert 200 <= answer["status"] < 300
        assert isinstance(outcome.accepted.message_id, str)
        assert len(outcome.accepted.message_id) <= ID_LENGTH


@given(place=st.integers(0, 40), value=BLANKS, message=st.sampled_from(MESSAGES[:2]))
@bounded
def test_message_that_arrived_and_one_thing_is_odd_about_the_answer(bench, place, value, message):
    bench.anew()
    bench.fake.set(trap="bent", raw={"place": place, "value": value})
    outcome = bench.send(message)
    assert len(bench.fake.messages()) == 1
    bench.check_truth(outcome)


@given(place=st.integers(0, 40), value=VALUES, phase=st.sampled_from(["ready", "needs_qr", "logged_out"]))
@bounded
def test_one_thing_is_odd_about_the_answers_to_questions(bench, place, value, phase):
    bench.anew()
    bench.fake.set(trap="bent", trap_on=["all"], raw={"place": place, "value": value}, phase=phase)
    check_questions(bench)


@given(answer=ANSWERS)
@bounded
def test_status_and_number(bench, answer):
    answering(bench, answer)
    check_questions(bench)


def check_questions(bench: Bench) -> None:
    gateway = bench.gateway(read_seconds=SECONDS)
    status, check = gateway.status(), gateway.check_number(ANA)
    assert (type(status), type(check)) == (Status, NumberCheck)
    assert isinstance(status.state, State)
    assert (type(status.qr_text), type(status.qr_image)) == (str, bytes)
    assert status.ends_in is None or 0 <= status.ends_in < math.inf
    assert check.exists in {True, False, None}
    assert len(check.recipient_id) <= ID_LENGTH
    bench.check_detail(status.detail)
    bench.check_detail(check.detail)


@given(answer=ANSWERS)
@bounded
def test_restart_templates_and_phones(bench, answer):
    answering(bench, answer)
    gateway = bench.gateway(read_seconds=SECONDS)
    try:
        assert isinstance(gateway.restart(), str)
    except GatewayError as error:
        check_error(bench, error)
    try:
        assert all(isinstance(each, Template) for each in gateway.templates())
    except GatewayError as error:
        check_error(bench, error)
    phone = gateway.phone_of("900100200300@lid")
    assert phone == "" or (phone[0] == "+" and phone[1:].isdigit())
