"""A gateway that costs next to nothing: raw HTTP over asyncio, a set latency, and a log of what arrived when.

The product's simulator plays people, states and faults, and would itself be what limits the rate. This one answers
`POST …/lane/N/send` like the REST service, after `latency` seconds, and says at `GET /log` which lane was called when,
by CLOCK_MONOTONIC, which is the same for all processes of a machine.
"""

import asyncio
import json
import re
import sys
import time

SEND = re.compile(rb"POST /lane/(\d+)/send")
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Log:
    def __init__(self) -> None:
        self.calls: list[tuple[int, float, float]] = []  # lane, whole request read, answer written

    def as_json(self) -> bytes:
        return json.dumps(self.calls).encode()


class Exchange(asyncio.Protocol):
    """One connection, which carries one request: the engine never reuses them."""

    transport: asyncio.Transport

    def __init__(self, log: Log, latency: float):
        self.log, self.latency, self.read = log, latency, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.read += data
        head, whole, body = self.read.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not whole or len(body) < (int(length[1]) if length else 0):
            return
        if send := SEND.match(head):
            self._take(int(send[1]))
        else:
            self._answer(self.log.as_json() if head.startswith(b"GET /log") else b'{"status": "connected"}')

    def _take(self, lane: int) -> None:
        arrived = time.monotonic()
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self._accept, lane, arrived)
        else:
            self._accept(lane, arrived)

    def _accept(self, lane: int, arrived: float) -> None:
        self.log.calls.append((lane, arrived, time.monotonic()))
        self._answer(b'{"success": true, "messageId": "BENCH%d"}' % len(self.log.calls))

    def _answer(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        self.transport.write(head % len(body) + body)
        self.transport.close()


async def serve(latency: float) -> None:
    log = Log()
    server = await asyncio.get_running_loop().create_server(
        lambda: Exchange(log, latency), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
