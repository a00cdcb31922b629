"""WAHA posts an envelope for each event, with a HMAC-SHA512 of the raw body where it was given a key."""

import secrets
import time
from typing import Any, ClassVar

from tests.gateways.posts.base import Hook, Posts, seconds, signature
from tests.gateways.world import Arrived

ACKS = {"failed": (-1, "ERROR"), "sent": (1, "SERVER"), "delivered": (2, "DEVICE"), "read": (3, "READ")}
STATES = {
    "ready": "WORKING",
    "needs_qr": "SCAN_QR_CODE",
    "starting": "STARTING",
    "logged_out": "FAILED",
    "stopped": "STOPPED",
}


def pushed(own: str) -> dict[str, Any]:
    return {"id": f"{own}@c.us", "pushName": "Taquilla", "lid": "900100200300@lid"}


class WahaPosts(Posts):
    signs: ClassVar[str] = "body"

    def receipt(self, message: Arrived, status: str) -> list[object]:
        number, name = ACKS[status]
        # Receipts may name the chat by another id than the answer to the message did.
        chat = f"{self.world.hide(message.phone)}@lid" if status == "delivered" else f"{message.phone}@c.us"
        payload = {"id": f"true_{chat}_{message.id}", "from": chat, "to": f"{self.own}@c.us", "participant": None}
        return [self._envelope("message.ack", payload | {"fromMe": True, "ack": number, "ackName": name})]

    def reply(self, phone: str, text: str, hidden: bool = False) -> list[object]:
        chat = f"{self.world.hide(phone)}@lid" if hidden else f"{phone}@c.us"
        return [self._envelope("message", self._message(chat, f"{self.own}@c.us", text, False, "3A" + _id()))]

    def own_message(self, message: Arrived) -> list[object]:
        chat = f"{message.phone}@c.us"
        payload = self._message(f"{self.own}@c.us", chat, message.text, True, message.id)
        payload |= {"id": f"true_{chat}_{message.id}", "source": "api"}
        return [self._envelope("message.any", payload)]

    def session_state(self, state: str) -> list[object]:
        said = {"status": STATES[state], "timestamp": int(time.time() * 1000)}
        return [
            self._envelope("session.status", {"name": self.world.session, "status": STATES[state], "statuses": [said]})
        ]

    def headers(self, body: bytes, hook: Hook) -> dict[str, str]:
        about = {"X-Webhook-Request-Id": _id(), "X-Webhook-Timestamp": str(int(time.time() * 1000))}
        if not hook.secret:
            return about
        signed = {"X-Webhook-Hmac": signature(body, hook.secret, "sha512"), "X-Webhook-Hmac-Algorithm": "sha512"}
        return about | signed

    def _message(self, sender: str, to: str, text: str, is_own: bool, message_id: str) -> dict[str, Any]:
        whole = f"{str(is_own).lower()}_{sender}_{message_id}"
        about = {"hasMedia": False, "media": None, "replyTo": None, "_data": {}}
        said = {"id": whole, "timestamp": seconds(), "from": sender, "fromMe": is_own, "to": to, "body": text}
        return said | about

    def _envelope(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        about = {"session": self.world.session, "me": pushed(self.own), "metadata": {}, "engine": "GOWS"}
        return {
            "id": f"evt_{_id()}",
            "timestamp": int(time.time() * 1000),
            "event": event,
            "payload": payload,
            "environment": {"version": "2026.7.1", "engine": "GOWS", "tier": "CORE"},
        } | about


def _id() -> str:
    return secrets.token_hex(13).upper()
