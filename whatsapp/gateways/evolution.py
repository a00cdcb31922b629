"""Evolution API, version 2 (port 8080): one instance of it is one number."""

import base64
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from whatsapp.gateways.answers import ID_LENGTH, error_text, look
from whatsapp.gateways.base import (
    Accepted,
    Capabilities,
    Document,
    Field,
    GatewayError,
    Message,
    NumberCheck,
    Picture,
    Signing,
    State,
    Status,
    _,
)
from whatsapp.gateways.calling import CHECK_SECONDS, RESTART_SECONDS, STATUS_SECONDS, HttpGateway, unanswered
from whatsapp.gateways.evolution_errors import error_in, restart_refused
from whatsapp.gateways.evolution_head import id_in_head
from whatsapp.gateways.evolution_numbers import check_from, digits_for
from whatsapp.gateways.evolution_status import (
    CLOSE,
    CONNECTING,
    after_close,
    code_in,
    connection_in,
    is_linked,
    record_in,
    status_from,
)
from whatsapp.gateways.http import Answer
from whatsapp.gateways.scrubbing import scrub
from whatsapp.webhooks.evolution import EvolutionHook

SECOND_QUESTION_SECONDS = 5.0  # after one that the gateway has just answered


class EvolutionGateway(HttpGateway):
    name: ClassVar[str] = "evolution"
    label: ClassVar[str] = "Evolution API"
    default_url: ClassVar[str] = "http://localhost:8080"
    capabilities: ClassVar[Capabilities] = Capabilities(
        checks_numbers=True,
        no_may_be_wrong=True,
        sends_documents=True,
        receipts=frozenset({"sent", "delivered", "read", "failed"}),
        hears_replies=True,
        signing=Signing.HEADER,
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "base_url",
            _("address of the gateway"),
            _("Where the gateway listens, for example http://localhost:8080."),
            is_required=True,
            default="http://localhost:8080",
        ),
        Field("session_name", _("instance"), _("The name that the instance has in Evolution API."), is_required=True),
        Field(
            "new_key",
            _("key of the gateway"),
            _("The token of the instance, or the global key of Evolution API. Sent as apikey."),
            is_required=True,
        ),
        Field(
            "new_webhook_secret",
            _("secret of its reports"),
            _(
                "Give the same one to the webhook of the instance, as the value of a header X-Pregonero-Secret or "
                "jwt_key. Without it no report is taken."
            ),
        ),
    )
    hook: ClassVar[type[EvolutionHook]] = EvolutionHook
    notice: ClassVar[str] = _(
        "This system sends through Evolution API, a program with a licence of its own: the Apache License 2.0 with "
        "additional conditions."
    )

    def headers(self) -> dict[str, str]:
        return self.key_header("apikey")

    # --- how it is ----------------------------------------------------------------------------------------------------

    def ask_status(self) -> Status:
        answer = self._ask("/instance/connectionState", STATUS_SECONDS)
        connection = connection_in(answer)
        if connection == CLOSE:
            # A code is not asked for: that would start a connection, again and again, with every look at the number.
            return after_close(self._record())
        return self._while_connecting() if connection == CONNECTING else status_from(answer, secrets=self.secrets())

    def _while_connecting(self) -> Status:
        if is_linked(self._record()):
            return Status(State.STARTING)
        try:
            return code_in(self._ask("/instance/connect", SECOND_QUESTION_SECONDS), secrets=self.secrets())
        except GatewayError as error:
            return Status(State.STARTING, error.detail)

    def _record(self) -> Mapping[str, Any]:
        path = f"/instance/fetchInstances?instanceName={quote(self.connection.session_name, safe='')}"
        try:
            answer = self.call("GET", path, seconds=SECOND_QUESTION_SECONDS)
        except GatewayError:
            return {}
        return record_in(answer, self.connection.session_name)

    def restart(self) -> str:
        """What is closed cannot be restarted, only connected: /instance/restart answers 200 with an error then."""
        before = self._ask("/instance/connectionState", STATUS_SECONDS)
        if not before.is_success or not isinstance(look(before.json(), "instance"), dict):
            raise error_in(before, secrets=self.secrets())
        if connection_in(before) == CLOSE:
            answer = self._ask("/instance/connect", RESTART_SECONDS)
        else:
            answer = self._tell("/instance/restart", {}, RESTART_SECONDS)
        if not answer.is_success or not isinstance(answer.json(), dict):
            raise error_in(answer, secrets=self.secrets())
        if look(answer.json(), "error"):
            raise restart_refused(answer, secrets=self.secrets())
        return scrub(error_text(answer), secrets=self.secrets())

    # --- messages -----------------------------------------------------------------------------------------------------

    def check_number(self, phone: str) -> NumberCheck:
        digits = phone.removeprefix("+")
        try:
            answer = self._tell("/chat/whatsappNumbers", {"numbers": [digits]}, CHECK_SECONDS)
        except GatewayError as error:
            return unanswered(error)
        return check_from(answer, digits, secrets=self.secrets())

    def send(self, message: Message) -> Accepted:
        """Without `delay`: the call would last as long, and long ones were sent several times."""
        payload: dict[str, object] = {"number": digits_for(message)}
        if file := message.document or message.picture:
            answer = self._tell("/message/sendMedia", payload | _media(file, message.text))
        else:
            answer = self._tell("/message/sendText", payload | {"text": message.text, "linkPreview": False})
        accepted = _accepted(answer)
        if accepted is None:
            raise error_in(answer, secrets=self.secrets(), message=message)
        return accepted

    def _ask(self, path: str, seconds: float) -> Answer:
        return self.call("GET", self._of_instance(path), seconds=seconds)

    def _tell(self, path: str, payload: Mapping[str, object], seconds: float | None = None) -> Answer:
        return self.call("POST", self._of_instance(path), payload=payload, seconds=seconds)

    def _of_instance(self, path: str) -> str:
        return f"{path}/{quote(self.connection.session_name, safe='')}"


def _media(file: Document | Picture, caption: str) -> dict[str, object]:
    return {
        "mediatype": "document" if isinstance(file, Document) else "image",
        "media": base64.b64encode(file.content).decode(),  # bare: a data: URL is refused
        "fileName": file.filename,
        "mimetype": file.mime,
        "caption": caption,
    }


def _accepted(answer: Answer) -> Accepted | None:
    """None unless it names the message. That is all it says: it is queued there, and may fail later."""
    message_id = _id_in(answer) or id_in_head(answer)
    return Accepted(message_id[:ID_LENGTH], answer.status) if message_id else None


def _id_in(answer: Answer) -> str:
    body = answer.json() if answer.is_success else None
    if not isinstance(body, dict) or body.get("error") or body.get("status") == "ERROR":
        return ""
    message_id = look(body, "key.id")
    return message_id.strip() if isinstance(message_id, str) else ""
