"""One HTTP call on a connection of its own, and whether its request can have been written.

`Unreachable` is raised only from inside the connecting: refused, unknown host, connect time-out, TLS handshake. Every
later failure is `OutcomeUnknown`, whatever class requests or urllib3 wrap it in. The adapter is used without a
`requests.Session`: no retry, no redirect, no proxy or password from the environment, no reused connection.
"""

import http.client
import io
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError

from whatsapp.gateways.base import Connection, OutcomeUnknown, Unreachable, _

BODY_LIMIT = 64 * 1024

File = tuple[str, bytes, str]  # name, content and media type of a part of a multipart request


@dataclass(frozen=True)
class Answer:
    """What came back, whole: an answer that breaks off is an error, not an answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)  # names in small letters
    is_cut: bool = False  # longer than the limit

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_html(self) -> bool:
        return self.body.lstrip()[:1] == b"<"

    def json(self) -> Any:
        """The parsed body; None where it is no JSON."""
        if self.is_cut:
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def call(
    connection: Connection,
    method: str,
    path: str,
    *,
    payload: object = None,
    form: Mapping[str, str] | None = None,
    files: Mapping[str, File] | None = None,
    headers: Mapping[str, str] | None = None,
    read_seconds: float | None = None,
    limit: int = BODY_LIMIT,
) -> Answer:
    """Raises Unreachable (nothing was written) or OutcomeUnknown (something may have been)."""
    seconds = connection.read_seconds if read_seconds is None else read_seconds
    request = _prepare(connection, method, path, {"json": payload, "data": form, "files": files}, headers or {})
    adapter = _OneCall(seconds)
    try:
        response = adapter.send(request, stream=True, timeout=(connection.connect_seconds, seconds))
        return _read(response, limit)
    except requests.ConnectTimeout as error:
        raise Unreachable(_("no connection in time")) from error
    except (requests.RequestException, HTTPError, OSError) as error:
        raise OutcomeUnknown(_broken(error, seconds)) from error
    finally:
        adapter.close()


def _prepare(
    connection: Connection, method: str, path: str, content: dict[str, Any], headers: Mapping[str, str]
) -> requests.PreparedRequest:
    # identity: a compressed answer could be far bigger than what is counted
    fixed = {"Accept": "application/json", "Accept-Encoding": "identity", "Connection": "close"}
    url = connection.base_url.rstrip("/") + path
    try:
        request = requests.Request(method, url, headers=fixed | dict(headers), **content).prepare()
    except (requests.RequestException, UnicodeError) as error:
        raise Unreachable(_("the address of the gateway is not a valid one")) from error
    if not request.url or not request.url.startswith(("http://", "https://")):
        raise Unreachable(_("the address of the gateway must start with http:// or https://"))
    return request


def _read(response: requests.Response, limit: int) -> Answer:
    with response:
        try:
            body = response.raw.read(limit + 1, decode_content=True)
        except (HTTPError, OSError) as error:
            detail = f"HTTP {response.status_code}, and the answer broke off"
            raise OutcomeUnknown(detail, http_status=response.status_code) from error
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, body[:limit], headers, len(body) > limit)


class _OneCall(HTTPAdapter):
    """Hands out connections that say where they failed and that stop reading in time."""

    def __init__(self, seconds: float):
        self._seconds = seconds
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        kind = _TlsConnection if pool.scheme == "https" else _PlainConnection
        pool.ConnectionCls = partial(kind, seconds=self._seconds)  # type: ignore[attr-defined]  # only ever called
        return pool


class _Witness:
    """Turns a failure to connect into `Unreachable`: neither urllib3 nor requests knows it, so it passes untouched.

    The same budget of seconds then covers writing the request and reading the whole answer. A time-out of the socket
    alone starts anew with every byte, and a gateway that dribbles would hold its lane for ever.
    """

    sock: Any
    response_class: Any
    timeout: Any

    def __init__(self, *args: Any, seconds: float, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._seconds = seconds

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]  # mixed into urllib3's connections
        except (OSError, HTTPError, ValueError) as error:
            raise Unreachable(_unconnected(error)) from error
        self.sock.settimeout(self._seconds)
        self.response_class = partial(_TimedResponse, ends=time.monotonic() + self._seconds)


class _PlainConnection(_Witness, HTTPConnection):
    pass


class _TlsConnection(_Witness, HTTPSConnection):
    pass


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, ends: float, **kwargs: Any):
        super().__init__(sock, *args, **kwargs)
        self.fp: Any = _Lines(_TimedReader(self.fp.detach(), sock, ends))

    def begin(self) -> None:
        """http.client takes headers that end with the connection for whole ones, and then misses no body."""
        super().begin()
        if self.fp.last_line.strip():
            raise http.client.IncompleteRead(b"")

    def _read_next_chunk_size(self) -> int:
        """http.client takes a piece of less than nothing for all that ever comes, or falls over it."""
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]  # not in its stubs
        if size < 0:
            raise ValueError("a chunk of less than nothing")
        return size


class _Lines(io.BufferedReader):
    last_line = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        # An empty one means that the connection ended: what came before it was the last line.
        self.last_line = line or self.last_line or b"?"
        return line


class _TimedReader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, ends: float):
        self._raw, self._sock, self._ends = raw, sock, ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _unconnected(error: BaseException) -> str:
    """Our own words: those of the libraries carry addresses and object names."""
    if isinstance(error, NameResolutionError):
        return _("the host name is not known")
    if isinstance(error, TimeoutError) or (
        isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError)
    ):
        return _("no connection in time")
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection: {error.reason or 'TLS failed'}"
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    return f"no connection: {getattr(cause, 'strerror', None) or type(cause).__name__}"


def _broken(error: BaseException, seconds: float) -> str:
    causes = [error, *error.args, *(part for arg in error.args for part in getattr(arg, "args", ()))]
    if isinstance(error, requests.Timeout) or any(isinstance(cause, TimeoutError) for cause in causes):
        return f"no complete answer within {seconds:g} s"
    return _("the connection broke before an answer came")
