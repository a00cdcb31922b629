"""One fake in a process of its own: `python -m tests.gateways.server waha --port 0` prints its address and serves.

It listens on this computer only. Ctrl-C or a TERM ends it.
"""

import argparse
import contextlib
import select
import socket
import sys
import threading
import time

from tests.gateways.control import PREFIX, Control
from tests.gateways.dialects.all import DIALECTS
from tests.gateways.postman import Postman
from tests.gateways.posts.base import Hook
from tests.gateways.traps import BENT, RAW, TRAPS, TransportTrap, bent, reset
from tests.gateways.wire import Answer, Request, read_request, write_answer
from tests.gateways.world import Arrived, World

PATIENCE = 60.0  # seconds for a client to say something


class Fake:
    def __init__(self, name: str, port: int = 0, hook: Hook | None = None):
        self.world = World(DIALECTS[name].session)
        self.dialect = DIALECTS[name](self.world)
        self.postman = Postman(self.dialect.posts(self.world), self.world, hook or Hook())
        self.control = Control(self.world, self.postman, set(self.dialect.traps))
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self, watches_stdin: bool = False) -> None:
        """Until it is told to end; with `watches_stdin` also when whoever started it is gone."""
        watched = [self.listener, sys.stdin] if watches_stdin else [self.listener]
        while sys.stdin not in (ready := select.select(watched, [], [])[0]):
            if self.listener in ready:
                connection, _ = self.listener.accept()
                turn = self.world.take_turn()
                threading.Thread(target=self._attend, args=(connection, turn), daemon=True).start()

    def _attend(self, connection: socket.socket, turn: int) -> None:
        connection.settimeout(PATIENCE)
        try:
            with connection, contextlib.suppress(OSError):  # the client left
                self._talk(connection, turn)
        finally:
            self.world.settle(turn)

    def _talk(self, connection: socket.socket, turn: int) -> None:
        # Looked at and not taken off the line: whoever resets it then has read nothing.
        is_ours = PREFIX.encode() in connection.recv(64, socket.MSG_PEEK)
        if is_ours:
            request = read_request(connection)
            self.world.wait_for_those_before(turn)
            write_answer(connection, self.control.answer(request))
        elif self.world.modes.trap == "reset_unread":
            reset(connection)
        else:
            self._serve(connection, turn)

    def _serve(self, connection: socket.socket, turn: int) -> None:
        request = read_request(connection)
        answer, trap, arrived = self._obey(request)
        self.postman.report(arrived, is_early=True)
        self.world.settle(turn)
        time.sleep(answer.wait)
        if trap is None:
            write_answer(connection, answer)
        else:
            trap.behave(connection, request, answer)
        self.postman.report(arrived, is_early=False)
        if trap is TRAPS["stale"] and connection.recv(1):
            self.world.reused += 1
            reset(connection)

    def _obey(self, request: Request) -> tuple[Answer, TransportTrap | None, list[Arrived]]:
        with self.world.lock:
            call, modes = self.dialect.find(request), self.world.modes
            self.world.calls[call.kind] += 1
            self.world.header_names |= set(request.headers)
            if call.kind == "unknown":
                self.world.strange.append(f"{request.method} {request.path}: there is no such page")
            if self.dialect.key in request.target:
                self.world.strange.append("the key stands in an address, and so in every log")
            trap = TRAPS.get(modes.trap) if {call.kind, "all"} & set(modes.trap_on) else None
            self.world.is_dry = trap is not None and not modes.delivers
            before = len(self.world.arrived)
            answer = call.run()
            if trap is BENT:
                answer = bent(answer, **modes.raw)
            elif trap is RAW:
                answer = Answer(modes.raw["status"], modes.raw["body"].encode("latin-1"), modes.raw["headers"])
            return answer, trap, self.world.arrived[before:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialect", choices=sorted(DIALECTS))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--hook", default="", help="where it posts its reports to")
    parser.add_argument("--hook-secret", default="")
    parser.add_argument("--watch-stdin", action="store_true", help="end when the standard input ends")
    said = parser.parse_args()
    fake = Fake(said.dialect, said.port, Hook(said.hook, said.hook_secret))
    sys.stdout.write(f"{fake.url}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        fake.serve(said.watch_stdin)


if __name__ == "__main__":
    main()
