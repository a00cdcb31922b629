"""Somebody on this computer to whom a fake posts."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Letter:
    headers: dict[str, str]  # names in small letters
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.letters.append(Letter(headers, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """Knows the token "right", as Meta asks for it."""
        asked = dict(parse_qsl(urlsplit(self.path).query))
        is_right = (asked.get("hub.mode"), asked.get("hub.verify_token")) == ("subscribe", "right")
        word = asked["hub.challenge"].encode() if is_right else b"no"
        self.send_response(200 if is_right else 403)
        self.send_header("Content-Length", str(len(word)))
        self.end_headers()
        self.wfile.write(word)

    def log_message(self, *args: object) -> None:
        """Silent."""


class Listener(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.letters: list[Letter] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hooks/whatsapp/1/{'k' * 32}/"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self._thread.join(timeout=20)
        self.server_close()
