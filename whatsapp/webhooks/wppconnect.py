"""What WPPConnect server posts. It signs nothing: the unguessable address is all that speaks for a post.

Whatever the library reports comes as it is, with `event` and `session` added. One address may serve all sessions.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from whatsapp.gateways.answers import message_id
from whatsapp.gateways.base import ErrorKind, State
from whatsapp.gateways.wppconnect_words import STATES, chat_of
from whatsapp.webhooks.base import (
    Hook,
    News,
    OwnMessage,
    Receipt,
    ReceiptStatus,
    Reply,
    StateNews,
    is_of_another,
    is_person,
    moment,
    phone_in,
    text_of,
)

_STATUSES = {
    1: ReceiptStatus.SENT,
    2: ReceiptStatus.DELIVERED,
    3: ReceiptStatus.READ,
    4: ReceiptStatus.READ,  # played
}
_FAILURES = {
    -1: ("", "failed"),
    -2: ("", "expired"),
    -3: (ErrorKind.REJECTED_CONTENT, "the file is gone"),
    -4: (ErrorKind.REJECTED_CONTENT, "the file is too big"),
    -5: (ErrorKind.REJECTED_CONTENT, "the file could not be uploaded"),
    -6: ("", "inactive"),
    -7: ("", "downgraded"),
}
_NO_NEWS = {0, 5}  # waits with the gateway; of our own devices
_MESSAGES = {"onmessage", "onselfmessage", "unreadmessages"}  # the last ones came while the gateway was off
_STATE_EVENTS = {"qrcode": State.NEEDS_QR, "phoneCode": State.NEEDS_QR, "logoutsession": State.LOGGED_OUT}


class WppConnectHook(Hook):
    marks_each_post = False

    def read_item(self, item: Any, options: Mapping[str, str]) -> Iterator[News]:
        event = item["event"]
        if is_of_another(item.get("session"), options):
            return
        if event == "onack":
            yield from _receipt(item)
        elif event in _MESSAGES:
            yield from _message(item)
        elif event == "status-find":
            yield StateNews(STATES[item["status"].lower()], item["status"])
        elif event in _STATE_EVENTS:
            yield StateNews(_STATE_EVENTS[event])


def _receipt(item: Mapping[str, Any]) -> Iterator[Receipt]:
    identity, ack = item["id"], item["ack"]
    chat_id = chat_of(identity.get("remote")) if isinstance(identity, Mapping) else ""
    chat_id = chat_id or chat_of(item.get("to"))
    if ack in _NO_NEWS or _is_foreign(identity) or (chat_id and not is_person(chat_id)):
        return
    message, phone = _bare(identity), phone_in(chat_id)
    if ack in _FAILURES:
        kind, detail = _FAILURES[ack]
        yield Receipt(message, ReceiptStatus.FAILED, error_kind=kind, detail=detail, chat_id=chat_id, phone=phone)
    else:
        yield Receipt(message, _STATUSES[ack], chat_id=chat_id, phone=phone)


def _message(item: Mapping[str, Any]) -> Iterator[Reply | OwnMessage]:
    writer, reader = chat_of(item["from"]), chat_of(item.get("to"))
    text, at = _text(item), moment(item.get("t") or item.get("timestamp"))
    is_ours = item["fromMe"] is True
    chat_id = reader if is_ours else writer
    if not text or item.get("isGroupMsg") or not is_person(chat_id):
        return
    kind = OwnMessage if is_ours else Reply
    yield kind(_bare(item["id"]), chat_id, phone_in(chat_id), text, at)


def _text(item: Mapping[str, Any]) -> str:
    """With a file the body is that file, in base64, and what somebody wrote is its caption."""
    return text_of(item.get("body") if item.get("type") == "chat" else item.get("caption"))


def _is_foreign(identity: object) -> bool:
    """A message of somebody else."""
    if isinstance(identity, Mapping):
        return identity.get("fromMe") is False
    return isinstance(identity, str) and identity.startswith("false_")


def _bare(identity: object) -> str:
    found = message_id({"id": identity})
    if not found:
        raise ValueError("no message id")
    return found
