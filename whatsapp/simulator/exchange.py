"""A request and the answer to it, as the routes see them."""

import json
import socket
import struct
from collections.abc import Callable
from email.message import Message as Headers
from typing import Any
from urllib.parse import parse_qs, urlsplit

from whatsapp.simulator.world import World

FORM = "application/x-www-form-urlencoded"


class Exchange:
    def __init__(self, world: World, connection: socket.socket, method: str, target: str, asked: Headers):
        self.world, self.connection, self.method, self.asked = world, connection, method, asked
        parts = urlsplit(target)
        self.path = parts.path
        self.query = _flat(parts.query)
        self.body = b""
        self.status = 200
        self.headers: dict[str, str] = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        self.content = b""
        self.is_cut = False

    @property
    def is_form(self) -> bool:
        """Sent by a browser's button, not by a program."""
        return self.asked.get_content_type() == FORM

    @property
    def is_from_elsewhere(self) -> bool:
        """A button on somebody else's page."""
        origin = self.asked.get("Origin")
        return origin is not None and urlsplit(origin).netloc != self.asked.get("Host")

    def parsed(self) -> Any:
        """The body as JSON or as a form; None where it is neither."""
        if self.is_form:
            return _flat(self.body.decode("utf-8", "replace"))
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def json(self, status: int, body: object) -> None:
        self.reply(
            status, json.dumps(body, ensure_ascii=False).encode(errors="replace"), "application/json; charset=utf-8"
        )

    def reply(self, status: int, content: bytes, kind: str) -> None:
        self.status, self.content = status, content
        self.headers["Content-Type"] = kind

    def redirect(self, address: str) -> None:
        self.status = 303
        self.headers["Location"] = address

    def cut(self) -> None:
        """Ends the connection with a reset and without a word."""
        self.is_cut = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


Route = Callable[[Exchange], None]


def _flat(encoded: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(encoded).items()}
