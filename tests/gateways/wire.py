"""HTTP on a bare socket: nothing stands between a test and the bytes that it wants on the line."""

import json
import re
import socket
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cached_property
from http.client import responses
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Part:
    """One part of a multipart request."""

    content: bytes
    filename: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]  # names in small letters
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def json(self) -> Any:
        """None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @cached_property
    def parts(self) -> dict[str, Part]:
        """Of a multipart body, by name."""
        boundary = re.search(r'multipart/form-data;.*boundary="?([^";]+)', self.headers.get("content-type", ""))
        if not boundary:
            return {}
        pieces = (b"\r\n" + self.body).split(b"\r\n--" + boundary[1].encode())[1:-1]
        return dict(_part(piece.removeprefix(b"\r\n")) for piece in pieces)

    def fields(self) -> dict[str, Any]:
        """What was filled in, as JSON or as a form; empty where it is neither."""
        if self.parts:
            return {name: part.content.decode("utf-8", "replace") for name, part in self.parts.items()}
        body = self.json()
        return body if isinstance(body, dict) else {}


def _part(piece: bytes) -> tuple[str, Part]:
    head, _, content = piece.partition(b"\r\n\r\n")
    said = head.decode("utf-8", "replace")
    words = dict(re.findall(r'(\w+)="([^"]*)"', said))
    kind = re.search(r"content-type: *(\S+)", said, re.IGNORECASE)
    return words.get("name", ""), Part(content, words.get("filename", ""), kind[1] if kind else "")


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0  # seconds of silence before it


def say(status: int, body: object, **headers: str) -> Answer:
    """JSON. `Retry_After="17"` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = json.dumps(body, ensure_ascii=False).encode()
    return Answer(status, content, {"Content-Type": "application/json; charset=utf-8"} | named)


def page(status: int, title: str = "", **headers: str) -> Answer:
    """What a web server in between shows to a browser."""
    title = title or responses.get(status, "")
    html = f"<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n<h1>{status} {title}</h1>\r\n</body></html>"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, html.encode(), {"Content-Type": "text/html"} | named)


def read_request(connection: socket.socket) -> Request:
    """Raises ConnectionError where the client leaves before it has said everything."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += _more(connection)
    head, _, body = heard.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    pieces, missing = [body], int(headers.get("content-length", "0")) - len(body)
    while missing > 0:
        pieces.append(_more(connection))
        missing -= len(pieces[-1])
    method, target, _ = first.split(" ", 2)
    return Request(method, target, headers, b"".join(pieces))


def _more(connection: socket.socket) -> bytes:
    if piece := connection.recv(262_144):
        return piece
    raise ConnectionError("the client left")


def head_of(answer: Answer, length: int, keeps: bool = False) -> bytes:
    headers = {"Date": formatdate(usegmt=True), "Content-Length": str(length)} | answer.headers
    headers |= {"Connection": "keep-alive", "Keep-Alive": "timeout=60"} if keeps else {"Connection": "close"}
    lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Whatever')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def write_answer(connection: socket.socket, answer: Answer, keeps: bool = False) -> None:
    connection.sendall(head_of(answer, len(answer.body), keeps) + answer.body)
