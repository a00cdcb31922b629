"""One connection to the simulator: the service's own routes, and `/_simulator/` for tests and the inbox."""

import json
import select
import socket
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from whatsapp.simulator.options import BadOption
from whatsapp.simulator.profiles import Verdict
from whatsapp.simulator.sending import BadRequest, Parcel, parcel_from

if TYPE_CHECKING:
    from whatsapp.simulator.server import SimulatorServer
    from whatsapp.simulator.world import World

BODY_LIMIT = 20 * 1024 * 1024


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: "SimulatorServer"

    @property
    def world(self) -> "World":
        return self.server.world

    def do_GET(self) -> None:
        self._route(GET)

    def do_POST(self) -> None:
        self._route(POST)

    def log_message(self, *args: object) -> None:
        """Silent: the inbox shows what arrived."""

    def version_string(self) -> str:
        return "simulator"

    def _route(self, routes: "Mapping[str, Callable[[Handler], None]]") -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > BODY_LIMIT:
            self.close_connection = True
            self._json(413, {"success": False, "error": "request entity too large"})
            return
        self.body = self.rfile.read(int(length))
        if len(self.body) < int(length):  # the client left in the middle
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        self.query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        answer = routes.get(parts.path, Handler._no_such_route)
        answer(self)

    # --- the service ------------------------------------------------------------------------------------------

    def _status(self) -> None:
        self._json(200, self.world.status())

    def _send(self) -> None:
        self._take(with_picture=False)

    def _send_media(self) -> None:
        self._take(with_picture=True)

    def _restart(self) -> None:
        self.world.restart()
        self._json(200, {"success": True, "message": "Servicio reiniciándose"})

    def _take(self, *, with_picture: bool) -> None:
        with self.world.call():
            try:
                parcel = parcel_from(self._parsed(), with_picture=with_picture)
            except BadRequest as error:
                self._json(400, {"success": False, "error": str(error)})
                return
            self._carry_out(parcel)

    def _carry_out(self, parcel: Parcel) -> None:
        verdict, received_at = self.world.judge(parcel.phone)
        time.sleep(self.world.options.latency)
        message_id = ""
        if verdict.is_delivered:
            message_id = self.world.deliver(parcel.phone, parcel.text, parcel.picture, received_at)
        if verdict.hold:
            self._keep_silent(verdict.hold)
        if verdict.hangs_up:
            self._hang_up()
        else:
            self._tell(verdict, parcel, message_id)

    def _tell(self, verdict: Verdict, parcel: Parcel, message_id: str) -> None:
        if verdict.status != 200:
            self._json(verdict.status, {"success": False, "error": verdict.error})
            return
        # Both spellings are in use by services of this kind.
        told = {"messageId": message_id, "message_id": message_id, "to": f"{parcel.phone}@c.us"}
        self._json(200, {"success": True, "message": "Mensaje enviado exitosamente"} | told)

    def _keep_silent(self, seconds: float) -> None:
        """Until then, or until the client has left: it sends nothing more, so "readable" means gone."""
        select.select([self.connection], [], [], seconds)

    def _hang_up(self) -> None:
        self.close_connection = True
        reset_at_once = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset_at_once)
        self.connection.close()

    # --- for tests --------------------------------------------------------------------------------------------

    def _messages(self) -> None:
        self._json(200, [asdict(arrival) for arrival in self.world.arrivals()])

    def _state(self) -> None:
        self._json(200, self.world.state())

    def _reset(self) -> None:
        self.world.reset()
        self._json(200, self.world.state())

    def _profile(self) -> None:
        self._json(200, self.world.options.as_dict())

    def _choose_profile(self) -> None:
        try:
            wanted = self._parsed()
            if not isinstance(wanted, dict):
                raise BadOption('Send a JSON object, such as {"profile": "slow"}.')
            self._json(200, self.world.choose(wanted).as_dict())
        except BadOption as error:
            self._json(400, {"error": str(error)})

    # --- plumbing ---------------------------------------------------------------------------------------------

    def _no_such_route(self) -> None:
        page = f"<!DOCTYPE html><title>Error</title><pre>Cannot {self.command} this address</pre>"
        self._reply(404, page.encode(), "text/html; charset=utf-8")

    def _parsed(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def _json(self, status: int, body: object) -> None:
        self._reply(status, json.dumps(body, ensure_ascii=False).encode(), "application/json; charset=utf-8")

    def _reply(self, status: int, content: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)


GET = {
    "/status": Handler._status,
    "/_simulator/messages": Handler._messages,
    "/_simulator/state": Handler._state,
    "/_simulator/profile": Handler._profile,
}
POST = {
    "/send": Handler._send,
    "/send-media": Handler._send_media,
    "/restart": Handler._restart,
    "/_simulator/reset": Handler._reset,
    "/_simulator/profile": Handler._choose_profile,
}
