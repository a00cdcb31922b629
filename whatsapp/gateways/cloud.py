"""Meta's own WhatsApp Cloud API: no telephone, no QR code, and a template for whoever has not written first."""

from time import monotonic
from typing import Any, ClassVar
from urllib.parse import quote

from whatsapp.gateways import cloud_list
from whatsapp.gateways.base import (
    Accepted,
    Capabilities,
    Document,
    ErrorKind,
    Field,
    GatewayError,
    Message,
    NotSent,
    OutcomeUnknown,
    Picture,
    Refused,
    Signing,
    Status,
    Stopped,
    Template,
    Unreachable,
    _,
)
from whatsapp.gateways.calling import CHECK_SECONDS, STATUS_SECONDS, HttpGateway
from whatsapp.gateways.cloud_errors import error_in, fault_in
from whatsapp.gateways.cloud_media import SHELF, key_of
from whatsapp.gateways.cloud_send import accepted_in, media_of, payload_of
from whatsapp.gateways.cloud_status import BASIC_FIELDS, FIELDS, lacks_a_field, status_from
from whatsapp.gateways.http import Answer
from whatsapp.webhooks.base import Hook
from whatsapp.webhooks.cloud import CloudHook

VERSION = "v25.0"
URL = "https://graph.facebook.com"


class CloudGateway(HttpGateway):
    name: ClassVar[str] = "cloud"
    label: ClassVar[str] = "Meta WhatsApp Cloud API"
    default_url: ClassVar[str] = URL
    capabilities: ClassVar[Capabilities] = Capabilities(
        shows_qr=False,
        restarts=False,
        sends_documents=True,
        needs_templates=True,
        receipts=frozenset({"sent", "delivered", "read", "failed"}),
        hears_replies=True,
        signing=Signing.BODY,
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("base_url", _("address of the gateway"), is_required=True, default=URL, pattern=r"https?://\S+"),
        Field(
            "session_name",
            _("phone number ID"),
            _("A number that Meta gives, in its App Dashboard under WhatsApp, API Setup. Not the telephone number."),
            is_required=True,
            pattern=r"\d{3,30}",
        ),
        Field(
            "account",
            _("WhatsApp Business Account ID"),
            _("It stands in the same place. The approved templates are read from this account."),
            is_required=True,
            pattern=r"\d{3,30}",
        ),
        Field(
            "portfolio",
            _("business portfolio ID"),
            _(
                "Only for numbers of several WhatsApp Business accounts: Meta's limit of people holds for all accounts "
                "of a portfolio together."
            ),
            pattern=r"\d{3,30}",
        ),
        Field(
            "version",
            _("version of the API"),
            _("Meta switches a version off about two years after it came out."),
            default=VERSION,
            pattern=r"v\d{1,3}\.\d{1,2}",
        ),
        Field(
            "new_key",
            _("access token"),
            _("Of a system user, with the permissions whatsapp_business_messaging and whatsapp_business_management."),
            is_required=True,
        ),
        Field(
            "new_webhook_secret",
            _("app secret"),
            _("In the App Dashboard under App settings, Basic. Without it neither receipts nor replies are taken."),
        ),
    )
    hook: ClassVar[type[Hook] | None] = CloudHook

    def headers(self) -> dict[str, str]:
        return self.key_header("Authorization", "Bearer ")

    def restart(self) -> str:
        raise Refused(_("there is nothing to restart; the service runs at Meta"))

    def ask_status(self) -> Status:
        answer = self._ask(self._path(self.connection.session_name, f"?fields={FIELDS}"), STATUS_SECONDS)
        if lacks_a_field(answer):
            answer = self._ask(self._path(self.connection.session_name, f"?fields={BASIC_FIELDS}"), STATUS_SECONDS)
        return status_from(answer, secrets=self.secrets())

    def templates(self) -> list[Template]:
        path = self._path(self.connection.options.get("account", ""), "/message_templates?")
        return cloud_list.templates_from(
            lambda query: self._ask(path + query, CHECK_SECONDS, limit=cloud_list.PAGE_BYTES), self._error
        )

    def send(self, message: Message) -> Accepted:
        media = media_of(message)
        media_id, was_kept, seconds = "", False, None
        if media:
            # Whoever waits for this call reckons with one, so both share its seconds. With hardly any left the message
            # would end in doubt; the next try finds the picture handed over.
            ends = monotonic() + self.connection.read_seconds
            media_id, was_kept = self._handed_over(media)
            seconds = ends - monotonic()
            if seconds < self.connection.read_seconds / 4:
                raise Unreachable(_("handing over the picture or document took too long"))
        path = self._path(self.connection.session_name, "/messages")
        answer = self.call("POST", path, payload=payload_of(message, media_id), seconds=seconds)
        if accepted := accepted_in(answer):
            return accepted
        error, fault = self._error(answer, message), fault_in(answer.json())
        if media and fault and fault.is_about_media:
            SHELF.forget(key_of(self.connection, media))
            if was_kept:  # it expired, or the token belongs to another app now: the next try hands it over again
                raise NotSent(error.detail, kind=ErrorKind.TEMPORARY, http_status=answer.status) from error
        raise error

    def _handed_over(self, media: Picture | Document) -> tuple[str, bool]:
        """Meta's id of it, and whether it was there before. Raises GatewayError, never OutcomeUnknown: whatever becomes
        of a picture alone, nobody has got a message.
        """
        key = key_of(self.connection, media)
        if kept := SHELF.find(key):
            return kept, True
        try:
            media_id = self._upload(media)
        except OutcomeUnknown as error:
            detail = f"the picture or document could not be handed over: {error.detail}"
            raise Unreachable(detail, http_status=error.http_status) from error
        SHELF.put(key, media_id)
        return media_id, False

    def _upload(self, media: Picture | Document) -> str:
        answer = self.call(
            "POST",
            self._path(self.connection.session_name, "/media"),
            form={"messaging_product": "whatsapp", "type": media.mime},
            files={"file": (media.filename, media.content, media.mime)},
            seconds=self.connection.read_seconds / 2,
        )
        body = answer.json()
        media_id = body.get("id") if isinstance(body, dict) and answer.is_success else None
        if not isinstance(media_id, str) or not media_id:
            raise self._error(answer)
        return media_id

    def _ask(self, path: str, seconds: float, **options: Any) -> Answer:
        return self.call("GET", path, seconds=seconds, **options)

    def _error(self, answer: Answer, message: Message | None = None) -> GatewayError:
        return error_in(answer, secrets=self.secrets(), message=message)

    def _path(self, node: str, rest: str) -> str:
        if not node:
            raise Stopped(_("an ID is missing that Meta needs"), kind=ErrorKind.AUTH)
        version = self.connection.options.get("version") or VERSION
        return f"/{quote(version, safe='')}/{quote(node, safe='')}{rest}"
