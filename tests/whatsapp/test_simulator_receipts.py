"""The receipts that the simulator posts back: which, in what order, and never further than this computer."""

import json
import queue
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.whatsapp.wire import Wire, hang
from whatsapp.gateways.base import Connection, Message, OutcomeUnknown
from whatsapp.gateways.rest import RestGateway
from whatsapp.simulator import postman
from whatsapp.simulator.arrivals import Parcel
from whatsapp.simulator.checking import BadOption
from whatsapp.simulator.loopback import Target
from whatsapp.simulator.options import RECEIPT_ORDERS, Options
from whatsapp.simulator.receipts import Reporter
from whatsapp.simulator.world import World

PHONE = "573000000001"
SOMEWHERE = "http://127.0.0.1:9/hooks/"


def told(options: Options, phone: str = PHONE) -> list[tuple[float, str, int]]:
    return [(receipt.delay, receipt.status, receipt.ack) for receipt in Reporter(options).receipts("3EB0AA", phone)]


def options(**values) -> Options:
    return Options(receipts_to=SOMEWHERE, receipts_delay_ms=500).changed(values)


# --- which, and when ----------------------------------------------------------------------------------------------


def test_in_order():
    assert told(options()) == [(0.5, "sent", 1), (1.0, "delivered", 2), (1.5, "read", 3)]


def test_none_without_an_address():
    assert told(Options()) == []


def test_duplicated():
    words = [status for _, status, _ in told(options(receipts="duplicated"))]
    assert words == ["sent", "delivered", "read", "sent", "delivered", "read"]


def test_late():
    assert [delay for delay, _, _ in told(options(receipts="late", receipts_late_seconds=60))] == [60.5, 61.0, 61.5]


def orders(chosen: Options, count: int = 30) -> list[list[str]]:
    reporter = Reporter(chosen)
    return [[receipt.status for receipt in reporter.receipts(str(number), PHONE)] for number in range(count)]


def test_shuffled_is_never_the_right_order_and_loses_none():
    shuffled = orders(options(receipts="shuffled"))
    assert {tuple(sorted(each)) for each in shuffled} == {("delivered", "read", "sent")}
    assert ["sent", "delivered", "read"] not in shuffled
    assert len({tuple(each) for each in shuffled}) == 5


def test_shuffles_repeat_themselves_with_the_same_seed():
    one, same, other = (orders(options(receipts="shuffled", seed=seed)) for seed in (7, 7, 8))
    assert one == same != other


def test_profile_that_reorders_shuffles_unless_told_otherwise():
    assert options(profile="reorders-receipts").receipt_order == "shuffled"
    assert options(profile="reorders-receipts", receipts="late").receipt_order == "late"


def test_some_numbers_fail_afterwards():
    fails = options(receipts_fail="0505")
    assert [report[1:] for report in told(fails, "573001230505")] == [("sent", 1), ("failed", -1)]
    assert told(fails) == told(options())


def test_words_of_the_old_service_are_one_too_low():
    reports = [report[1:] for report in told(options(receipts_words="seed"))]
    assert reports == [("failed", 0), ("pending", 1), ("sent", 2), ("delivered", 3)]


# --- where to -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://127.0.0.1:8000/hooks/whatsapp/1/x/?a=b", Target("127.0.0.1", 8000, "/hooks/whatsapp/1/x/?a=b")),
        ("http://localhost", Target("localhost", 80, "/")),
        ("http://127.8.9.1:1/", Target("127.8.9.1", 1, "/")),
        ("http://[::1]:8000/x", Target("::1", 8000, "/x")),
    ],
)
def test_this_computer_may_be_told(url, target):
    assert Options().changed({"receipts_to": url}).target == target


@pytest.mark.parametrize(
    "url",
    [
        "http://203.0.113.1/",
        "http://example.com/",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://user@127.0.0.1/",
        "http://0.0.0.0/",
        "http://127.1/",
        "http://[::ffff:203.0.113.1]/",
        "https://127.0.0.1/",
        "ftp://127.0.0.1/",
        "//127.0.0.1/",
        "127.0.0.1:8000",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX-A: b",
        "http://[::1",
        5,
        None,
    ],
)
def test_nobody_else_may(url):
    with pytest.raises(BadOption):
        Options().changed({"receipts_to": url})


# --- the posting --------------------------------------------------------------------------------------------------


class Receiver:
    """Answers every POST with `status` and keeps it."""

    def __init__(self, status: int = 200):
        self.posts: queue.Queue[tuple[str, str | None, dict]] = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(inner):  # noqa: N805
                body = inner.rfile.read(int(inner.headers["Content-Length"]))
                self.posts.put((inner.path, inner.headers.get("X-Webhook-Secret"), json.loads(body)))
                inner.send_response(status)
                inner.send_header("Location", "/elsewhere")
                inner.end_headers()

            def log_message(inner, *args):  # noqa: N805
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/1/secreto/"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.server.shutdown()
        self.thread.join(timeout=20)
        self.server.server_close()

    def get(self, count: int) -> list[tuple[str, str | None, dict]]:
        return [self.posts.get(timeout=20) for _ in range(count)]


