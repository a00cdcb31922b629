"""Meta's errors by their code: whose fault it is, and whether the message may have left."""

import json
from typing import Any

import pytest
import responses

from tests.whatsapp.cloud_answers import MESSAGES, TOKEN, fault, gateway
from whatsapp.gateways.base import (
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
from whatsapp.gateways.cloud_errors import reported

MESSAGE = Message("+573000000001", "Hola Ana, tu entrada para la función del sábado")
K = ErrorKind
HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def error_of(web: responses.RequestsMock, status: int, body: Any, headers: dict[str, str] | None = None):
    content = body if isinstance(body, str) else json.dumps(body)
    web.post(MESSAGES, body=content, status=status, headers=headers or {})
    with pytest.raises(GatewayError) as caught:
        gateway().send(MESSAGE)
    assert caught.value.http_status == status
    return caught.value


BY_CODE = [
    (Stopped, K.AUTH, [0, 3, 10, 33, 102, 104, 190, 200, 215, 299, 131005]),
    (Throttled, K.RATE_LIMITED, [4, 17, 613, 80007, 80008, 130429]),
    (Stopped, K.BLOCKED, [368, 131031, 131037, 131042, 131044, 131045, 131048, 131064, 133010]),
    (NotSent, K.NOT_READY, [131057]),
    (NotSent, K.TEMPORARY, [1, 2, 131000, 131016, 131052, 131053, 131056, 135000]),
    (Refused, K.NOT_ON_WHATSAPP, [131026]),
    (Refused, K.INVALID_NUMBER, [131021]),
    (Refused, K.FREQUENCY, [131049, 130472]),
    (Refused, K.OPTED_OUT, [131050]),
    (
        Refused,
        K.TEMPLATE,
        [131063, 132000, 132001, 132007, 132008, 132012, 132015, 132016, 132068, 132069, 132999],
    ),
    (
        Refused,
        K.REJECTED_CONTENT,
        [100, 130497, 131008, 131009, 131030, 131047, 131051, 131062, 132005, 132018, 133000, 987654],
    ),
]
CODES = [(code, error, kind) for error, kind, codes in BY_CODE for code in codes]


@pytest.mark.parametrize(("code", "error", "kind"), CODES)
def test_code_decides(web, code, error, kind):
    found = error_of(web, 400, fault(code))
    assert (type(found), found.kind) == (error, kind)


@pytest.mark.parametrize(("code", "error", "kind"), CODES)
def test_report_that_comes_later_means_the_same(code, error, kind):
    assert reported([{"code": code, "title": "Something"}])[0] == kind


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize(("code", "kind"), [(131026, K.NOT_ON_WHATSAPP), (130429, K.RATE_LIMITED), (2, K.TEMPORARY)])
def test_code_goes_before_the_http_status(web, status, code, kind):
    assert error_of(web, status, fault(code)).kind is kind


def test_code_in_quotes_is_a_code(web):
    body = fault(131026)
    body["error"]["code"] = "131026"
    assert error_of(web, 400, body).kind is K.NOT_ON_WHATSAPP


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (131047, "this needs a template"),
        (131042, "payment settings"),
        (131044, "payment settings"),
        (130497, "nobody in that country"),
        (131030, "those on its list"),
        (131062, "the person's number"),
        (33, "the ID is not a right one"),
    ],
)
def test_hint_says_what_to_do(web, code, words):
    assert words in error_of(web, 400, fault(code)).detail


# --- parameters: the person's number, the form of ours, or the message ------------------------------------------------


@pytest.mark.parametrize(
    ("code", "message", "details", "kind"),
    [
        (100, "Invalid parameter", "Parameter Invalid", K.REJECTED_CONTENT),
        (100, "Param text['body'] must be at most 4096 characters long.", "", K.REJECTED_CONTENT),
        (100, "Invalid parameter", "Recipient phone number is not valid", K.INVALID_NUMBER),
        (100, "Param to must be a valid number", "", K.INVALID_NUMBER),
        (131009, "Parameter value is not valid", "Phone number is not a WhatsApp phone number", K.INVALID_NUMBER),
        (131009, "Parameter value is not valid", "Invalid wa_id", K.INVALID_NUMBER),
        (131009, "Parameter value is not valid", "template body: phone number expected", K.REJECTED_CONTENT),
        (131008, "Required parameter is missing", "Parameter of type text is missing text value", K.REJECTED_CONTENT),
        (131009, "Parameter value is not valid", "Invalid recipient_type", K.REJECTED_CONTENT),
        (100, "Param phone_number_id is not a valid whatsapp business phone number id ID", "", K.AUTH),
        (100, "Unsupported post request. Object with ID '222000111' does not exist, cannot be loaded", "", K.AUTH),
    ],
)
def test_parameters(web, code, message, details, kind):
    assert error_of(web, 400, fault(code, message, details)).kind is kind


def test_object_that_meta_does_not_know_is_everybodys_fault(web):
    error = error_of(web, 400, fault(100, "Unsupported request", error_subcode=33))
    assert (type(error), error.kind) == (Stopped, K.AUTH)


