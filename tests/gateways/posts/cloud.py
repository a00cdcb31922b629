"""Meta posts entries with changes, several of each, signed with the secret of the app."""

import secrets
from typing import Any, ClassVar

from tests.gateways.posts.base import Hook, Posts, seconds, signature
from tests.gateways.world import Arrived

ACCOUNT = "111000222111"


class CloudPosts(Posts):
    signs: ClassVar[str] = "body"

    def receipt(self, message: Arrived, status: str) -> list[object]:
        said: dict[str, Any] = {"id": message.id, "status": status, "timestamp": str(seconds())}
        said |= {"recipient_id": message.phone}
        if message.reference:
            said |= {"biz_opaque_callback_data": message.reference}
        if status == "failed":
            details = {"details": "Message Undeliverable."}
            said |= {"errors": [{"code": 131026, "title": "Message undeliverable", "error_data": details}]}
        contact = {"wa_id": message.phone, "user_id": user_id(message.phone), "profile": {"name": "Ana"}}
        return [self._messages({"contacts": [contact], "statuses": [said]})]

    def reply(self, phone: str, text: str, hidden: bool = False) -> list[object]:
        contact: dict[str, Any] = {"user_id": user_id(phone), "profile": {"name": "Ana", "username": "ana"}}
        said: dict[str, Any] = {"id": "wamid." + secrets.token_hex(20), "timestamp": str(seconds())}
        said |= {"type": "text", "text": {"body": text}}
        if hidden:  # by a user name, behind which no number shows
            said |= {"from_user_id": user_id(phone)}
        else:
            contact |= {"wa_id": phone}
            said |= {"from": phone}
        return [self._messages({"contacts": [contact], "messages": [said]})]

    def session_state(self, state: str) -> list[object]:
        """It only reports what somebody has to know: `restricted` for a day, and `banned`."""
        what = {
            "restricted": {
                "event": "ACCOUNT_RESTRICTION",
                "restriction_info": [
                    {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": seconds() + 86_400}
                ],
            },
            "banned": {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}},
        }
        return [self._change("account_update", {"phone_number": self.own} | what[state])]

    def wish(self, phone: str, wants: bool) -> list[object]:
        said = {"wa_id": phone, "category": "marketing_messages", "value": "resume" if wants else "stop"}
        said |= {"timestamp": str(seconds()), "detail": "User requested"}
        value = self._about() | {"contacts": [{"wa_id": phone}], "user_preferences": [said]}
        return [self._change("user_preferences", value)]

    def template(self, name: str, language: str, status: str) -> list[object]:
        said = {"event": status, "message_template_id": 777000111, "message_template_name": name}
        said |= {"message_template_language": language, "reason": "NONE"}
        return [self._change("message_template_status_update", said)]

    def question(self, token: str) -> dict[str, str]:
        return {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": str(secrets.randbelow(10**10))}

    def headers(self, body: bytes, hook: Hook) -> dict[str, str]:
        return {"X-Hub-Signature-256": "sha256=" + signature(body, hook.secret, "sha256")}

    def _about(self) -> dict[str, Any]:
        metadata = {"display_phone_number": self.own, "phone_number_id": self.world.session}
        return {"messaging_product": "whatsapp", "metadata": metadata}

    def _messages(self, value: dict[str, Any]) -> dict[str, Any]:
        return self._change("messages", self._about() | value)

    def _change(self, field: str, value: dict[str, Any]) -> dict[str, Any]:
        entry = {"id": ACCOUNT, "time": seconds(), "changes": [{"field": field, "value": value}]}
        return {"object": "whatsapp_business_account", "entry": [entry]}


def user_id(phone: str) -> str:
    """The id of a person for this business alone."""
    return f"US.9001{phone[-8:]}"
