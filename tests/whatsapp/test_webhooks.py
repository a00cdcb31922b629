"""What is let in of the posts of gateways, what is turned away, and that nobody learns anything from either."""

import io
import json
import socket
import threading
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http.request import UnreadablePostError
from django.test import Client
from django.urls import reverse

from tests.factories import NOW, make_sender
from tests.whatsapp.hooks import SECRET, TellingHook, hook_url, make_telling, post, posting, signature
from whatsapp.models import ReadingTurn, Sender, WebhookPost
from whatsapp.webhooks import inbox, receiving
from whatsapp.webhooks.refusals import Complaints

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("posting", "fixed_clock")]
__all__ = ["posting"]
MOST_BYTES = 64 * 1024


@pytest.fixture(autouse=True)
def complaints(monkeypatch):
    """As new for each test: what was said of others does not silence it."""
    monkeypatch.setattr(receiving, "COMPLAINTS", Complaints())


def stored():
    return list(WebhookPost.objects.order_by("pk").values_list("sender_id", "body"))


# --- let in -----------------------------------------------------------------------------------------------------------


def test_a_post_is_kept_as_it_came(client):
    sender = make_telling()
    answer = post(client, sender, b'{"id": "3EB0AA11"}')
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"OK", "text/plain; charset=utf-8")
    kept = WebhookPost.objects.get()
    assert (kept.sender, kept.received_at, kept.body) == (sender, NOW, '{"id": "3EB0AA11"}')
    assert (kept.applied_at, kept.news, kept.problem) == (None, 0, "")
    assert kept.digest == sha256(b'{"id": "3EB0AA11"}').hexdigest()


def test_the_same_bytes_again_are_the_same_post(client):
    sender, other = make_telling(), make_telling()
    assert [post(client, number, {"id": "A"}).status_code for number in (sender, sender, other)] == [200, 200, 200]
    assert stored() == [(sender.pk, '{"id": "A"}'), (other.pk, '{"id": "A"}')]


def test_the_same_bytes_are_the_same_post_also_when_they_were_read(client):
    sender = make_telling()
    post(client, sender, {"id": "A"})
    WebhookPost.objects.update(applied_at=NOW)
    post(client, sender, {"id": "A"})
    assert WebhookPost.objects.get().applied_at == NOW


def test_of_two_at_the_same_moment_one_is_kept(client, monkeypatch):
    """Both had seen that there was none: the database decides, and says so without an error."""
    sender = make_telling()
    post(client, sender, {"id": "A"})
    monkeypatch.setattr(inbox, "_known", lambda posts: set())
    assert post(client, sender, {"id": "A"}).status_code == 200
    assert WebhookPost.objects.count() == 1


def test_a_number_that_is_switched_off_still_hears(client):
    assert post(client, make_telling(is_enabled=False), {"id": "A"}).status_code == 200
    assert WebhookPost.objects.count() == 1


def test_the_address_counts_without_its_last_line_too(client):
    sender = make_telling()
    answer = client.post(hook_url(sender).rstrip("/"), b"{}", content_type="application/json")
    assert (answer.status_code, WebhookPost.objects.count()) == (200, 1)


def test_no_token_of_a_page_is_asked_for():
    assert post(Client(enforce_csrf_checks=True), make_telling(), {"id": "A"}).status_code == 200


def test_nobody_is_asked_who_they_are(client):
    answer = post(client, make_telling(), {"id": "A"})
    assert (dict(answer.cookies), answer["Cache-Control"]) == ({}, "no-store")


def test_a_post_costs_few_questions(client, django_assert_max_num_queries):
    sender = make_telling()
    with django_assert_max_num_queries(9):  # two of them are the savepoint, which is no transaction here
        post(client, sender, {"id": "A"})


def test_plain_http_is_no_redirect(client, settings):
    """A gateway on the same computer posts to it, and would not come back."""
    settings.SECURE_SSL_REDIRECT = True
    assert post(client, make_telling(), {"id": "A"}).status_code == 200
    assert client.get("/admin/").status_code == 301


# --- the last report --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "noted"), [(None, 0), (1, -1), (4, -4), (5, 0), (600, 0)])
def test_the_last_report_is_noted_every_few_seconds(client, seconds, noted):
    """`noted`: what the row says afterwards, in seconds from now."""
    sender = make_telling(last_post_at=None if seconds is None else NOW - timedelta(seconds=seconds))
    post(client, sender, {"id": "A"})
    sender.refresh_from_db()
    assert sender.last_post_at == NOW + timedelta(seconds=noted)


