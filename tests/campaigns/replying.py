"""People who write to a number, as its gateway tells us, and what leaves as an answer."""

from django.db import transaction

from campaigns.models import Campaign, Reply
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW
from tests.fakes import Clock, FakeGateway
from whatsapp.signals import news_arrived
from whatsapp.webhooks import base as news_of

LID = "100000000000001@lid"


def said(text, *, phone="", chat_id="", message_id="3EB0AA01", at=NOW):
    """By a phone, unless a chat id is given."""
    chat_id = chat_id or f"{phone.removeprefix('+')}@c.us"
    return news_of.Reply(message_id=message_id, chat_id=chat_id, phone=phone, text=text, at=at)


def arrives(sender, *news, now=NOW):
    """As whoever applies a post announces it: inside their transaction."""
    with transaction.atomic():
        news_arrived.send(None, sender_id=sender.pk, news=list(news), now=now)


def writes(contact, text, sender, **fields):
    now = fields.pop("now", NOW)
    arrives(sender, said(text, phone=contact.phone, **{"at": now} | fields), now=now)
    contact.refresh_from_db()
    return Reply.objects.order_by("-pk").first()


def prepare_all(now=NOW):
    for campaign in Campaign.objects.filter(status="sending", prepared_at=None):
        prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: now)


def leaves(now=NOW, gateway=None):
    """Everything that can leave, does; returns number and text of each message."""
    gateway = gateway or FakeGateway()
    prepare_all(now)
    run_until_idle(gateway, Clock(now))
    return [(message.phone, message.text) for message in gateway.sent]


def answers():
    return Campaign.objects.filter(origin="reply").order_by("pk")
