"""GOWA (go-whatsapp-web-multidevice), port 3000. Written from its sources, v9.2."""

import base64
import re
import secrets
from functools import partial
from typing import ClassVar
from urllib.parse import quote

from whatsapp.gateways.answers import error_text, look, message_id
from whatsapp.gateways.base import (
    Accepted,
    Capabilities,
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
from whatsapp.gateways.calling import CHECK_SECONDS, RESTART_SECONDS, STATUS_SECONDS, HttpGateway, answered, unanswered
from whatsapp.gateways.gowa_errors import code_of, error_in, said_in
from whatsapp.gateways.gowa_pairing import Code, Pairing, lifetime, pairing_of, path_in
from whatsapp.gateways.http import Answer
from whatsapp.gateways.qr_images import png
from whatsapp.gateways.recipients import digits_in, is_sendable, recipient_digits
from whatsapp.gateways.scrubbing import scrub
from whatsapp.gateways.strangers import status_of_stranger
from whatsapp.webhooks.gowa import GowaHook

_UNLINKED = re.compile(r"\bnot log(?:ged )?in\b|\bsession deleted\b", re.IGNORECASE)
_LINKED = {"ALREADY_LOGGED_IN", "SESSION_SAVED_ERROR"}


class GowaGateway(HttpGateway):
    name: ClassVar[str] = "gowa"
    label: ClassVar[str] = "GOWA (go-whatsapp)"
    default_url: ClassVar[str] = "http://localhost:3000"
    capabilities: ClassVar[Capabilities] = Capabilities(
        checks_numbers=True,
        no_may_be_wrong=True,
        sends_documents=True,
        receipts=frozenset({"delivered", "read"}),
        hears_replies=True,
        signing=Signing.BODY,
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "base_url",
            _("address of the gateway"),
            _("Where the gateway listens, for example http://localhost:3000."),
            is_required=True,
            default="http://localhost:3000",
        ),
        Field(
            "session_name",
            _("device"),
            _("The id of this number's device in GOWA. Empty: it has only one."),
            pattern=r"\S(.*\S)?",
        ),
        Field("user", _("user of the gateway"), _("Of GOWA's --basic-auth. Empty: it has none."), pattern=r"[^:\s]+"),
        Field(
            "new_key",
            _("password of the gateway"),
            _("The one that belongs to the user. Empty: the gateway needs none."),
        ),
        Field(
            "new_webhook_secret",
            _("secret of its reports"),
            _(
                "The same as GOWA's --webhook-secret: at least 16 characters without blanks. GOWA's own default, the "
                "word “secret”, is not accepted: everybody knows it. Without a secret no report is taken."
            ),
            pattern=r"\S{16,}",
        ),
    )
    hook = GowaHook

    # --- how it is ---------------------------------------------------------------------------------------------------

    def ask_status(self) -> Status:
        return self._look(shows_code=True)

    def probe(self) -> Status:
        return answered(partial(self._look, shows_code=False))

    def _look(self, *, shows_code: bool) -> Status:
        answer = self.call("GET", "/app/status", seconds=STATUS_SECONDS)
        is_connected = look(answer.json(), "results.is_connected")
        is_logged_in = look(answer.json(), "results.is_logged_in")
        if not answer.is_success or not isinstance(is_connected, bool) or not isinstance(is_logged_in, bool):
            return self._refusal(answer)
        if is_logged_in:
            self._pairing.end()
            return Status(State.READY) if is_connected else Status(State.STARTING, _("GOWA is reconnecting"))
        if not is_connected and not self._pairing.is_wanted:
            return Status(State.LOGGED_OUT, _("no phone is linked"))
        return self._code_to_scan() if shows_code else Status(State.NEEDS_QR)

    def _refusal(self, answer: Answer) -> Status:
        if code_of(answer) and not answer.is_success:
            return Status(State.FAILED, error_in(answer, secrets=self.secrets()).detail)
        return status_of_stranger(answer, scrub(said_in(answer), secrets=self.secrets()))

    # --- linking it --------------------------------------------------------------------------------------------------

    @property
    def _pairing(self) -> Pairing:
        return pairing_of(self.connection.base_url, self.connection.session_name)

    def _code_to_scan(self) -> Status:
        code = self._pairing.code(self._make_code)
        if code.is_linked:
            return Status(State.STARTING, code.detail)
        return Status(State.NEEDS_QR, code.detail, qr_image=code.image)

    def _make_code(self) -> Code:
        try:
            answer = self.call("GET", "/app/login", seconds=RESTART_SECONDS)
            if code_of(answer) in _LINKED:
                return Code(detail=scrub(error_text(answer), secrets=self.secrets()), is_linked=True)
            path = path_in(look(answer.json(), "results.qr_link"))
            if not _is_good(answer) or not path:
                return Code(detail=error_in(answer, secrets=self.secrets()).detail)
            picture = self.call("GET", path, seconds=STATUS_SECONDS)
        except GatewayError as error:
            return Code(detail=error.detail)
        image = png(picture.body) if picture.is_success and not picture.is_cut else b""
        return Code(image, lifetime(look(answer.json(), "results.qr_duration"))) if image else Code()

    def restart(self) -> str:
        """Connects it anew. A device without a phone cannot be: then whoever looks is shown a code, for a while."""
        answer = self.call("GET", "/app/reconnect", seconds=RESTART_SECONDS)
        if _is_good(answer):
            return scrub(error_text(answer), secrets=self.secrets())
        if code_of(answer) in {"AUTHENTICATION_ERROR", "INVALID_WA_CLI"} or _UNLINKED.search(error_text(answer)):
            self._pairing.begin()
            return "no phone is linked: scan the QR code"
        raise error_in(answer, secrets=self.secrets())

    # --- messages ----------------------------------------------------------------------------------------------------

    def send(self, message: Message) -> Accepted:
        phone = recipient_digits(message)
        if message.document:
            file = (message.document.filename, message.document.content, message.document.mime)
            form = {"phone": phone, "caption": message.text}
            answer = self.call("POST", "/send/file", form=form, files={"file": file})
        elif message.picture:
            # Compressed it would be 600 pixels wide: too few for the QR code of a ticket.
            form = {"phone": phone, "caption": message.text, "compress": "false"}
            answer = self.call("POST", "/send/image", form=form, files={"image": _upload(message.picture)})
        else:
            answer = self.call("POST", "/send/message", payload={"phone": phone, "message": message.text})
        if not _is_good(answer):
            raise error_in(answer, secrets=self.secrets(), message=message)
        return Accepted(message_id(look(answer.json(), "results")), answer.status)

    def check_number(self, phone: str) -> NumberCheck:
        digits = digits_in(phone)
        if not is_sendable(digits):
            return NumberCheck(None, detail="the number cannot be looked up")
        try:
            answer = self.call("GET", f"/user/check?phone={digits}", seconds=CHECK_SECONDS)
        except GatewayError as error:
            return unanswered(error)
        found = look(answer.json(), "results.is_on_whatsapp")
        if not _is_good(answer) or not isinstance(found, bool):
            return unanswered(error_in(answer, secrets=self.secrets()))
        return NumberCheck(found, detail="" if found else "GOWA says the same when it could not look the number up")

    # --- who we are --------------------------------------------------------------------------------------------------

    def headers(self) -> dict[str, str]:
        headers = {}
        if self._token:
            headers["Authorization"] = f"Basic {self._token}"
        if device := self.connection.session_name:
            headers["X-Device-Id"] = quote(device, safe="@:")  # GOWA decodes it
        return headers

    def secrets(self) -> list[str]:
        return [self.connection.api_key, self._token]

    @property
    def _token(self) -> str:
        user, password = self.connection.options.get("user", ""), self.connection.api_key
        return base64.b64encode(f"{user}:{password}".encode()).decode() if user or password else ""


def _is_good(answer: Answer) -> bool:
    return answer.is_success and code_of(answer) == "SUCCESS"


def _upload(picture: Picture) -> tuple[str, bytes, str]:
    """Under a name of its own: GOWA stores a picture under the given one, and of two at a time one would be sent twice.

    The person does not see it.
    """
    ending = "jpg" if picture.mime == "image/jpeg" else "png"
    return f"{secrets.token_hex(16)}.{ending}", picture.content, picture.mime
