"""What becomes of stored posts: each is read once, together with others, and none holds up the rest."""

import json
import logging
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from tests.factories import NOW, make_sender
from tests.fakes import Clock
from tests.whatsapp.hooks import make_telling, posting
from whatsapp import tasks
from whatsapp.models import ChatIdentity, WebhookPost
from whatsapp.signals import news_arrived
from whatsapp.webhooks import inbox, reading
from whatsapp.webhooks.base import Receipt, ReceiptStatus
from whatsapp.webhooks.problems import problem_words
from whatsapp.webhooks.reading import read_all, read_posts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("posting", "fixed_clock")]
__all__ = ["posting"]


def stored(sender, *bodies, **fields):
    """Posts as they were kept, whatever is in them."""
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    first = WebhookPost.objects.count()
    return [
        WebhookPost.objects.create(sender=sender, received_at=NOW, body=text, digest=f"{first + number:064}", **fields)
        for number, text in enumerate(texts)
    ]


def of(sender):
    """The posts of a number: when read, how many news, which problem."""
    return list(sender.webhook_posts.order_by("pk").values_list("applied_at", "news", "problem"))


class Ear:
    """Remembers every announcement; `fail`: what to raise for an id."""

    def __init__(self):
        self.heard = []
        self.fails = {}
        self.in_transaction = []

    def __call__(self, sender, sender_id, news, now, **_signal):
        self.in_transaction.append(connection.in_atomic_block)
        for one in news:
            if one.message_id in self.fails:
                self.fails[one.message_id]()
        self.heard.append((sender_id, [one.message_id for one in news], now))


@pytest.fixture
def ear():
    listener = Ear()
    news_arrived.connect(listener)
    yield listener
    news_arrived.disconnect(listener)


# --- together ---------------------------------------------------------------------------------------------------------


def test_a_batch_is_announced_once_for_each_number(ear):
    one, other = make_telling(), make_telling()
    stored(one, {"id": "A"}, [{"id": "B"}, {"id": "C"}])
    stored(other, {"id": "D"})
    stored(one, {"id": "E"})
    assert read_posts(now=NOW, limit=10) == 4
    assert ear.heard == [(one.pk, ["A", "B", "C", "E"], NOW), (other.pk, ["D"], NOW)]
    assert (of(one), of(other)) == ([(NOW, 1, ""), (NOW, 2, ""), (NOW, 1, "")], [(NOW, 1, "")])


def test_the_announcement_is_part_of_the_transaction_that_marks_the_posts(ear):
    stored(make_telling(), {"id": "A"})
    read_posts(now=NOW, limit=10)
    assert ear.in_transaction == [True]


