"""WPPConnect server: it answers that a number does not exist and sends all the same, and 201 to a message for nobody."""

import base64
import binascii
import json
import re
from typing import Any, ClassVar

from tests.gateways.dialect import PNG, QR_TEXT, Call, Dialect, digits, route, trap
from tests.gateways.posts.wppconnect import WppconnectPosts
from tests.gateways.wire import Answer, Request, page, say
from tests.gateways.world import Arrived, Order

STATES = {"ready": "CONNECTED", "needs_qr": "QRCODE", "starting": "INITIALIZING"}
PICTURE = "data:image/png;base64," + base64.b64encode(PNG).decode()
FAILED = {"status": "Error", "message": "Erro ao enviar a mensagem.", "error": {"level": "error"}}


class Wppconnect(Dialect):
    name = "wppconnect"
    key = "$2b$10$llavedeprueba7f3a9cAbCdEfGhIjKlMnOpQrStUvWxYz012345678"
    secret = "SECRETO-DEL-SERVIDOR"
    posts = WppconnectPosts
    # Whoever asks first is told that they have none; whoever does not is told so too, and nobody knows what followed.
    absent: ClassVar[frozenset[str]] = frozenset({"not_on_whatsapp", "uncertain"})
    check_names_person: ClassVar[bool] = True
    shows_locks: ClassVar[bool] = False

    def find(self, request: Request) -> Call:
        call = super().find(request)
        return Call(call.kind, lambda: _with_session(call.run(), request, self.world.session))

    def guard(self, request: Request, **words: str) -> Answer | None:
        if words.get("secret") or request.path == "/healthz":
            return None
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            return say(401, {"message": "Token is not present. Check your header and try again"})
        if (kind, token, words.get("session")) != ("Bearer", self.key, self.world.session):
            return say(401, {"error": "Check that the Session and Token are correct"})
        return None

    @route("POST", "/api/{session}/{secret}/generate-token", "other")
    def generate_token(self, request: Request, session: str, secret: str) -> Answer:
        if secret != self.secret:
            return say(400, {"response": False, "message": "The SECRET_KEY is incorrect"})
        body = {"status": "success", "session": session, "token": self.key, "full": f"{session}:{self.key}"}
        return say(201, body)

    @route("GET", "/healthz", "status")
    def healthz(self, request: Request) -> Answer:
        return say(200, {"uptime": 4.0, "message": "OK", "timestamp": 1790000000000})

    @route("GET", "/api/{session}/status-session", "status")
    def status(self, request: Request, session: str) -> Answer:
        phase = self.world.modes.phase
        body = {"status": STATES.get(phase, "CLOSED"), "qrcode": None, "version": "2.10.4"}
        return say(200, body | ({"qrcode": PICTURE, "urlcode": QR_TEXT} if phase == "needs_qr" else {}))

    @route("GET", "/api/{session}/check-connection-session", "status")
    def connection(self, request: Request, session: str) -> Answer:
        """True where nothing was thrown, whatever the library said."""
        is_there = self.world.modes.phase in STATES
        return say(200, {"status": is_there, "message": "Connected" if is_there else "Disconnected"})

    @route("GET", "/api/{session}/qrcode-session", "qr")
    def qr(self, request: Request, session: str) -> Answer:
        phase = self.world.modes.phase
        if phase == "needs_qr":
            return Answer(200, PNG, {"Content-Type": "image/png"})
        if phase in STATES:
            return say(200, {"status": STATES[phase], "message": "QRCode is not available..."})
        return say(200, {"status": None, "message": "Session not started. Please, use the /start-session route"})

    @route("POST", "/api/{session}/start-session", "restart")
    def start(self, request: Request, session: str) -> Answer:
        """It answers with the state that it had before."""
        self.world.restarts += 1
        return say(200, {"status": "CLOSED", "qrcode": None, "session": session})

    @route("POST", "/api/{session}/close-session", "close")
    def close(self, request: Request, session: str) -> Answer:
        if self.world.modes.phase == "starting":
            error = {"status": False, "message": "Error closing session", "error": {"level": "error"}}
            return say(500, error)  # and closed it is
        return say(200, {"status": True, "message": "Session successfully closed"})

    @route("GET", "/api/{session}/check-number-status/{phone}", "check")
    def check(self, request: Request, session: str, phone: str) -> Answer:
        modes, asked = self.world.modes, digits(phone)
        if modes.phase != "ready":
            return self.not_ready()
        known, exists = modes.variants.get(asked, asked), asked not in modes.absent
        person = {"server": "c.us", "user": known, "_serialized": f"{known}@c.us"}
        response = {"id": person, "numberExists": exists, "canReceiveMessage": exists, "isBusiness": False}
        return say(200, {"status": "success", "response": response})

    @route("POST", "/api/{session}/send-message", "send")
    def send_message(self, request: Request, session: str) -> Answer:
        said = request.fields()
        return self._take(request, said, "text", str(said.get("message", "")), b"")

    @route("POST", "/api/{session}/send-image", "send")
    @route("POST", "/api/{session}/send-file-base64", "send")
    @route("POST", "/api/{session}/send-file", "send")
    def send_file(self, request: Request, session: str) -> Answer:
        said = request.fields()
        found = re.fullmatch(r"data:([\w/+.-]+);base64,(.+)", str(said.get("base64", "")), re.DOTALL)
        try:
            content = base64.b64decode(found[2], validate=True) if found else b""
        except binascii.Error:
            content = b""
        if not content:
            return say(500, FAILED)  # it looked for a file of that name
        kind = "image" if found and found[1].startswith("image/") else "document"
        return self._take(request, said, kind, str(said.get("caption", "")), content)

    def _take(self, request: Request, said: dict[str, Any], kind: str, text: str, content: bytes) -> Answer:
        if request.json() is None:
            return page(400, "SyntaxError: Unexpected token")
        phone = said.get("phone")
        if phone is not None and not isinstance(phone, str):
            return self.not_ready()  # misleading, and what it says
        if not phone:
            return say(201, {"status": "success", "response": [], "mapper": "return"})
        notes = () if re.fullmatch(r"\d{5,14}", phone) else ("sent to an id that is no number",)
        options = said.get("options") if isinstance(said.get("options"), dict) else {}
        return self.take(Order(digits(phone), kind, text, content, id=options.get("messageId", ""), notes=notes))

    # --- answers --------------------------------------------------------------------------------------------------

    def accepted(self, message: Arrived) -> Answer:
        chat = f"{message.phone}@c.us"
        said: dict[str, Any] = {"id": f"true_{chat}_{message.id}", "ack": 0, "to": chat, "t": 1790000000}
        if message.size:
            said = {"id": {"fromMe": True, "remote": chat, "id": message.id, "_serialized": said["id"]}, "ack": 1}
            said |= {"sendMsgResult": {}}
        return say(201, {"status": "success", "response": [said], "mapper": "return"})

    def not_ready(self) -> Answer:
        return say(404, {"response": None, "status": "Disconnected", "message": "A sessão do WhatsApp não está ativa."})

    def not_on_whatsapp(self, order: Order) -> Answer:
        return say(400, {"response": None, "status": "Connected", "message": f"O número {order.phone} não existe."})

    # --- traps ----------------------------------------------------------------------------------------------------

    @trap(delivers=True, ends="uncertain")
    def says_no_and_sends(self, message: Arrived) -> Answer:
        """Its own look at the number failed; it answers, and goes on to send."""
        return say(400, {"response": None, "status": "Connected", "message": f"O número {message.phone} não existe."})

    @trap(delivers=False, ends="uncertain")
    def success_for_nobody(self, message: Arrived) -> Answer:
        return say(201, {"status": "success", "response": [], "mapper": "return"})

    @trap(delivers=True, ends="uncertain")
    def failed_after_sending(self, message: Arrived) -> Answer:
        """It sent, waited for the ack, and could not read the message again."""
        return say(500, FAILED)

    @trap(delivers=True, ends="uncertain")
    def echoes(self, message: Arrived) -> Answer:
        return say(500, FAILED | {"error": {"message": f"{message.text} {message.phone} {self.key}"}})

    @trap(delivers=False, ends="not_ready")
    def disconnected(self, message: Arrived) -> Answer:
        return self.not_ready()

    @trap(delivers=False, ends=("rejected_content", "uncertain"))
    def file_is_missing(self, message: Arrived) -> Answer:
        return say(401, {"status": "Error", "message": "Sending the file is mandatory"})

    @trap(delivers=False, ends="auth")
    def token_is_wrong(self, message: Arrived) -> Answer:
        return say(401, {"error": "Check that the Session and Token are correct"})


def _with_session(answer: Answer, request: Request, session: str) -> Answer:
    """Where the request is exactly of this type, each JSON object gets one key more."""
    if request.headers.get("content-type") != "application/json" or not answer.body.startswith(b"{"):
        return answer
    answer.body = json.dumps(json.loads(answer.body) | {"session": session}, ensure_ascii=False).encode()
    return answer
