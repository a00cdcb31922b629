"""What Evolution API posts: receipts, messages in both directions, and states."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from whatsapp.gateways.base import State
from whatsapp.webhooks.base import OwnMessage, Reading, Receipt, ReceiptStatus, Reply, StateNews
from whatsapp.webhooks.evolution import EvolutionHook

R, S = ReceiptStatus, State
JID, LID = "573000000001@s.whatsapp.net", "100000000000001@lid"
AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
UPDATE = {
    "keyId": "3EB0AA11BB22",
    "remoteJid": JID,
    "fromMe": True,
    "status": "DELIVERY_ACK",
    "instanceId": "00000000-0000-4000-8000-000000000001",
    "messageId": "ck0000000000000000000001",
}
INBOUND = {
    "key": {"remoteJid": JID, "fromMe": False, "id": "3A00000000000001"},
    "pushName": "Ana",
    "message": {"conversation": "BAJA"},
    "messageType": "conversation",
    "messageTimestamp": 1790000000,
}
DELIVERED = Receipt("3EB0AA11BB22", R.DELIVERED, chat_id=JID, phone="+573000000001")
BAJA = Reply("3A00000000000001", JID, "+573000000001", "BAJA", AT)


def post(event: str, data: Any) -> dict[str, Any]:
    """The envelope, with our own number as its sender and a local time that claims to be UTC."""
    return {
        "event": event,
        "instance": "eventos",
        "data": data,
        "destination": "https://pregonero.test/hook",
        "date_time": "2026-09-21T09:13:21.000Z",
        "sender": "573000000099@s.whatsapp.net",
        "server_url": "http://localhost:8080",
        "apikey": None,
    }


def reading(event: str, data: Any) -> Reading:
    return EvolutionHook().read(post(event, data))


def news(event: str, data: Any) -> list[Any]:
    found = reading(event, data)
    assert found.faults == []
    return found.news


# --- receipts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("SERVER_ACK", R.SENT),
        ("DELIVERY_ACK", R.DELIVERED),
        ("READ", R.READ),
        ("PLAYED", R.READ),
        ("ERROR", R.FAILED),
        ("delivery_ack", R.DELIVERED),
        (0, R.FAILED),
        (2, R.SENT),
        (3, R.DELIVERED),
        (4, R.READ),
        (5, R.READ),
    ],
)
def test_receipt_by_name_or_by_its_number(status, expected):
    [receipt] = news("messages.update", UPDATE | {"status": status})
    assert receipt == Receipt("3EB0AA11BB22", expected, chat_id=JID, phone="+573000000001")


@pytest.mark.parametrize("status", ["PENDING", "DELETED", "EDITED", 1])
def test_states_of_a_message_that_are_no_news(status):
    assert news("messages.update", UPDATE | {"status": status}) == []


@pytest.mark.parametrize("status", ["DEVICE", "", None, -1, 6, True, [], {"a": 1}])
def test_unknown_state_of_a_message_is_a_fault_and_changes_nothing(status):
    found = reading("messages.update", UPDATE | {"status": status})
    assert (found.news, len(found.faults)) == ([], 1)


@pytest.mark.parametrize("event", ["messages.update", "MESSAGES_UPDATE", "messages-update", "Messages.Update"])
def test_every_spelling_of_an_event(event):
    assert news(event, UPDATE) == [DELIVERED]


def test_data_as_a_list_of_which_one_item_is_bad():
    found = reading("messages.update", [UPDATE | {"status": "READ"}, {"status": "READ"}, None, UPDATE])
    assert [receipt.status for receipt in found.news] == [R.READ, R.DELIVERED]
    assert found.faults == ["KeyError", "AttributeError"]


def test_receipt_as_the_library_below_writes_it():
    raw = {"key": {"remoteJid": JID, "fromMe": True, "id": "3EB0AA11BB22"}, "update": {"status": 3}}
    assert news("messages.update", [raw]) == [DELIVERED]


@pytest.mark.parametrize("key_id", ["", None, 7])
def test_receipt_without_an_id_matches_nothing_else(key_id):
    """`messageId` is the id of a row of Evolution's own."""
    found = reading("messages.update", UPDATE | {"keyId": key_id})
    assert (found.news, len(found.faults)) == ([], 1)


