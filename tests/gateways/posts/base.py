"""What a gateway can post, and the posting: once, to this computer only."""

import hashlib
import hmac
import http.client
import ipaddress
import json
import time
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

from tests.gateways.world import Arrived, World

SECONDS = 20.0


@dataclass(frozen=True)
class Hook:
    """Where to, and with which secret. `headers` are those that somebody typed in at the gateway."""

    url: str = ""
    secret: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class NothingLikeIt(Exception):
    """This gateway posts nothing of the kind."""


class Posts:
    """Each method gives the bodies to post. `world` says what the gateway knows of people."""

    own: ClassVar[str] = "12025550100"
    statuses: ClassVar[frozenset[str]] = frozenset({"sent", "delivered", "read", "failed"})

    signs: ClassVar[str] = "none"  # "body": a HMAC of it; "header": something in a header that only it can know

    def __init__(self, world: World):
        self.world = world

    def receipt(self, message: Arrived, status: str) -> list[object]:
        """Nothing where the gateway is silent about that status."""
        raise NothingLikeIt

    def reply(self, phone: str, text: str, hidden: bool = False) -> list[object]:
        """Somebody writes. `hidden`: WhatsApp names them by an id that is no number."""
        raise NothingLikeIt

    def session_state(self, state: str) -> list[object]:
        """`ready`, `needs_qr`, `logged_out`, and what else a gateway knows."""
        raise NothingLikeIt

    def own_message(self, message: Arrived) -> list[object]:
        """The echo of a message that left."""
        raise NothingLikeIt

    def wish(self, phone: str, wants: bool) -> list[object]:
        raise NothingLikeIt

    def template(self, name: str, language: str, status: str) -> list[object]:
        raise NothingLikeIt

    def question(self, token: str) -> dict[str, str]:
        """What is asked of an address before anything is posted there."""
        raise NothingLikeIt

    def headers(self, body: bytes, hook: Hook) -> dict[str, str]:
        """That prove where the post comes from."""
        return {}


def seconds() -> int:
    return int(time.time())


def signature(body: bytes, secret: str, algorithm: str) -> str:
    return hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()


def post(hook: Hook, posts: Posts, body: object) -> int:
    """The HTTP status of the answer; 0 where there was none."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json"} | hook.headers | posts.headers(content, hook)
    return _call(hook.url, "POST", content, headers)[0]


def ask(hook: Hook, question: dict[str, str]) -> tuple[int, str]:
    """HTTP status and text of the answer."""
    return _call(f"{hook.url}?{urlencode(question)}", "GET", b"", {})


def _call(url: str, method: str, content: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """No redirect, no second try."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http" or not (host == "localhost" or ipaddress.ip_address(host).is_loopback):
        raise ValueError("a fake posts to this computer only")
    connection = http.client.HTTPConnection(host, parts.port or 80, timeout=SECONDS)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, content, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(10_000).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()
