"""The gateway and the mail server as processes of their own, and what they saw."""

import contextlib
import json
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


class GatewayServer:
    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}"

    def log(self) -> list[Arrival]:
        with urllib.request.urlopen(f"{self.url}/log", timeout=30) as answer:
            return [Arrival(*call) for call in json.load(answer)]


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