def test_receipt_of_an_account_that_is_locked_for_new_people():
    [receipt] = news("messages.update", UPDATE | {"status": "ERROR", "messageStubParameters": ["463"]})
    assert (receipt.status, receipt.error_kind, receipt.detail) == (R.FAILED, "new_contacts", "error 463")
    raw = {"key": {"id": "3EB0AA11BB22"}, "update": {"status": 0, "messageStubParameters": ["463"]}}
    assert news("messages.update", raw)[0].error_kind == "new_contacts"


def test_receipt_of_what_others_wrote_and_of_groups_is_no_news():
    assert news("messages.update", UPDATE | {"fromMe": False}) == []
    assert news("messages.update", UPDATE | {"remoteJid": "120363000000000000@g.us"}) == []


def test_receipt_needs_no_chat():
    [receipt] = news("messages.update", {"keyId": "3EB0AA11BB22", "status": "READ"})
    assert receipt == Receipt("3EB0AA11BB22", R.READ)


# --- what people write --------------------------------------------------------------------------------------------


def test_reply():
    assert news("messages.upsert", INBOUND) == [BAJA]


@pytest.mark.parametrize(
    ("key", "chat_id", "phone"),
    [
        ({"remoteJid": LID, "remoteJidAlt": JID, "addressingMode": "lid"}, LID, "+573000000001"),
        ({"remoteJid": JID, "remoteJidAlt": LID, "addressingMode": "pn"}, JID, "+573000000001"),
        ({"remoteJid": LID, "senderPn": JID}, LID, "+573000000001"),
        ({"remoteJid": "573000000001:7@s.whatsapp.net"}, "573000000001:7@s.whatsapp.net", "+573000000001"),
        ({"remoteJid": LID}, LID, ""),
        ({"remoteJid": LID, "remoteJidAlt": LID, "senderPn": LID}, LID, ""),
    ],
)
def test_phone_is_the_one_that_is_a_number(key, chat_id, phone):
    [reply] = news("messages.upsert", INBOUND | {"key": {"fromMe": False, "id": "3A00000000000001"} | key})
    assert (reply.chat_id, reply.phone) == (chat_id, phone)


def test_phone_beside_the_key():
    [reply] = news("messages.upsert", INBOUND | {"key": INBOUND["key"] | {"remoteJid": LID}, "senderPn": JID})
    assert reply.phone == "+573000000001"


@pytest.mark.parametrize(
    "message",
    [
        {"conversation": "BAJA"},
        {"extendedTextMessage": {"text": "BAJA"}},
        {"imageMessage": {"caption": "BAJA", "mimetype": "image/jpeg"}},
        {"videoMessage": {"caption": "BAJA"}},
        {"documentMessage": {"caption": "BAJA"}},
        {"documentWithCaptionMessage": {"message": {"documentMessage": {"caption": "BAJA"}}}},
        {"ephemeralMessage": {"message": {"extendedTextMessage": {"text": "BAJA"}}}},
        {"ephemeralMessage": {"message": {"viewOnceMessageV2": {"message": {"imageMessage": {"caption": "BAJA"}}}}}},
        {"buttonsResponseMessage": {"selectedDisplayText": "BAJA", "selectedButtonId": "2"}},
        {"buttonsResponseMessage": {"selectedButtonId": "BAJA"}},
        {"templateButtonReplyMessage": {"selectedDisplayText": "BAJA", "selectedId": "2"}},
        {"templateButtonReplyMessage": {"selectedId": "BAJA"}},
        {"listResponseMessage": {"title": "BAJA", "singleSelectReply": {"selectedRowId": "2"}}},
        {"listResponseMessage": {"singleSelectReply": {"selectedRowId": "BAJA"}}},
        {"interactiveResponseMessage": {"body": {"text": "BAJA"}}},
        {"messageContextInfo": {}, "conversation": "BAJA"},
        {"conversation": "", "extendedTextMessage": {"text": "BAJA"}},
    ],
)
def test_words_stand_in_many_places(message):
    assert news("messages.upsert", INBOUND | {"message": message}) == [BAJA]


@pytest.mark.parametrize("kind", ["audioMessage", "stickerMessage", "imageMessage", "contactMessage"])
def test_what_has_no_words_is_still_from_somebody(kind):
    [reply] = news("messages.upsert", INBOUND | {"message": {kind: {"mimetype": "x"}}})
    assert (reply.phone, reply.text) == ("+573000000001", "")


@pytest.mark.parametrize(
    "message",
    [
        None,
        {},
        {"reactionMessage": {"text": "👍", "key": {"id": "3EB0AA11BB22"}}},
        {"protocolMessage": {"type": "REVOKE"}},
        {"messageContextInfo": {}, "senderKeyDistributionMessage": {}},
        {"ephemeralMessage": {"message": {"protocolMessage": {}}}},
    ],
)
def test_notes_between_programs_are_no_replies(message):
    assert news("messages.upsert", INBOUND | {"message": message}) == []


