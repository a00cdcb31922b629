"""WAHA: sessions, an engine that decides what answers look like, and a wait before it says that it is not ready."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from tests.gateways.dialect import PNG, QR_TEXT, Dialect, digits, route, trap
from tests.gateways.posts.waha import STATES, WahaPosts, pushed
from tests.gateways.wire import Answer, Request, say
from tests.gateways.world import Arrived, Order

WAIT = 0.1  # seconds; 5 to 10 in a real one
UNEXPECTED = "Session status is not as expected. Try again later or restart the session"


def boom(message: str, request: Any = None) -> Answer:
    """Whatever goes wrong inside, with everything that was asked."""
    body = {
        "statusCode": 500,
        "timestamp": "2026-11-25T10:00:00.000Z",
        "exception": {"message": message, "name": "Error", "stack": f"Error: {message}\n    at Engine.send"},
        "request": {"path": "/api/sendText", "method": "POST", "body": request, "query": {}},
        "version": {"version": "2026.7.1", "engine": "GOWS", "tier": "CORE"},
    }
    return say(500, body)


class Waha(Dialect):
    name = "waha"
    posts = WahaPosts
    check_names_person: ClassVar[bool] = True
    shapes: ClassVar[tuple[str, ...]] = ("GOWS", "NOWEB", "WEBJS")
    silence_is_success: ClassVar[bool] = True  # some builds answer 201 and nothing else
    status_tells_end: ClassVar[bool] = True
    lock_tells_end: ClassVar[bool] = False

    def guard(self, request: Request, **words: str) -> Answer | None:
        if request.headers.get("x-api-key") != self.key:
            return say(401, {"message": "Unauthorized", "statusCode": 401})
        name = words.get("session") or request.query.get("session") or request.fields().get("session")
        if name is None or (name == self.world.session and self.world.modes.phase != "missing"):
            return None
        said = f"We didn't find a session with name '{name}'. Please start it first by using POST /api/sessions/start"
        return say(404, {"statusCode": 404, "message": said, "error": "Not Found"})

    @route("GET", "/ping", "status")
    def ping(self, request: Request) -> Answer:
        return say(200, {"message": "pong"})

    @route("GET", "/api/version", "status")
    @route("GET", "/api/server/version", "status")
    def version(self, request: Request) -> Answer:
        return say(200, {"version": "2026.7.1", "engine": self.engine, "tier": "CORE", "browser": None})

    @route("GET", "/api/sessions/{session}", "status")
    def status(self, request: Request, session: str) -> Answer:
        return say(200, self._session())

    @route("POST", "/api/sessions/{session}/restart", "restart")
    @route("POST", "/api/sessions/{session}/start", "restart")
    def restart(self, request: Request, session: str) -> Answer:
        self.world.restarts += 1
        return say(201, self._session() | {"status": "STARTING"})

    @route("GET", "/api/{session}/auth/qr", "qr")
    def qr(self, request: Request, session: str) -> Answer:
        if self.world.modes.phase != "needs_qr":
            return self._unexpected("SCAN_QR_CODE")
        if request.query.get("format") == "raw":
            return say(200, {"value": QR_TEXT})
        if "application/json" in request.headers.get("accept", ""):
            return say(200, {"mimetype": "image/png", "data": base64.b64encode(PNG).decode()})
        return Answer(200, PNG, {"Content-Type": "image/png"})

    @route("GET", "/api/contacts/check-exists", "check")
    def check(self, request: Request) -> Answer:
        modes, asked = self.world.modes, digits(request.query.get("phone", ""))
        if modes.phase != "ready":
            return self._unexpected("WORKING")
        if asked in modes.absent:
            return say(200, {"numberExists": False})
        return say(200, {"numberExists": True, "chatId": f"{modes.variants.get(asked, asked)}@c.us"})

    @route("GET", "/api/{session}/lids/{lid}", "lids")
    def lid(self, request: Request, session: str, lid: str) -> Answer:
        phone = self.world.hidden.get(digits(lid))
        return say(200, {"lid": f"{digits(lid)}@lid", "pn": f"{phone}@c.us" if phone else None})

    @route("GET", "/api/{session}/new-message-id", "other")
    def new_message_id(self, request: Request, session: str) -> Answer:
        return say(200, {"id": "3EB0C0FFEE00000000000A"})

    @route("POST", "/api/sendText", "send")
    def send_text(self, request: Request) -> Answer:
        said = request.fields()
        return self._take(said, "text", str(said.get("text", "")), b"", str(said.get("id", "")))

    @route("POST", "/api/sendImage", "send")
    @route("POST", "/api/sendFile", "send")
    def send_file(self, request: Request) -> Answer:
        said = request.fields()
        file = said.get("file") if isinstance(said.get("file"), dict) else {}
        try:
            content = base64.b64decode(file.get("data") or "", validate=True)
        except binascii.Error:
            return boom("Invalid base64", said)  # a data: URL is none
        kind = "image" if request.path.endswith("Image") else "document"
        return self._take(said, kind, str(said.get("caption", "")), content)

    def _take(self, said: dict[str, Any], kind: str, text: str, content: bytes, own_id: str = "") -> Answer:
        if self.world.modes.phase != "ready":
            return self.not_ready()
        chat = str(said.get("chatId", ""))
        if not digits(chat) or (kind != "text" and not content) or (kind == "text" and not text):
            message = ["chatId should not be empty", "text must be a string"]
            return say(400, {"statusCode": 400, "message": message, "error": "Bad Request"})
        notes = ("sent to an address that WAHA must not be given",) if chat.endswith("@s.whatsapp.net") else ()
        person = self.world.hidden.get(digits(chat), "") if chat.endswith("@lid") else digits(chat)
        return self.take(Order(person, kind, text, content, id=own_id, notes=notes))

    @property
    def engine(self) -> str:
        return self.world.modes.variant or "GOWS"

    def _session(self) -> dict[str, Any]:
        modes = self.world.modes
        me = pushed(self.own) if modes.phase == "ready" else None
        if me and modes.lock == "account":
            ends = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=float(modes.retry_after or 0))
            lock = {
                "isActive": True,
                "timeEnforcementEnds": ends.isoformat(),
                "enforcementType": "RESTRICT_ALL_COMPANIONS",
            }
            me |= {"reachoutTimelock": lock}
        about = {"engine": {"engine": self.engine}, "presence": None, "config": {}}
        return {"name": self.world.session, "status": STATES[modes.phase], "me": me} | about

    def _unexpected(self, *wanted: str) -> Answer:
        status = STATES[self.world.modes.phase]
        body = {"error": UNEXPECTED, "session": self.world.session, "status": status, "expected": list(wanted)}
        answer = say(422, body)
        answer.wait = WAIT
        return answer

    # --- answers --------------------------------------------------------------------------------------------------

    def accepted(self, message: Arrived) -> Answer:
        chat = f"{message.phone}@c.us"
        whole = f"true_{chat}_{message.id}"
        if self.engine == "WEBJS":
            return say(201, {"id": {"fromMe": True, "remote": chat, "id": message.id, "_serialized": whole}})
        if self.engine == "NOWEB":
            key = {"remoteJid": f"{message.phone}@s.whatsapp.net", "fromMe": True, "id": message.id}
            return say(201, {"key": key, "status": "PENDING"})
        return say(201, {"id": whole, "ack": 0, "ackName": "PENDING", "_data": {}})

    def not_ready(self) -> Answer:
        return self._unexpected("WORKING")

    def not_on_whatsapp(self, order: Order) -> Answer:
        return boom(f"no LID found for {order.phone}@s.whatsapp.net from server")

    def locked(self, order: Order) -> Answer:
        return boom("server returned error 463", {"text": order.text, "chatId": f"{order.phone}@c.us"})

    # --- traps ----------------------------------------------------------------------------------------------------

    @trap(delivers=True, ends="accepted")
    def empty_201(self, message: Arrived) -> Answer:
        return Answer(201)

    @trap(delivers=False, ends="accepted")
    def accepted_and_lost(self, message: Arrived) -> Answer:
        """Nobody looks whether the person has WhatsApp; a failed receipt says so later."""
        return self.accepted(message)

    @trap(delivers=True, ends="uncertain")
    def echoes(self, message: Arrived) -> Answer:
        asked = {"chatId": f"{message.phone}@c.us", "text": message.text, "key": self.key}
        return boom(f"Evaluation failed for +{message.phone}: {message.text}", asked)

    @trap(delivers=True, ends="uncertain")
    def protocol_timeout(self, message: Arrived) -> Answer:
        return boom("Runtime.callFunctionOn timed out. Increase the 'protocolTimeout' setting")

    @trap(delivers=False, ends="rejected_content")
    def not_in_this_engine(self, message: Arrived) -> Answer:
        return say(422, {"statusCode": 422, "message": "The feature is available only in Plus version for 'WEBJS'"})

    @trap(delivers=False, ends="rejected_content")
    def validation(self, message: Arrived) -> Answer:
        return say(400, {"statusCode": 400, "message": ["text must be a string"], "error": "Bad Request"})
