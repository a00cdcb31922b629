"""From the bytes that a gateway posts to what a person gets afterwards."""

import json
from datetime import timedelta

import pytest

from campaigns.models import Reply
from campaigns.replies.writers import ask_gateways
from tests.campaigns.replying import LID, leaves
from tests.factories import NOW, make_contact, make_delivery, make_sender
from tests.fakes import Clock
from tests.whatsapp.cloud_answers import ACCOUNT, NUMBER, messages, post
from whatsapp.models import WebhookPost
from whatsapp.webhooks.reading import read_posts

pytestmark = pytest.mark.django_db

SAID_AT = NOW - timedelta(minutes=1)
SECONDS = int(SAID_AT.timestamp())


@pytest.fixture
def ana():
    return make_contact(name="Ana", phone="+573000000001", email="")


def posted(sender, body):
    number = WebhookPost.objects.count()
    WebhookPost.objects.create(sender=sender, received_at=NOW, body=json.dumps(body), digest=f"{number:064}")


def waha(text, chat_id, message_id="3EB0AA11"):
    payload = {"id": f"false_{chat_id}_{message_id}", "timestamp": SECONDS, "from": chat_id, "fromMe": False}
    payload |= {"to": "573000000000@c.us", "body": text, "hasMedia": False}
    return {
        "id": "evt_1",
        "timestamp": SECONDS * 1000 + 900,
        "event": "message",
        "session": "eventos",
        "payload": payload,
    }


@pytest.fixture
def of_meta():
    return make_sender(gateway="cloud", session_name=NUMBER, options={"account": ACCOUNT})


def read():
    return read_posts(now=NOW, limit=100)


def wanted(contact):
    contact.refresh_from_db()
    return contact.whatsapp_opt_out_at


def test_a_baja_through_waha_stops_and_is_answered(ana):
    sender = make_sender(gateway="waha", session_name="eventos")
    waiting = make_delivery(contact=ana, address=ana.phone)
    posted(sender, waha("Baja.", "573000000001@c.us"))
    posted(sender, waha("Baja.", "573000000001@c.us") | {"id": "evt_2"})  # posted again
    assert read() == 2
    waiting.refresh_from_db()
    assert (wanted(ana), waiting.error_kind, Reply.objects.count()) == (SAID_AT, "opted_out", 1)
    assert [phone for phone, _text in leaves(NOW)] == [ana.phone]


def test_a_baja_under_an_id_is_settled_by_asking_waha(ana, monkeypatch):
    """WAHA knows whose it is, and says so only when it is asked."""
    sender = make_sender(gateway="waha", session_name="eventos")
    posted(sender, waha("BAJA", LID))
    read()
    assert (wanted(ana), Reply.objects.get().phone) == (None, "")
    monkeypatch.setattr("whatsapp.gateways.waha.WahaGateway.phone_of", lambda gateway, chat_id: ana.phone)
    assert ask_gateways(ends=lambda: False, clock=Clock(NOW)) == 1
    assert (wanted(ana), [phone for phone, _text in leaves(NOW)]) == (SAID_AT, [ana.phone])


def test_a_button_of_meta_is_a_word_like_any_other(ana, of_meta):
    pressed = {"type": "button", "button": {"text": "Detener promociones", "payload": "x"}}
    message = {"from": "573000000001", "id": "wamid.AAAA", "timestamp": str(SECONDS), **pressed}
    posted(of_meta, post(messages(contacts=[{"wa_id": "573000000001"}], messages=[message])))
    read()
    assert (wanted(ana), Reply.objects.get().message_id) == (SAID_AT, "wamid.AAAA")


def test_a_stop_in_meta_itself_counts_and_is_not_answered(ana, of_meta):
    wish = {"wa_id": "573000000001", "category": "marketing_messages", "value": "stop", "timestamp": SECONDS}
    posted(of_meta, post(messages(user_preferences=[wish]) | {"field": "user_preferences"}))
    read()
    assert (wanted(ana), leaves(NOW)) == (SAID_AT, [])
