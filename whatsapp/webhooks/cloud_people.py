"""What Meta reports of people: what became of a message, what they write, and what advertising they want. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from whatsapp.gateways.answers import look
from whatsapp.gateways.cloud_errors import reported
from whatsapp.webhooks.base import ID_LENGTH, News, Receipt, ReceiptStatus, Reply, Wish, moment, text_of

_DIGITS = re.compile(r"\+?(\d{7,15})")
_STATUSES = {
    "sent": ReceiptStatus.SENT,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "played": ReceiptStatus.READ,
    "failed": ReceiptStatus.FAILED,
}
_NO_RECEIPTS = {"deleted", "warning"}
_NO_REPLIES = {"reaction", "system", "request_welcome", "edit", "revoke"}
_WISHES = {"stop": False, "resume": True, "signup": True}


@dataclass(frozen=True)
class Part:
    """One thing of the many that a post can hold, with what stood around it."""

    kind: str
    content: Mapping[str, Any]
    value: Mapping[str, Any]
    account: str


def receipts(part: Part) -> Iterator[News]:
    status = part.content
    word = status["status"]
    if word in _NO_RECEIPTS or status.get("recipient_type") == "group":
        return
    found = _STATUSES[word]
    kind, detail = reported(status.get("errors")) if found is ReceiptStatus.FAILED else ("", "")
    number, user_id = status.get("recipient_id"), status.get("recipient_user_id")
    contact = _contact(part.value, number, user_id)
    yield Receipt(
        _id(status),
        found,
        moment(status.get("timestamp")),
        error_kind=kind,
        detail=detail,
        reference=_text(status.get("biz_opaque_callback_data")),
        chat_id=_text(user_id) or _text(contact.get("user_id")),
        phone=_phone(number) or _phone(contact.get("wa_id")),
    )


def replies(part: Part) -> Iterator[News]:
    message = part.content
    if message["type"] in _NO_REPLIES or message.get("group_id"):
        return
    number, user_id = message.get("from"), message.get("from_user_id")
    contact = _contact(part.value, number, user_id)
    phone = _phone(number) or _phone(contact.get("wa_id"))
    chat_id = _text(user_id) or _text(contact.get("user_id")) or _text(number) or phone[1:]
    if not chat_id:
        raise ValueError("nobody wrote it")
    yield Reply(_id(message), chat_id, phone, text_of(_words(message)), moment(message.get("timestamp")))


def _words(message: Mapping[str, Any]) -> str:
    """What somebody wrote or pressed. A picture without words is an answer too."""
    paths = (
        "text.body",
        "button.text",
        "button.payload",
        "interactive.button_reply.title",
        "interactive.list_reply.title",
        "interactive.nfm_reply.body",
        *(f"{kind}.caption" for kind in ("image", "video", "document")),
    )
    return next((words for path in paths if (words := _text(look(message, path)))), "")


def wishes(part: Part) -> Iterator[News]:
    wish = part.content
    if wish["category"] != "marketing_messages":
        return
    number, user_id = wish.get("wa_id"), wish.get("user_id")
    contact = _contact(part.value, number, user_id)
    chat_id = _text(user_id) or _text(contact.get("user_id"))
    phone = _phone(number) or _phone(contact.get("wa_id"))
    if not phone and not chat_id:
        raise ValueError("nobody wished it")
    yield Wish(phone, chat_id, _WISHES[wish["value"]], moment(wish.get("timestamp")))


def _contact(value: Mapping[str, Any], number: Any, user_id: Any) -> Mapping[str, Any]:
    """Who stands beside it in the post, with both names of the person where Meta says both."""
    for contact in value.get("contacts") or []:
        has_number = number and contact.get("wa_id") == number
        has_id = user_id and contact.get("user_id") == user_id
        if has_number or has_id or not (number or user_id):
            found: Mapping[str, Any] = contact
            return found
    return {}


def _id(item: Mapping[str, Any]) -> str:
    found = item["id"]
    if not isinstance(found, str) or not found.strip():
        raise ValueError("no id")
    return found.strip()[:ID_LENGTH]


def _phone(value: Any) -> str:
    """+E.164; empty for an id that is no number."""
    found = _DIGITS.fullmatch(value) if isinstance(value, str) else None
    return f"+{found[1]}" if found else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