def deliver(world: World, phone: str = PHONE) -> str:
    with world.call() as call:
        return call.deliver(Parcel(phone, "Hola"))


def settled(world: World) -> dict[str, int]:
    while (receipts := world.state()["receipts"])["waiting"]:
        pass
    return receipts


def counted(**counts: int) -> dict[str, int]:
    return dict.fromkeys(("waiting", "posted", "refused", "failed", "dropped"), 0) | counts


def test_each_receipt_is_posted_once_with_its_header():
    with Receiver() as receiver:
        header = "X-Webhook-Secret: clave de prueba"
        world = World(Options(receipts_to=receiver.url, receipts_header=header, receipts_delay_ms=0))
        message_id = deliver(world)
        assert receiver.get(3) == [
            ("/hooks/1/secreto/", "clave de prueba", {"message_id": message_id, "status": status, "ack": ack})
            for status, ack in (("sent", 1), ("delivered", 2), ("read", 3))
        ]
        assert settled(world) == counted(posted=3)
        assert receiver.posts.empty()


@pytest.mark.parametrize("status", [302, 403, 500])
def test_refusals_are_counted_and_neither_followed_nor_repeated(status):
    with Receiver(status) as receiver:
        world = World(Options(receipts_to=receiver.url, receipts_delay_ms=0))
        deliver(world)
        assert [path for path, _, _ in receiver.get(3)] == ["/hooks/1/secreto/"] * 3
        assert settled(world) == counted(refused=3)
        assert receiver.posts.empty()


def test_receiver_that_is_not_there_is_counted():
    with Receiver() as gone:
        pass
    world = World(Options(receipts_to=gone.url, receipts_delay_ms=0))
    deliver(world)
    assert settled(world) == counted(failed=3)


def test_address_that_turns_out_to_be_elsewhere_is_told_nothing(monkeypatch):
    """`localhost` is a name, and names can be changed."""
    monkeypatch.setattr(postman, "is_this_computer", lambda host: False)
    with Receiver() as receiver:
        world = World(Options(receipts_to=receiver.url, receipts_delay_ms=0))
        deliver(world)
        assert settled(world) == counted(failed=3)
        assert receiver.posts.empty()


def test_messages_do_not_wait_for_a_receiver_that_hangs():
    with Wire(hang) as wire:
        world = World(Options(receipts_to=f"{wire.url}/", receipts_delay_ms=0))
        for _ in range(4):
            deliver(world)
        assert (world.state()["delivered"], world.state()["receipts"]) == (4, counted(waiting=12))


def test_more_than_the_bound_is_dropped_and_counted(monkeypatch):
    monkeypatch.setattr(postman, "WAITING", 4)
    world = World(Options(receipts_to=SOMEWHERE, receipts_delay_ms=600_000))
    for _ in range(3):
        deliver(world)
    assert world.state()["receipts"] == counted(waiting=4, dropped=5)


def test_reset_throws_away_what_waits():
    world = World(Options(receipts_to=SOMEWHERE, receipts_delay_ms=600_000))
    deliver(world)
    world.reset()
    assert world.state()["receipts"] == counted()


def test_a_message_that_was_under_way_at_a_reset_is_not_reported():
    world = World(Options(receipts_to=SOMEWHERE, receipts_delay_ms=600_000))
    with world.call() as late:
        world.reset()
        late.deliver(Parcel(PHONE, "tarde"))
    assert world.state()["receipts"] == counted()


@pytest.mark.parametrize("order", RECEIPT_ORDERS)
def test_what_is_posted_for_many_messages(order):
    """Every message gets its receipts, in the order that was asked for."""
    chosen = Options(receipts=order, receipts_delay_ms=1, receipts_late_seconds=0.01, receipts_fail="5")
    with Receiver() as receiver:
        world = World(chosen.changed({"receipts_to": receiver.url}))
        phones = {deliver(world, phone): phone for phone in (PHONE, "573000000005", PHONE)}
        number = 16 if order == "duplicated" else 8
        heard = defaultdict(list)
        for _, _, body in receiver.get(number):
            heard[body["message_id"]].append(body["status"])
        reporter = Reporter(world.options)
        assert dict(heard) == {
            each: [receipt.status for receipt in reporter.receipts(each, phone)] for each, phone in phones.items()
        }
        assert settled(world) == counted(posted=number)


@pytest.mark.processes
def test_message_without_an_answer_is_reported_all_the_same(simulator):
    """That is what settles it."""
    with Receiver() as receiver:
        simulator.profile("accept-then-timeout", receipts_to=receiver.url, receipts_delay_ms=0)
        with pytest.raises(OutcomeUnknown):
            RestGateway(Connection(simulator.url, read_seconds=0.2)).send(Message(f"+{PHONE}", "Hola"))
        (arrived,) = simulator.messages()
        assert {body["message_id"] for _, _, body in receiver.get(3)} == {arrived["id"]}
