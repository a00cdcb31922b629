"""What the answers of Evolution API mean that are no success: above all, whether a message may have left."""

import pytest
import responses

from tests.whatsapp.evolution import (
    HTML,
    KEY,
    MESSAGE,
    UNCERTAIN,
    WITH_DOCUMENT,
    WITH_PICTURE,
    K,
    answer,
    error_of,
    failure,
    gateway,
    meaning_of,
    recorded,
)
from whatsapp.gateways.base import NotSent, Refused, Stopped, Throttled, Unreachable


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


# --- 400: permanent only where it proves that nothing left ----------------------------------------------------------


def test_number_without_whatsapp(web):
    said = [{"jid": "573000000001@s.whatsapp.net", "exists": False, "number": "573000000001"}]
    error = error_of(web, 400, failure(400, said))
    assert (type(error), error.kind, error.detail) == (Refused, K.NOT_ON_WHATSAPP, "HTTP 400: Bad Request")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([['instance requires property "text"']], (Refused, K.REJECTED_CONTENT)),
        (["Text is required"], (Refused, K.REJECTED_CONTENT)),
        (["Owned media must be a url or base64"], (Refused, K.REJECTED_CONTENT)),
        ([['mediatype is not one of enum values: "image","document","video","audio","ptv"']], (Refused, K.REJECTED_CONTENT)),
        ([["Invalid format"]], (Refused, K.INVALID_NUMBER)),
        ([['requires property "number"']], (Refused, K.INVALID_NUMBER)),
        ([["Invalid format", "Text is required"]], (Refused, K.INVALID_NUMBER)),
    ],
)  # fmt: skip
def test_validation_is_permanent(web, said, expected):
    assert meaning_of(web, 400, failure(400, said)) == expected


@pytest.mark.parametrize(
    "said",
    [
        ["Error: Connection Closed"],
        ["Error: Timed Out"],
        ["Error: Invalid format"],
        ["Error: Text is required"],
        ["TypeError: Cannot read properties of undefined (reading 'onWhatsApp')"],
        ["PrismaClientKnownRequestError: the table does not exist"],
        ["Text is required", "Error: Timed Out"],
        [["Text is required"], [{"exists": False}]],
        "Connection Closed",
        "Error: Timed Out",
        ["[object Object]"],
        ["something else"],
        [{"jid": "573000000001@s.whatsapp.net", "exists": True}],
        [{"jid": "573000000001@s.whatsapp.net"}],
        [{"exists": "false"}],
        [{"exists": 0}],
        {"exists": False},
        ["Text is required", None],
        [[[[["Text is required"]]]]],  # deeper than anything that it writes
        [],
        [[]],
        None,
    ],
)
@pytest.mark.parametrize("message", [MESSAGE, WITH_PICTURE])
def test_any_other_400_may_have_left(web, said, message):
    assert meaning_of(web, 400, failure(400, said), message) == UNCERTAIN


@pytest.mark.parametrize(
    "body",
    [
        {"data": None, "isBoom": True, "isServer": False, "output": {"statusCode": 428}},
        {"error": "Internal Server Error"},
        recorded("400_texto_largo.json")["body"],
        [],
        "Bad Request",
        "",
    ],
)
def test_400_of_no_known_shape_may_have_left(web, body):
    assert meaning_of(web, 400, body) == UNCERTAIN


def test_validation_without_the_envelope(web):
    assert meaning_of(web, 400, {"status": 400, "error": "Bad Request", "message": [["Invalid format"]]}) == (
        Refused,
        K.INVALID_NUMBER,
    )


# --- the other 4xx and 3xx ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (301, "", (Unreachable, K.UNREACHABLE)),
        (307, "", (Unreachable, K.UNREACHABLE)),
        (308, "", (Unreachable, K.UNREACHABLE)),
        (302, "", UNCERTAIN),
        (303, "", UNCERTAIN),
        (400, HTML.format("The plain HTTP request was sent to HTTPS port"), (Unreachable, K.UNREACHABLE)),
        (401, failure(401, "Unauthorized", "Unauthorized"), (Stopped, K.AUTH)),
        (401, HTML.format("Authorization Required"), (Stopped, K.AUTH)),
        (401, recorded("401_clave.json")["body"], (Stopped, K.AUTH)),
        (403, HTML.format("Forbidden"), (Stopped, K.AUTH)),
        (404, failure(404, ['The "eventos" instance does not exist'], "Not Found"), (NotSent, K.NOT_READY)),
        (404, failure(404, ['Instance "eventos" not found'], "Not Found"), (NotSent, K.NOT_READY)),
        (404, failure(404, ["Cannot POST /message/sendText/"], "Not Found"), (Unreachable, K.UNREACHABLE)),
        (404, HTML.format("Not Found"), (Unreachable, K.UNREACHABLE)),
        (404, "404 page not found", (Unreachable, K.UNREACHABLE)),
        (404, failure(404, ["Group not found"], "Not Found"), UNCERTAIN),
        (405, HTML.format("Not Allowed"), (Unreachable, K.UNREACHABLE)),
        (408, "", UNCERTAIN),
        (413, HTML.format("Request Entity Too Large"), (Refused, K.REJECTED_CONTENT)),
        (413, failure(413, "request entity too large", "Internal Server Error"), (Refused, K.REJECTED_CONTENT)),
        (418, failure(418, ["Text is required"]), UNCERTAIN),
        (422, failure(422, ["Text is required"]), UNCERTAIN),
    ],
)
def test_by_http_status(web, status, body, expected):
    assert meaning_of(web, status, body) == expected


