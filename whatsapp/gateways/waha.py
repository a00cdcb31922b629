"""WAHA (devlikeapro/waha), whichever engine it runs: WEBJS, NOWEB or GOWS."""

import base64
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from whatsapp.gateways.answers import look, message_id
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
    Status,
    _,
)
from whatsapp.gateways.calling import CHECK_SECONDS, RESTART_SECONDS, STATUS_SECONDS, HttpGateway, unanswered
from whatsapp.gateways.qr_images import png
from whatsapp.gateways.scrubbing import scrub
from whatsapp.gateways.waha_errors import error_in, is_accepted
from whatsapp.gateways.waha_ids import chat_id_of
from whatsapp.gateways.waha_status import SHOWS_CODE, status_from
from whatsapp.webhooks.base import ID_LENGTH, Hook, is_person, phone_in
from whatsapp.webhooks.waha import WahaHook

QR_SECONDS = 5.0  # where the session does not wait for its code any more, WAHA thinks for up to ten


class WahaGateway(HttpGateway):
    name: ClassVar[str] = "waha"
    label: ClassVar[str] = "WAHA"
    default_url: ClassVar[str] = "http://localhost:3000"
    capabilities: ClassVar[Capabilities] = Capabilities(
        checks_numbers=True,
        sends_documents=True,
        receipts=frozenset({"sent", "delivered", "read", "failed"}),
        hears_replies=True,
        signing=Signing.BODY,
        finds_phones=True,
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "base_url",
            _("address of the gateway"),
            _("Where WAHA listens, for example http://localhost:3000."),
            is_required=True,
            default="http://localhost:3000",
        ),
        Field(
            "session_name",
            _("session"),
            _("The name of the session in WAHA that this number belongs to."),
            is_required=True,
            default="default",
        ),
        Field(
            "new_key",
            _("key of the gateway"),
            _("Sent as X-Api-Key. A key for this session alone is enough, if it may read, send and control."),
        ),
        Field(
            "new_webhook_secret",
            _("secret of its reports"),
            _("The same as hmac.key of the webhook in WAHA. Without it no report of WAHA is taken."),
        ),
    )
    hook: ClassVar[type[Hook] | None] = WahaHook

    def ask_status(self) -> Status:
        answer = self.call("GET", f"/api/sessions/{self._session}", seconds=STATUS_SECONDS)
        status = status_from(answer, secrets=self.secrets())
        shows_code = answer.is_success and look(answer.json(), "status") == SHOWS_CODE
        return replace(status, qr_image=self._code()) if shows_code else status

    def restart(self) -> str:
        answer = self.call("POST", f"/api/sessions/{self._session}/restart", payload={}, seconds=RESTART_SECONDS)
        if not answer.is_success or answer.is_html:
            raise error_in(answer, secrets=self.secrets())
        state = look(answer.json(), "status")
        return scrub(state, secrets=self.secrets()) if isinstance(state, str) else ""

    def send(self, message: Message) -> Accepted:
        # Nothing that delays or pretends to type: an engine that is told to wait has sent the same message twice.
        payload: dict[str, Any] = {"session": self.connection.session_name, "chatId": chat_id_of(message)}
        file = message.document or message.picture
        if file is None:
            path, payload = "/api/sendText", payload | {"text": message.text, "linkPreview": False}
        else:
            path = "/api/sendFile" if message.document else "/api/sendImage"
            payload |= {"caption": message.text, "file": _encoded(file)}
        answer = self.call("POST", path, payload=payload)
        if not is_accepted(answer):
            raise error_in(answer, secrets=self.secrets(), message=message)
        return Accepted(message_id(answer.json()), answer.status)

    def check_number(self, phone: str) -> NumberCheck:
        asked = urlencode({"phone": phone.removeprefix("+"), "session": self.connection.session_name})
        try:
            answer = self.call("GET", f"/api/contacts/check-exists?{asked}", seconds=CHECK_SECONDS)
        except GatewayError as error:
            return unanswered(error)
        exists = look(answer.json(), "numberExists") if answer.is_success else None
        if not isinstance(exists, bool):
            return unanswered(error_in(answer, secrets=self.secrets()))
        chat_id = look(answer.json(), "chatId")
        is_usable = exists and is_person(chat_id) and len(chat_id) <= ID_LENGTH
        return NumberCheck(exists, chat_id if is_usable else "")

    def phone_of(self, chat_id: str) -> str:
        if not chat_id.endswith("@lid"):
            return phone_in(chat_id)
        try:
            answer = self.call("GET", f"/api/{self._session}/lids/{quote(chat_id, safe='')}", seconds=CHECK_SECONDS)
        except GatewayError:
            return ""
        return phone_in(look(answer.json(), "pn")) if answer.is_success else ""

    def headers(self) -> dict[str, str]:
        return self.key_header("X-Api-Key")

    @property
    def _session(self) -> str:
        return quote(self.connection.session_name, safe="")

    def _code(self) -> bytes:
        """The PNG of the QR code; nothing where there is none at this moment."""
        try:
            headers = {"Accept": "image/png"}
            answer = self.call("GET", f"/api/{self._session}/auth/qr", seconds=QR_SECONDS, headers=headers)
        except GatewayError:
            return b""
        return png(answer.body) if answer.is_success and not answer.is_cut else b""


def _encoded(file: Picture | Document) -> dict[str, str]:
    """As WAHA takes it: bare base64, no data URL."""
    return {"mimetype": file.mime, "filename": file.filename, "data": base64.b64encode(file.content).decode()}
