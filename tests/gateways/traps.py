"""What can go wrong on the way between a gateway and its client, whatever the gateway is.

Each gets the answer that the gateway meant to give, and does something else with the connection.
"""

import gzip
import json
import select
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tests.gateways.wire import Answer, Request, head_of, page, write_answer

MEGABYTES = 4
PIECE_SECONDS = 0.02  # between two bytes of a slow answer: often enough for a plain time-out to start anew
Behave = Callable[[socket.socket, Request, Answer], None]


@dataclass(frozen=True)
class TransportTrap:
    behave: Behave
    can_deliver: bool = True  # whether it can be met after the message reached the phone
    is_slow: bool = False  # only the client's own limit ends it
    is_unreadable: bool = False  # a success without its words, as some gateways give it
    ends: frozenset[str] = frozenset({"uncertain"})  # what it is right to conclude


def reset(connection: socket.socket, *_: object) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _close(connection: socket.socket, request: Request, answer: Answer) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def _hold(connection: socket.socket, request: Request, answer: Answer) -> None:
    while not _has_left(connection, None):
        pass


def _slow(connection: socket.socket, request: Request, answer: Answer) -> None:
    """An answer of which a byte comes now and then, and never the last."""
    _dribble(connection, head_of(answer, 1_000_000), b" ")


def _slow_headers(connection: socket.socket, request: Request, answer: Answer) -> None:
    _dribble(connection, head_of(answer, 0)[:-2] + b"X-Slow: ", b"x")


def _dribble(connection: socket.socket, start: bytes, piece: bytes) -> None:
    connection.sendall(start)
    while not _has_left(connection, PIECE_SECONDS):
        connection.sendall(piece)


def _has_left(connection: socket.socket, seconds: float | None) -> bool:
    readable = select.select([connection], [], [], seconds)[0]
    return bool(readable) and not connection.recv(65_536)


def _cut(connection: socket.socket, request: Request, answer: Answer) -> None:
    """More is promised than comes. What comes is a whole JSON object, so that only the length tells."""
    connection.sendall(head_of(answer, len(answer.body) + 100) + answer.body)


def _cut_headers(connection: socket.socket, request: Request, answer: Answer) -> None:
    connection.sendall(head_of(answer, len(answer.body))[:-30])


def _huge(connection: socket.socket, request: Request, answer: Answer) -> None:
    """Valid JSON that says what it should, after several megabytes."""
    body = json.loads(answer.body) if answer.body else {}
    if isinstance(body, dict):
        body = {"padding": "x" * (MEGABYTES << 20)} | body
    write_answer(connection, replace(answer, body=json.dumps(body).encode() + b" " * (MEGABYTES << 20)))


def _bomb(connection: socket.socket, request: Request, answer: Answer) -> None:
    """Compressed although nobody asked: 16 MB of blanks in 16 KB, and then the answer."""
    packed = gzip.compress(b" " * (16 << 20) + answer.body)
    write_answer(connection, replace(answer, body=packed, headers=answer.headers | {"Content-Encoding": "gzip"}))


def _say(body: bytes, connection: socket.socket, request: Request, answer: Answer) -> None:
    """With the status that it would have had."""
    write_answer(connection, replace(answer, body=body))


def _page(status: int, connection: socket.socket, request: Request, answer: Answer) -> None:
    write_answer(connection, page(status))


def _plain(status: int, connection: socket.socket, request: Request, answer: Answer) -> None:
    """An error of which nothing is said."""
    write_answer(connection, Answer(status))


def _redirect(status: int, connection: socket.socket, request: Request, answer: Answer) -> None:
    """To itself: whoever follows, follows for ever or says everything once more."""
    where = f"http://{request.headers.get('host', '')}{request.target}"
    write_answer(connection, Answer(status, b"", {"Location": where}))


def _as_it_is(connection: socket.socket, request: Request, answer: Answer) -> None:
    write_answer(connection, answer)


def bent(answer: Answer, place: int, value: object) -> Answer:
    """With `value` at one place of its JSON, counted from the outside; as it is where it is none."""
    try:
        whole = {"": json.loads(answer.body)}
    except ValueError:
        return answer
    places = list(_places(whole))
    holder, name = places[place % len(places)]
    holder[name] = value
    return replace(answer, body=json.dumps(whole[""]).encode())


def _places(holder: Any) -> Iterator[tuple[Any, Any]]:
    names = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
    for name in names:
        yield holder, name
        yield from _places(holder[name])