def test_the_oldest_are_read_first_and_no_more_than_asked_for(ear):
    sender = make_telling()
    stored(sender, *({"id": name} for name in "ABCDE"))
    assert [read_posts(now=NOW, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert [ids for _sender, ids, _now in ear.heard] == [["A", "B"], ["C", "D"], ["E"]]


def test_what_was_read_is_not_read_again(ear):
    stored(make_telling(), {"id": "A"}, applied_at=NOW)
    assert (read_posts(now=NOW, limit=10), ear.heard) == (0, [])


def test_a_post_without_news_is_read_too(ear):
    sender = make_telling()
    stored(sender, [])
    assert (read_posts(now=NOW, limit=10), ear.heard, of(sender)) == (1, [], [(NOW, 0, "")])


def test_a_hook_is_told_the_options_the_session_and_the_phone_of_the_number(ear):
    sender = make_telling(session_name="eventos", phone="+573000000099", options={"phone_number_id": "222"})
    stored(sender, [{"option": "session_name"}, {"option": "phone"}, {"option": "phone_number_id"}])
    read_posts(now=NOW, limit=10)
    assert ear.heard == [(sender.pk, ["eventos", "+573000000099", "222"], NOW)]


def test_what_is_announced_is_what_the_hook_says():
    heard = []
    news_arrived.connect(lambda news, **_: heard.extend(news), weak=False, dispatch_uid="whole")
    stored(make_telling(), {"id": "A"})
    read_posts(now=NOW, limit=10)
    news_arrived.disconnect(dispatch_uid="whole")
    assert heard == [Receipt("A", ReceiptStatus.DELIVERED)]


def test_nobody_has_to_listen():
    sender = make_telling()
    stored(sender, {"id": "A"})
    read_posts(now=NOW, limit=10)
    assert of(sender) == [(NOW, 1, "")]


# --- what is not understood -------------------------------------------------------------------------------------------


def test_a_part_that_nobody_understands_spoils_no_other(ear):
    sender = make_telling()
    stored(sender, [{"id": "A"}, 7, {"nothing": 1}, {"nothing": 2}, {"id": "B"}])
    read_posts(now=NOW, limit=10)
    assert ear.heard == [(sender.pk, ["A", "B"], NOW)]
    assert of(sender) == [(NOW, 2, "faults: 2 KeyError, 1 TypeError")]


def test_a_number_that_has_another_gateway_now_keeps_nobody_waiting(ear):
    sender = make_sender(gateway="mute")
    stored(sender, {"id": "A"})
    assert (read_posts(now=NOW, limit=10), of(sender)) == (1, [(NOW, 0, "no hook")])


@pytest.mark.parametrize("body", ["<html>", "[" * 50_000])
def test_a_body_that_cannot_be_read_any_more_is_put_aside(ear, body):
    """None is let in; but rows can come from elsewhere."""
    sender = make_telling()
    stored(sender, body, {"id": "A"})
    assert read_posts(now=NOW, limit=10) == 2
    (_when, news, problem), good = of(sender)
    assert (news, problem[:23], good) == (0, "failed: NotJson bodies.", (NOW, 1, ""))


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("no hook", "The gateway of this number posts nothing that is understood."),
        ("failed: KeyError waha.py:44", "It could not be used: KeyError waha.py:44"),
        ("faults: 2 KeyError", "Not all of it was understood: 2 KeyError"),
        ("something else", "something else"),
    ],
)
def test_problems_in_words(problem, words):
    assert problem_words(problem) == words


# --- what fails -------------------------------------------------------------------------------------------------------


def boom():
    raise RuntimeError("+57 300 000 0001 said hello")


def breaks_the_transaction():
    """On PostgreSQL nothing more is possible in it."""
    ChatIdentity.objects.create(chat_id="1@lid", phone="+1", learnt_at=NOW)
    ChatIdentity.objects.create(chat_id="1@lid", phone="+2", learnt_at=NOW)


@pytest.mark.parametrize("fail", [boom, breaks_the_transaction])
def test_one_that_always_fails_holds_up_nobody(ear, fail):
    sender, other = make_telling(), make_telling()
    stored(sender, {"id": "A"}, {"id": "BAD"}, {"id": "C"})
    stored(other, {"id": "D"})
    ear.fails["BAD"] = fail
    assert (read_posts(now=NOW, limit=10), read_posts(now=NOW, limit=10)) == (4, 0)
    assert [ids for _sender, ids, _now in ear.heard] == [["A"], ["C"], ["D"]]
    good, (when, news, problem), _good = of(sender)
    assert (good, when, news) == ((NOW, 1, ""), NOW, 0)
    assert problem.startswith(
        f"failed: {'RuntimeError' if fail is boom else 'IntegrityError'} test_webhooks_reading.py:"
    )
    assert not ChatIdentity.objects.exists()


