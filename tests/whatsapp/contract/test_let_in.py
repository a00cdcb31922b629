"""What each gateway posts comes in through our own door, over real HTTP, and is read; what somebody else posts does not."""

import pytest
from django.utils import timezone

from tests.factories import make_sender
from tests.whatsapp.contract.bench import ANA, NAMES, OPTIONS, Bench, those_who
from tests.whatsapp.hooks import hook_url
from whatsapp.gateways.base import Signing
from whatsapp.models import Sender, WebhookPost
from whatsapp.registry import gateways
from whatsapp.signals import news_arrived
from whatsapp.webhooks.base import News, Receipt, Reply
from whatsapp.webhooks.reading import read_posts

pytestmark = [pytest.mark.processes, pytest.mark.any_database, pytest.mark.django_db(transaction=True)]
SECRET = "secreto-de-los-informes-4d5e6f"
SIGNING = [name for name in NAMES if gateways()[name].capabilities.signing is not Signing.NONE]


@pytest.fixture
def number(bench: Bench, live_server) -> Sender:
    """One of ours, to which the fake posts."""
    sender = make_sender(
        gateway=bench.name,
        base_url=bench.fake.url,
        session_name=bench.fake.session,
        options=OPTIONS.get(bench.name, {}),
        webhook_secret=SECRET,
    )
    bench.fake.post_to(live_server.url + hook_url(sender), SECRET)
    return sender


@pytest.fixture
def heard() -> list[News]:
    found: list[News] = []

    def listen(news: list[News], **signal: object) -> None:
        found.extend(news)

    news_arrived.connect(listen, weak=False)
    yield found
    news_arrived.disconnect(listen)


def test_receipt(bench, number, heard):
    accepted = bench.send().accepted
    assert bench.fake.receipt(1, "delivered") == [200]
    assert read_posts(now=timezone.now(), limit=10) == 1
    assert [(type(each), each.message_id, each.status) for each in heard] == [
        (Receipt, accepted.message_id, "delivered")
    ]


@those_who("hears_replies")
def test_reply(bench, number, heard):
    assert bench.fake.reply(ANA, "BAJA") == [200]
    read_posts(now=timezone.now(), limit=10)
    assert [(type(each), each.phone, each.text) for each in heard] == [(Reply, ANA, "BAJA")]


@pytest.mark.parametrize("bench", SIGNING, indirect=True)
def test_forged(bench, number):
    bench.send()
    assert bench.fake.receipt(1, "read", secret="otro-secreto-que-no-es-4d5e6f") == [403]
    assert WebhookPost.objects.count() == 0


@pytest.mark.parametrize("bench", SIGNING, indirect=True)
def test_nothing_is_taken_without_a_secret_of_ours(bench, number):
    bench.send()
    Sender.objects.filter(pk=number.pk).update(webhook_secret="")
    assert bench.fake.receipt(1, "read") == [403]
    assert WebhookPost.objects.count() == 0
