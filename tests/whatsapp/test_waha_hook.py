"""What WAHA posts, and what it says."""

from datetime import UTC, datetime

import pytest

from whatsapp.gateways.base import State
from whatsapp.gateways.waha import WahaGateway
from whatsapp.gateways.waha_status import LOCKED, STATES
from whatsapp.webhooks.base import OwnMessage, Reading, Receipt, ReceiptStatus, Reply, StateNews
from whatsapp.webhooks.waha import WahaHook

R = ReceiptStatus
AT = datetime(2027, 1, 15, 8, 1, 40, tzinfo=UTC)  # 1800000100
EARLIER = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
ANA, HIDDEN, GROUP = "573000000001@c.us", "100000000000001@lid", "120363000000000001@g.us"
# The example of WAHA's own documentation.
BODY, SECRET = b'{"event":"message","session":"default","engine":"WEBJS"}', "my-secret-key"
SIGNATURE = (
    "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8"
    "097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89"
)


def post(event, payload, timestamp=1_800_000_100_000):
    return {"id": "evt_1", "timestamp": timestamp, "event": event, "session": "eventos", "payload": payload}


def read(event, payload, **fields) -> Reading:
    return WahaHook().read(post(event, payload, **fields))


def news(event, payload, **fields):
    reading = read(event, payload, **fields)
    assert reading.faults == []
    return reading.news


# --- genuine ------------------------------------------------------------------------------------------------------


def is_genuine(headers, body=BODY, secret=SECRET) -> bool:
    return WahaGateway.hook().is_genuine(headers, body, secret)


def test_signature_of_the_raw_body():
    assert is_genuine({"x-webhook-hmac": SIGNATURE})
    assert is_genuine({"x-webhook-hmac": SIGNATURE.upper()})


@pytest.mark.parametrize(
    ("headers", "body", "secret"),
    [
        ({}, BODY, SECRET),
        ({"x-webhook-hmac": ""}, BODY, SECRET),
        ({"x-webhook-hmac": SIGNATURE}, BODY + b" ", SECRET),
        ({"x-webhook-hmac": SIGNATURE}, BODY, "another"),
        ({"x-webhook-hmac": SIGNATURE[:64]}, BODY, SECRET),
        ({"x-webhook-hmac": "firma ñ"}, BODY, SECRET),
        ({"authorization": SIGNATURE}, BODY, SECRET),
    ],
)
def test_anything_else_is_forged(headers, body, secret):
    assert not is_genuine(headers, body, secret)


# --- receipts -----------------------------------------------------------------------------------------------------


def ack(**fields):
    return {"id": f"true_{ANA}_3EB0AA11", "from": "573000000000@c.us", "to": ANA, "fromMe": True} | fields


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"ack": -1, "ackName": "ERROR"}, R.FAILED),
        ({"ack": 1, "ackName": "SERVER"}, R.SENT),
        ({"ack": 2, "ackName": "DEVICE"}, R.DELIVERED),
        ({"ack": 3, "ackName": "READ"}, R.READ),
        ({"ack": 4, "ackName": "PLAYED"}, R.READ),
        ({"ack": 4, "ackName": "DEVICE"}, R.DELIVERED),  # the name counts
        ({"ackName": "READ"}, R.READ),
        ({"ack": -1}, R.FAILED),
        ({"ack": 1}, R.SENT),
        ({"ack": 2, "ackName": None}, R.DELIVERED),
        ({"ack": 3, "ackName": ""}, R.READ),
        ({"ack": 4}, R.READ),
    ],
)
def test_receipt(fields, status):
    expected = Receipt("3EB0AA11", status, AT, chat_id=ANA, phone="+573000000001")
    assert news("message.ack", ack(**fields)) == [expected]


@pytest.mark.parametrize("fields", [{"ack": 0, "ackName": "PENDING"}, {"ack": 0}, {"ack": 2, "ackName": "UNKNOWN"}])
def test_no_news_yet(fields):
    assert news("message.ack", ack(**fields)) == []


@pytest.mark.parametrize(
    "fields",
    [{"ack": 2, "ackName": "NEW"}, {"ack": 5}, {"ack": "2"}, {"ack": True}, {"ack": None}, {"ackName": ["READ"]}, {}],
)
def test_unknown_word_changes_nothing_and_is_told(fields):
    reading = read("message.ack", ack(**fields))
    assert (reading.news, len(reading.faults)) == ([], 1)


def test_what_this_number_has_read_is_no_receipt():
    assert news("message.ack", ack(id=f"false_{ANA}_3EB0AA11", fromMe=False, ackName="READ")) == []


