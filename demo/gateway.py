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


def _get(port: int, path: str) -> tuple[int, bytes]:
    """Never through a proxy."""
    connection = HTTPConnection("localhost", port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
