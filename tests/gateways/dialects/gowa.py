"""GOWA (go-whatsapp-web-multidevice): its 401 means that the phone is not connected, its INVALID_JID perhaps nothing."""

import base64
from typing import Any, ClassVar

from tests.gateways.dialect import PNG, Dialect, digits, route, trap
from tests.gateways.posts.gowa import GowaPosts
from tests.gateways.wire import Answer, Request, say
from tests.gateways.world import Arrived, Order

# connected, logged in
PHASES = {"ready": (True, True), "needs_qr": (True, False), "starting": (False, True)}
PICTURE = "/statics/qrcode/scan-qr-6a1d3e5c.png"
LOCKED = "WhatsApp rejected this send due to reachout timelock or privacy-token state. Try sending to an existing conversation"


def envelope(status: int, code: str, message: str, results: object = None, **headers: str) -> Answer:
    return say(status, {"code": code, "message": message, "results": results}, **headers)


class Gowa(Dialect):
    name = "gowa"
    user = "ana"
    code_disturbs: ClassVar[bool] = True
    posts = GowaPosts
    refuses_restart: ClassVar[bool] = True

    def guard(self, request: Request, **words: str) -> Answer | None:
        if request.path.startswith("/statics/"):
            return None  # whoever has the link sees it
        wanted = "Basic " + base64.b64encode(f"{self.user}:{self.key}".encode()).decode()
        if request.headers.get("authorization") != wanted:
            return Answer(401, b"Unauthorized", {"WWW-Authenticate": 'Basic realm="Restricted"'})
        device = words.get("device") or request.headers.get("x-device-id") or request.query.get("device_id")
        if device is None:
            return envelope(400, "DEVICE_ID_REQUIRED", "device_id is required via X-Device-Id header")
        if device != self.world.session:
            return envelope(404, "DEVICE_NOT_FOUND", "device not found")
        return None

    @route("GET", "/app/status", "status")
    @route("GET", "/devices/{device}/status", "status")
    def status(self, request: Request, device: str = "") -> Answer:
        connected, logged_in = PHASES.get(self.world.modes.phase, (False, False))
        results = {"is_connected": connected, "is_logged_in": logged_in, "device_id": self.world.session}
        return envelope(200, "SUCCESS", "Connection status retrieved", results)

    @route("GET", "/app/devices", "status")
    @route("GET", "/devices", "status")
    def devices(self, request: Request) -> Answer:
        states = {"ready": "logged_in", "needs_qr": "connected", "starting": "connecting"}
        state = states.get(self.world.modes.phase, "disconnected")
        known = {
            "id": self.world.session,
            "phone_number": self.own,
            "state": state,
            "jid": f"{self.own}@s.whatsapp.net",
        }
        return envelope(200, "SUCCESS", "List of devices", [known])

    @route("GET", "/app/login", "qr")
    @route("GET", "/devices/{device}/login", "qr")
    def login(self, request: Request, device: str = "") -> Answer:
        """Whatever connection there was ends here. The link names the host that the program believes itself to be."""
        if self.world.modes.phase == "ready":
            return envelope(400, "ALREADY_LOGGED_IN", "you are already logged in.")
        link = f"http://gowa.invalid:3000{PICTURE}"
        results = {"device_id": self.world.session, "qr_link": link, "qr_duration": 30}
        return envelope(200, "SUCCESS", "Login success", results)

    @route("GET", PICTURE, "qr_picture")
    def picture(self, request: Request) -> Answer:
        return Answer(200, PNG, {"Content-Type": "image/png"})

    @route("GET", "/app/reconnect", "restart")
    @route("POST", "/devices/{device}/reconnect", "restart")
    def reconnect(self, request: Request, device: str = "") -> Answer:
        if self.world.modes.phase == "missing":
            return self.not_ready()
        if self.world.modes.variant == "no_restart":
            return envelope(500, "INTERNAL_SERVER_ERROR", "failed to connect to websocket")
        self.world.restarts += 1
        return envelope(200, "SUCCESS", "Reconnect success")

    @route("GET", "/user/check", "check")
    def check(self, request: Request) -> Answer:
        """Whatever goes wrong when it asks WhatsApp, it says no."""
        modes, asked = self.world.modes, digits(request.query.get("phone", "").partition("@")[0])
        if modes.phase != "ready":
            return self.not_ready()
        exists = asked not in modes.absent and modes.variant != "lookup_fails"
        return envelope(200, "SUCCESS", "Success check user", {"is_on_whatsapp": exists})

    @route("POST", "/send/message", "send")
    def send_message(self, request: Request) -> Answer:
        said = request.fields()
        return self._take(said, "text", str(said.get("message", "")), b"")

    @route("POST", "/send/image", "send")
    def send_image(self, request: Request) -> Answer:
        said = request.fields()
        small = said.get("compress", "true") != "false" and said.get("hd") != "true"
        file = request.parts.get("image")
        if file and file.kind not in ("image/jpeg", "image/png"):
            return envelope(400, "VALIDATION_ERROR", "your image is not allowed. please use jpg/jpeg/png")
        notes = ("made 600 pixels wide",) if small else ()
        return self._take(said, "image", str(said.get("caption", "")), file.content if file else None, notes)

    @route("POST", "/send/file", "send")
    def send_file(self, request: Request) -> Answer:
        said, file = request.fields(), request.parts.get("file")
        return self._take(said, "document", str(said.get("caption", "")), file.content if file else None)

    def _take(
        self, said: dict[str, Any], kind: str, text: str, content: bytes | None, notes: tuple[str, ...] = ()
    ) -> Answer:
        phone = str(said.get("phone", ""))
        if content is None or not phone or (kind == "text" and not text):
            return envelope(400, "VALIDATION_ERROR", "message: cannot be blank; phone: cannot be blank.")
        number = digits(phone.partition("@")[0])
        if number.startswith("0"):
            return envelope(400, "VALIDATION_ERROR", "phone number must be in international format")
        if "@" not in phone and len(phone) > 15:
            notes = (*notes, "sent to a group")
        return self.take(Order(number, kind, text, content, notes=notes))

    # --- answers --------------------------------------------------------------------------------------------------

    def accepted(self, message: Arrived) -> Answer:
        said = f"Message sent to {message.phone}@s.whatsapp.net"
        results = {"message_id": message.id, "status": f"{said} (server timestamp: 2026-11-25 10:00:00 +0000 UTC)"}
        return envelope(200, "SUCCESS", said, results)

    def not_ready(self) -> Answer:
        if self.world.modes.phase == "missing":
            return envelope(500, "INVALID_WA_CLI", "your WhatsApp CLI is invalid or empty")
        return envelope(401, "AUTHENTICATION_ERROR", "you are not connect to services server, please reconnect")

    def not_on_whatsapp(self, order: Order) -> Answer:
        return envelope(400, "INVALID_JID", f"Phone {order.phone}@s.whatsapp.net is not on whatsapp")

    def locked(self, order: Order) -> Answer:
        return envelope(429, "WA_REACHOUT_TIMELOCK", LOCKED, **self.lock_headers())

    # --- traps ----------------------------------------------------------------------------------------------------

    @trap(delivers=False, ends="not_ready")
    def client_is_missing(self, message: Arrived) -> Answer:
        return envelope(500, "INTERNAL_SERVER_ERROR", "client is not initialized")

    @trap(delivers=True, ends="uncertain")
    def deadline_passed(self, message: Arrived) -> Answer:
        return envelope(504, "GATEWAY_TIMEOUT", "Request timed out. Please try again.")

    @trap(delivers=True, ends="uncertain")
    def cancelled(self, message: Arrived) -> Answer:
        return envelope(408, "CONTEXT_ERROR", "context canceled")

    @trap(delivers=True, ends="uncertain")
    def wrapped_deadline(self, message: Arrived) -> Answer:
        return envelope(500, "INTERNAL_SERVER_ERROR", "failed to send: context deadline exceeded")

    @trap(delivers=True, ends="uncertain")
    def echoes(self, message: Arrived) -> Answer:
        return envelope(500, "INTERNAL_SERVER_ERROR", f"failed: {message.text} to {message.phone} by {self.key}")

    @trap(delivers=False, ends=("temporary", "rejected_content", "uncertain"))
    def upload_failed(self, message: Arrived) -> Answer:
        return envelope(500, "UPLOAD_MEDIA_ERROR", "failed to upload file: connection reset")

    @trap(delivers=False, ends=("rejected_content", "invalid_number"))
    def validation(self, message: Arrived) -> Answer:
        return envelope(400, "VALIDATION_ERROR", "phone: must be a valid number.")

    @trap(delivers=False, ends=("not_ready", "auth", "unreachable"))
    def device_is_unknown(self, message: Arrived) -> Answer:
        return envelope(404, "DEVICE_NOT_FOUND", "device not found")

    @trap(delivers=False, ends=("not_ready", "uncertain"))
    def manager_is_down(self, message: Arrived) -> Answer:
        return envelope(503, "DEVICE_MANAGER_UNAVAILABLE", "device manager is not available")

    @trap(delivers=True, ends=("accepted", "uncertain"))
    def taken_without_id(self, message: Arrived) -> Answer:
        return envelope(200, "SUCCESS", "Message sent", {"message_id": "", "status": "sent"})
