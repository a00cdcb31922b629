"""The WhatsApp simulator in a process of its own, for tests of everything that talks to a gateway."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
import requests

ROOT = Path(__file__).resolve().parent.parent


class Simulator:
    """`with Simulator() as simulator:`; more arguments go to the command line, such as `"--profile", "slow"`."""

    def __init__(self, *arguments: str):
        self.arguments = arguments
        self.url = ""

    def __enter__(self) -> Self:
        self._start("0")
        return self

    def kill(self) -> None:
        """kill -9: whatever it was doing, it says nothing more."""
        self.process.kill()
        self.process.wait(timeout=20)
        self.process.stdout.close()

    def start_again(self) -> None:
        """On the same port and with the same arguments, so with the same `--journal`.

        A profile that was chosen while it ran is forgotten: name it on the command line, or choose it again.
        """
        for _ in range(20):  # while it was away, somebody's outgoing connection may have been given its port
            try:
                return self._start(self.url.rpartition(":")[2])
            except RuntimeError as error:
                problem = error
        raise problem

    def _start(self, port: str) -> None:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings_test", "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "whatsapp_simulator", "--port", port, *self.arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines = []
        for line in self.process.stdout:  # it listens before it says so
            lines.append(line)
            if found := re.search(r"http://\S+:\d+", line):
                self.url = found[0]
                return
        self.stop()
        raise RuntimeError("the simulator did not start: " + "".join(lines))

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> int:
        """Ends it as a supervisor would, and returns its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process.stdout.close()

    def messages(self) -> list[dict[str, Any]]:
        """What reached a phone, in the order of arrival."""
        return self._call("GET", "messages")

    def state(self) -> dict[str, Any]:
        return self._call("GET", "state")

    def reset(self) -> None:
        """As just started."""
        self._call("POST", "reset")

    def scan(self) -> None:
        """A phone is held before the QR code."""
        self._call("POST", "scan")

    def profile(self, name: str, **options: Any) -> dict[str, Any]:
        return self._call("POST", "profile", {"profile": name, **options})

    def _call(self, method: str, name: str, payload: object = None) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{self.url}/_simulator/{name}", json=payload, timeout=20)
        answer.raise_for_status()
        return answer.json()


@pytest.fixture(scope="session")
def _simulator_process() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(_simulator_process: Simulator) -> Simulator:
    """One process for all tests, as new for each."""
    _simulator_process.reset()
    return _simulator_process
