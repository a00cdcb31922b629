"""A server that misbehaves on real sockets, in a thread."""

import contextlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from typing import Self

Behaviour = Callable[["Wire", socket.socket], None]


class Wire:
    """Runs `behaviour` for each connection; `heard` holds what each one sent."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None):
        self.behaviour, self.tls = behaviour, tls
        self.heard: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.is_over, self._over = socket.socketpair()
        self.port = self._listener.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.close()
        self._thread.join(timeout=20)
        self._listener.close()
        self.is_over.close()

    def _serve(self) -> None:
        while True:
            if self.is_over in select.select([self._listener, self.is_over], [], [])[0]:
                return
            connection, _ = self._listener.accept()
            self.connections += 1
            with connection:
                connection.settimeout(10)
                with contextlib.suppress(OSError):  # the client left
                    self._behave(connection)

    def _behave(self, connection: socket.socket) -> None:
        if self.tls is None:
            self.behaviour(self, connection)
            return
        with self.tls.wrap_socket(connection, server_side=True) as secured:
            self.behaviour(self, secured)

    def wait(self, seconds: float | None, *connections: socket.socket) -> bool:
        """Whether there is reason to stop: the test is over or the client has left."""
        return bool(select.select([self.is_over, *connections], [], [], seconds)[0])


def hear(wire: Wire, connection: socket.socket) -> None:
    """Reads one whole request."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += _more(connection)
    head, _, body = heard.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0].split(b":")[1]) - len(body) if lengths else 0
    while missing > 0:
        piece = _more(connection)
        heard, missing = heard + piece, missing - len(piece)
    wire.heard.append(heard)


def _more(connection: socket.socket) -> bytes:
    if piece := connection.recv(65536):
        return piece
    raise ConnectionError("the client left")


def say(*pieces: bytes) -> Behaviour:
    """Hears the request, says these bytes and closes."""

    def behave(wire: Wire, connection: socket.socket) -> None:
        hear(wire, connection)
        for piece in pieces:
            connection.sendall(piece)

    return behave


def dribble(start: bytes, piece: bytes) -> Behaviour:
    """Hears the request, says `start`, then `piece` again and again, each soon enough for a plain read time-out."""

    def behave(wire: Wire, connection: socket.socket) -> None:
        hear(wire, connection)
        connection.sendall(start)
        while not wire.wait(0.02):
            connection.sendall(piece)

    return behave


def close_at_once(wire: Wire, connection: socket.socket) -> None:
    pass


def hang(wire: Wire, connection: socket.socket) -> None:
    hear(wire, connection)
    wire.wait(None, connection)


def hang_at_once(wire: Wire, connection: socket.socket) -> None:
    wire.wait(None)


def reset(wire: Wire, connection: socket.socket) -> None:
    hear(wire, connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def say_and_hang(start: bytes) -> Behaviour:
    def behave(wire: Wire, connection: socket.socket) -> None:
        hear(wire, connection)
        connection.sendall(start)
        wire.wait(None, connection)

    return behave
