"""What the plain service posts: the number counts and not the word beside it, which is one too low in some services."""

import time

import pytest

from tests.factories import make_sender
from whatsapp.gateways.base import Connection, Message
from whatsapp.gateways.rest import RestGateway
from whatsapp.models import WebhookPost
from whatsapp.signals import news_arrived
from whatsapp.webhooks.base import Receipt, ReceiptStatus
from whatsapp.webhooks.reading import read_posts
from whatsapp.webhooks.rest import RestHook

S = ReceiptStatus


def said(body):
    reading = RestHook().read(body)
    return [receipt.status for receipt in reading.news], reading.faults


@pytest.mark.parametrize(
    ("ack", "statuses"),
    [(-1, [S.FAILED]), (0, []), (1, [S.SENT]), (2, [S.DELIVERED]), (3, [S.READ]), (4, [S.READ]), ("2", [S.DELIVERED])],
)
@pytest.mark.parametrize("word", ["failed", "read", "pending", "nonsense", None, 7])
def test_the_number_counts_whatever_the_word_says(ack, statuses, word):
    assert said({"message_id": "3EB0AA11", "status": word, "ack": ack}) == (statuses, [])


@pytest.mark.parametrize(
    ("word", "statuses"),
    [
        ("failed", [S.FAILED]),
        ("error", [S.FAILED]),
        ("pending", []),
        ("sent", [S.SENT]),
        ("SERVER", [S.SENT]),
        (" Delivered ", [S.DELIVERED]),
        ("read", [S.READ]),
        ("played", [S.READ]),
    ],
)
@pytest.mark.parametrize("nothing", [{}, {"ack": None}])
def test_without_a_number_the_word_counts(word, statuses, nothing):
    assert said({"message_id": "3EB0AA11", "status": word} | nothing) == (statuses, [])


@pytest.mark.parametrize(
    "body",
    [
        {"message_id": "A", "ack": 5},
        {"message_id": "A", "ack": -2},
        {"message_id": "A", "ack": True},
        {"message_id": "A", "ack": 2.0},
        {"message_id": "A", "ack": []},
        {"message_id": "A", "ack": "two"},
        {"message_id": "A", "status": "flying"},
        {"message_id": "A", "status": None},
        {"message_id": "A"},
        {"message_id": "", "ack": 2},
        {"message_id": None, "ack": 2},
        {"ack": 2},
        "A",
        None,
        7,
        [7],
    ],
)
def test_what_is_not_known_changes_nothing(body):
    statuses, faults = said(body)
    assert (statuses, len(faults)) == ([], 1)


def test_the_id_is_the_one_that_the_message_got():
    reading = RestHook().read({"message_id": "true_573000000001@c.us_3EB0AA11", "ack": 2, "timestamp": 1800000100})
    assert [(r.message_id, int(r.at.timestamp())) for r in reading.news] == [("3EB0AA11", 1800000100)]


def test_several_in_one_post():
    reading = RestHook().read(
        [{"message_id": "A", "ack": 1}, {"message_id": "B", "ack": 9}, {"message_id": "C", "ack": 3}]
    )
    assert reading.news == [Receipt("A", S.SENT), Receipt("C", S.READ)]
    assert reading.faults == ["KeyError"]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("words", ["right", "seed"])
def test_receipts_of_the_simulator_arrive_are_kept_and_are_read(live_server, simulator, words):
    """From a process of its own, over HTTP, in the words of the service that it stands in for."""
    sender = make_sender(base_url=simulator.url)
    address = f"{live_server.url}/hooks/whatsapp/{sender.pk}/{sender.hook_key}/"
    simulator.profile("steady", receipts_to=address, receipts_delay_ms=0, receipts_words=words)
    sent = RestGateway(Connection(simulator.url)).send(Message("+573000000001", "Hola"))
    wanted = 3 if words == "right" else 4  # the old service reports also what only waits
    until = time.monotonic() + 60
    while simulator.state()["receipts"]["posted"] < wanted and time.monotonic() < until:
        pass
    assert simulator.state()["receipts"] == {"waiting": 0, "posted": wanted, "refused": 0, "failed": 0, "dropped": 0}
    heard = []
    news_arrived.connect(lambda news, **_: heard.extend(news), weak=False, dispatch_uid="simulator")
    from django.utils import timezone

    assert read_posts(now=timezone.now(), limit=10) == wanted
    news_arrived.disconnect(dispatch_uid="simulator")
    assert {(r.message_id, r.status) for r in heard} == {(sent.message_id, s) for s in (S.SENT, S.DELIVERED, S.READ)}
    assert set(WebhookPost.objects.values_list("sender", "problem")) == {(sender.pk, "")}
