"""What the plain REST service posts: `{"message_id", "status", "ack"}`. Pure: standard library only."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whatsapp.gateways.answers import message_id
from whatsapp.webhooks.base import Hook, Receipt, ReceiptStatus, moment

# The library's own scale. 0 says that the message waits, which is no news.
_ACKS = {
    -1: ReceiptStatus.FAILED,
    0: None,
    1: ReceiptStatus.SENT,
    2: ReceiptStatus.DELIVERED,
    3: ReceiptStatus.READ,
    4: ReceiptStatus.READ,  # played
}
_WORDS = {
    "error": ReceiptStatus.FAILED,
    "failed": ReceiptStatus.FAILED,
    "pending": None,
    "queued": None,
    "sent": ReceiptStatus.SENT,
    "server": ReceiptStatus.SENT,
    "delivered": ReceiptStatus.DELIVERED,
    "device": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "played": ReceiptStatus.READ,
}


class RestHook(Hook):
    """The words of some of these services are one too low for their numbers: the number alone counts, where it is."""

    marks_each_post = False

    def items(self, body: Any) -> Iterable[Any]:
        return body if isinstance(body, list) else [body]

    def read_item(self, item: Any, options: Mapping[str, str]) -> Iterator[Receipt]:
        ack = item.get("ack")
        status = _WORDS[str(item["status"]).strip().lower()] if ack is None else _ACKS[_whole(ack)]
        bare = message_id(item)
        if not bare:
            raise ValueError("no id")
        if status is not None:
            yield Receipt(bare, status, at=moment(item.get("timestamp")))


def _whole(number: Any) -> int:
    """2, or "2"; not what only looks like it to Python."""
    if isinstance(number, bool) or not isinstance(number, int | str):
        raise TypeError("ack")
    return int(number)
