"""What the simulator says about itself, and whether something answers at an address at all."""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

SECONDS = 5


def answers(port: int, path: str) -> bool:
    try:
        return _get(port, path)[0] == 200
    except (OSError, HTTPException):
        return False


def simulator_state(port: int) -> dict[str, Any]:
    """`delivered`, `collapses` and more."""
    return dict(json.loads(_get(port, "/_simulator/state")[1]))


def report_to(port: int, address: str, profile: str) -> None:
    """Have the simulator post there what becomes of each message, as a real gateway does."""
    body = json.dumps({"profile": profile, "receipts_to": address})
    status, said = _ask(port, "POST", "/_simulator/profile", body)
    if status != 200:
        raise RuntimeError(said.decode("utf-8", "replace"))


def _get(port: int, path: str) -> tuple[int, bytes]:
    return _ask(port, "GET", path)


def _ask(port: int, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
    """Never through a proxy."""
    connection = HTTPConnection("localhost", port, timeout=SECONDS)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
