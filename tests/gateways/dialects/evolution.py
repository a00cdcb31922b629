"""Evolution API v2: a 400 may hide a message that left, and a 200 an error."""

import base64
import binascii
from typing import Any, ClassVar

from tests.gateways.dialect import PNG, QR_TEXT, Dialect, digits, route, trap
from tests.gateways.posts.evolution import EvolutionPosts, message_of
from tests.gateways.wire import Answer, Request, say
from tests.gateways.world import Arrived, Order

STATES = {"ready": "open", "needs_qr": "connecting", "starting": "connecting", "logged_out": "close"}
ERRORS = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 500: "Internal Server Error"}
ONLY = "Owned media must be a url or base64"


def fails(status: int, message: object) -> Answer:
    return say(status, {"status": status, "error": ERRORS[status], "response": {"message": message}})


class Evolution(Dialect):
    name = "evolution"
    posts = EvolutionPosts
    missing: ClassVar[frozenset[str]] = frozenset({"not_ready", "unreachable"})
    check_names_person: ClassVar[bool] = True
    shows_locks: ClassVar[bool] = False  # the message is taken, and fails afterwards
    refuses_restart: ClassVar[bool] = True
    resolves: ClassVar[bool] = True

    def guard(self, request: Request, **words: str) -> Answer | None:
        """Whether there is such an instance comes first: a 404 does not prove that the key is good."""
        name = words.get("instance")
        if name is not None and (name != self.world.session or self.world.modes.phase == "missing"):
            return fails(404, [f'The "{name}" instance does not exist'])
        return None if request.headers.get("apikey") == self.key else fails(401, "Unauthorized")

    @route("GET", "/instance/connectionState/{instance}", "status")
    def status(self, request: Request, instance: str) -> Answer:
        return say(200, self._state())

    @route("GET", "/instance/connect/{instance}", "qr")
    def connect(self, request: Request, instance: str) -> Answer:
        """Shows the QR code, and begins anew where it was closed."""
        phase = self.world.modes.phase
        if phase == "ready":
            return say(200, self._state())
        self.world.restarts += phase == "logged_out"
        if phase != "needs_qr":
            return say(200, {"count": 0})
        picture = "data:image/png;base64," + base64.b64encode(PNG).decode()
        return say(200, {"pairingCode": None, "code": QR_TEXT, "base64": picture, "count": 1})

    @route("POST", "/instance/restart/{instance}", "restart")
    def restart(self, request: Request, instance: str) -> Answer:
        """A closed one cannot be restarted, and says so with 200."""
        if self.world.modes.phase == "logged_out" or self.world.modes.variant == "no_restart":
            return say(200, {"error": True, "message": "[object Object]"})
        self.world.restarts += 1
        return say(200, {"instance": {"instanceName": instance, "status": "connecting"}})

    @route("GET", "/instance/fetchInstances", "status")
    def instances(self, request: Request) -> Answer:
        phase = self.world.modes.phase
        known = {
            "name": self.world.session,
            "connectionStatus": STATES.get(phase),
            "ownerJid": f"{self.own}@s.whatsapp.net",
        }
        code = 401 if phase == "logged_out" else None
        return say(200, [known | {"token": self.key, "disconnectionReasonCode": code, "disconnectionAt": None}])

    @route("POST", "/chat/whatsappNumbers/{instance}", "check")
    def check(self, request: Request, instance: str) -> Answer:
        if self.world.modes.phase != "ready":
            payload = {"statusCode": 428, "error": "Precondition Required", "message": "Connection Closed"}
            output = {"statusCode": 428, "payload": payload, "headers": {}}
            return say(400, {"data": None, "isBoom": True, "isServer": False, "output": output})
        return say(200, [self._known(number) for number in request.fields().get("numbers", [])])

    @route("POST", "/message/sendText/{instance}", "send")
    def send_text(self, request: Request, instance: str) -> Answer:
        said = request.fields()
        if "text" not in said:
            return fails(400, [['instance requires property "text"']])
        if not said["text"]:
            return fails(400, ["Text is required"])
        return self._take(said, "text", said["text"], b"")

    @route("POST", "/message/sendMedia/{instance}", "send")
    def send_media(self, request: Request, instance: str) -> Answer:
        said = request.fields()
        if "file" in request.parts:
            content = request.parts["file"].content
        else:
            try:
                content = base64.b64decode(str(said.get("media", "")), validate=True)
            except binascii.Error:
                return fails(400, [ONLY])
        kind = said.get("mediatype")
        if not content or kind not in ("image", "document"):
            return fails(400, [ONLY])
        if kind == "document" and not said.get("fileName"):
            return fails(400, ["For base64 the file name must be informed."])
        return self._take(said, kind, str(said.get("caption", "")), content)

    def _take(self, said: dict[str, Any], kind: str, text: str, content: bytes) -> Answer:
        number = said.get("number")
        if not isinstance(number, str):
            return fails(400, [["Invalid format"]])
        # Of a bare number, not of a whole id: Mexico and Argentina lose the digit after the country's.
        if len(number) == 13 and number.isdigit() and number[:2] in ("52", "54"):
            number = number[:2] + number[3:]
        slow = ("held back by a delay of its own",) if int(said.get("delay") or 0) else ()
        return self.take(Order(digits(number), kind, text, content, notes=slow))

    def _state(self) -> dict[str, Any]:
        return {"instance": {"instanceName": self.world.session, "state": STATES.get(self.world.modes.phase)}}

    def _known(self, number: str) -> dict[str, Any]:
        asked = digits(number)
        known = self.world.modes.variants.get(asked, asked)
        exists = asked not in self.world.modes.absent
        return {"jid": f"{known}@s.whatsapp.net", "exists": exists, "number": number}

    # --- answers --------------------------------------------------------------------------------------------------

    def accepted(self, message: Arrived) -> Answer:
        return say(201, message_of(message))

    def not_ready(self) -> Answer:
        """It fails when it looks whether the person has WhatsApp, so before anything could leave."""
        return fails(500, "Connection Closed")

    def not_on_whatsapp(self, order: Order) -> Answer:
        return fails(400, [{"jid": f"{order.phone}@s.whatsapp.net", "exists": False, "number": order.phone}])

    # --- traps ----------------------------------------------------------------------------------------------------

    @trap(delivers=False, ends="not_ready")
    def never_connected(self, message: Arrived) -> Answer:
        return fails(500, "Cannot read properties of undefined (reading 'onWhatsApp')")

    @trap(delivers=False, ends="not_ready")
    def closed_before(self, message: Arrived) -> Answer:
        return fails(500, "Connection Closed")

    @trap(delivers=True, ends="uncertain")
    def closed_while_sending(self, message: Arrived) -> Answer:
        return fails(400, ["Error: Connection Closed"])

    @trap(delivers=True, ends="uncertain")
    def timed_out_while_sending(self, message: Arrived) -> Answer:
        return fails(400, ["Error: Timed Out"])

    @trap(delivers=True, ends="uncertain")
    def echoes(self, message: Arrived) -> Answer:
        """Its database, its webhook: whatever comes after WhatsApp took the message."""
        return fails(400, [f"Error: Invalid `prisma.message.create()` of {message.text} to {message.phone}"])

    @trap(delivers=True, ends="uncertain")
    def timed_out_somewhere(self, message: Arrived) -> Answer:
        """At the check for the number nothing left; but a proxy says the same of a message that did."""
        return fails(500, "Timed Out")

    @trap(delivers=False, ends="rejected_content")
    def validation(self, message: Arrived) -> Answer:
        return fails(400, [['instance requires property "text"']])

    @trap(delivers=False, ends="rejected_content")
    def media_refused(self, message: Arrived) -> Answer:
        return fails(400, [ONLY])

    @trap(delivers=False, ends=("invalid_number", "rejected_content"))
    def number_refused(self, message: Arrived) -> Answer:
        return fails(400, [["Invalid format"]])

    @trap(delivers=False, ends=("rejected_content", "uncertain"))
    def picture_is_broken(self, message: Arrived) -> Answer:
        return fails(500, ["Error: Input buffer has corrupt header: pngload: end of stream"])

    @trap(delivers=False, ends="uncertain")
    def error_in_200(self, message: Arrived) -> Answer:
        return say(200, {"error": True, "message": "[object Object]"})

    @trap(delivers=True, ends="accepted")
    def file_in_its_answer(self, message: Arrived) -> Answer:
        """With "webhook base64" switched on, and longer than anybody wants to read."""
        said = message_of(message)
        return say(201, said | {"message": said["message"] | {"base64": "/9j/" * 50_000}})

    @trap(delivers=True, ends=("accepted", "uncertain"))
    def taken_without_id(self, message: Arrived) -> Answer:
        return say(201, {"key": {"remoteJid": f"{message.phone}@s.whatsapp.net", "fromMe": True}, "status": "PENDING"})
