"""Whether a number has WhatsApp, and whose an id that is no number is, as WAHA says."""

import pytest
import requests
import responses

from tests.whatsapp.waha import HTML, KEY, URL, as_text, gateway
from whatsapp.gateways.base import NumberCheck

CHECK = f"{URL}/api/contacts/check-exists?phone=573000000001&session=eventos"
LID = "100000000000001@lid"


@pytest.fixture
def web():
    with responses.RequestsMock() as mock:
        yield mock


def check(web, status, body) -> NumberCheck:
    web.get(CHECK, body=as_text(body), status=status)
    return gateway().check_number("+573000000001")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"numberExists": True, "chatId": "573000000001@c.us"}, NumberCheck(True, "573000000001@c.us")),
        ({"numberExists": True, "chatId": "57300000001@c.us"}, NumberCheck(True, "57300000001@c.us")),
        ({"numberExists": True, "chatId": LID, "pn": "573000000001@c.us"}, NumberCheck(True, LID)),
        ({"numberExists": True}, NumberCheck(True)),
        ({"numberExists": True, "chatId": None}, NumberCheck(True)),
        ({"numberExists": True, "chatId": "120363000000000001@g.us"}, NumberCheck(True)),
        ({"numberExists": True, "chatId": "9" * 250}, NumberCheck(True)),
        ({"numberExists": False}, NumberCheck(False)),
        (
            {"numberExists": False, "chatId": "573000000001@c.us"},
            NumberCheck(False),
        ),  # some engines name it all the same
    ],
)
def test_who_has_whatsapp(web, body, found):
    assert check(web, 200, body) == found
    assert web.calls[0].request.headers["X-Api-Key"] == KEY


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {}),
        (200, {"numberExists": "no"}),
        (200, ""),
        (200, HTML.format("Login")),
        (401, {"message": "Unauthorized"}),
        (422, {"numberExists": False, "expected": ["WORKING"]}),
        (500, {"numberExists": True, "exception": {"message": "x"}}),
    ],
)
def test_nobody_knows(web, status, body):
    found = check(web, status, body)
    assert (found.exists, found.recipient_id) == (None, "")
    assert found.detail


def test_no_answer_to_a_check_is_no_answer(web):
    web.get(CHECK, body=requests.ReadTimeout("slow"))
    assert gateway().check_number("+573000000001").exists is None


def test_name_of_the_session_is_quoted_in_a_check(web):
    web.get(f"{URL}/api/contacts/check-exists?phone=573000000001&session=a%26b", json={"numberExists": False})
    assert gateway(session_name="a&b").check_number("+573000000001") == NumberCheck(False)


# --- whose an id is -----------------------------------------------------------------------------------------------


def phone_of(web, status, body) -> str:
    web.get(f"{URL}/api/eventos/lids/100000000000001%40lid", body=as_text(body), status=status)
    return gateway().phone_of(LID)


@pytest.mark.parametrize("pn", ["573000000001@c.us", "573000000001@s.whatsapp.net", "573000000001:12@c.us"])
def test_number_behind_a_hidden_one(web, pn):
    assert phone_of(web, 200, {"lid": LID, "pn": pn}) == "+573000000001"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"lid": LID, "pn": None}),
        (200, {"lid": LID, "pn": LID}),
        (200, {"lid": LID, "pn": "100000000000001"}),
        (200, ""),
        (404, {"lid": LID, "pn": "573000000001@c.us"}),
        (500, {"exception": {"stack": "x"}}),
    ],
)
def test_hidden_number_stays_unknown(web, status, body):
    assert phone_of(web, status, body) == ""


def test_no_answer_about_a_hidden_number_is_no_number(web):
    web.get(f"{URL}/api/eventos/lids/100000000000001%40lid", body=requests.ReadTimeout("slow"))
    assert gateway().phone_of(LID) == ""


@pytest.mark.parametrize(
    ("chat_id", "phone"), [("573000000001@c.us", "+573000000001"), ("1@g.us", ""), ("100000000000001", "")]
)
def test_only_hidden_numbers_are_asked_about(chat_id, phone):
    assert gateway().phone_of(chat_id) == phone
