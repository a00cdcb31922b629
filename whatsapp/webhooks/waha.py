"""What WAHA posts. One event a post, signed with the `hmac.key` of the webhook.

To be switched on in WAHA: message, message.any, message.ack and session.status. A webhook may be that of one session or
that of the whole program, which then posts about all of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from whatsapp.gateways.answers import first, look, message_id
from whatsapp.gateways.base import ErrorKind, State
from whatsapp.gateways.waha_ids import chat_in
from whatsapp.gateways.waha_status import LOCKED, STATES, active_lock
from whatsapp.webhooks.base import (
    Hook,
    News,
    OwnMessage,
    Receipt,
    ReceiptStatus,
    Reply,
    StateNews,
    hmac_matches,
    is_of_another,
    is_person,
    moment,
    phone_in,
    text_of,
)

_S = ReceiptStatus
_ACKS_BY_NAME = {
    "ERROR": _S.FAILED,
    "PENDING": None,
    "SERVER": _S.SENT,
    "DEVICE": _S.DELIVERED,
    "READ": _S.READ,
    "PLAYED": _S.READ,
    "UNKNOWN": None,  # WAHA's own word for a number that it does not know
}
_ACKS_BY_NUMBER = {-1: _S.FAILED, 0: None, 1: _S.SENT, 2: _S.DELIVERED, 3: _S.READ, 4: _S.READ}
_TIME_LOCK = "463"
_STUBS = ("_data.messageStubParameters", "_data.update.messageStubParameters")
# Beside an id that is no number, the engines name the number where they know it.
_NUMBERS_OF_WRITER = ("_data.Info.SenderAlt", "_data.key.remoteJidAlt", "_data.key.senderPn")
_NUMBERS_OF_READER = ("_data.Info.RecipientAlt", "_data.key.remoteJidAlt")


class WahaHook(Hook):
    def is_genuine(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        return hmac_matches(body, secret, headers.get("x-webhook-hmac", ""), "sha512")

    def read_item(self, item: Any, options: Mapping[str, str]) -> Iterable[News]:
        if is_of_another(item.get("session"), options):
            return ()
        event, payload = item["event"], item["payload"]
        at = moment(item.get("timestamp"))
        if event == "message.ack":
            return _receipts(payload, at)
        if event == "message":
            return _replies(payload, at)
        if event == "message.any":
            return _own_messages(payload, at)
        return _states(payload, at) if event == "session.status" else ()


def _receipts(payload: Any, at: datetime | None) -> Iterator[Receipt]:
    status = _ack(payload)
    if status is None or payload.get("fromMe") is False:  # else it tells what this number has read
        return
    chat = chat_in(payload["id"]) or payload.get("to")
    kind = ErrorKind.NEW_CONTACTS if status is _S.FAILED and _is_time_lock(payload) else ""
    for bare in _ids(payload):
        yield Receipt(bare, status, at, error_kind=kind, chat_id=chat if is_person(chat) else "", phone=phone_in(chat))


def _ack(payload: Any) -> ReceiptStatus | None:
    """By name, for the numbers mean other things elsewhere. Raises KeyError for what nobody knows."""
    if name := payload.get("ackName"):
        return _ACKS_BY_NAME[name]
    number = payload["ack"]
    if isinstance(number, bool):
        raise TypeError("an ack is no yes or no")
    return _ACKS_BY_NUMBER[number]


def _ids(payload: Any) -> list[str]:
    """One report may cover several messages. Each stands for itself, and what is no id is left out."""
    others = look(payload, "_data.MessageIDs")
    found = [_bare(value) for value in (payload["id"], *(others if isinstance(others, list) else []))]
    return [*dict.fromkeys(filter(None, found))]


def _bare(value: object) -> str:
    return message_id({"id": value})


def _is_time_lock(payload: Any) -> bool:
    stubs = first(payload, _STUBS)
    return str(look(payload, "error.code")) == _TIME_LOCK or (isinstance(stubs, list) and _TIME_LOCK in stubs)


def _replies(payload: Any, at: datetime | None) -> Iterator[Reply]:
    chat = payload["from"]
    if _is_own(payload) or not is_person(chat):
        return
    number = _number(payload, chat, _NUMBERS_OF_WRITER)
    written_at = moment(payload.get("timestamp")) or at
    yield Reply(_bare(payload.get("id")), chat, number, text_of(payload.get("body")), written_at)


def _own_messages(payload: Any, at: datetime | None) -> Iterator[OwnMessage]:
    """Of what people write, `message` tells; here it would come a second time."""
    chat = chat_in(payload["id"]) or payload.get("to")
    if not _is_own(payload) or not is_person(chat):
        return
    number = _number(payload, chat, _NUMBERS_OF_READER)
    written_at = moment(payload.get("timestamp")) or at
    yield OwnMessage(_bare(payload["id"]), chat, number, text_of(payload.get("body")), written_at)


def _is_own(payload: Any) -> bool:
    return payload.get("fromMe") is True or str(payload.get("id")).startswith("true_")


def _number(payload: Any, chat: str, places: Iterable[str]) -> str:
    candidates = [chat, *(look(payload, place) for place in places)]
    return next(filter(None, map(phone_in, candidates)), "")


def _states(payload: Any, at: datetime | None) -> Iterator[StateNews]:
    state, detail = STATES[payload["status"]]
    lock = active_lock(look(payload, "data.reachoutTimelock"))
    ends_at = moment(lock.get("timeEnforcementEnds")) if lock else None
    if state is State.READY and ends_at and (at is None or ends_at > at):
        yield StateNews(state, LOCKED, locked_until=ends_at, at=at)
    else:
        yield StateNews(state, detail, at=at)