def test_our_own_text_in_an_error_says_nothing_about_the_number(web):
    assert error_of(web, 400, fault(100, f"cannot read: {MESSAGE.text}")).kind is K.REJECTED_CONTENT
    message = Message(MESSAGE.phone, "Traiga su recipient phone number")
    web.replace(responses.POST, MESSAGES, json=fault(100, f"cannot read: {message.text}"), status=400)
    with pytest.raises(Refused) as caught:
        gateway().send(message)
    assert caught.value.kind is K.REJECTED_CONTENT


# --- unknown codes and no codes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, fault(None), (Refused, K.REJECTED_CONTENT)),
        (403, fault(987654), (Refused, K.REJECTED_CONTENT)),
        (401, fault(987654), (Stopped, K.AUTH)),
        (429, fault(987654), (Throttled, K.RATE_LIMITED)),
        (500, fault(987654), (OutcomeUnknown, K.UNCERTAIN)),
        (503, fault(None), (OutcomeUnknown, K.UNCERTAIN)),
        (200, fault(987654), (OutcomeUnknown, K.UNCERTAIN)),
        (400, fault(True), (Refused, K.REJECTED_CONTENT)),
        (500, {"error": "x"}, (OutcomeUnknown, K.UNCERTAIN)),
        (500, "", (OutcomeUnknown, K.UNCERTAIN)),
        (502, HTML.format("Bad Gateway"), (OutcomeUnknown, K.UNCERTAIN)),
        (503, HTML.format("Service Unavailable"), (OutcomeUnknown, K.UNCERTAIN)),
        (504, HTML.format("Gateway Time-out"), (OutcomeUnknown, K.UNCERTAIN)),
        (408, "", (OutcomeUnknown, K.UNCERTAIN)),
        (302, "", (OutcomeUnknown, K.UNCERTAIN)),
        (301, "", (Unreachable, K.UNREACHABLE)),
        (404, HTML.format("Not Found"), (Unreachable, K.UNREACHABLE)),
        (405, "", (Unreachable, K.UNREACHABLE)),
        (403, HTML.format("Forbidden"), (Stopped, K.AUTH)),
        (413, HTML.format("Request Entity Too Large"), (Refused, K.REJECTED_CONTENT)),
        (429, HTML.format("Too Many Requests"), (Throttled, K.RATE_LIMITED)),
        (200, HTML.format("Login"), (OutcomeUnknown, K.UNCERTAIN)),
    ],
)
def test_what_the_table_does_not_know(web, status, body, expected):
    error = error_of(web, status, body)
    assert (type(error), error.kind) == expected


# --- waits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [130429, 131057, 131000])
def test_wait_that_meta_names_is_kept(web, code):
    assert error_of(web, 400, fault(code), {"Retry-After": "90"}).retry_after == 90.0


def test_one_person_is_written_to_again_after_six_seconds(web):
    assert error_of(web, 400, fault(131056)).retry_after == 6.0


def test_longer_wait_for_one_person_wins(web):
    assert error_of(web, 400, fault(131056), {"Retry-After": "30"}).retry_after == 30.0


@pytest.mark.parametrize("code", [130429, 131000, 131048, 131026])
def test_without_a_stated_wait_there_is_none(web, code):
    assert error_of(web, 400, fault(code)).retry_after is None


# --- details ------------------------------------------------------------------------------------------------------


def test_detail_names_the_code_and_metas_words(web):
    error = error_of(web, 400, fault(131026, "Message undeliverable", "Not a WhatsApp number."))
    assert error.detail == "HTTP 400, error 131026: Message undeliverable: Not a WhatsApp number."


def test_detail_holds_no_phone_no_token_and_no_text(web):
    details = f"bad +573000000001 token {TOKEN} text {MESSAGE.text}"
    assert error_of(web, 400, fault(131009, "Wrong", details)).detail == (
        "HTTP 400, error 131009: Wrong: bad … token … text …"
    )


def test_page_of_somebody_else_quotes_nothing_of_ours(web):
    page = HTML.format(f"Bad Gateway {TOKEN} {MESSAGE.text}")
    assert error_of(web, 502, page).detail == "HTTP 502: Bad Gateway … … Bad Gateway … …"


def test_detail_of_a_report_holds_no_phone():
    errors = [{"code": 131026, "title": "Undeliverable", "error_data": {"details": "573000000001 has no WhatsApp"}}]
    assert reported(errors) == ("not_on_whatsapp", "error 131026: Undeliverable: … has no WhatsApp")


def test_title_that_is_said_twice_is_shown_once():
    errors = [{"code": 131000, "title": "Oops", "message": "Oops", "error_data": {"details": "Oops"}}]
    assert reported(errors) == ("temporary", "error 131000: Oops")


@pytest.mark.parametrize("errors", [None, [], {}, ["x"], [None]])
def test_failure_without_a_reason_is_still_one(errors):
    assert reported(errors) == ("rejected_content", "")


def test_failure_with_an_unknown_code_keeps_it():
    assert reported([{"code": 987654, "title": "New"}]) == ("rejected_content", "error 987654: New")
