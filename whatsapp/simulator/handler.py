"""One connection to the simulator: reads a request, finds its route, and writes what the route answers."""

from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

from whatsapp.simulator import backstage, inbox, service
from whatsapp.simulator.exchange import Exchange, Route

if TYPE_CHECKING:
    from whatsapp.simulator.server import SimulatorServer

BODY_LIMIT = 20 * 1024 * 1024
ROUTES: dict[str, dict[str, Route]] = {
    "GET": {
        "/": inbox.show,
        "/status": service.status,
        "/_simulator/inbox.css": inbox.stylesheet,
        "/_simulator/media": inbox.picture,
        "/_simulator/messages": backstage.messages,
        "/_simulator/state": backstage.state,
        "/_simulator/profile": backstage.profile,
    },
    "POST": {
        "/send": service.send,
        "/send-media": service.send_media,
        "/restart": service.restart,
        "/_simulator/reset": backstage.reset,
        "/_simulator/restart": backstage.restart,
        "/_simulator/scan": backstage.scan,
        "/_simulator/profile": backstage.choose_profile,
    },
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: "SimulatorServer"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *args: object) -> None:
        """Silent: the inbox shows what arrived."""

    def version_string(self) -> str:
        return "simulator"

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        exchange = Exchange(self.server.world, self.connection, self.command, self.path, self.headers)
        if not length.isdigit() or int(length) > BODY_LIMIT:
            self.close_connection = True  # the rest of the request is still on its way
            exchange.json(413, {"success": False, "error": "request entity too large"})
        else:
            exchange.body = self.rfile.read(int(length))
            if len(exchange.body) < int(length):  # the client left in the middle
                self.close_connection = True
                return
            ROUTES[self.command].get(exchange.path, service.no_such_route)(exchange)
        self._write(exchange)

    def _write(self, exchange: Exchange) -> None:
        if exchange.is_cut:
            self.close_connection = True
            return
        self.send_response(exchange.status)
        for name, value in exchange.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(exchange.content)))
        self.end_headers()
        self.wfile.write(exchange.content)