@pytest.mark.parametrize(("name", "wait"), [("429_retry_after.json", 120.0), ("429_html.json", None)])
def test_recorded_429(web, name, wait):
    case = recorded(name)
    answer(web, 429, case["body"], headers=case["headers"])
    with pytest.raises(Throttled) as caught:
        gateway().send(MESSAGE)
    assert (caught.value.kind, caught.value.retry_after) == (K.RATE_LIMITED, wait)


# --- 5xx ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", ["Connection Closed", "Cannot read properties of undefined (reading 'onWhatsApp')"]
)  # fmt: skip
@pytest.mark.parametrize("message", [MESSAGE, WITH_PICTURE])
def test_no_connection_at_the_check_of_the_number_is_not_ready(web, said, message):
    assert meaning_of(web, 500, failure(500, said, "Internal Server Error"), message) == (NotSent, K.NOT_READY)


@pytest.mark.parametrize(
    "said",
    [
        "Timed Out",
        "Error: Connection Closed",
        "not Connection Closed at all",
        ["Connection Closed"],
        ["Error: Connection Closed"],
        ["Error: Input buffer contains unsupported image format"],
        [],
        None,
    ],
)
def test_any_other_500_of_a_text_is_uncertain(web, said):
    assert meaning_of(web, 500, failure(500, said, "Internal Server Error")) == UNCERTAIN


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["Error: Input buffer has corrupt header: pngload_buffer: end of stream"], (Refused, K.REJECTED_CONTENT)),
        (["Error: Input buffer contains unsupported image format"], (Refused, K.REJECTED_CONTENT)),
        (["Error: Connection Closed"], (NotSent, K.NOT_READY)),
        (["Error: Media upload failed on all hosts"], (NotSent, K.TEMPORARY)),
        (["TypeError: Cannot read properties of undefined (reading 'waUploadToServer')"], (NotSent, K.NOT_READY)),
        (["Error: Timed Out"], (NotSent, K.TEMPORARY)),
        (["Error: a", "something else"], UNCERTAIN),
        (["something else"], UNCERTAIN),
        ([{"message": "Error: a"}], UNCERTAIN),
        ("Error: Input buffer has corrupt header", UNCERTAIN),
    ],
)
@pytest.mark.parametrize("message", [WITH_PICTURE, WITH_DOCUMENT])
def test_picture_or_document_that_could_not_be_prepared_did_not_leave(web, said, expected, message):
    assert meaning_of(web, 500, failure(500, said, "Internal Server Error"), message) == expected


@pytest.mark.parametrize("status", [502, 503, 504])
def test_preparing_is_answered_with_500_and_nothing_else(web, status):
    assert (
        meaning_of(web, status, failure(status, ["Error: Input buffer has corrupt header"]), WITH_PICTURE) == UNCERTAIN
    )


@pytest.mark.parametrize("name", ["500_timed_out.json", "502_nginx.json", "500_numero_sin_whatsapp.json"])
def test_recorded_server_errors_are_uncertain(web, name):
    case = recorded(name)
    assert meaning_of(web, case["status"], case["body"]) == UNCERTAIN


@pytest.mark.parametrize("status", [500, 503, 504])
def test_page_of_a_proxy_is_uncertain(web, status):
    assert meaning_of(web, status, HTML.format("Connection Closed")) == UNCERTAIN


def test_detail_holds_no_phone_no_key_and_no_text(web):
    said = f"bad 573000000001@s.whatsapp.net key {KEY} text {MESSAGE.text}"
    assert error_of(web, 500, failure(500, said, "")).detail == "HTTP 500: bad … key … text …"
