"""The plain REST service around WhatsApp Web (port 3010), and the many small services that look like it."""

import base64
import re
from typing import Any, ClassVar

from whatsapp.gateways.answers import error_text, message_id
from whatsapp.gateways.base import Accepted, ErrorKind, Gateway, GatewayError, Message, State, Status, Stopped
from whatsapp.gateways.http import Answer, call
from whatsapp.gateways.rest_errors import error_in
from whatsapp.gateways.rest_status import status_from
from whatsapp.gateways.rest_success import is_accepted, says_no
from whatsapp.gateways.scrubbing import scrub

STATUS_SECONDS = 15.0
RESTART_SECONDS = 30.0


class RestGateway(Gateway):
    name: ClassVar[str] = "rest"
    label: ClassVar[str] = "REST (whatsapp-web.js)"
    default_url: ClassVar[str] = "http://localhost:3010"

    def status(self) -> Status:
        try:
            answer = self._call("GET", "/status", seconds=STATUS_SECONDS)
        except Stopped as error:
            return Status(State.AUTH_ERROR, error.detail)
        except GatewayError as error:
            return Status(State.UNREACHABLE, error.detail)
        return status_from(answer, secrets=self._secrets())

    def restart(self) -> str:
        answer = self._call("POST", "/restart", payload={}, seconds=RESTART_SECONDS)
        if not answer.is_success or says_no(answer.json()):
            raise error_in(answer, secrets=self._secrets())
        return scrub(error_text(answer), secrets=self._secrets())

    def send(self, message: Message) -> Accepted:
        payload = {"phone": message.phone, "message": message.text}
        path = "/send"
        if message.picture:
            content = base64.b64encode(message.picture.content).decode()
            payload["imageBase64"] = f"data:{message.picture.mime};base64,{content}"
            path = "/send-media"
        answer = self._call("POST", path, payload=payload)
        if not is_accepted(answer):
            raise error_in(answer, secrets=self._secrets(), message=message)
        return Accepted(_followable_id(answer.json()), answer.status)

    def _call(self, method: str, path: str, *, payload: object = None, seconds: float | None = None) -> Answer:
        limit = self.connection.read_seconds
        return call(
            self.connection,
            method,
            path,
            payload=payload,
            headers=self._headers(),
            read_seconds=limit if seconds is None else min(limit, seconds),
        )

    def _headers(self) -> dict[str, str]:
        key = self.connection.api_key
        if not re.fullmatch(r"[\x21-\x7e]*", key):  # a line break here would be a header of its own
            raise Stopped("the key has characters that no key can have", kind=ErrorKind.AUTH)
        return {"X-Api-Key": key} if key else {}

    def _secrets(self) -> list[str]:
        return [self.connection.api_key]


def _followable_id(body: Any) -> str:
    """Services with a queue of their own give the queue's id, which no receipt ever names."""
    return "" if body.get("queued") is True else message_id(body)