def _stale(connection: socket.socket, request: Request, answer: Answer) -> None:
    """Promises to keep the connection; the server resets it when it is used again."""
    write_answer(connection, answer, keeps=True)


def _in_between(status: int, text: str, connection: socket.socket, request: Request, answer: Answer) -> None:
    """What something between the gateway and its client says of a gateway that did not answer it."""
    kind = "application/json" if text.startswith("{") else "text/plain"
    write_answer(connection, Answer(status, text.encode(), {"Content-Type": kind}))


def _pages(*statuses: int) -> dict[str, TransportTrap]:
    return {f"page_{status}": TransportTrap(partial(_page, status)) for status in statuses}


def _nothing_left(behave: Behave, *ends: str) -> TransportTrap:
    return TransportTrap(behave, can_deliver=False, ends=frozenset({"uncertain", "unreachable", *ends}))


_RESET = "upstream connect error or disconnect/reset before headers. reset reason: connection termination"
RAW, BENT = TransportTrap(_as_it_is), TransportTrap(_as_it_is)  # the mode `raw` says how
TRAPS: dict[str, TransportTrap] = {
    "raw": RAW,
    "bent": BENT,
    "stale": TransportTrap(_stale, ends=frozenset({"accepted"})),
    "reset_unread": TransportTrap(reset, can_deliver=False),  # the server does it before it reads
    "reset": TransportTrap(reset),
    "close": TransportTrap(_close),
    "hold": TransportTrap(_hold, is_slow=True),
    "slow": TransportTrap(_slow, is_slow=True),
    "slow_headers": TransportTrap(_slow_headers, is_slow=True),
    "cut": TransportTrap(_cut),
    "cut_headers": TransportTrap(_cut_headers),
    "huge": TransportTrap(_huge, is_unreadable=True),
    "bomb": TransportTrap(_bomb, is_unreadable=True),
    "empty": TransportTrap(partial(_say, b""), is_unreadable=True),
    "words": TransportTrap(partial(_say, b"OK"), is_unreadable=True),
    "null": TransportTrap(partial(_say, b"null"), is_unreadable=True),
    "list": TransportTrap(partial(_say, b"[]"), is_unreadable=True),
    "object": TransportTrap(partial(_say, b"{}"), is_unreadable=True),
    "not_utf8": TransportTrap(partial(_say, b'{"id": "\xff\xfe"}'), is_unreadable=True),
    "deep": TransportTrap(partial(_say, b"[" * 30_000), is_unreadable=True),
    # A web server in the gateway's place, which knows no such page: nobody was there to take the message ...
    "page_400": _nothing_left(partial(_page, 400)),
    "page_401": _nothing_left(partial(_page, 401), "auth"),
    "page_403": _nothing_left(partial(_page, 403), "auth"),
    "page_404": _nothing_left(partial(_page, 404)),
    "page_405": _nothing_left(partial(_page, 405)),
    "page_413": _nothing_left(partial(_page, 413), "rejected_content"),
    # ... but these are shown for a gateway that took it and died, or took too long,
    **_pages(200, 201, 408, 500, 502, 503, 504, 520, 524),
    # and so are these, of which nothing or little is said.
    "plain_500": TransportTrap(partial(_plain, 500)),
    "plain_502": TransportTrap(partial(_plain, 502)),
    "plain_503": TransportTrap(partial(_plain, 503)),
    "plain_504": TransportTrap(partial(_plain, 504)),
    "words_502": TransportTrap(partial(_in_between, 502, "Bad Gateway")),
    "words_503": TransportTrap(partial(_in_between, 503, _RESET)),
    "words_504": TransportTrap(partial(_in_between, 504, "upstream request timeout")),
    "json_500": TransportTrap(partial(_in_between, 500, '{"message": "Internal server error"}')),
    "json_502": TransportTrap(partial(_in_between, 502, '{"message": "An invalid response was received"}')),
    "json_503": TransportTrap(partial(_in_between, 503, '{"message": "Service Unavailable"}')),
    "json_504": TransportTrap(partial(_in_between, 504, '{"message": "Endpoint request timed out"}')),
    # These mean "elsewhere", before anything was done; 302 and 303 are also what some say when all is done.
    "redirect_301": _nothing_left(partial(_redirect, 301)),
    "redirect_307": _nothing_left(partial(_redirect, 307)),
    "redirect_308": _nothing_left(partial(_redirect, 308)),
    "redirect_302": TransportTrap(partial(_redirect, 302)),
    "redirect_303": TransportTrap(partial(_redirect, 303)),
}
