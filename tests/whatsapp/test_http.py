"""What is known after a call that failed: on real sockets, since the classes of errors say too little."""

import io
import socket
import time
from collections.abc import Iterator

import pytest
import requests
import responses

from tests.whatsapp import wire
from tests.whatsapp.certificates import server_context
from tests.whatsapp.wire import Wire
from whatsapp.gateways.base import Connection, OutcomeUnknown, Unreachable
from whatsapp.gateways.http import BODY_LIMIT, Answer, _TimedReader, call

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def connection_to(url: str, **seconds: float) -> Connection:
    return Connection(url, **{"connect_seconds": 5.0, "read_seconds": 5.0} | seconds)


def send_to(url: str, **seconds: float) -> Answer:
    return call(connection_to(url, **seconds), "POST", "/send", payload={"phone": "+573000000001"})


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as bound:  # bound and not listening: connections are refused
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_refused_connection_is_unreachable(closed_port):
    with pytest.raises(Unreachable, match="no connection: Connection refused"):
        send_to(f"http://127.0.0.1:{closed_port}")


def test_unknown_host_is_unreachable():
    with pytest.raises(Unreachable, match="the host name is not known"):
        send_to("http://gateway.invalid:3010")


def test_connect_timeout_is_unreachable():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        taken = socket.create_connection(address)  # the only place in the queue
        with taken, pytest.raises(Unreachable, match="no connection in time"):
            send_to(f"http://127.0.0.1:{address[1]}", connect_seconds=0.2)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:3010",
        "ftp://localhost",
        "http://",
        "http://[::1",
        "http://exa mple",
        f"http://{'a' * 70}.invalid",
    ],
)
def test_an_address_that_is_none_is_unreachable(url):
    with pytest.raises(Unreachable):
        send_to(url)


def test_silence_in_the_tls_handshake_is_unreachable():
    with Wire(wire.hang_at_once) as plain, pytest.raises(Unreachable):
        send_to(plain.url.replace("http:", "https:"), connect_seconds=0.3)
    assert plain.heard == []


def test_no_tls_in_the_tls_handshake_is_unreachable():
    def talk(server: Wire, connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with Wire(talk) as plain, pytest.raises(Unreachable, match="no secure connection"):
        send_to(plain.url.replace("http:", "https:"))


def test_connection_closed_during_the_tls_handshake_is_unreachable():
    with Wire(wire.close_at_once) as plain, pytest.raises(Unreachable):
        send_to(plain.url.replace("http:", "https:"))


def test_unknown_certificate_is_unreachable(tmp_path):
    context, _ = server_context(tmp_path)
    with Wire(wire.say(GOOD), tls=context) as secured, pytest.raises(Unreachable, match="certificate is not accepted"):
        send_to(secured.url)
    assert secured.heard == []


@pytest.fixture
def trusted_tls(tmp_path, monkeypatch):
    context, bundle = server_context(tmp_path)
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(bundle))
    return context


def test_answer_over_tls(trusted_tls):
    with Wire(wire.say(GOOD), tls=trusted_tls) as secured:
        assert send_to(secured.url).json() == {}


@pytest.mark.parametrize("behaviour", [wire.close_at_once, wire.say(b""), wire.say(GOOD[:20]), wire.reset])
def test_broken_after_the_tls_handshake_is_uncertain(trusted_tls, behaviour):
    with Wire(behaviour, tls=trusted_tls) as secured, pytest.raises(OutcomeUnknown):
        send_to(secured.url)


