"""What containers, load balancers and monitors ask."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from campaigns.models import Dispatcher
from scripts import health
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_the_pages_say_that_they_work(client):
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (200, {"database": True})
    assert "no-store" in answer["Cache-Control"]


def test_and_when_their_database_does_not(client, monkeypatch):
    def gone(*args, **options):
        raise DatabaseError("no route to 10.0.0.7")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = client.get("/health/")
    assert (answer.status_code, answer.content) == (503, b'{"database": false}')


def test_it_is_answered_without_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/").status_code == 200
    assert client.get("/admin/login/").status_code == 301


def test_nobody_changes_anything_there(client):
    assert client.post("/health/").status_code == 405


@pytest.mark.parametrize(("seconds", "is_alive"), [(0, True), (100, True), (200, False)])
def test_a_worker_is_alive_while_it_gives_signs_of_it(capsys, seconds, is_alive, time_machine):
    time_machine.move_to(NOW, tick=False)
    Dispatcher.objects.update(heartbeat_at=NOW - timedelta(seconds=seconds))
    if is_alive:
        call_command("heartbeat")
        assert str(seconds) in capsys.readouterr().out
    else:
        with pytest.raises(CommandError, match=str(seconds)):
            call_command("heartbeat")


def test_before_the_first_worker_there_is_none():
    Dispatcher.objects.update(heartbeat_at=None)
    with pytest.raises(CommandError):
        call_command("heartbeat")


@pytest.mark.django_db(transaction=True)
def test_the_check_of_the_container_asks_the_pages(live_server, monkeypatch):
    monkeypatch.setenv("PORT", live_server.url.rpartition(":")[2])
    for named in ("testserver,localhost", ".localhost", "*", ""):
        monkeypatch.setenv("ALLOWED_HOSTS", named)
        assert health.main() == 0
    monkeypatch.setenv("ALLOWED_HOSTS", "somebody-else.example.org")
    assert health.main() == 1


def test_and_fails_where_nobody_answers(monkeypatch):
    monkeypatch.setenv("PORT", "9")
    assert health.main() == 1
