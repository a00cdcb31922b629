"""Meta's Cloud API: templates, uploads before sending, and errors that are told apart by their code alone."""

import base64
import re
import secrets
from collections.abc import Iterable
from typing import Any, ClassVar

from tests.gateways.dialect import Dialect, digits, route, trap
from tests.gateways.dialects.cloud_codes import CODES
from tests.gateways.posts.cloud import ACCOUNT, CloudPosts
from tests.gateways.wire import Answer, Request, say
from tests.gateways.world import Arrived, Order

STATES = {"ready": "CONNECTED", "starting": "PENDING", "logged_out": "OFFLINE"}
BUTTON = {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Ver", "url": "https://entradas.example/{{1}}"}]}


def _template(name: str, body: str, *parts: dict[str, Any], **more: str) -> dict[str, Any]:
    about = {"language": "es_CO", "status": "APPROVED", "category": "UTILITY", "parameter_format": "POSITIONAL"}
    return {"name": name, **about, **more, "components": [{"type": "BODY", "text": body}, *parts]}


TEMPLATES = [
    _template("aviso", "Hola {{nombre}}, hay novedades.", parameter_format="NAMED", category="MARKETING"),
    _template("entrada", "Hola {{1}}, tu entrada es para {{2}}.", {"type": "HEADER", "format": "IMAGE"}, BUTTON),
    _template("entrada_pdf", "Hola {{1}}, tu entrada va adjunta.", {"type": "HEADER", "format": "DOCUMENT"}),
    _template("vieja", "Hola", status="PAUSED"),
]


class Cloud(Dialect):
    name = "cloud"
    key = "EAAGllavedeprueba7f3a9c"
    session = "222000111222"  # the id of the number
    account = ACCOUNT  # that the number and its templates belong to
    posts = CloudPosts
    missing: ClassVar[frozenset[str]] = frozenset({"blocked", "auth"})
    resolves: ClassVar[bool] = True
    uploads_first: ClassVar[bool] = True
    codes: ClassVar[dict[str, frozenset[str]]] = {str(number): code.ends for number, code in CODES.items()}

    def guard(self, request: Request, **words: str) -> Answer | None:
        if not re.fullmatch(r"v\d+\.0", words["version"]):
            return self.error(2500, 400, "Unknown path components")
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return self.error(190)
        number = words.get("number")
        if (number and number != self.world.session) or self.world.modes.phase == "missing":
            return self.error(100, 400, f"Unsupported request. Object with ID '{number}' does not exist", 33)
        return None

    @route("GET", "/{version}/{number}", "status")
    def status(self, request: Request, version: str, number: str) -> Answer:
        known = {
            "status": STATES.get(self.world.modes.phase, "OFFLINE"),
            "quality_rating": "GREEN",
            "code_verification_status": "VERIFIED",
            "name_status": "APPROVED",
            "display_phone_number": "+1 202-555-0100",
            "verified_name": "Taquilla",
            "throughput": {"level": "STANDARD"},
            "platform_type": "CLOUD_API",
            "whatsapp_business_manager_messaging_limit": "TIER_2K",
            "health_status": {"can_send_message": "AVAILABLE", "entities": []},
        }
        asked = request.query.get("fields", "").split(",")
        return say(200, {name: value for name, value in known.items() if name in asked} | {"id": number})

    @route("GET", f"/{{version}}/{ACCOUNT}/message_templates", "templates")
    def templates(self, request: Request, version: str) -> Answer:
        """Two at a time. The address of the next page is on another host than ours, and holds the key."""
        start = int(request.query.get("after") or 0)
        cursors = {"before": str(start), "after": str(start + 2)}
        more = start + 2 < len(TEMPLATES)
        following = f"https://graph.facebook.invalid/{version}/{ACCOUNT}/message_templates?access_token={self.key}"
        paging = {"cursors": cursors} | ({"next": f"{following}&after={start + 2}"} if more else {})
        return say(200, {"data": TEMPLATES[start : start + 2], "paging": paging})

    @route("POST", "/{version}/{number}/media", "upload")
    def upload(self, request: Request, version: str, number: str) -> Answer:
        said, file = request.fields(), request.parts.get("file")
        if said.get("messaging_product") != "whatsapp" or not said.get("type") or not file or not file.kind:
            return self.error(100, 400, "The parameter messaging_product is required.")
        self.world.media[media := str(secrets.randbelow(10**15))] = file.content
        return say(200, {"id": media})

    @route("POST", "/{version}/{number}/messages", "send")
    def send(self, request: Request, version: str, number: str) -> Answer:
        said = request.fields()
        kind, content = said.get("type"), said.get(str(said.get("type")))
        if said.get("messaging_product") != "whatsapp" or not said.get("to") or not isinstance(content, dict):
            return self.error(100, 400, "The parameter messaging_product is required.")
        order = Order(digits(said["to"]), str(kind), "", reference=said.get("biz_opaque_callback_data", ""))
        makers = {"text": self._text, "image": self._media, "document": self._media, "template": self._template}
        made = makers[str(kind)](order, content) if kind in makers else self.error(131051)
        return made if isinstance(made, Answer) else self.take(made)

    def _text(self, order: Order, content: dict[str, Any]) -> Order | Answer:
        return _filled(order, content["body"]) if content.get("body") else self.error(100)

    def _media(self, order: Order, content: dict[str, Any]) -> Order | Answer:
        media = self.world.media.get(content.get("id", ""))
        return self.error(131053) if media is None else _filled(order, content.get("caption", ""), media)

    def _template(self, order: Order, said: dict[str, Any]) -> Order | Answer:
        wanted = (said.get("name"), said.get("language", {}).get("code"))
        found = next((each for each in TEMPLATES if (each["name"], each["language"]) == wanted), None)
        if found is None:
            return self.error(132001)
        if found["status"] != "APPROVED":
            return self.error(132015)
        given = {part["type"].lower(): part.get("parameters", []) for part in said.get("components", [])}
        text = found["components"][0]["text"]
        places = re.findall(r"{{(\w+)}}", text)
        values = [each["text"] for each in given.get("body", [])]
        names = [each.get("parameter_name") for each in given.get("body", [])]
        if len(values) != len(places) or (found["parameter_format"] == "NAMED" and names != places):
            return self.error(132000)
        content = self._header(found["components"][1:], given.get("header", []))
        if content is None or (BUTTON in found["components"]) is not bool(given.get("button")):
            return self.error(132012)
        values += [each["text"] for each in given.get("button", [])]
        for place, value in zip(places, values, strict=False):
            text = text.replace("{{" + place + "}}", value)
        return _filled(order, text, content, values)

    def _header(self, parts: Iterable[dict[str, Any]], given: list[dict[str, Any]]) -> bytes | None:
        """The picture or document, empty where none belongs there; None where it is not what was approved."""
        wanted = [part["format"].lower() for part in parts if part["type"] == "HEADER"]
        if [each["type"] for each in given] != wanted:
            return None
        return self.world.media.get(given[0][wanted[0]].get("id")) if wanted else b""

    def obstacle(self, order: Order) -> Answer | None:
        code = self.world.modes.variant
        if code.isdigit():
            return self.error(int(code), details=f"About {order.phone}: {order.text}")
        return super().obstacle(order)

    def new_id(self) -> str:
        return "wamid." + base64.b64encode(secrets.token_bytes(36)).decode()

    # --- answers --------------------------------------------------------------------------------------------------

    def error(self, code: int, status: int = 0, details: str = "", subcode: int = 0, **headers: str) -> Answer:
        known = CODES.get(code)
        error: dict[str, Any] = {"message": f"(#{code}) {known.title if known else details}", "type": "OAuthException"}
        error |= {"code": code, "error_data": {"messaging_product": "whatsapp", "details": details}}
        error |= {"error_subcode": subcode} if subcode else {}
        status = status or (known.http if known else 400)
        return say(status, {"error": error | {"fbtrace_id": "AbCdEfGh1234"}}, **headers)

    def accepted(self, message: Arrived) -> Answer:
        contact = {"input": "+" + message.phone, "wa_id": message.phone}
        messages = [{"id": message.id, "message_status": "accepted"}]
        return say(200, {"messaging_product": "whatsapp", "contacts": [contact], "messages": messages})

    def not_ready(self) -> Answer:
        return self.error(131057)

    def not_on_whatsapp(self, order: Order) -> Answer:
        return self.error(131026, details=f"Message undeliverable to {order.phone}")

    def too_many(self) -> Answer:
        return self.error(130429, **self.wait_headers())

    def locked(self, order: Order) -> Answer:
        return self.error(131048, **self.lock_headers())

    # --- traps ----------------------------------------------------------------------------------------------------

    @trap(delivers=True, ends="accepted")
    def held_for_quality(self, message: Arrived) -> Answer:
        messages = [{"id": message.id, "message_status": "held_for_quality_assessment"}]
        return say(200, {"messaging_product": "whatsapp", "contacts": [], "messages": messages})

    @trap(delivers=False, ends="accepted")
    def accepted_and_lost(self, message: Arrived) -> Answer:
        """Without WhatsApp, or with an app too old: a failed receipt says so later."""
        return self.accepted(message)

    @trap(delivers=False, ends="uncertain")
    def success_for_nobody(self, message: Arrived) -> Answer:
        return say(200, {"messaging_product": "whatsapp", "contacts": [], "messages": []})

    @trap(delivers=True, ends="uncertain")
    def echoes(self, message: Arrived) -> Answer:
        return say(500, {"error": {"message": f"{message.text} {message.phone} {self.key}", "type": "OAuthException"}})


def _filled(order: Order, text: str, content: bytes = b"", parameters: Iterable[str] = ()) -> Order:
    return Order(order.phone, order.kind, text, content, order.reference, parameters=tuple(parameters))
