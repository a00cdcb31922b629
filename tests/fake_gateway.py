"""A fake gateway in a process of its own, for tests of everything that talks to one: `tests/gateways`."""

import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import pytest

from tests.gateways.dialect import Dialect
from tests.gateways.dialects.all import DIALECTS

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 60.0  # a control call waits for messages that are still on their way in


class FakeProcess:
    """`with FakeProcess("waha") as waha:`; as many at once as a test likes.

    It ends with the block, and when the test's own process is gone. `hook` is where it posts its reports to. Entered
    once more it is there again at the same address, and knows nothing of what was before.
    """

    def __init__(self, name: str, *, hook: str = "", secret: str = ""):
        self.name, self.url = name, ""
        self.dialect: type[Dialect] = DIALECTS[name]
        self.session = self.dialect.session
        self._arguments = ["--hook", hook, "--hook-secret", secret, "--watch-stdin"]

    def __enter__(self) -> Self:
        port = self.url.rpartition(":")[2] or "0"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.gateways.server", self.name, "--port", port, *self._arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()  # it listens before it says so
        if not self.url:
            self.stop()
            raise RuntimeError(f"the fake of {self.name} did not start")
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def kill(self) -> None:
        """kill -9: whatever it was doing, it says nothing more."""
        self.process.kill()
        self.stop()

    def stop(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process.stdout.close()

    # --- the back door --------------------------------------------------------------------------------------------

    def reset(self, session: str = "") -> None:
        """As just started. `session`: another name of its session, instance, device or number than the usual."""
        self.session = session or self.dialect.session
        self._call("POST", "reset", {"session": session})

    def set(self, **modes: Any) -> None:
        """See `tests.gateways.world.Modes`; what is not named stays as it is."""
        self._call("POST", "modes", modes)

    def state(self) -> dict[str, Any]:
        return self._call("GET", "state")

    def messages(self) -> list[dict[str, Any]]:
        """What reached a phone, in the order of arrival."""
        return self.state()["messages"]

    def calls(self, kind: str) -> int:
        """How often it was asked for a `status`, `qr`, `restart`, `check`, `send`, `upload` or `templates`."""
        return self.state()["calls"].get(kind, 0)

    # --- its reports ----------------------------------------------------------------------------------------------

    def post_to(self, url: str, secret: str = "", headers: Mapping[str, str] | None = None) -> None:
        self._call("POST", "hook", {"url": url, "secret": secret, "headers": dict(headers or {})})

    def receipt(self, message: int | str, status: str, **how: Any) -> list[int]:
        """Of the message with that number or id: sent, delivered, read or failed. The HTTP statuses of the answers.

        Everywhere: `times=2` posts it twice, `secret="…"` signs it with another secret than is right.
        """
        return self.post("receipt", message=message, status=status, **how)

    def reply(self, phone: str, text: str, *, hidden: bool = False, **how: Any) -> list[int]:
        """Somebody writes. `hidden`: under an id that is no number."""
        return self.post("reply", phone=phone.lstrip("+"), text=text, hidden=hidden, **how)

    def session_state(self, state: str, **how: Any) -> list[int]:
        """`ready`, `needs_qr`, `starting`, `logged_out`; Meta: `restricted`, `banned`."""
        return self.post("session_state", state=state, **how)

    def own_message(self, message: int | str, **how: Any) -> list[int]:
        """The echo of one that left."""
        return self.post("own_message", message=message, **how)

    def wish(self, phone: str, wants: bool, **how: Any) -> list[int]:
        """Meta: somebody told WhatsApp to stop, or to go on."""
        return self.post("wish", phone=phone.lstrip("+"), wants=wants, **how)

    def template(self, name: str, language: str, status: str, **how: Any) -> list[int]:
        """Meta: a template was paused, disabled, rejected, approved."""
        return self.post("template", name=name, language=language, status=status, **how)

    def ask(self, token: str) -> bool:
        """Meta: whether the address answers its question, as it has to before anything is posted there."""
        return self._call("POST", "ask", {"token": token})["is_right"]

    def post(self, what: str, **said: Any) -> list[int]:
        """Raises LookupError where the gateway posts nothing of the kind."""
        return self._call("POST", "post", {"what": what, **said})["answers"]

    def _call(self, method: str, door: str, said: object = None) -> Any:
        """Through the standard library: thousands of these come together."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=SECONDS)
        try:
            connection.request(method, f"/_fake/{door}", json.dumps(said), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status == 404:
            raise LookupError(body["error"])
        assert answer.status == 200, body["error"]
        return body


@pytest.fixture(scope="session")
def _fakes() -> Iterator[dict[str, FakeProcess]]:
    fakes: dict[str, FakeProcess] = {}
    yield fakes
    for fake in fakes.values():
        fake.stop()


@pytest.fixture(scope="session")
def fake_of(_fakes: dict[str, FakeProcess]) -> Callable[[str], FakeProcess]:
    """The running fake of that name, the same for all tests and started when it is first asked for."""

    def start(name: str) -> FakeProcess:
        if name not in _fakes:
            _fakes[name] = FakeProcess(name).__enter__()
        return _fakes[name]

    return start
