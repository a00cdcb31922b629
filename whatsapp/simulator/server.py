"""The simulator's HTTP server: one process, one thread for each connection, and no database."""

import socketserver
from http.server import ThreadingHTTPServer

from whatsapp.simulator.handler import Handler
from whatsapp.simulator.journal import Journal
from whatsapp.simulator.options import Options
from whatsapp.simulator.world import World


class SimulatorServer(ThreadingHTTPServer):
    daemon_threads = True  # a call that is kept waiting must not keep the process
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, options: Options, journal: Journal | None = None):
        """Raises OSError where the port cannot be had."""
        self.world = World(options, journal)
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        # Without HTTPServer's: it asks the name service what this computer is called, which may take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    @property
    def url(self) -> str:
        host = "127.0.0.1" if self.server_name == "0.0.0.0" else self.server_name  # noqa: S104  # compared, not bound
        return f"http://{host}:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is everyday life here: that is what some profiles are for."""
