import json
from datetime import UTC, datetime

import pytest

from whatsapp.gateways.answers import bare_id, error_text, retry_after
from whatsapp.gateways.http import Answer

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-5", 0.0),
        ("99999999", 86_400.0),
        ("Wed, 25 Nov 2026 15:01:30 GMT", 90.0),
        ("Wed, 25 Nov 2026 14:00:00 GMT", 0.0),
        ("Wed, 25 Nov 2126 15:00:00 GMT", 86_400.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Wed, 99 Nov 2026 99:00:00 GMT", None),
    ],
)
def test_retry_after(value, seconds):
    assert retry_after(Answer(429, headers={"retry-after": value}), now=NOW) == seconds


def test_retry_after_goes_by_the_clock_of_the_gateway():
    headers = {"retry-after": "Wed, 25 Nov 2020 15:01:00 GMT", "date": "Wed, 25 Nov 2020 15:00:00 GMT"}
    assert retry_after(Answer(429, headers=headers)) == 60.0


def test_no_header_names_no_wait():
    assert retry_after(Answer(429)) is None


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"error": "uno"}, "uno"),
        ({"message": "dos"}, "dos"),
        ({"response": {"err": "tres"}}, "tres"),
        ({"errors": [{"msg": "cuatro"}]}, "cuatro"),
        ({"error": {"message": "cinco", "code": 100}}, "cinco"),
        ({"error": "Bad Request", "message": ["seis", "siete"]}, "Bad Request seis siete"),
        ({"error": "uno", "message": "uno"}, "uno"),
        ({"error": True, "message": "ocho"}, "ocho"),
        ({}, ""),
    ],
)
def test_error_text(body, text):
    assert error_text(Answer(400, json.dumps(body).encode())) == text


def test_error_text_of_a_page_is_its_words():
    page = b"<html><head><title>502 Bad Gateway</title></head><body>nginx\xff</body></html>"
    assert error_text(Answer(502, page)) == "502 Bad Gateway nginx\ufffd"


def test_error_text_survives_an_object_that_holds_itself_deep():
    body: object = "x"
    for _ in range(300):
        body = {"error": body}
    assert error_text(Answer(400, json.dumps(body).encode())) == ""


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("3EB0AA11BB22", "3EB0AA11BB22"),
        ("true_573000000001@c.us_3EB0AA11BB22", "3EB0AA11BB22"),
        ("false_900100200300@lid_3A0011AA22BB", "3A0011AA22BB"),
        ("true_1203@g.us_3EB0AA11BB22_57300@c.us", "3EB0AA11BB22"),
        ("wamid_3EB0AA11BB22", "3EB0AA11BB22"),
        ("ABCD-1234", "ABCD-1234"),
        (" 3EB0AA11BB22 ", "3EB0AA11BB22"),
        ("", ""),
    ],
)
def test_bare_id(text, bare):
    assert bare_id(text) == bare
