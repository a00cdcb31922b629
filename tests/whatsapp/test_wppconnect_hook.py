"""What WPPConnect server posts: objects of its library, with `event` and `session` added."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from whatsapp.gateways.base import Signing, State
from whatsapp.gateways.wppconnect import WppConnectGateway
from whatsapp.webhooks.base import OwnMessage, Reading, Receipt, ReceiptStatus, Reply, StateNews
from whatsapp.webhooks.wppconnect import WppConnectHook

PERSON, LID = "12025550123@c.us", "900100200301@lid"
R, S = ReceiptStatus, State


def identity(remote: str = PERSON, *, from_me: bool = True) -> dict[str, Any]:
    serial = f"{str(from_me).lower()}_{remote}_3EB0AA11BB22"
    return {"fromMe": from_me, "remote": remote, "id": "3EB0AA11BB22", "_serialized": serial}


def onack(ack: Any, **fields: Any) -> dict[str, Any]:
    values = {"id": identity(), "from": "12025550100@c.us", "to": PERSON, "ack": ack}
    return {"event": "onack", "session": "demo"} | values | fields


def onmessage(**fields: Any) -> dict[str, Any]:
    values = {
        "id": f"false_{PERSON}_3A10AB12CD34",
        "body": "BAJA",
        "type": "chat",
        "from": PERSON,
        "to": "12025550100@c.us",
        "fromMe": False,
        "t": 1795600800,
        "sender": {"id": PERSON, "pushname": "Ana"},
        "isGroupMsg": False,
    }
    return {"event": "onmessage", "session": "demo"} | values | fields


AT = datetime.fromtimestamp(1795600800, UTC)


def read(body: Any, **options: str) -> Reading:
    return WppConnectHook().read(json.loads(json.dumps(body)), options)


def test_it_signs_nothing():
    assert WppConnectGateway.capabilities.signing is Signing.NONE
    assert not WppConnectHook().is_genuine({"x-hub-signature-256": "sha256=00"}, b"{}", "x")


# --- receipts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ack", "status"), [(1, R.SENT), (2, R.DELIVERED), (3, R.READ), (4, R.READ)])
def test_a_receipt(ack, status):
    assert read(onack(ack)).news == [Receipt("3EB0AA11BB22", status, chat_id=PERSON, phone="+12025550123")]


@pytest.mark.parametrize(
    ("ack", "kind", "detail"),
    [
        (-1, "", "failed"),
        (-2, "", "expired"),
        (-3, "rejected_content", "the file is gone"),
        (-4, "rejected_content", "the file is too big"),
        (-5, "rejected_content", "the file could not be uploaded"),
        (-6, "", "inactive"),
        (-7, "", "downgraded"),
    ],
)
def test_a_failure(ack, kind, detail):
    [receipt] = read(onack(ack)).news
    assert (receipt.status, receipt.error_kind, receipt.detail) == (R.FAILED, kind, detail)


@pytest.mark.parametrize("ack", [0, 5])
def test_what_waits_or_is_of_our_own_devices_is_no_news(ack):
    assert read(onack(ack)) == Reading()


@pytest.mark.parametrize("ack", [6, -8, "3", None, [3], {}])
def test_an_unknown_receipt_is_a_fault_and_changes_nothing(ack):
    reading = read(onack(ack))
    assert (reading.news, len(reading.faults)) == ([], 1)


@pytest.mark.parametrize(
    ("value", "chat_id", "phone"),
    [
        (identity(), PERSON, "+12025550123"),
        (f"true_{PERSON}_3EB0AA11BB22", PERSON, "+12025550123"),
        ({"_serialized": f"true_{PERSON}_3EB0AA11BB22"}, PERSON, "+12025550123"),
        (identity(LID), LID, ""),
    ],
)
def test_every_shape_of_an_id(value, chat_id, phone):
    assert read(onack(3, id=value)).news == [Receipt("3EB0AA11BB22", R.READ, chat_id=chat_id, phone=phone)]


@pytest.mark.parametrize("value", ["", None, {}, 7, ["x"], {"_serialized": ""}])
def test_a_receipt_for_no_message_is_a_fault_or_names_one_as_it_came(value):
    reading = read(onack(3, id=value))
    assert [receipt.message_id for receipt in reading.news] == (["7"] if value == 7 else [])
    assert len(reading.faults) == (0 if value == 7 else 1)


@pytest.mark.parametrize(
    "value",
    [
        identity(from_me=False),
        f"false_{PERSON}_3EB0AA11BB22",
        identity("120363000000000001@g.us"),
        identity("status@broadcast"),
    ],
)
def test_receipts_for_messages_of_others_and_in_groups_are_skipped(value):
    assert read(onack(3, id=value)) == Reading()


# --- messages -----------------------------------------------------------------------------------------------------


def test_somebody_writes():
    assert read(onmessage()).news == [Reply("3A10AB12CD34", PERSON, "+12025550123", "BAJA", AT)]


def test_what_came_while_the_gateway_was_off_counts_too():
    assert read(onmessage(event="unreadmessages")).news == read(onmessage()).news


def test_an_id_without_a_number_never_becomes_one():
    body = onmessage(**{"from": LID, "id": f"false_{LID}_3A10AB12CD34", "sender": {"id": LID}})
    assert read(body).news == [Reply("3A10AB12CD34", LID, "", "BAJA", AT)]


@pytest.mark.parametrize("event", ["onmessage", "onselfmessage"])
def test_what_our_own_number_wrote_is_told_apart(event):
    body = onmessage(event=event, fromMe=True, to=PERSON, id=identity(), **{"from": "12025550100@c.us"})
    assert read(body).news == [OwnMessage("3EB0AA11BB22", PERSON, "+12025550123", "BAJA", AT)]


def test_with_a_file_the_body_is_the_file_and_its_caption_is_the_text():
    picture = onmessage(type="image", body="iVBORw0KGgo=", mimetype="image/png")
    assert read(picture) == Reading()
    assert [news.text for news in read(picture | {"caption": "BAJA"}).news] == ["BAJA"]


@pytest.mark.parametrize("fields", [{"body": ""}, {"body": None}, {"type": "ptt"}, {"type": "e2e_notification"}])
def test_without_a_text_it_is_no_news(fields):
    assert read(onmessage(**fields)) == Reading()


@pytest.mark.parametrize(
    "fields", [{"from": "120363000000000001@g.us"}, {"from": "status@broadcast"}, {"isGroupMsg": True}]
)
def test_groups_are_skipped(fields):
    assert read(onmessage(**fields)) == Reading()


# --- state --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("isLogged", S.READY),
        ("inChat", S.READY),
        ("qrReadSuccess", S.STARTING),
        ("notLogged", S.NEEDS_QR),
        ("disconnectedMobile", S.LOGGED_OUT),
        ("desconnectedMobile", S.LOGGED_OUT),  # as some versions write it
        ("qrReadFail", S.FAILED),
        ("qrReadError", S.FAILED),
        ("autocloseCalled", S.FAILED),
        ("browserClose", S.FAILED),
        ("serverClose", S.FAILED),
        ("phoneNotConnected", S.FAILED),
    ],
)
def test_it_says_how_it_is(word, state):
    assert read({"event": "status-find", "session": "demo", "status": word}).news == [StateNews(state, word)]


@pytest.mark.parametrize(
    ("event", "state"), [("qrcode", S.NEEDS_QR), ("phoneCode", S.NEEDS_QR), ("logoutsession", S.LOGGED_OUT)]
)
def test_other_events_about_the_session(event, state):
    assert read({"event": event, "session": "demo", "qrcode": "iVBORw0KGgo="}).news == [StateNews(state)]


@pytest.mark.parametrize("event", ["closesession", "incomingcall", "onreactionmessage", "onpresencechanged", "x"])
def test_other_events_are_no_news(event):
    assert read({"event": event, "session": "demo"}) == Reading()


@pytest.mark.parametrize("word", ["somethingNew", "", None, 7])
def test_an_unknown_state_is_a_fault_and_changes_nothing(word):
    reading = read({"event": "status-find", "session": "demo", "status": word})
    assert (reading.news, len(reading.faults)) == ([], 1)


# --- whose? -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [onack(3), onmessage(), {"event": "status-find", "session": "demo", "status": "disconnectedMobile"}]
)
def test_one_address_for_all_sessions_tells_no_number_about_another(body):
    assert len(read(body, session_name="demo").news) == 1
    assert len(read(body).news) == 1
    assert read(body, session_name="otra") == Reading()
    assert len(read(body | {"session": None}, session_name="demo").news) == 1
    del body["session"]
    assert len(read(body, session_name="demo").news) == 1


@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"event": "onack"}, {"event": "onmessage"}, {"event": "status-find"}, {"event": []}]
)
def test_a_body_that_nobody_understands_is_a_fault(body):
    reading = read(body)
    assert (reading.news, len(reading.faults)) == ([], 1)
