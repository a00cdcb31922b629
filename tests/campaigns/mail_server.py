"""A mail server on loopback that answers as told: for everything that a well-behaved one never does."""

import contextlib
import socket
import threading

HANG_UP = "hang up"
FINE = {"GREETING": "220 ready", "EHLO": "250 hello", "DATA": "354 go on", "CONTENT": "250 taken", "QUIT": "221 bye"}


class ScriptedServer:
    """`script` holds for each step the answers to give, one after another; then everything is fine again.

    Steps are the commands, and GREETING and CONTENT. An answer that begins with 421 also ends the connection.
    """

    def __init__(self, **script):
        self.script = {step: list(answers) for step, answers in script.items()}
        self.steps = []
        self.messages = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._socket.close()
        for connection in self._open:
            connection.close()

    def _accept(self):
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            self.connections += 1
            threading.Thread(target=self._talk, args=[connection], daemon=True).start()

    def _talk(self, connection):
        with connection, connection.makefile("rb") as lines, contextlib.suppress(OSError):  # the other side left
            self._converse(connection, lines)

    def _converse(self, connection, lines):
        answer = self._answer(connection, "GREETING")
        while not self._ends(answer) and (line := lines.readline()):
            step = line.split()[0].decode().upper()
            answer = self._answer(connection, step)
            if step == "DATA" and answer.startswith("354"):
                self.messages.append(b"".join(iter(lines.readline, b".\r\n")))
                answer = self._answer(connection, "CONTENT")

    def _answer(self, connection, step):
        self.steps.append(step)
        answers = self.script.get(step)
        answer = answers.pop(0) if answers else FINE.get(step, "250 ok")
        if answer != HANG_UP:
            connection.sendall(answer.encode() + b"\r\n")
        if self._ends(answer):
            connection.shutdown(socket.SHUT_RDWR)
        return answer

    def _ends(self, answer):
        return answer == HANG_UP or answer.startswith(("421", "221"))
