"""What gateways post, and what strangers do: bug reports BR-127 to BR-129, from the address to what is announced."""

import hmac
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from campaigns import early
from campaigns.heard import Heard
from campaigns.models import Delivery
from tests.factories import NOW, make_delivery, make_sender
from tests.whatsapp.hooks import SECRET, Told, make_telling, post, posting, signature
from whatsapp import registry
from whatsapp.models import EarlyReceipt, Sender, WebhookPost
from whatsapp.signals import news_arrived
from whatsapp.webhooks import inbox
from whatsapp.webhooks.base import ReceiptStatus
from whatsapp.webhooks.reading import read_posts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("posting", "fixed_clock")]
__all__ = ["posting"]

POSTS = Path(__file__).parent.parent / "data" / "webhooks"
REPORTS = sorted(path.name for path in POSTS.glob("*.json"))


def recorded(name):
    return (POSTS / name).read_bytes()


@pytest.fixture
def sender():
    """Its gateway signs, and posts what the recorded cases look like."""
    return make_telling(gateway="told", webhook_secret=SECRET, session_name="eventos", state="ready")


@pytest.fixture
def heard(monkeypatch):
    monkeypatch.setitem(registry.gateways(), "told", Told)
    said = []

    def listen(news, **_signal):
        said.extend((one.message_id, one.status.value) for one in news)

    news_arrived.connect(listen)
    yield said
    news_arrived.disconnect(listen)


def signed(client, sender, body):
    return post(client, sender, body, **{"X-Signature": signature(body)})


def everything():
    """Whatever a post could have changed."""
    rows = (Delivery, EarlyReceipt, WebhookPost, Sender)
    return [list(model.objects.order_by("pk").values()) for model in rows]


# --- BR-127: ids that nobody knows --------------------------------------------------------------------------------------


def test_br_127_a_report_on_a_message_typed_on_the_phone_is_taken_and_changes_no_delivery(client, sender, heard):
    ours = make_delivery(status="sent", sent_at=NOW, sender=sender, gateway_message_id="AAAA000000000000001")
    before = Delivery.objects.filter(pk=ours.pk).values().get()
    answer = signed(client, sender, recorded("05_id_desconocido.json"))
    assert (answer.status_code, answer.content) == (200, b"OK")
    assert read_posts(now=NOW, limit=10) == 1
    assert heard == [("ZZZZ000000000000999", "delivered")]
    assert Delivery.objects.filter(pk=ours.pk).values().get() == before
    assert list(WebhookPost.objects.values_list("problem", flat=True)) == [""]


def test_br_127_what_is_stored_of_them_is_bounded(client, sender, heard, monkeypatch):
    monkeypatch.setattr(inbox, "MOST_UNREAD", 3)
    one = json.loads(recorded("05_id_desconocido.json"))
    bodies = [json.dumps(one | {"id": f"evt_{number}"}).encode() for number in range(9)]
    statuses = [signed(client, sender, body).status_code for body in bodies]
    assert (statuses, WebhookPost.objects.count()) == ([200] * 3 + [503] * 6, 3)


def test_br_127_of_receipts_that_nobody_asks_for_the_newest_are_kept_for_a_day(sender, monkeypatch):
    monkeypatch.setattr(early, "MOST_OF_A_NUMBER", 3)
    for number in range(9):
        early.keep(sender.pk, [Heard(f"ID{number}", ReceiptStatus.SENT, NOW)], now=NOW)
    assert set(EarlyReceipt.objects.values_list("message_id", flat=True)) == {"ID6", "ID7", "ID8"}
    early.forget_old(now=NOW + timedelta(days=1, seconds=1))
    assert not EarlyReceipt.objects.exists()


# --- BR-128: one bad item --------------------------------------------------------------------------------------------------


def test_br_128_what_is_no_json_is_turned_away_without_a_trace(sender, heard):
    body = recorded("10_no_es_json.txt")
    before = everything()
    answer = signed(Client(raise_request_exception=False), sender, body)
    assert (answer.status_code, answer["Content-Type"], answer.content) == (
        400,
        "text/plain; charset=utf-8",
        b"Bad Request",
    )
    assert everything() == before


