"""The plain REST service around WhatsApp Web (port 3010), and the many small services that look like it."""

import base64
from typing import Any, ClassVar

from whatsapp.gateways.answers import error_text, message_id
from whatsapp.gateways.base import Accepted, Capabilities, Field, Message, Status, _
from whatsapp.gateways.calling import RESTART_SECONDS, STATUS_SECONDS, HttpGateway
from whatsapp.gateways.rest_errors import error_in
from whatsapp.gateways.rest_names import KEY_HEADER, PHONE, PICTURE, TEXT
from whatsapp.gateways.rest_status import status_from
from whatsapp.gateways.rest_success import is_accepted, says_no
from whatsapp.gateways.scrubbing import scrub
from whatsapp.webhooks.rest import RestHook


class RestGateway(HttpGateway):
    name: ClassVar[str] = "rest"
    label: ClassVar[str] = "REST (whatsapp-web.js)"
    default_url: ClassVar[str] = "http://localhost:3010"
    capabilities: ClassVar[Capabilities] = Capabilities(receipts=frozenset({"sent", "delivered", "read", "failed"}))
    hook: ClassVar[type[RestHook]] = RestHook
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "base_url",
            _("address of the gateway"),
            _("Where the gateway listens, for example http://localhost:3010."),
            is_required=True,
            default="http://localhost:3010",
        ),
        Field(
            "new_key",
            _("key of the gateway"),
            _("Sent as X-Api-Key unless another header is named below. Empty: the gateway needs none."),
        ),
        PHONE,
        TEXT,
        PICTURE,
        KEY_HEADER,
    )

    def ask_status(self) -> Status:
        return status_from(self.call("GET", "/status", seconds=STATUS_SECONDS), secrets=self.secrets())

    def restart(self) -> str:
        answer = self.call("POST", "/restart", payload={}, seconds=RESTART_SECONDS)
        if not answer.is_success or says_no(answer.json()):
            raise error_in(answer, secrets=self.secrets())
        return scrub(error_text(answer), secrets=self.secrets())

    def send(self, message: Message) -> Accepted:
        options = self.connection.options
        payload = {PHONE.of(options): message.phone, TEXT.of(options): message.text}
        path = "/send"
        if message.picture:
            content = base64.b64encode(message.picture.content).decode()
            payload[PICTURE.of(options)] = f"data:{message.picture.mime};base64,{content}"
            path = "/send-media"
        answer = self.call("POST", path, payload=payload)
        if not is_accepted(answer):
            raise error_in(answer, secrets=self.secrets(), message=message)
        return Accepted(_followable_id(answer.json()), answer.status)

    def headers(self) -> dict[str, str]:
        name = KEY_HEADER.of(self.connection.options)
        # This one alone says first what kind of key follows.
        return self.key_header(name, "Bearer " if name.lower() == "authorization" else "")


def _followable_id(body: Any) -> str:
    """Services with a queue of their own give the queue's id, which no receipt ever names."""
    return "" if body.get("queued") is True else message_id(body)
