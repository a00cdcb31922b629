"""The gateway and the mail server as processes of their own, and what they saw."""

import contextlib
import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.places import ROOT
from benchmarks.processes import kill_group


class Arrival(NamedTuple):
    """One call at the gateway, in seconds of CLOCK_MONOTONIC."""

    lane: int
    arrived: float
    answered: float


class Letter(NamedTuple):
    """One message that the mail server took."""

    recipient: str
    taken: float


class GatewayServer:
    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}"

    def log(self, *, since: int = 0) -> list[Arrival]:
        """The calls in the order of their answers, without the first `since`."""
        with urllib.request.urlopen(f"{self.url}/log", timeout=30) as answer:
            return [Arrival(*call) for call in json.load(answer)[since:]]


class MailSink:
    def __init__(self, port: int):
        self.port = port
        self.url = f"smtp://127.0.0.1:{port}"

    def log(self) -> list[Letter]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            lines = connection.makefile("rb")
            lines.readline()
            connection.sendall(b"XLOG\r\n")
            return [Letter(*letter) for letter in json.loads(lines.readline()[4:])]


@contextlib.contextmanager
def listening(module: str, *arguments: object) -> Iterator[int]:
    """A server that prints its port as its first line; it is killed at the end, since it has nothing to lose."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        kill_group(process)
        process.stdout.close()


@contextlib.contextmanager
def gateway(latency_ms: float) -> Iterator[GatewayServer]:
    with listening("benchmarks.gateway", latency_ms / 1000) as port:
        yield GatewayServer(port)


@contextlib.contextmanager
def mail_sink(latency_ms: float) -> Iterator[MailSink]:
    with listening("benchmarks.smtp_sink", latency_ms / 1000) as port:
        yield MailSink(port)