@pytest.mark.parametrize("fail", [boom, breaks_the_transaction])
def test_a_part_that_always_fails_costs_no_other_part_of_its_post(ear, fail):
    sender = make_telling()
    stored(sender, [{"id": "A"}, {"id": "BAD"}, {"state": "failed"}, 7, {"state": "ready"}, {"id": "C"}])
    ear.fails["BAD"] = fail
    assert (read_posts(now=NOW, limit=10), read_posts(now=NOW, limit=10)) == (1, 0)
    assert [ids for _sender, ids, _now in ear.heard] == [["A"], ["C"]]
    sender.refresh_from_db()
    assert sender.state == "ready"
    [(when, news, problem)] = of(sender)
    error = "RuntimeError" if fail is boom else "IntegrityError"
    assert (when, news) == (NOW, 4)
    assert problem.startswith(f"faults: 1 {error} test_webhooks_reading.py:")
    assert problem.endswith(", 1 TypeError")
    assert not ChatIdentity.objects.exists()


def test_a_bug_of_a_hook_is_the_problem_of_its_post_alone(ear):
    sender = make_telling()
    stored(sender, {"id": "A"}, {"bug": "+573000000001"}, {"id": "C"})
    assert read_posts(now=NOW, limit=10) == 3
    assert [news for _when, news, _problem in of(sender)] == [1, 0, 1]
    assert of(sender)[1][2].startswith("failed: RuntimeError hooks.py:")


def test_what_a_listener_did_for_a_batch_that_failed_is_taken_back(ear):
    """Or the same would be done twice: for the batch, and for each post alone."""
    sender = make_telling()
    stored(sender, {"id": "A"}, {"id": "BAD"})
    ear.fails["A"] = lambda: ChatIdentity.objects.create(chat_id="A@lid", phone="+1", learnt_at=NOW)
    ear.fails["BAD"] = boom
    read_posts(now=NOW, limit=10)
    assert ChatIdentity.objects.count() == 1


def test_one_that_fails_now_and_then_is_tried_again(ear):
    """Two programs were in each other's way."""
    tries = []

    def deadlock():
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("deadlock detected")

    sender = make_telling()
    stored(sender, {"id": "A"})
    ear.fails["A"] = deadlock
    read_posts(now=NOW, limit=10)
    assert (of(sender), ear.heard) == ([(NOW, 1, "")], [(sender.pk, ["A"], NOW)])


def test_a_database_that_is_gone_leaves_everything_unread(ear, monkeypatch):
    def gone(*args, **kwargs):
        raise OperationalError("server closed the connection")

    sender = make_telling()
    stored(sender, {"id": "A"})
    monkeypatch.setattr(reading, "_unread", gone)
    with pytest.raises(OperationalError):
        read_posts(now=NOW, limit=10)
    assert of(sender) == [(None, 0, "")]


def test_no_log_and_no_problem_repeats_what_was_posted(ear, caplog):
    caplog.set_level(logging.DEBUG)
    sender = make_telling()
    stored(sender, {"id": "3EB0AA11", "text": "Hola Ñandú"}, {"bug": "+573000000001"})
    ear.fails["3EB0AA11"] = boom
    read_posts(now=NOW, limit=10)
    said = caplog.text + str(of(sender))
    assert "RuntimeError" in said
    assert [word for word in ("3EB0AA11", "Hola", "hello", "300") if word in said] == []


def test_a_long_problem_is_cut(ear, monkeypatch):
    monkeypatch.setattr(reading, "_where", lambda error: "x" * 500)
    sender = make_telling()
    stored(sender, {"bug": 1})
    read_posts(now=NOW, limit=10)
    assert of(sender) == [(NOW, 0, "failed: " + "x" * 192)]


# --- until nothing is left ---------------------------------------------------------------------------------------------


def test_reading_goes_on_until_nothing_is_left(ear):
    stored(make_telling(), *({"id": str(number)} for number in range(7)))
    assert read_all(budget=timedelta(seconds=20), clock=Clock(), limit=3) == (7, True)