def test_receipt_without_a_clock():
    assert news("message.ack", ack(ackName="READ"), timestamp=None)[0].at is None


def test_receipt_as_gows_writes_it():
    """The chat stands in `from`, and nothing in `to`."""
    [receipt] = news("message.ack", ack(**{"from": ANA, "to": None, "ackName": "DEVICE"}))
    assert (receipt.chat_id, receipt.phone) == (ANA, "+573000000001")


def test_receipt_of_a_hidden_number_names_no_phone():
    [receipt] = news("message.ack", ack(id=f"true_{HIDDEN}_3EB0AA11", to=HIDDEN, ackName="DEVICE"))
    assert (receipt.message_id, receipt.chat_id, receipt.phone) == ("3EB0AA11", HIDDEN, "")


def test_receipt_of_a_group_names_nobody():
    [receipt] = news("message.ack", ack(id=f"true_{GROUP}_3EB0AA11_{ANA}", ackName="DEVICE"))
    assert (receipt.message_id, receipt.chat_id, receipt.phone) == ("3EB0AA11", "", "")


def test_receipt_with_a_bare_id_and_with_one_in_parts():
    assert [receipt.message_id for receipt in news("message.ack", ack(id="3EB0AA11", ackName="READ"))] == ["3EB0AA11"]
    parts = {"fromMe": True, "remote": ANA, "id": "3EB0AA11", "_serialized": f"true_{ANA}_3EB0AA11"}
    assert [receipt.message_id for receipt in news("message.ack", ack(id=parts, ackName="READ"))] == ["3EB0AA11"]


def test_one_report_on_several_messages():
    """Repeated ids count once, and what is no id spoils none of the others."""
    data = {"MessageIDs": ["3EB0AA11", "3EB0BB22", None, {}, "", f"true_{ANA}_3EB0CC33"]}
    found = news("message.ack", ack(ackName="READ", _data=data))
    assert [receipt.message_id for receipt in found] == ["3EB0AA11", "3EB0BB22", "3EB0CC33"]
    assert {receipt.status for receipt in found} == {R.READ}


@pytest.mark.parametrize("data", [None, [], "x", {"MessageIDs": "3EB0BB22"}, {"MessageIDs": None}])
def test_other_data_of_an_engine_does_no_harm(data):
    assert [receipt.message_id for receipt in news("message.ack", ack(ackName="READ", _data=data))] == ["3EB0AA11"]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"error": {"code": "463", "blocked": True}}, "new_contacts"),
        ({"error": {"code": 463}}, "new_contacts"),
        ({"_data": {"messageStubParameters": ["463"]}}, "new_contacts"),
        ({"_data": {"update": {"messageStubParameters": ["463"]}}}, "new_contacts"),
        ({"error": {"code": "479"}}, ""),
        ({"_data": {"messageStubParameters": "463"}}, ""),
        ({}, ""),
    ],
)
def test_lock_for_new_people_that_comes_after_the_answer(fields, kind):
    [receipt] = news("message.ack", ack(ack=-1, ackName="ERROR", **fields))
    assert (receipt.status, receipt.error_kind) == (R.FAILED, kind)


def test_only_a_failure_has_a_reason():
    [receipt] = news("message.ack", ack(ackName="READ", error={"code": "463"}))
    assert receipt.error_kind == ""


# --- what people write --------------------------------------------------------------------------------------------


def written(chat=ANA, **fields):
    return {
        "id": f"false_{chat}_A58ABF7E",
        "timestamp": 1_800_000_000,
        "from": chat,
        "fromMe": False,
        "to": "573000000000@c.us",
        "body": "BAJA",
    } | fields


def test_reply():
    assert news("message", written()) == [Reply("A58ABF7E", ANA, "+573000000001", "BAJA", EARLIER)]


def test_reply_without_text_is_one_all_the_same():
    [reply] = news("message", written(body=None, hasMedia=True))
    assert (reply.text, reply.phone) == ("", "+573000000001")


def test_reply_without_a_time_of_its_own_has_that_of_the_post():
    assert news("message", written(timestamp=None))[0].at == AT


def test_reply_from_a_hidden_number_names_no_phone():
    assert news("message", written(HIDDEN)) == [Reply("A58ABF7E", HIDDEN, "", "BAJA", EARLIER)]


@pytest.mark.parametrize(
    "data",
    [
        {"Info": {"SenderAlt": "573000000001:12@s.whatsapp.net", "RecipientAlt": "573000000000@s.whatsapp.net"}},
        {"key": {"remoteJidAlt": "573000000001@s.whatsapp.net"}},
        {"key": {"senderPn": "573000000001@s.whatsapp.net"}},
    ],
)
def test_number_that_the_engine_names_beside_a_hidden_one(data):
    [reply] = news("message", written(HIDDEN, _data=data))
    assert (reply.chat_id, reply.phone) == (HIDDEN, "+573000000001")


