"""WPPConnect server, port 21465. Written from its sources and from what 2.10.4 answered."""

import base64
from typing import ClassVar
from urllib.parse import quote

from whatsapp.gateways.answers import error_text, look, message_id
from whatsapp.gateways.base import (
    Accepted,
    Capabilities,
    Document,
    ErrorKind,
    Field,
    GatewayError,
    Message,
    NumberCheck,
    OutcomeUnknown,
    Picture,
    Refused,
    State,
    Status,
    Stopped,
    Unreachable,
    _,
)
from whatsapp.gateways.calling import CHECK_SECONDS, RESTART_SECONDS, STATUS_SECONDS, HttpGateway, unanswered
from whatsapp.gateways.http import Answer
from whatsapp.gateways.qr_images import code_text, png, png_in_data_url
from whatsapp.gateways.recipients import digits_in, is_sendable, recipient_digits
from whatsapp.gateways.scrubbing import scrub
from whatsapp.gateways.strangers import status_of_stranger
from whatsapp.gateways.wppconnect_errors import error_in
from whatsapp.gateways.wppconnect_words import STATES, chat_of
from whatsapp.webhooks.wppconnect import WppConnectHook

_MOST_DIGITS = 14  # it takes longer ones for an id that is no number
# With exactly "application/json" the server rewrites what it answers, and fails at some of its own answers: the refusal
# of a missing file is lost, and the server goes on without one.
_JSON = {"Content-Type": "application/json; charset=utf-8"}


class WppConnectGateway(HttpGateway):
    name: ClassVar[str] = "wppconnect"
    label: ClassVar[str] = "WPPConnect"
    default_url: ClassVar[str] = "http://localhost:21465"
    capabilities: ClassVar[Capabilities] = Capabilities(
        checks_numbers=True,
        sends_documents=True,
        receipts=frozenset({"sent", "delivered", "read", "failed"}),
        hears_replies=True,
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "base_url",
            _("address of the gateway"),
            _("Where the gateway listens, for example http://localhost:21465."),
            is_required=True,
            default="http://localhost:21465",
        ),
        Field(
            "session_name",
            _("session"),
            _("As it is called in WPPConnect: letters, digits, hyphens and underscores."),
            is_required=True,
            pattern=r"[A-Za-z0-9_-]+",
        ),
        Field(
            "new_key",
            _("token of the session"),
            _(
                "The “token” that POST /api/SESSION/SECRET-KEY/generate-token answers. Not the secret key of the "
                "server: that one opens every session, and it is not stored here."
            ),
        ),
    )
    hook = WppConnectHook

    # --- how it is ---------------------------------------------------------------------------------------------------

    def ask_status(self) -> Status:
        answer = self._get("status-session")
        word = look(answer.json(), "status")
        if not answer.is_success or not isinstance(word, str):
            return status_of_stranger(answer, scrub(error_text(answer), secrets=self.secrets()))
        state = STATES.get(word.lower(), State.UNKNOWN)
        if state is State.READY:
            return self._really_ready()
        if state is State.NEEDS_QR:
            return self._code_to_scan(answer)
        return Status(state, scrub(word, secrets=self.secrets()))

    def _really_ready(self) -> Status:
        """What it says is how it was when it last changed. A browser that died since cannot be asked."""
        answer = self._get("check-connection-session")
        if answer.is_success and look(answer.json(), "status") is False:
            return Status(State.UNKNOWN, _("the gateway says that it is connected, and that it is not"))
        return Status(State.READY)

    def _code_to_scan(self, answer: Answer) -> Status:
        body = answer.json()
        if look(body, "status") == "PHONECODE":
            return Status(State.NEEDS_QR, _("it waits for a pairing code; restart it to get a QR code"))
        if image := png_in_data_url(look(body, "qrcode")):
            return Status(State.NEEDS_QR, qr_image=image)
        if text := code_text(look(body, "urlcode")):
            return Status(State.NEEDS_QR, qr_text=text)
        picture = self._get("qrcode-session")
        return Status(State.NEEDS_QR, qr_image=png(picture.body) if picture.is_success and not picture.is_cut else b"")

    def restart(self) -> str:
        """There is no call for it: the session is closed and started, which is not over when this returns."""
        self._close()
        answer = self._post("start-session", {"waitQrCode": False}, seconds=RESTART_SECONDS)
        if not answer.is_success or not isinstance(answer.json(), dict):
            raise error_in(answer, secrets=self.secrets())
        return ""  # it says how it was before

    def _close(self) -> None:
        """A session that is starting is closed, and an error answered; one that hangs does not answer at all."""
        try:
            answer = self._post("close-session", {}, seconds=RESTART_SECONDS)
        except OutcomeUnknown:
            return
        error = error_in(answer, secrets=self.secrets())
        if not answer.is_success and isinstance(error, Stopped | Unreachable):
            raise error

    # --- messages ----------------------------------------------------------------------------------------------------

    def send(self, message: Message) -> Accepted:
        phone = recipient_digits(message, most=_MOST_DIGITS)
        file = message.document or message.picture
        if not (file.content if file else message.text):
            raise Refused(_("there is nothing to send"), kind=ErrorKind.REJECTED_CONTENT)
        if file:
            answer = self._post("send-file-base64", {"phone": phone, "isGroup": False} | _attached(file, message.text))
        else:
            answer = self._post("send-message", {"phone": phone, "isGroup": False, "message": message.text})
        first = _first_in(answer)
        sent_as = message_id({"id": first.get("id")})
        if not sent_as or _is_failed(first):
            raise error_in(answer, secrets=self.secrets(), message=message)
        return Accepted(sent_as, answer.status)

    def check_number(self, phone: str) -> NumberCheck:
        digits = digits_in(phone)
        if not is_sendable(digits, most=_MOST_DIGITS):
            return NumberCheck(None, detail="the number cannot be looked up")
        try:
            answer = self._get(f"check-number-status/{digits}", seconds=CHECK_SECONDS)
        except GatewayError as error:
            return unanswered(error)
        exists = look(answer.json(), "response.numberExists")
        if not answer.is_success or not isinstance(exists, bool):
            return unanswered(error_in(answer, secrets=self.secrets()))
        return NumberCheck(exists, digits_in(chat_of(look(answer.json(), "response.id"))) if exists else "")

    # --- calls -------------------------------------------------------------------------------------------------------

    def _get(self, what: str, *, seconds: float = STATUS_SECONDS) -> Answer:
        return self.call("GET", self._path(what), seconds=seconds)

    def _post(self, what: str, payload: dict[str, object], *, seconds: float | None = None) -> Answer:
        return self.call("POST", self._path(what), payload=payload, seconds=seconds, headers=_JSON)

    def _path(self, what: str) -> str:
        return f"/api/{quote(self.connection.session_name, safe='')}/{what}"

    def headers(self) -> dict[str, str]:
        return self.key_header("Authorization", "Bearer ")


def _attached(file: Picture | Document, caption: str) -> dict[str, object]:
    """A data URL: without its beginning the server would look for a file of that name, or fetch it from somewhere."""
    content = base64.b64encode(file.content).decode()
    return {"filename": file.filename, "caption": caption, "base64": f"data:{file.mime};base64,{content}"}


def _first_in(answer: Answer) -> dict[str, object]:
    """What became of our one recipient; nothing where the answer is none of success, or success for nobody."""
    results = look(answer.json(), "response") if answer.is_success else None
    first = results[0] if isinstance(results, list) and results else None
    return first if isinstance(first, dict) else {}


def _is_failed(result: dict[str, object]) -> bool:
    ack = result.get("ack")
    return isinstance(ack, int) and ack < 0
