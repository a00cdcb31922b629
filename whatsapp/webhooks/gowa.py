"""What GOWA posts: receipts (`message.ack`) and messages (`message`), signed with a HMAC over the body.

Its `device_id` is the number that it is about, and not the id under which we ask for that device.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from whatsapp.webhooks.base import (
    ID_LENGTH,
    Hook,
    News,
    OwnMessage,
    Receipt,
    ReceiptStatus,
    Reply,
    hmac_matches,
    is_person,
    phone_in,
    text_of,
)

_DEFAULT_SECRET = "secret"  # noqa: S105  # GOWA's own default, which is the reason why it is refused
_STATUSES = {
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "played": ReceiptStatus.READ,
}
# Not of the person: "retry" is one whose phone could not decrypt it and asks for it again, the others are our own
# devices and the housekeeping of the protocol.
_NO_NEWS = {
    "retry",
    "sender",
    "read-self",
    "played-self",
    "server-error",
    "inactive",
    "peer_msg",
    "hist_sync",
}
# Where all ways to write a number agree. WhatsApp may know it with or without Mexico's 1, Argentina's 9 and Brazil's
# ninth digit; staff may have typed it without its country, or in Argentina with the 15 that comes right before these.
# That two numbers of one GOWA end alike is rarer than all of that.
_SHARED_DIGITS = 6
_WITH_CAPTION = ("image", "document", "video")


class GowaHook(Hook):
    def is_genuine(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        algorithm, _, claimed = headers.get("x-hub-signature-256", "").partition("=")
        if algorithm != "sha256" or secret.strip().lower() == _DEFAULT_SECRET:
            return False
        return hmac_matches(body, secret, claimed, "sha256")

    def read_item(self, item: Any, options: Mapping[str, str]) -> Iterator[News]:
        event, device_id = item["event"], item.get("device_id")
        if _is_another_number(device_id, options.get("phone", ""), options.get("other_phones", "")):
            return
        if event == "message.ack":
            yield from _receipts(item["payload"], _moment(item.get("timestamp")), ours=device_id)
        elif event == "message":
            yield from _message(item["payload"])


def _is_another_number(device_id: object, phone: str, other_phones: str) -> bool:
    """That of another one here. Which of them is ours was typed by hand: a wrong one must not cost all its reports."""
    theirs = phone_in(device_id)
    if not theirs or _ends_alike(theirs, phone):
        return False
    return any(_ends_alike(theirs, other) for other in other_phones.split("\n"))


def _ends_alike(one: str, other: str) -> bool:
    digits = re.sub(r"[^0-9]", "", other)
    return len(digits) >= _SHARED_DIGITS and one[-_SHARED_DIGITS:] == digits[-_SHARED_DIGITS:]


def _receipts(payload: Mapping[str, Any], at: datetime | None, *, ours: object) -> Iterator[Receipt]:
    """One for each id: a phone that comes back reports on everything that waited for it."""
    kind, reader = payload["receipt_type"], payload.get("from") or payload["chat_id"]
    if kind in _NO_NEWS or reader == ours or not is_person(payload["chat_id"]):
        return  # our own phone may have read what somebody wrote
    if kind not in _STATUSES:
        raise ValueError("unknown receipt_type")
    phone = phone_in(reader) or phone_in(payload["chat_id"])
    for message_id in payload["ids"]:
        if isinstance(message_id, str) and message_id:
            yield Receipt(message_id[:ID_LENGTH], _STATUSES[kind], at, chat_id=_chat(payload), phone=phone)


def _message(payload: Mapping[str, Any]) -> Iterator[Reply | OwnMessage]:
    chat_id, text, at = payload["chat_id"], _text(payload), _moment(payload.get("timestamp"))
    message_id = payload["id"][:ID_LENGTH]
    if not is_person(chat_id):
        return
    if payload.get("is_from_me"):
        yield OwnMessage(message_id, chat_id, phone_in(chat_id), text, at)
    else:
        phone = phone_in(payload.get("from")) or phone_in(chat_id)
        yield Reply(message_id, _chat(payload), phone, text, at)


def _chat(payload: Mapping[str, Any]) -> str:
    """The id that is no number, where one is given: beside the phone it says whose it is."""
    return str(payload.get("from_lid") or payload.get("from") or payload["chat_id"])


def _text(payload: Mapping[str, Any]) -> str:
    captions = (part.get("caption") for part in map(payload.get, _WITH_CAPTION) if isinstance(part, Mapping))
    return text_of(payload.get("body") or next(filter(None, captions), ""))


def _moment(value: object) -> datetime | None:
    """From RFC 3339; one without a zone says nothing."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
