"""A mail server that takes everything: SMTP over asyncio, a set latency for each message, a log of who got what when.

Beside the usual verbs it knows `XLOG`, which answers with everything it took, as JSON on one line.
"""

import asyncio
import json
import sys
import time

END = b"\r\n.\r\n"


class Session(asyncio.Protocol):
    """One connection. What comes after DATA is thrown away; the recipient is what counts."""

    transport: asyncio.Transport

    def __init__(self, taken: list[tuple[str, float]], latency: float):
        self.taken, self.latency = taken, latency
        self.read, self.recipient, self.in_data = b"", "", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._say(b"220 sink.example")

    def data_received(self, data: bytes) -> None:
        self.read += data
        while self._step():
            pass

    def _step(self) -> bool:
        """One command, or one whole message, out of what was read; False when there is none."""
        whole, end, rest = self.read.partition(END if self.in_data else b"\r\n")
        if not end:
            return False
        self.read = rest
        if self.in_data:
            self.in_data = False
            asyncio.get_running_loop().call_later(self.latency, self._accept, self.recipient)
        else:
            self._command(whole)
        return True

    def _command(self, line: bytes) -> None:
        match line[:4].upper():
            case b"DATA":
                self.in_data = True
                self._say(b"354 go on")
            case b"QUIT":
                self._say(b"221 bye")
                self.transport.close()
            case b"XLOG":
                self._say(b"250 " + json.dumps(self.taken).encode())
            case verb:
                if verb == b"RCPT":
                    self.recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                self._say(b"250 ok")

    def _accept(self, recipient: str) -> None:
        """Taken, whether or not the client is still there to hear it: that is how doubles come about."""
        self.taken.append((recipient, time.monotonic()))
        self._say(b"250 taken")

    def _say(self, line: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(line + b"\r\n")


async def serve(latency: float) -> None:
    taken: list[tuple[str, float]] = []
    server = await asyncio.get_running_loop().create_server(
        lambda: Session(taken, latency), "127.0.0.1", 0, backlog=256
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