def test_a_report_that_came_before_is_a_sign_of_life_too(client):
    sender = make_telling()
    post(client, sender, {"id": "A"})
    Sender.objects.update(last_post_at=NOW - timedelta(hours=1))
    post(client, sender, {"id": "A"})
    sender.refresh_from_db()
    assert sender.last_post_at == NOW


# --- the address ------------------------------------------------------------------------------------------------------


def test_a_wrong_secret_and_a_number_that_does_not_exist_get_the_same_answer(client):
    sender = make_telling()
    answers = [
        client.post(reverse("whatsapp:hook", args=[pk, key]), b"{}", content_type="application/json")
        for pk, key in [(sender.pk, "x" * 32), (sender.pk, sender.hook_key[:-1]), (sender.pk + 1, sender.hook_key)]
    ]
    assert {(a.status_code, a.content, tuple(sorted(a.headers.items()))) for a in answers} == {
        (404, b"Not Found", tuple(sorted(answers[0].headers.items())))
    }
    assert stored() == []


@pytest.mark.parametrize("pk", [0, 1, 10**30])
def test_a_number_that_does_not_exist_costs_the_same_work(client, monkeypatch, django_assert_num_queries, pk):
    """As much to decrypt and to ask for as one that is there."""
    sender = make_telling()
    receiving._decoy()
    decrypted = []
    for place in ("whatsapp.fields.decrypt", "whatsapp.webhooks.receiving.decrypt"):
        monkeypatch.setattr(place, lambda stored, real=receiving.decrypt: decrypted.append(1) or real(stored))
    for number in (sender.pk, sender.pk + pk):
        decrypted.clear()
        url = reverse("whatsapp:hook", args=[number, "x" * 32])
        with django_assert_num_queries(0 if number > 10**20 else 1):
            assert client.post(url, b"{}", content_type="application/json").status_code == 404
        assert decrypted == [1]


def test_an_address_that_cannot_be_decrypted_opens_for_nobody(client, settings):
    sender = make_telling()
    url = hook_url(sender)
    settings.ENCRYPTION_KEYS = ["another"]
    assert client.post(url, b"{}", content_type="application/json").status_code == 404


def test_nothing_fits_a_number_without_an_address(settings):
    """Neither nothing at all nor what an unknown number is compared with."""
    sender = make_telling()
    decoy = receiving.decrypt(receiving._decoy())
    assert (receiving._is_address(sender.pk, sender.hook_key), receiving._is_address(sender.pk + 1, decoy)) == (
        True,
        False,
    )
    settings.ENCRYPTION_KEYS = ["another"]
    assert receiving._is_address(sender.pk, "") is False


@pytest.mark.parametrize("key", ["%00", "%ED%A0%80", "ñ", "%F0%9F%A6%9C", "enc:x"])
def test_strange_letters_in_an_address_are_a_wrong_address(client, key):
    answer = client.post(f"/hooks/whatsapp/{make_telling().pk}/{key}/", b"{}", content_type="application/json")
    assert answer.status_code == 404


def test_a_gateway_that_posts_nothing_is_no_address(client):
    sender = make_sender(gateway="mute")
    assert post(client, sender, {"id": "A"}).status_code == 404
    assert post(client, make_sender(gateway="gone"), {"id": "A"}).status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete", "head", "options", "trace"])
def test_other_methods_are_not_taken(client, method):
    answer = getattr(client, method)(hook_url(make_telling()))
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST")


# --- genuine ----------------------------------------------------------------------------------------------------------

BODY = b'{"id":  "3EB0AA11", "name": "\xc3\x91and\xc3\xba"}'


def test_a_signed_post_is_let_in(client):
    sender = make_telling(gateway="signed", webhook_secret=SECRET)
    assert post(client, sender, BODY, **{"X-Signature": signature(BODY)}).status_code == 200
    assert stored() == [(sender.pk, BODY.decode())]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Signature": ""},
        {"X-Signature": signature(BODY + b" ")},
        {"X-Signature": signature(BODY, "otra")},
        {"X-Signature": "ñ" * 64},
    ],
)
def test_a_post_that_is_not_signed_as_it_should_changes_nothing(client, headers):
    sender = make_telling(gateway="signed", webhook_secret=SECRET)
    assert post(client, sender, BODY, **headers).status_code == 403
    sender.refresh_from_db()
    assert (stored(), sender.last_post_at) == ([], None)