def test_reading_ends_with_its_time(ear):
    clock = Clock()
    stored(make_telling(), *({"id": str(number)} for number in range(7)))
    news_arrived.connect(lambda **_: clock.tick(8), weak=False, dispatch_uid="slow")
    assert read_all(budget=timedelta(seconds=20), clock=clock, limit=1) == (3, False)
    news_arrived.disconnect(dispatch_uid="slow")


@pytest.mark.parametrize(("budget", "asked"), [(20, []), (0, ["whatsapp.tasks.read_webhooks"])])
def test_a_task_without_time_asks_for_another_one(monkeypatch, budget, asked):
    handed_over = []
    monkeypatch.setattr(inbox, "async_task", handed_over.append)
    monkeypatch.setattr(tasks, "BUDGET", timedelta(seconds=budget))
    monkeypatch.setattr(tasks, "sleep", lambda seconds: None)
    stored(make_telling(), {"id": "A"})
    assert tasks.read_webhooks() == f"{1 if budget else 0} reports"
    assert handed_over == asked


def test_what_comes_once_somebody_has_begun_is_the_next_turn(monkeypatch):
    """Kept while the first one reads: else nobody would come to it before the tick."""
    handed_over = []
    monkeypatch.setattr(inbox, "async_task", handed_over.append)
    monkeypatch.setattr(tasks, "sleep", lambda seconds: None)
    sender = make_telling()
    inbox.ask_to_read(now=NOW)

    def one_more(**_signal):
        if len(handed_over) == 1:
            stored(sender, {"id": "B"})
            inbox.ask_to_read(now=NOW)

    stored(sender, {"id": "A"})
    news_arrived.connect(one_more)
    assert tasks.read_webhooks() == "1 reports"
    news_arrived.disconnect(one_more)
    assert len(handed_over) == 2
    assert tasks.read_webhooks() == "1 reports"


def test_a_task_reads_what_comes_while_it_gathers(monkeypatch, ear):
    sender = make_telling()
    stored(sender, {"id": "A"})
    monkeypatch.setattr(tasks, "sleep", lambda seconds: stored(sender, {"id": "B"}))
    assert tasks.read_webhooks() == "2 reports"
    assert [ids for _number, ids, _now in ear.heard] == [["A", "B"]]


def test_the_tick_reads_what_nobody_was_asked_to_read(ear):
    from campaigns.tasks import tick

    sender = make_telling()
    stored(sender, {"id": "A"})
    tick()
    assert ear.heard == [(sender.pk, ["A"], NOW)]


# --- two at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_readers_read_everything_once():
    """On PostgreSQL they share the work; on SQLite one waits for the other."""
    heard, start = [], threading.Barrier(2)
    news_arrived.connect(
        lambda news, **_: heard.extend(one.message_id for one in news), weak=False, dispatch_uid="two readers"
    )
    names = [f"ID{number:03}" for number in range(60)]
    stored(make_telling(), *({"id": name} for name in names))
    counts = []

    def work():
        start.wait(timeout=20)
        while count := read_posts(now=NOW, limit=5):
            counts.append(count)
        connection.close()

    readers = [threading.Thread(target=work) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(timeout=60)
    news_arrived.disconnect(dispatch_uid="two readers")
    assert (sorted(heard), sum(counts)) == (names, 60)
    assert not WebhookPost.objects.filter(applied_at=None).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="with SQLite there is one writer at a time")
def test_what_one_reader_holds_the_other_leaves_alone(ear):
    sender = make_telling()
    held, _free = stored(sender, {"id": "A"}, {"id": "B"})
    done = []

    def second():
        done.append(read_posts(now=NOW, limit=10))
        connection.close()

    with transaction.atomic():
        list(WebhookPost.objects.select_for_update().filter(pk=held.pk))
        reader = threading.Thread(target=second)
        reader.start()
        reader.join(timeout=20)
        assert (done, [ids for _sender, ids, _now in ear.heard]) == ([1], [["B"]])
    assert of(sender) == [(None, 0, ""), (NOW, 1, "")]