@pytest.mark.parametrize("alt", [HIDDEN, "", None, "100000000000001", GROUP])
def test_what_stands_beside_a_hidden_number_and_is_none(alt):
    assert news("message", written(HIDDEN, _data={"Info": {"SenderAlt": alt}}))[0].phone == ""


@pytest.mark.parametrize("chat", [GROUP, "120363000000000001@newsletter", "status@broadcast", "573@broadcast"])
def test_only_people_reply(chat):
    assert news("message", written(chat, participant=ANA)) == []


@pytest.mark.parametrize("fields", [{"fromMe": True}, {"id": f"true_{ANA}_A58ABF7E"}])
def test_what_this_number_wrote_is_no_reply(fields):
    assert news("message", written(**fields)) == []


def test_what_people_write_comes_once():
    """`message.any` tells it too."""
    assert len(news("message", written())) == 1
    assert news("message.any", written()) == []


def test_own_message():
    payload = written(
        id=f"true_{ANA}_3EB0AA11", **{"from": "573000000000@c.us", "to": ANA, "fromMe": True, "source": "api"}
    )
    assert news("message.any", payload) == [OwnMessage("3EB0AA11", ANA, "+573000000001", "BAJA", EARLIER)]


def test_own_message_as_gows_writes_it():
    payload = written(id=f"true_{ANA}_3EB0AA11", fromMe=True, to=None)
    assert news("message.any", payload) == [OwnMessage("3EB0AA11", ANA, "+573000000001", "BAJA", EARLIER)]


def test_own_message_to_a_hidden_number_names_the_reader_and_not_this_number():
    data = {"Info": {"SenderAlt": "573000000000@s.whatsapp.net", "RecipientAlt": "573000000001@s.whatsapp.net"}}
    payload = written(HIDDEN, id=f"true_{HIDDEN}_3EB0AA11", fromMe=True, _data=data)
    [own] = news("message.any", payload)
    assert (own.chat_id, own.phone) == (HIDDEN, "+573000000001")
    payload["_data"]["Info"]["RecipientAlt"] = ""
    assert news("message.any", payload)[0].phone == ""


def test_own_message_to_a_group_is_nobodys():
    assert news("message.any", written(GROUP, id=f"true_{GROUP}_3EB0AA11_{ANA}", fromMe=True)) == []


# --- how the session is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STATES)
def test_state(name):
    state, detail = STATES[name]
    assert news("session.status", {"name": "eventos", "status": name}) == [StateNews(state, detail, at=AT)]


def lock(is_active=True, ends=1_800_003_700):
    data = {"reachoutTimelock": {"isActive": is_active, "timeEnforcementEnds": ends}}
    return {"status": "WORKING", "data": data}


def test_lock_for_new_people():
    ends_at = datetime(2027, 1, 15, 9, 1, 40, tzinfo=UTC)
    assert news("session.status", lock()) == [StateNews(State.READY, LOCKED, locked_until=ends_at, at=AT)]
    assert news("session.status", lock(), timestamp=None) == [StateNews(State.READY, LOCKED, locked_until=ends_at)]


@pytest.mark.parametrize("payload", [lock(is_active=False), lock(ends=None), lock(ends=1_800_000_000)])
def test_lock_that_is_over_or_names_no_end(payload):
    assert news("session.status", payload) == [StateNews(State.READY, at=AT)]


def test_session_that_is_down_is_down_whatever_its_lock():
    assert news("session.status", lock() | {"status": "STOPPED"})[0].state is State.FAILED


@pytest.mark.parametrize("payload", [{"status": "NEW"}, {"status": None}, {"status": []}, {}])
def test_unknown_state_changes_nothing_and_is_told(payload):
    reading = read("session.status", payload)
    assert (reading.news, len(reading.faults)) == ([], 1)


# --- anything else ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["message.reaction", "message.ack.group", "presence.update", "call.received"])
def test_other_events_are_no_news(event):
    assert news(event, {"id": "x"}) == []


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        7,
        {},
        {"event": "message"},
        {"event": "message", "payload": None},
        {"event": "message", "payload": []},
        {"event": "message", "payload": {}},
        {"event": "message.any", "payload": {}},
        {"event": "message.ack", "payload": "x"},
        {"event": "session.status", "payload": 3},
    ],
)
def test_what_is_no_post_of_waha_is_told_and_breaks_nothing(body):
    reading = WahaHook().read(body)
    assert (reading.news, len(reading.faults)) == ([], 1)