@pytest.mark.parametrize("gateway", ["signed", "headed"])
def test_without_a_stored_secret_nothing_is_let_in(client, gateway):
    """Not even what is signed with nothing."""
    sender = make_telling(gateway=gateway)
    headers = {"X-Signature": signature(BODY, "")} if gateway == "signed" else {"X-Secret": ""}
    assert post(client, sender, BODY, **headers).status_code == 403
    assert stored() == []


@pytest.mark.parametrize(("given", "status"), [(SECRET, 200), ("otra", 403), ("", 403), (None, 403)])
def test_a_secret_in_a_header(client, given, status):
    sender = make_telling(gateway="headed", webhook_secret=SECRET)
    headers = {} if given is None else {"X-Secret": given}
    assert post(client, sender, BODY, **headers).status_code == status


def test_a_signature_of_a_gateway_that_signs_nothing_is_not_asked_for(client):
    assert post(client, make_telling(webhook_secret=SECRET), BODY).status_code == 200


def test_the_secret_of_the_address_is_asked_for_of_signed_posts_too(client):
    sender = make_telling(gateway="signed", webhook_secret=SECRET)
    url = hook_url(sender, "x" * 32)
    headers = {"X-Signature": signature(BODY)}
    assert client.post(url, BODY, content_type="application/json", headers=headers).status_code == 404


# --- the question of a provider ---------------------------------------------------------------------------------------


def test_a_question_is_answered_as_text(client):
    sender = make_telling(gateway="signed", webhook_secret=SECRET)
    answer = client.get(hook_url(sender), {"token": SECRET, "answer": "<b>1158201444</b>"})
    assert (answer.status_code, answer.content) == (200, b"<b>1158201444</b>")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("text/plain; charset=utf-8", "nosniff")


@pytest.mark.parametrize(
    ("secret", "query"),
    [(SECRET, {"token": "otra", "answer": "1"}), (SECRET, {}), ("", {"token": "", "answer": "1"})],
)
def test_a_question_of_somebody_else_is_not(client, secret, query):
    sender = make_telling(gateway="signed", webhook_secret=secret)
    answer = client.get(hook_url(sender), query)
    assert (answer.status_code, answer.content) == (403, b"Forbidden")


def test_a_question_to_a_wrong_address_learns_nothing(client):
    sender = make_telling(gateway="signed", webhook_secret=SECRET)
    answer = client.get(hook_url(sender, "x" * 32), {"token": SECRET, "answer": "1"})
    assert answer.status_code == 404


# --- bodies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>hola</body></html>",
        b'{"id": "3EB0AA11"',
        b"message_id=3EB0AA11&ack=2",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"9" * 60_000,
        '{"id": "A"}'.encode("utf-16"),
        b"\0",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_json_is_told_so_in_two_words(client, body):
    answer = post(client, make_telling(), body)
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (
        400,
        b"Bad Request",
        "text/plain; charset=utf-8",
    )
    assert stored() == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"id": "A\0B"}', {"id": "A\0B"}),
        (b'{"id": "A\\u0000B"}', {"id": "A\0B"}),
        (b'{"id": "A\\\\\0B"}', {"id": "A\\\0B"}),
        (b'{"id": "A\nB\x01"}', {"id": "A\nB\x01"}),
        (b'{"id": "caf\xe9 \xff"}', {"id": "caf\ufffd \ufffd"}),
        (b'{"id": "\xed\xa0\x80"}', {"id": "\ufffd\ufffd\ufffd"}),
        (b'{"id": "\\ud800"}', {"id": "\ud800"}),
        (b'\xef\xbb\xbf{"id": "A"}', {"id": "A"}),
        (b'"A"', "A"),
        (b"null", None),
    ],
)
def test_a_post_with_strange_letters_is_not_lost(client, body, says):
    """Nothing is stored that a database could refuse, and what is read afterwards says the same."""
    assert post(client, make_telling(), body).status_code == 200
    kept = WebhookPost.objects.get()
    assert ("\0" in kept.body, json.loads(kept.body, strict=False)) == (False, says)