@pytest.mark.parametrize("chat_id", ["120363000000000000@g.us", "status@broadcast", "120363000000000000@newsletter"])
def test_groups_channels_and_statuses_are_no_people(chat_id):
    assert news("messages.upsert", INBOUND | {"key": INBOUND["key"] | {"remoteJid": chat_id}}) == []


def test_text_is_kept_plain_and_short():
    [reply] = news("messages.upsert", INBOUND | {"message": {"conversation": "a\x00" + "b" * 2000}})
    assert reply.text == "a " + "b" * 998


@pytest.mark.parametrize("moment", [None, "pronto", {"low": 1790000000}])
def test_time_that_cannot_be_read_is_left_out(moment):
    [reply] = news("messages.upsert", INBOUND | {"messageTimestamp": moment})
    assert reply.at is None


# --- what left from the number ------------------------------------------------------------------------------------

OWN = INBOUND | {
    "key": {"remoteJid": JID, "fromMe": True, "id": "3EB0AA11BB22"},
    "message": {"conversation": "Hola Ana"},
}


@pytest.mark.parametrize("event", ["send.message", "messages.upsert", "SEND_MESSAGE", "send-message"])
def test_own_message(event):
    assert news(event, OWN) == [OwnMessage("3EB0AA11BB22", JID, "+573000000001", "Hola Ana", AT)]


def test_own_message_never_has_our_own_number_as_the_other_one():
    key = {"remoteJid": LID, "fromMe": True, "id": "3EB0AA11BB22", "senderPn": "573000000099@s.whatsapp.net"}
    [own] = news("messages.upsert", OWN | {"key": key, "senderPn": "573000000099@s.whatsapp.net"})
    assert own.phone == ""


# --- the connection -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"state": "open", "statusReason": 200}, StateNews(S.READY)),
        ({"state": "connecting", "statusReason": 200}, StateNews(S.STARTING)),
        ({"state": "close", "statusReason": 401}, StateNews(S.LOGGED_OUT, "the phone removed this device (401)")),
        ({"state": "close", "statusReason": 402}, StateNews(S.RESTRICTED, "WhatsApp locked the account for a while (402)")),
        ({"state": "close", "statusReason": 403}, StateNews(S.RESTRICTED, "WhatsApp locked the account (403)")),
        ({"state": "close", "statusReason": 406}, StateNews(S.RESTRICTED, "WhatsApp banned the account (406)")),
        ({"state": "close", "statusReason": 440}, StateNews(S.FAILED, "another session took the connection over (440)")),
        ({"state": "close", "statusReason": 428}, StateNews(S.STARTING, "the connection to WhatsApp closed")),
        ({"state": "close"}, StateNews(S.STARTING, "the connection to WhatsApp closed")),
        (
            {"state": "refused", "statusReason": 428},
            StateNews(S.NEEDS_QR, "nobody scanned the code in time; a restart asks for another one"),
        ),
    ],
)  # fmt: skip
def test_connection(data, expected):
    assert news("connection.update", {"instance": "eventos"} | data) == [expected]


@pytest.mark.parametrize("data", [{"state": "dreaming"}, {"state": None}, {}, "open", None])
def test_connection_that_nobody_understands(data):
    found = reading("connection.update", data)
    assert (found.news, len(found.faults)) == ([], 1)


# --- anything else ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["qrcode.updated", "contacts.upsert", "messages.set", "messages.delete", ""])
def test_other_events_are_no_news_and_no_fault(event):
    assert news(event, UPDATE) == []


@pytest.mark.parametrize("body", [None, [], "hola", 7, {}, {"event": None}, {"event": 7}, {"data": UPDATE}])
def test_what_is_no_post_is_a_fault(body):
    found = EvolutionHook().read(body)
    assert (found.news, len(found.faults)) == ([], 1)


def test_no_key_of_the_gateway_and_no_address_of_ours_is_stored():
    written = {"conversation": 'dice "apikey": "hola"'}
    body = {"apikey": 'a"b\\', "destination": "https://example.org/hooks/whatsapp/1/secreto/", "data": written}
    kept = EvolutionHook().without_keys(json.dumps(body))
    assert json.loads(kept) == {"apikey": "…", "destination": "…", "data": written}
