"""What Evolution API posts: receipts, messages in both directions, and how the connection is.

Its `sender` is our own number and its `date_time` is local time that claims to be UTC: neither is read. Its
`instance` is the name of one; further inside, ids of Evolution's own stand under similar names.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from whatsapp.gateways.base import ErrorKind, State, _
from whatsapp.gateways.evolution_reasons import end_for
from whatsapp.webhooks.base import (
    ID_LENGTH,
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
    same,
    text_of,
)
from whatsapp.webhooks.evolution_token import is_signed
from whatsapp.webhooks.evolution_words import is_written, words_in

SECRET_HEADER = "x-pregonero-secret"  # noqa: S105  # its name
LOCKED = "463"  # WhatsApp takes nothing from this number for people whom it has not written with before

R = ReceiptStatus
# None: known, and no news. The numbers are those of the names, one higher than WAHA's from "delivered" on.
_NAMES: dict[str, ReceiptStatus | None] = {
    "ERROR": R.FAILED,
    "PENDING": None,
    "SERVER_ACK": R.SENT,
    "DELIVERY_ACK": R.DELIVERED,
    "READ": R.READ,
    "PLAYED": R.READ,
    "DELETED": None,
    "EDITED": None,
}
# Inside of what somebody wrote the quotation marks have a backslash before them.
_KEY = re.compile(r'("(?:apikey|destination)"\s*:\s*)"(?:[^"\\]|\\.)*"')
_NUMBERS = dict(enumerate(("ERROR", "PENDING", "SERVER_ACK", "DELIVERY_ACK", "READ", "PLAYED")))


class EvolutionHook(Hook):
    def is_genuine(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """By the secret itself in a header of our naming, or by a token that it has signed. The body is not signed."""
        if not secret:
            return False
        if same(secret, headers.get(SECRET_HEADER, "")):
            return True
        return is_signed(headers.get("authorization", ""), secret, now=datetime.now(UTC))

    def without_keys(self, text: str) -> str:
        """Evolution API puts the key of the instance into its posts unless it is told not to, and our address too."""
        return _KEY.sub(r'\1"…"', text)

    def items(self, body: Any) -> Iterable[Any]:
        """Each with its event and its instance. The event is also written MESSAGES_UPDATE or messages-update."""
        event = body["event"].lower().replace("_", ".").replace("-", ".")
        data = body.get("data")
        return [(event, body.get("instance"), part) for part in (data if isinstance(data, list) else [data])]

    def read_item(self, item: Any, options: Mapping[str, str]) -> Iterable[News]:
        event, instance, data = item
        read = None if is_of_another(instance, options) else _READERS.get(event)
        return read(data) if read else ()


def _receipts(data: Mapping[str, Any]) -> Iterator[Receipt]:
    """`keyId` is WhatsApp's id. `messageId` is that of a row of Evolution's own, which nobody else knows."""
    key = data.get("key") or {}
    update = data.get("update") or data
    status = _status(update["status"])
    message_id = _id(data["keyId"] if "keyId" in data else key["id"])
    chat_id = data.get("remoteJid") or key.get("remoteJid") or ""
    is_ours = data.get("fromMe", key.get("fromMe")) is not False
    if status is None or not is_ours or (chat_id and not is_person(chat_id)):
        return
    is_locked = status is R.FAILED and LOCKED in _stubs(data, update)
    yield Receipt(
        message_id,
        status,
        error_kind=ErrorKind.NEW_CONTACTS.value if is_locked else "",
        detail=f"error {LOCKED}" if is_locked else "",
        chat_id=chat_id,
        phone=phone_in(chat_id),
    )


def _status(value: object) -> ReceiptStatus | None:
    """By name; a number is first made a name, on Evolution's own scale. Raises KeyError for any other."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = _NUMBERS[value]
    return _NAMES[str(value).strip().upper()]


def _stubs(*places: Mapping[str, Any]) -> list[str]:
    found = [place.get("messageStubParameters") for place in places]
    return [str(stub) for stubs in found if isinstance(stubs, list) for stub in stubs]


def _messages(data: Mapping[str, Any]) -> Iterator[Reply | OwnMessage]:
    yield from _message(data, is_ours=data["key"].get("fromMe") is True)


def _own_messages(data: Mapping[str, Any]) -> Iterator[Reply | OwnMessage]:
    yield from _message(data, is_ours=True)


def _message(data: Mapping[str, Any], *, is_ours: bool) -> Iterator[Reply | OwnMessage]:
    key, message = data["key"], data.get("message") or {}
    chat_id = key["remoteJid"]
    if not is_person(chat_id) or not is_written(message):
        return
    # Of our own messages `senderPn` would be ourselves.
    others = () if is_ours else (key.get("senderPn"), data.get("senderPn"))
    phones = (phone_in(chat) for chat in (chat_id, key.get("remoteJidAlt"), *others))
    kind = OwnMessage if is_ours else Reply
    yield kind(
        _id(key["id"]),
        chat_id,
        next((phone for phone in phones if phone), ""),
        text_of(words_in(message)),
        moment(data.get("messageTimestamp")),
    )


def _id(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a message without an id")
    return value.strip()[:ID_LENGTH]


def _states(data: Mapping[str, Any]) -> Iterator[StateNews]:
    """A connection that closes for a moment is "starting", as the one that follows: both come dozens of times a second
    while WhatsApp cannot be reached, and the gateway connects again by itself."""
    state = data["state"]
    if state == "open":
        yield StateNews(State.READY)
    elif state == "connecting":
        yield StateNews(State.STARTING)
    elif state == "refused":
        yield StateNews(State.NEEDS_QR, _("nobody scanned the code in time; a restart asks for another one"))
    elif state == "close":
        yield StateNews(
            *(end_for(data.get("statusReason")) or (State.STARTING, _("the connection to WhatsApp closed")))
        )
    else:
        raise ValueError("a state that nobody knows")


_READERS: dict[str, Callable[[Mapping[str, Any]], Iterable[News]]] = {
    "messages.update": _receipts,
    "messages.upsert": _messages,
    "send.message": _own_messages,
    "connection.update": _states,
}