def test_the_longest_body_is_let_in(client):
    body = b'"' + b"x" * (MOST_BYTES - 2) + b'"'
    assert post(client, make_telling(), body).status_code == 200
    assert len(WebhookPost.objects.get().body) == MOST_BYTES


def test_a_longer_one_is_turned_away(client):
    body = b'"' + b"x" * (MOST_BYTES - 1) + b'"'
    answer = post(client, make_telling(), body)
    assert (answer.status_code, stored()) == (413, [])


class Stream(io.BytesIO):
    """What somebody sends, and how much of it was read."""

    taken = 0
    is_broken = False

    def read(self, size=-1, /):
        if self.is_broken:
            raise UnreadablePostError("connection reset by peer 573000000001")
        found = super().read(size)
        self.taken += len(found)
        return found


def sent(sender, stream, length):
    """The status, for a stream of which the header says something else."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": hook_url(sender),
        "CONTENT_TYPE": "application/json",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "192.0.2.7",
        "wsgi.input": stream,
        "wsgi.url_scheme": "http",
    }
    request = WSGIRequest(environ | ({} if length is None else {"CONTENT_LENGTH": length}))
    return receiving.receive(request, sender.pk, sender.hook_key).status_code


@pytest.mark.parametrize("length", [str(MOST_BYTES + 1), "9" * 30, "9" * 5000])
def test_of_what_is_said_to_be_too_long_nothing_is_read(length):
    stream = Stream(b'{"id": "A"}')
    assert (sent(make_telling(), stream, length), stream.taken) == (413, 0)


def test_no_more_is_read_than_what_was_said():
    stream = Stream(b'{"id": "A"}' + b" " * 10 * MOST_BYTES)
    assert (sent(make_telling(), stream, "11"), stream.taken) == (200, 11)


@pytest.mark.parametrize("length", [None, "", "0", "-5", "many", "²"])
def test_nothing_is_read_without_a_length(length):
    stream = Stream(b'{"id": "A"}')
    assert (sent(make_telling(), stream, length), stream.taken) == (400, 0)


def test_of_somebody_without_the_address_nothing_is_read():
    sender, stream = make_telling(), Stream(b'{"id": "A"}')
    sender.hook_key = "x" * 32
    assert (sent(sender, stream, "11"), stream.taken) == (404, 0)


def test_a_post_that_is_cut_off_is_not_kept():
    """Also where what came happens to be whole."""
    assert sent(make_telling(), Stream(b'{"id": "A"}'), "500") == 400
    assert stored() == []


def test_a_connection_that_breaks_is_not_kept():
    stream = Stream(b'{"id": "A"}')
    stream.is_broken = True
    assert (sent(make_telling(), stream, "11"), stored()) == (400, [])


# --- too much of it ---------------------------------------------------------------------------------------------------


def test_more_than_can_be_read_has_to_wait(client, monkeypatch):
    monkeypatch.setattr(inbox, "MOST_UNREAD", 2)
    sender, other = make_telling(), make_telling()
    statuses = [post(client, sender, {"id": name}).status_code for name in "AABC"]
    assert (statuses, post(client, other, {"id": "A"}).status_code) == ([200, 200, 200, 503], 200)
    assert post(client, sender, {"id": "C"})["Retry-After"] == "60"
    assert post(client, sender, {"id": "B"}).status_code == 200  # is kept already
    WebhookPost.objects.filter(body='{"id": "A"}').update(applied_at=NOW)
    assert post(client, sender, {"id": "C"}).status_code == 200


# --- somebody is asked to read ----------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch):
    tasks = []
    monkeypatch.setattr(inbox, "async_task", tasks.append)
    return tasks


def test_reading_is_asked_for_once_until_somebody_begins_to_read(client, asked, django_capture_on_commit_callbacks):
    sender, other = make_telling(), make_telling()
    with django_capture_on_commit_callbacks(execute=True):
        post(client, sender, {"id": "A"})
    assert asked == ["whatsapp.tasks.read_webhooks"]
    with django_capture_on_commit_callbacks(execute=True):
        post(client, sender, {"id": "A"})
        post(client, sender, {"id": "B"})
        post(client, other, {"id": "B"})
    assert len(asked) == 1
    inbox.begin_to_read()
    with django_capture_on_commit_callbacks(execute=True):
        post(client, other, {"id": "C"})
        post(client, other, {"id": "D"})
    assert len(asked) == 2


def test_whoever_was_asked_and_never_began_is_given_up(asked):
    inbox.ask_to_read(now=NOW)
    inbox.ask_to_read(now=NOW + inbox.LONGEST_WAIT - timedelta(seconds=1))
    assert len(asked) == 1
    inbox.ask_to_read(now=NOW + inbox.LONGEST_WAIT)
    assert len(asked) == 2


def test_of_two_who_see_at_once_that_nobody_was_asked_one_asks(asked, monkeypatch):
    turn = inbox._turn

    class Hasty:
        """The other one was asked between the look and the update."""

        def filter(self, *rules, **values):
            found = turn().filter(*rules, **values)
            if "asked_at__gt" in values:
                assert not found.exists()
                ReadingTurn.objects.update_or_create(pk=1, defaults={"asked_at": NOW})
                return ReadingTurn.objects.none()
            return found

    monkeypatch.setattr(inbox, "_turn", Hasty)
    inbox.ask_to_read(now=NOW)
    assert asked == []


def test_a_broker_that_is_down_loses_no_post(client, monkeypatch, django_capture_on_commit_callbacks, caplog):
    def fail(task):
        raise ConnectionError("redis://:clave@localhost is not there")

    monkeypatch.setattr(inbox, "async_task", fail)
    with django_capture_on_commit_callbacks(execute=True):
        assert post(client, make_telling(), {"id": "A"}).status_code == 200
    assert (WebhookPost.objects.count(), "ConnectionError" in caplog.text) == (1, True)
    assert "clave" not in caplog.text


# --- at the same time -------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_at_once_over_real_connections_are_each_kept_once(live_server):
    """Bytes as they go over a wire, the same ones from several at the same moment."""
    sender = make_telling()
    host, port = live_server.url.removeprefix("http://").split(":")
    statuses = []

    def send(number):
        body = json.dumps({"id": f"ID{number % 4}"}).encode()
        head = f"POST {hook_url(sender)} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        with socket.create_connection((host, int(port)), timeout=20) as wire:
            wire.sendall(head.encode() + body)
            statuses.append(wire.makefile("rb").readline().split()[1])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert statuses == [b"200"] * 12
    assert sorted(body for _sender, body in stored()) == [f'{{"id": "ID{number}"}}' for number in range(4)]
    connection.close()


# --- gateways that differ -------------------------------------------------------------------------------------------


def test_a_gateway_that_batches_may_post_more(client, monkeypatch):
    monkeypatch.setattr(TellingHook, "most_bytes", 2 * MOST_BYTES)
    body = b'"' + b"x" * MOST_BYTES + b'"'
    assert post(client, make_telling(), body).status_code == 200
    assert post(client, make_telling(), b'"' + b"x" * 2 * MOST_BYTES + b'"').status_code == 413


def test_nobody_may_post_more_than_the_largest_of_all(monkeypatch):
    monkeypatch.setattr(TellingHook, "most_bytes", 10 * receiving.LARGEST)
    stream = Stream(b"{}")
    assert (sent(make_telling(), stream, str(receiving.LARGEST + 1)), stream.taken) == (413, 0)


@pytest.mark.parametrize(("is_marked", "seconds", "posts"), [(False, 0, 1), (False, 61, 2), (True, 61, 1)])
def test_a_gateway_that_numbers_nothing_may_say_the_same_again_later(is_marked, seconds, posts):
    """“Logged out” comes in the same bytes every time."""
    sender, body = make_telling(), b'{"state": "logged_out"}'
    for now in (NOW, NOW + timedelta(seconds=seconds)):
        inbox.keep(sender, body, body.decode(), now=now, is_marked=is_marked)
    assert WebhookPost.objects.count() == posts


def test_the_door_asks_the_hook_whether_posts_are_marked(client, monkeypatch):
    asked = []
    monkeypatch.setattr(receiving, "keep", lambda *args, is_marked, **options: asked.append(is_marked) or True)
    post(client, make_telling(), b'{"id": "A"}')
    monkeypatch.setattr(TellingHook, "marks_each_post", False)
    post(client, make_telling(), b'{"id": "A"}')
    assert asked == [True, False]
