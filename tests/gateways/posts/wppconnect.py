"""WPPConnect posts the library's own objects with an event's name, and signs nothing."""

import secrets
from typing import Any, ClassVar

from tests.gateways.posts.base import Posts, seconds
from tests.gateways.world import Arrived

ACKS = {"failed": -1, "sent": 1, "delivered": 2, "read": 3}
STATES = {"ready": "inChat", "needs_qr": "notLogged", "starting": "browserClose", "logged_out": "disconnectedMobile"}


class WppconnectPosts(Posts):
    signs: ClassVar[str] = "none"

    def receipt(self, message: Arrived, status: str) -> list[object]:
        chat = f"{message.phone}@c.us"
        whole = f"true_{chat}_{message.id}"
        named = {"fromMe": True, "remote": chat, "id": message.id, "_serialized": whole}
        said = {"id": named, "from": f"{self.own}@c.us", "to": chat, "ack": ACKS[status], "t": seconds()}
        return [self._event("onack", said)]

    def reply(self, phone: str, text: str, hidden: bool = False) -> list[object]:
        chat = f"{self.world.hide(phone)}@lid" if hidden else f"{phone}@c.us"
        said = {"id": f"false_{chat}_3A{secrets.token_hex(9).upper()}", "body": text, "type": "chat", "t": seconds()}
        about = {"from": chat, "to": f"{self.own}@c.us", "fromMe": False, "sender": {"id": chat, "pushname": "Ana"}}
        return [self._event("onmessage", said | about)]

    def session_state(self, state: str) -> list[object]:
        return [self._event("status-find", {"status": STATES[state]})]

    def _event(self, event: str, said: dict[str, Any]) -> dict[str, Any]:
        return {"event": event, "session": self.world.session} | said
