"""What the logs say of the posts of gateways: enough to find out why one is turned away, and nothing of what is in it."""

import logging

import pytest
from django.test import Client

from tests.whatsapp.hooks import SECRET, hook_url, make_telling, post, posting, signature
from whatsapp.webhooks import receiving
from whatsapp.webhooks.refusals import Complaints, Why

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("posting", "fixed_clock")]
__all__ = ["posting"]

PHONE = "573000000001"
TEXT = "Hola, soy Ñandú Prueba"
PRIVATE = f'{{"id": "3EB0AA11", "from": "{PHONE}@c.us", "text": "{TEXT}"}}'.encode()


@pytest.fixture(autouse=True)
def complaints(monkeypatch):
    """As new for each test: what was said of others does not silence it."""
    monkeypatch.setattr(receiving, "COMPLAINTS", Complaints())


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.DEBUG)

    def lines():
        """Of everybody, without the databases' own: those write nothing unless somebody programs."""
        return [r.getMessage() for r in caplog.records if not r.name.startswith("django.db")]

    lines.text = lambda: "\n".join([caplog.text, *(repr(record.__dict__) for record in caplog.records)])
    return lines


def refused(client, sender, key=""):
    url = hook_url(sender, key)
    return client.post(url, PRIVATE, content_type="application/json", REMOTE_ADDR="192.0.2.7").status_code


@pytest.mark.parametrize(
    ("fields", "key", "status", "why"),
    [
        ({"gateway": "signed", "webhook_secret": SECRET}, "", 403, "not genuine"),
        ({"gateway": "signed"}, "", 403, "no secret is stored for its reports"),
        ({"gateway": "mute"}, "", 404, "its gateway posts no reports"),
        ({}, "otra-clave", 404, "no such address"),
    ],
)
def test_a_refusal_is_one_line_that_says_who_why_and_from_where(client, logged, fields, key, status, why):
    sender = make_telling(**fields)
    assert refused(client, sender, key) == status
    assert logged() == [f"A report for number {sender.pk} from 192.0.2.7 was refused: {why}"]


def test_nothing_is_logged_of_what_is_let_in(client, logged):
    post(client, make_telling(), PRIVATE)
    assert logged() == []


def test_no_log_holds_what_was_posted_or_the_secrets(client, logged):
    """Also where nobody expected it: in the lines that Django writes about answers of its own."""
    sender = make_telling(gateway="signed", webhook_secret=SECRET)
    signed = signature(PRIVATE, "otra")
    post(client, sender, PRIVATE, **{"X-Signature": signed})
    post(client, sender, PRIVATE, **{"X-Signature": signature(PRIVATE)})
    client.put(hook_url(sender), PRIVATE)
    client.post(hook_url(sender) + "messages-update", PRIVATE, content_type="application/json")
    client.post(hook_url(sender), PRIVATE, content_type="application/json", HTTP_HOST="elsewhere.example.org")
    said = logged.text()
    assert [word for word in (sender.hook_key, SECRET, TEXT, PHONE, signed, "3EB0AA11") if word in said] == []
    assert "/hooks/whatsapp/" in said  # Django did write


def test_an_error_of_ours_is_logged_without_the_address(logged, monkeypatch):
    """The gateway tries again, as with every 500."""
    sender = make_telling()
    monkeypatch.setattr("whatsapp.webhooks.receiving.keep", lambda *args, **kwargs: 1 / 0)
    assert post(Client(raise_request_exception=False), sender, PRIVATE).status_code == 500
    said = logged.text()
    assert "Internal Server Error" in said
    assert [word for word in (sender.hook_key, TEXT, PHONE) if word in said] == []


def test_a_flood_is_a_few_lines(client, logged, monkeypatch):
    seconds = [0.0]
    monkeypatch.setattr(receiving, "COMPLAINTS", Complaints(clock=lambda: seconds[0]))
    sender = make_telling()
    for _ in range(30):
        refused(client, sender, "x")
    post(client, sender, b"<html>")
    assert [line.rpartition(": ")[2] for line in logged()] == ["no such address"] * 5 + ["no JSON"]
    seconds[0] = 60.0
    refused(client, sender, "x")
    assert logged()[-1].endswith("no such address (and 25 more like it before)")


@pytest.mark.parametrize(
    ("is_behind", "forwarded", "shown"),
    [
        (False, "203.0.113.9", "192.0.2.7"),
        (True, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (True, "", "192.0.2.7"),
        (True, "one\nline more", "somewhere"),
    ],
)
def test_the_address_of_the_client(client, logged, settings, is_behind, forwarded, shown):
    settings.BEHIND_PROXY = is_behind
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
    client.post(
        hook_url(make_telling(), "x"), b"{}", content_type="text/plain", headers=headers, REMOTE_ADDR="192.0.2.7"
    )
    assert [line.partition(" from ")[2].partition(" was ")[0] for line in logged()] == [shown]


def test_a_long_number_is_cut_in_the_log(client, logged):
    client.post(f"/hooks/whatsapp/{'9' * 400}/x/", b"{}", content_type="text/plain")
    assert [line.split()[4] for line in logged()] == ["9" * 19]


def test_every_reason_has_a_status_of_its_kind():
    assert {why.status for why in Why} == {400, 403, 404, 405, 413, 503}
