"""What Meta says of a number."""

from typing import Any

import pytest
import requests
import responses

from tests.whatsapp.cloud_answers import NODE, TOKEN, fault, gateway
from whatsapp.gateways.base import State, Status
from whatsapp.gateways.cloud_status import people_a_day


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def status(web: responses.RequestsMock, body: Any, code: int = 200) -> Status:
    web.get(NODE, json=body, status=code)
    return gateway().status()


def state(web: responses.RequestsMock, body: Any, code: int = 200) -> State:
    return status(web, body, code).state


def test_fields_are_asked_for_with_the_token(web):
    status(web, {"status": "CONNECTED"})
    request = web.calls[0].request
    assert request.params == {"fields": "status,quality_rating,whatsapp_business_manager_messaging_limit,health_status"}
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_ready(web):
    body = {"status": "CONNECTED", "quality_rating": "GREEN", "whatsapp_business_manager_messaging_limit": "TIER_1K"}
    assert status(web, body) == Status(State.READY, "quality GREEN", new_people_a_day=1000)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("CONNECTED", State.READY),
        ("connected", State.READY),
        ("FLAGGED", State.READY),
        ("RATE_LIMITED", State.RESTRICTED),
        ("RESTRICTED", State.RESTRICTED),
        ("PAUSED", State.RESTRICTED),
        ("BANNED", State.RESTRICTED),
        ("PENDING", State.FAILED),
        ("UNVERIFIED", State.FAILED),
        ("OFFLINE", State.FAILED),
        ("DISCONNECTED", State.FAILED),
        ("MIGRATED", State.FAILED),
        ("DELETED", State.FAILED),
        ("UNKNOWN", State.UNKNOWN),
        ("SOMETHING_NEW", State.UNKNOWN),
        ("", State.UNKNOWN),
        (None, State.UNKNOWN),
    ],
)
def test_words_of_meta(web, word, expected):
    assert state(web, {"status": word}) is expected


@pytest.mark.parametrize("word", ["FLAGGED", "RESTRICTED", "SOMETHING_NEW"])
def test_detail_says_the_word_that_staff_find_at_meta(web, word):
    assert word in status(web, {"status": word, "quality_rating": "RED"}).detail


@pytest.mark.parametrize(
    ("rating", "detail"), [("RED", "quality RED"), ("NA", ""), ("UNKNOWN", ""), (None, ""), (7, "")]
)
def test_quality_is_shown_where_meta_has_an_opinion(web, rating, detail):
    assert status(web, {"status": "CONNECTED", "quality_rating": rating}).detail == detail


@pytest.mark.parametrize(
    ("tier", "people"),
    [
        ("TIER_50", 50),
        ("TIER_250", 250),
        ("TIER_1K", 1000),
        ("TIER_2K", 2000),
        ("TIER_10K", 10_000),
        ("TIER_100K", 100_000),
        ("TIER_UNLIMITED", 0),
        ("UNLIMITED", 0),
        ("TIER_NOT_SET", None),
        ("", None),
        (None, None),
        (250, None),
    ],
)
def test_new_people_a_day(tier, people):
    assert people_a_day(tier) == people


def test_connected_number_behind_which_something_is_blocked_is_not_ready(web):
    health = {
        "can_send_message": "BLOCKED",
        "entities": [
            {"entity_type": "PHONE_NUMBER", "id": "222000111", "can_send_message": "AVAILABLE"},
            {
                "entity_type": "WABA",
                "id": "111000222",
                "can_send_message": "BLOCKED",
                "errors": [{"error_code": 141006, "error_description": "There is an error with the payment method."}],
            },
        ],
    }
    found = status(web, {"status": "CONNECTED", "health_status": health})
    assert found == Status(State.RESTRICTED, "WABA BLOCKED; There is an error with the payment method.")


def test_limited_number_is_ready_and_says_why_it_is_limited(web):
    entity = {"entity_type": "BUSINESS", "can_send_message": "LIMITED", "additional_info": ["Not verified."]}
    found = status(web, {"status": "CONNECTED", "health_status": {"can_send_message": "LIMITED", "entities": [entity]}})
    assert found == Status(State.READY, "BUSINESS LIMITED; Not verified.")


@pytest.mark.parametrize(
    "health",
    [None, "x", {}, {"entities": "x"}, {"entities": [None, {"can_send_message": "LIMITED", "errors": 7}]}],
)
def test_health_in_no_known_shape_is_passed_over(web, health):
    assert state(web, {"status": "CONNECTED", "health_status": health}) is State.READY


def test_older_version_is_asked_for_what_it_has(web):
    web.get(NODE, json=fault(100, "Tried accessing nonexisting field (health_status)"), status=400)
    web.get(NODE, json={"status": "CONNECTED", "quality_rating": "GREEN"})
    assert gateway().status() == Status(State.READY, "quality GREEN")
    assert web.calls[1].request.params == {"fields": "status,quality_rating"}


@pytest.mark.parametrize(
    ("code", "body", "expected"),
    [
        (401, fault(190, "Token expired"), State.AUTH_ERROR),
        (403, fault(10), State.AUTH_ERROR),
        (400, fault(100, "Unsupported get request. Object with ID '222' does not exist"), State.AUTH_ERROR),
        (403, fault(131031), State.RESTRICTED),
        (400, fault(4), State.UNKNOWN),
        (400, fault(131057), State.STARTING),
        (500, fault(2), State.UNREACHABLE),
        (503, {}, State.UNREACHABLE),
        (404, {}, State.UNREACHABLE),
        (400, fault(987654), State.FAILED),
        (200, fault(190), State.AUTH_ERROR),
        (200, [], State.UNREACHABLE),
    ],
)
def test_errors(web, code, body, expected):
    assert state(web, body, code) is expected


def test_silence_is_a_state(web):
    web.get(NODE, body=requests.ConnectionError())
    assert gateway().status().state is State.UNREACHABLE


def test_missing_id_and_impossible_token_are_states():
    assert gateway(session_name="").status().state is State.AUTH_ERROR
    assert gateway(api_key="dos\nlíneas").status().state is State.AUTH_ERROR


def test_token_is_never_shown(web):
    assert TOKEN not in status(web, fault(190, f"bad token {TOKEN}"), 401).detail


def test_what_meta_says_of_health_is_scrubbed(web):
    entity = {
        "entity_type": "APP",
        "can_send_message": "LIMITED",
        "additional_info": [f"+57 300 000 0001 uses {TOKEN}"],
    }
    found = status(web, {"status": "CONNECTED", "health_status": {"can_send_message": "LIMITED", "entities": [entity]}})
    assert found.detail == "APP LIMITED; … uses …"
