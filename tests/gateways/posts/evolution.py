"""Evolution API posts events with the headers that somebody typed in; one named `jwt_key` becomes a token."""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any, ClassVar

from tests.gateways.posts.base import Hook, Posts, seconds
from tests.gateways.world import Arrived

WORDS = {"failed": "ERROR", "sent": "SERVER_ACK", "delivered": "DELIVERY_ACK", "read": "READ"}
STATES = {"ready": "open", "needs_qr": "connecting", "starting": "connecting", "logged_out": "close"}
REASONS = {"open": 200, "connecting": 200, "close": 401}


def message_of(message: Arrived) -> dict[str, Any]:
    """As the answer to a send has it, and its own event too."""
    jid = f"{message.phone}@s.whatsapp.net"
    return {
        "key": {"remoteJid": jid, "fromMe": True, "id": message.id},
        "pushName": "Taquilla",
        "status": "PENDING",
        "message": {"conversation": message.text},
        "messageType": "conversation",
        "messageTimestamp": seconds(),
        "instanceId": "5a1f0c3e-0000-4000-8000-000000000001",
        "source": "web",
    }


class EvolutionPosts(Posts):
    signs: ClassVar[str] = "header"

    def receipt(self, message: Arrived, status: str) -> list[object]:
        data = {
            "keyId": message.id,
            "remoteJid": f"{message.phone}@s.whatsapp.net",
            "fromMe": True,
            "status": WORDS[status],
            "instanceId": "5a1f0c3e-0000-4000-8000-000000000001",
            "messageId": "cm" + secrets.token_hex(11),  # of its own table: no message of WhatsApp has it
        }
        return [self._envelope("messages.update", data)]

    def reply(self, phone: str, text: str, hidden: bool = False) -> list[object]:
        jid = f"{phone}@s.whatsapp.net"
        key: dict[str, Any] = {"remoteJid": jid, "fromMe": False, "id": "3A" + secrets.token_hex(9).upper()}
        if hidden:
            key |= {"remoteJid": f"{self.world.hide(phone)}@lid", "remoteJidAlt": jid, "addressingMode": "lid"}
        about = {"pushName": "Ana", "messageType": "conversation", "messageTimestamp": seconds()}
        return [self._envelope("messages.upsert", {"key": key, "message": {"conversation": text}} | about)]

    def own_message(self, message: Arrived) -> list[object]:
        return [self._envelope("send.message", message_of(message))]

    def session_state(self, state: str) -> list[object]:
        word = STATES[state]
        data = {"instance": self.world.session, "state": word, "statusReason": REASONS[word]}
        return [self._envelope("connection.update", data)]

    def headers(self, body: bytes, hook: Hook) -> dict[str, str]:
        return {"Authorization": f"Bearer {_token(hook.secret, json.loads(body)['event'])}"} if hook.secret else {}

    def _envelope(self, event: str, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "event": event,
            "instance": self.world.session,
            "data": data,
            "destination": "https://taquilla.example/",
            "date_time": "2026-11-25T05:00:00.000Z",  # the local time, whatever the Z says
            "sender": f"{self.own}@s.whatsapp.net",  # our own number, not that of whoever wrote
            "server_url": "http://localhost:8080",
            "apikey": None,
        }


def _token(secret: str, action: str) -> str:
    """HS256, good for ten minutes."""
    claims = {"iat": seconds(), "exp": seconds() + 600, "app": "evolution", "action": action}
    signed = b".".join(_packed(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return b".".join([signed, _packed(hmac.new(secret.encode(), signed, hashlib.sha256).digest())]).decode()


def _packed(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