UNCERTAIN = {
    "accepts and closes": wire.close_at_once,
    "reads and closes": wire.say(b""),
    "reads and resets": wire.reset,
    "closes within a header": wire.say(b"HTTP/1.1 200 OK\r\nContent-"),
    "closes between two headers": wire.say(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n"),
    "closes after the status line": wire.say(b"HTTP/1.1 503 Service Unavailable\r\n"),
    "half a body": wire.say(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"success": true'),
    "half a chunk": wire.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"),
    "a chunk that is none": wire.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"),
    **{
        f"a chunk of {name}": wire.say(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\n{}", b" " * 2 * BODY_LIMIT
        )
        for name, size in {"-1": b"-1", "-5": b"-5", "minus much": b"-" + b"9" * 400}.items()
    },
    "no HTTP": wire.say(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "bad gzip": wire.say(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
}


@pytest.mark.parametrize("behaviour", UNCERTAIN.values(), ids=UNCERTAIN.keys())
def test_broken_after_the_request_is_uncertain_and_not_repeated(behaviour):
    with Wire(behaviour) as server, pytest.raises(OutcomeUnknown):
        send_to(server.url)
    assert server.connections == 1


def test_not_even_a_look_at_the_status_is_repeated():
    with Wire(wire.close_at_once) as server, pytest.raises(OutcomeUnknown):
        call(connection_to(server.url), "GET", "/status")
    assert server.connections == 1


SILENT = {
    "no answer": wire.hang,
    "never even read": wire.hang_at_once,
    "half an answer": wire.say_and_hang(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
    "slow status line": wire.dribble(b"HTTP/1.1 200 ", b"O"),
    "slow headers": wire.dribble(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "slow body": wire.dribble(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", b" "),
}


@pytest.mark.parametrize("behaviour", SILENT.values(), ids=SILENT.keys())
def test_no_whole_answer_in_time_is_uncertain_and_not_repeated(behaviour):
    with Wire(behaviour) as server, pytest.raises(OutcomeUnknown):
        send_to(server.url, read_seconds=0.3)
    assert server.connections == 1


def test_time_that_runs_out_is_named():
    with Wire(wire.hang) as server, pytest.raises(OutcomeUnknown, match=r"no complete answer within 0\.3 s"):
        send_to(server.url, read_seconds=0.3)


@pytest.mark.timeout(30)
def test_a_request_that_is_not_read_is_uncertain_in_time():
    """More than fits into the buffers of both sides, so that the writing stalls."""
    with Wire(wire.hang_at_once) as server:
        patient = connection_to(server.url, connect_seconds=600.0, read_seconds=0.3)
        with pytest.raises(OutcomeUnknown):
            call(patient, "POST", "/send-media", payload={"x": "A" * 20_000_000})


class Clockwork(io.RawIOBase):
    """A socket and its stream in one, which notes for how long it was allowed to wait."""

    def __init__(self):
        self.allowed = []

    def settimeout(self, seconds):
        self.allowed.append(seconds)

    def readinto(self, buffer):
        return 0


def test_each_read_may_only_take_what_is_left():
    socket_and_stream = Clockwork()
    reader = _TimedReader(socket_and_stream, socket_and_stream, ends=time.monotonic() + 1000)
    reader.readinto(bytearray(1))
    reader.readinto(bytearray(1))
    first, second = socket_and_stream.allowed
    assert 0 < second <= first <= 1000


def test_nothing_is_read_when_nothing_is_left():
    socket_and_stream = Clockwork()
    reader = _TimedReader(socket_and_stream, socket_and_stream, ends=time.monotonic() - 1)
    with pytest.raises(TimeoutError):
        reader.readinto(bytearray(1))


def test_an_answer_that_broke_off_keeps_its_status():
    with Wire(UNCERTAIN["half a body"]) as server, pytest.raises(OutcomeUnknown) as caught:
        send_to(server.url)
    assert caught.value.http_status == 200


def test_a_long_answer_is_cut_and_has_no_json():
    body = b'{"success": true, "pad": "' + b"x" * BODY_LIMIT * 4 + b'"}'
    with Wire(wire.say(b"HTTP/1.1 200 OK\r\n\r\n" + body)) as server:
        answer = send_to(server.url)
    assert (len(answer.body), answer.is_cut, answer.json()) == (BODY_LIMIT, True, None)


def test_a_long_answer_whose_beginning_would_be_json_has_none():
    with Wire(wire.say(b"HTTP/1.1 200 OK\r\n\r\n" + b'{"success": true}' + b" " * BODY_LIMIT)) as server:
        assert send_to(server.url).json() is None


def test_an_answer_of_exactly_the_limit_is_whole():
    body = b'"' + b"x" * (BODY_LIMIT - 2) + b'"'
    with Wire(wire.say(b"HTTP/1.1 200 OK\r\n\r\n" + body)) as server:
        assert send_to(server.url).json() == "x" * (BODY_LIMIT - 2)


def test_json_that_is_nested_too_deep_is_none():
    assert Answer(200, b"[" * 60_000).json() is None


def test_each_call_has_a_connection_of_its_own():
    with Wire(wire.say(GOOD)) as server:
        send_to(server.url)
        send_to(server.url)
    assert server.connections == 2
    assert all(b"\r\nConnection: close\r\n" in heard for heard in server.heard)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status):
    with Wire(wire.say(GOOD)) as other:
        there = f"HTTP/1.1 {status} Moved\r\nLocation: {other.url}/send\r\nContent-Length: 0\r\n\r\n".encode()
        with Wire(wire.say(there)) as server:
            assert send_to(server.url).status == status
    assert other.connections == 0


def test_a_redirect_to_nonsense_is_an_answer_all_the_same():
    with Wire(wire.say(b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n")) as server:
        assert send_to(server.url).status == 302


def test_proxies_and_passwords_of_the_environment_are_not_used(monkeypatch, tmp_path, closed_port):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ana password secreta")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Wire(wire.say(GOOD)) as server:
        assert send_to(server.url).status == 200
    assert b"authorization" not in server.heard[0].lower()


def test_a_password_in_the_address_is_used():
    with Wire(wire.say(GOOD)) as server:
        send_to(server.url.replace("://", "://ana:secreta@"))
    assert b"\r\nAuthorization: Basic YW5hOnNlY3JldGE=\r\n" in server.heard[0]


@responses.activate
@pytest.mark.parametrize("error", [requests.ConnectionError(), requests.ReadTimeout(), requests.exceptions.SSLError()])
def test_an_error_of_unknown_origin_is_uncertain(error):
    """Without a connection of ours as a witness nobody knows whether something was written."""
    responses.post("http://gateway.test/send", body=error)
    with pytest.raises(OutcomeUnknown):
        send_to("http://gateway.test")