def test_br_128_the_good_items_of_a_post_count_whatever_stands_beside_them(client, sender, heard):
    batch = json.loads(recorded("08_lote_de_ids.json"))
    batch["payload"]["_data"]["MessageIDs"].insert(1, {"broken": True})
    assert signed(client, sender, json.dumps(batch).encode()).status_code == 200
    read_posts(now=NOW, limit=10)
    assert heard == [("AAAA000000000000001", "read"), ("BBBB000000000000002", "read")]


def test_br_128_a_post_that_breaks_our_own_code_holds_up_no_other(client, sender, heard):
    def fail(news, **_signal):
        if any(one.message_id.startswith("ZZZZ") for one in news):
            raise LookupError("one look-up fails")

    news_arrived.connect(fail)
    for name in ("01_servidor.json", "05_id_desconocido.json", "02_leido_antes.json"):
        signed(client, sender, recorded(name))
    read_posts(now=NOW, limit=10)
    news_arrived.disconnect(fail)
    assert {("AAAA000000000000001", "sent"), ("AAAA000000000000001", "read")} <= set(heard)
    problems = list(WebhookPost.objects.order_by("pk").values_list("problem", flat=True))
    assert [problem.partition(":")[0] for problem in problems] == ["", "failed", ""]


def test_br_128_the_answer_waits_for_nobody_who_reads(client, sender, heard, monkeypatch):
    monkeypatch.setattr("whatsapp.webhooks.base.Hook.read", lambda *args: pytest.fail("was read while it was posted"))
    assert signed(client, sender, recorded("01_servidor.json")).status_code == 200


# --- BR-129: forged ones ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPORTS)
def test_br_129_what_is_signed_with_the_right_secret_is_taken(client, sender, heard, name):
    assert signed(client, sender, recorded(name)).status_code == 200
    assert WebhookPost.objects.get().body == recorded(name).decode()


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize(
    "headers",
    [
        lambda body: {},
        lambda body: {"X-Signature": signature(body + b"\n")},
        lambda body: {"X-Signature": signature(body, "otra clave")},
    ],
    ids=["unsigned", "of another body", "with a wrong secret"],
)
def test_br_129_a_forged_post_changes_nothing(client, sender, heard, name, headers):
    before, body = everything(), recorded(name)
    assert post(client, sender, body, **headers(body)).status_code == 403
    assert (everything(), read_posts(now=NOW, limit=10), heard) == (before, 0, [])


@pytest.mark.parametrize("name", REPORTS)
def test_br_129_without_a_secret_of_ours_even_a_signed_post_is_turned_away(client, sender, heard, name):
    Sender.objects.update(webhook_secret="")
    before, body = everything(), recorded(name)
    answers = [post(client, sender, body, **{"X-Signature": signature(body, key)}) for key in (SECRET, "")]
    assert ([answer.status_code for answer in answers], everything()) == ([403, 403], before)


@pytest.mark.parametrize("name", REPORTS)
def test_br_129_waha_signs_and_nobody_else_does(client, heard, name):
    """With its own hook and the signature that it really sends."""
    sender, body = make_sender(gateway="waha", webhook_secret=SECRET), recorded(name)
    keys = (SECRET, "otra clave")
    right, wrong = (hmac.new(key.encode(), body, "sha512").hexdigest() for key in keys)
    other = hmac.new(SECRET.encode(), body + b" ", "sha512").hexdigest()
    before = everything()
    forged = [
        post(client, sender, body, **headers) for headers in ({}, *({"X-Webhook-Hmac": h} for h in (wrong, other)))
    ]
    assert ([answer.status_code for answer in forged], everything()) == ([403] * 3, before)
    assert post(client, sender, body, **{"X-Webhook-Hmac": right}).status_code == 200
    read_posts(now=NOW, limit=10)
    assert WebhookPost.objects.values_list("problem", flat=True).get() == ""


def test_br_129_the_order_of_the_letters_is_signed_and_not_what_they_mean(client, sender, heard):
    body = recorded("01_servidor.json")
    rewritten = json.dumps(json.loads(body)).encode()
    assert post(client, sender, rewritten, **{"X-Signature": signature(body)}).status_code == 403


def test_br_129_a_dead_session_that_is_reported_is_seen(client, sender, heard):
    signed(client, sender, recorded("09_sesion_caida.json"))
    read_posts(now=NOW, limit=10)
    sender.refresh_from_db()
    assert (sender.state, heard) == ("failed", [])
