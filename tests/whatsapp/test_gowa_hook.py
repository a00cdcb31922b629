"""What GOWA posts, from the examples of its documentation, with fictional people."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from whatsapp.gateways.base import Signing
from whatsapp.gateways.gowa import GowaGateway
from whatsapp.webhooks.base import OwnMessage, Reading, Receipt, ReceiptStatus, Reply
from whatsapp.webhooks.gowa import GowaHook

SECRET = "una-frase-larga-de-prueba"
OURS, PERSON, LID = "12025550100@s.whatsapp.net", "12025550123@s.whatsapp.net", "900100200301@lid"
AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
R = ReceiptStatus


def ack(receipt_type: Any = "delivered", ids: Any = ("3EB0AA11",), **payload: Any) -> dict[str, Any]:
    values = {"ids": ids, "chat_id": PERSON, "from": PERSON, "receipt_type": receipt_type}
    return {"event": "message.ack", "device_id": OURS, "timestamp": "2026-11-25T10:00:00Z", "payload": values | payload}


def message(**payload: Any) -> dict[str, Any]:
    values = {
        "id": "3A10",
        "chat_id": PERSON,
        "from": PERSON,
        "from_name": "Ana",
        "timestamp": "2026-11-25T10:00:00Z",
        "is_from_me": False,
        "body": "BAJA",
    }
    return {"event": "message", "device_id": OURS, "payload": values | payload}


def read(body: Any, **options: str) -> Reading:
    return GowaHook().read(json.loads(json.dumps(body)), options)


# --- genuine? -----------------------------------------------------------------------------------------------------


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def is_genuine(headers: dict[str, str], body: bytes = b'{"event":"message"}', secret: str = SECRET) -> bool:
    return GowaHook().is_genuine(headers, body, secret)


def test_a_signed_body_is_genuine():
    assert is_genuine(signed(b'{"event":"message"}'))
    assert is_genuine({name: value.upper().replace("SHA256", "sha256") for name, value in signed(b"{}").items()}, b"{}")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": "sha256=ñ"},
        signed(b'{"event": "message"}'),  # of another body
        signed(b'{"event":"message"}', "otra-frase"),
        {"x-hub-signature-256": signed(b'{"event":"message"}')["x-hub-signature-256"].partition("=")[2]},
        {"x-hub-signature-256": signed(b'{"event":"message"}')["x-hub-signature-256"].replace("sha256", "sha1")},
        {"x-signature": signed(b'{"event":"message"}')["x-hub-signature-256"]},
    ],
)
def test_anything_else_is_not(headers):
    assert not is_genuine(headers)


@pytest.mark.parametrize("secret", ["secret", "Secret", " secret "])
def test_the_secret_that_everybody_knows_opens_nothing(secret):
    assert not is_genuine(signed(b"{}", secret), b"{}", secret)


def test_nor_can_it_be_typed_in():
    [field] = [field for field in GowaGateway.fields if field.name == "new_webhook_secret"]
    assert GowaGateway.capabilities.signing is Signing.BODY
    assert [bool(re.fullmatch(field.pattern, text)) for text in ("secret", "corto", SECRET)] == [False, False, True]


# --- receipts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("receipt_type", "status"), [("delivered", R.DELIVERED), ("read", R.READ), ("played", R.READ)])
def test_a_receipt(receipt_type, status):
    assert read(ack(receipt_type)).news == [Receipt("3EB0AA11", status, AT, chat_id=PERSON, phone="+12025550123")]


@pytest.mark.parametrize(
    "receipt_type", ["retry", "sender", "read-self", "played-self", "server-error", "inactive", "peer_msg", "hist_sync"]
)
def test_what_is_not_of_the_person_is_no_news(receipt_type):
    assert read(ack(receipt_type)) == Reading()


@pytest.mark.parametrize("receipt_type", ["", "new", None, 3])
def test_an_unknown_receipt_is_a_fault_and_changes_nothing(receipt_type):
    assert read(ack(receipt_type)) == Reading(faults=["ValueError"])


def test_each_id_of_a_list_is_a_receipt_of_its_own():
    found = read(ack("read", ["3EB0AA11", "3EB0BB22"])).news
    assert [(receipt.message_id, receipt.status) for receipt in found] == [("3EB0AA11", R.READ), ("3EB0BB22", R.READ)]


def test_an_id_that_is_none_spoils_no_other():
    assert [receipt.message_id for receipt in read(ack("read", [None, 7, "", "3EB0BB22"])).news] == ["3EB0BB22"]


@pytest.mark.parametrize(
    ("payload", "chat_id", "phone"),
    [
        ({"from_lid": LID}, LID, "+12025550123"),  # whose it is
        ({"from": LID, "from_lid": LID}, LID, "+12025550123"),  # the chat says it
        ({"from": LID, "from_lid": LID, "chat_id": LID}, LID, ""),  # nobody says it
    ],
)
def test_an_id_that_is_no_number_never_becomes_one(payload, chat_id, phone):
    [receipt] = read(ack("read", **payload)).news
    assert (receipt.chat_id, receipt.phone) == (chat_id, phone)


@pytest.mark.parametrize("payload", [{"chat_id": "120363000000000001@g.us"}, {"chat_id": "status@broadcast"}])
def test_groups_are_skipped(payload):
    assert read(ack("read", **payload)) == Reading()


def test_our_own_phone_that_reads_what_somebody_wrote_is_no_news():
    assert read(ack("read", **{"from": OURS})) == Reading()


@pytest.mark.parametrize("moment", ["2026-11-25T05:00:00-05:00", "2026-11-25T10:00:00.000000Z"])
def test_moments_have_zones(moment):
    assert read(ack() | {"timestamp": moment}).news[0].at == AT


@pytest.mark.parametrize("moment", [None, "", "yesterday", "2026-11-25T10:00:00", 1790000000])
def test_a_moment_that_is_none_is_not_guessed(moment):
    assert read(ack() | {"timestamp": moment}).news[0].at is None


# --- messages -----------------------------------------------------------------------------------------------------


def test_somebody_writes():
    assert read(message()).news == [Reply("3A10", PERSON, "+12025550123", "BAJA", AT)]


@pytest.mark.parametrize(
    ("payload", "chat_id", "phone"),
    [
        ({"from_lid": LID}, LID, "+12025550123"),
        ({"from": LID, "from_lid": LID, "chat_id": LID}, LID, ""),
        ({"from": LID, "chat_id": LID}, LID, ""),
    ],
)
def test_somebody_writes_under_an_id_that_is_no_number(payload, chat_id, phone):
    [reply] = read(message(**payload)).news
    assert (reply.chat_id, reply.phone) == (chat_id, phone)


def test_what_our_own_number_wrote_is_told_apart():
    found = read(message(is_from_me=True, **{"from": OURS})).news
    assert found == [OwnMessage("3A10", PERSON, "+12025550123", "BAJA", AT)]


@pytest.mark.parametrize(
    "part", [{"image": {"url": "x", "caption": "Tu entrada"}}, {"document": {"filename": "x", "caption": "Tu entrada"}}]
)
def test_a_caption_is_its_text(part):
    payload = message(**part)
    del payload["payload"]["body"]
    assert [news.text for news in read(payload).news] == ["Tu entrada"]


def test_a_file_without_a_caption_has_no_text():
    payload = message(image="statics/media/1.jpe", sticker={"url": "x"})
    del payload["payload"]["body"]
    assert [news.text for news in read(payload).news] == [""]


def test_groups_channels_and_other_events_are_no_news():
    for chat_id in ("120363000000000001@g.us", "120363000000000001@newsletter", "status@broadcast"):
        assert read(message(chat_id=chat_id)) == Reading()
    for event in ("message.reaction", "message.edited", "message.revoked", "group.participants", "call.offer", "x"):
        assert read({"event": event, "payload": {}}) == Reading()


# --- whose? -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [ack(), message(), message(is_from_me=True)])
def test_one_webhook_for_all_devices_tells_no_number_about_another(body):
    assert len(read(body, phone="+12025550100").news) == 1
    here = {"phone": "+12025550199", "other_phones": "+573110000009\n+1 202 555-0100"}
    assert read(body, **here) == Reading()
    assert len(read(body, phone="+12025550100", other_phones="+12025550199").news) == 1


@pytest.mark.parametrize("other_phones", ["", "+573110000009"])
def test_a_number_that_was_typed_wrong_loses_no_report(other_phones):
    assert len(read(ack(), phone="+12025550199", other_phones=other_phones).news) == 1


@pytest.mark.parametrize(
    ("phone", "device_id"),
    [
        ("+525512345678", "5215512345678@s.whatsapp.net"),  # Mexico's 1
        ("+5215512345678", "525512345678@s.whatsapp.net"),
        ("+5491112345678", "541112345678@s.whatsapp.net"),  # Argentina's 9, and the 15 of old
        ("+54 11 1234-5678", "5491112345678@s.whatsapp.net"),
        ("+54 351 15 123-4567", "5493511234567@s.whatsapp.net"),
        ("+54 2966 15 123456", "5492966123456@s.whatsapp.net"),
        ("+5511912345678", "551112345678@s.whatsapp.net"),  # Brazil's ninth digit
        ("+551112345678", "5511912345678@s.whatsapp.net"),
        ("300 000 0001", "573000000001@s.whatsapp.net"),  # as at home
        ("+57 (300) 000-0001", "573000000001:12@s.whatsapp.net"),
    ],
)
def test_our_own_number_in_another_form_is_ours(phone, device_id):
    assert len(read(ack() | {"device_id": device_id}, phone=phone).news) == 1


@pytest.mark.parametrize("phone", ["", "taquilla", "123"])
def test_a_number_that_is_not_written_down_takes_everything(phone):
    assert len(read(ack(), phone=phone).news) == 1


@pytest.mark.parametrize("device_id", [LID, "taquilla", "", None, 7, ["x"]])
def test_an_id_that_is_no_number_is_taken_for_ours(device_id):
    assert len(read(ack() | {"device_id": device_id}, phone="+12025550199").news) == 1


def test_a_post_that_names_no_number_is_taken():
    body = ack()
    del body["device_id"]
    assert len(read(body, phone="+12025550199").news) == 1


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {},
        {"event": "message"},
        {"event": "message", "payload": []},
        {"event": "message.ack", "payload": {}},
    ],
)
def test_a_body_that_nobody_understands_is_a_fault(body):
    reading = read(body)
    assert (reading.news, len(reading.faults)) == ([], 1)
