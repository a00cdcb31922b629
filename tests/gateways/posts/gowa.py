"""GOWA posts receipts that a phone gave and messages that people wrote, with a HMAC-SHA256 of the raw body."""

import secrets
from datetime import UTC, datetime
from typing import Any, ClassVar

from tests.gateways.posts.base import Hook, Posts, signature
from tests.gateways.world import Arrived

KINDS = {"delivered": "delivered", "read": "read"}


class GowaPosts(Posts):
    signs: ClassVar[str] = "body"
    statuses: ClassVar[frozenset[str]] = frozenset(KINDS)

    def receipt(self, message: Arrived, status: str) -> list[object]:
        """Never that it was sent, and never that it failed."""
        if status not in KINDS:
            return []
        jid = f"{message.phone}@s.whatsapp.net"
        said = {"ids": [message.id], "chat_id": jid, "from": jid, "receipt_type": KINDS[status]}
        return [self._envelope("message.ack", said | {"receipt_type_description": "the message was seen by them"})]

    def reply(self, phone: str, text: str, hidden: bool = False) -> list[object]:
        person = f"{self.world.hide(phone)}@lid" if hidden else f"{phone}@s.whatsapp.net"
        payload = self._message("3A" + secrets.token_hex(9).upper(), person, person, text, False)
        return [self._envelope("message", payload | {"from_lid": f"{self.world.hide(phone)}@lid"})]

    def own_message(self, message: Arrived) -> list[object]:
        chat, me = f"{message.phone}@s.whatsapp.net", f"{self.own}@s.whatsapp.net"
        return [self._envelope("message", self._message(message.id, chat, me, message.text, True))]

    def headers(self, body: bytes, hook: Hook) -> dict[str, str]:
        return {"X-Hub-Signature-256": "sha256=" + signature(body, hook.secret or "secret", "sha256")}

    def _message(self, message_id: str, chat: str, sender: str, text: str, is_own: bool) -> dict[str, Any]:
        about = {"from_name": "Ana", "timestamp": _now(), "is_from_me": is_own}
        return {"id": message_id, "chat_id": chat, "from": sender, "body": text} | about

    def _envelope(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {"event": event, "device_id": f"{self.own}@s.whatsapp.net", "timestamp": _now(), "payload": payload}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
