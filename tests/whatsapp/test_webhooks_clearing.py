"""What was kept for long enough goes, a bounded number of rows at a time."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_sender, make_settings
from whatsapp.models import WebhookPost
from whatsapp.webhooks import clearing
from whatsapp.webhooks.clearing import clear_old

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


def posts(sender, *days):
    for number, age in enumerate(days):
        WebhookPost.objects.create(
            sender=sender, received_at=NOW - timedelta(days=age), body="{}", digest=str(number), applied_at=NOW
        )


def test_posts_are_kept_as_long_as_the_settings_say():
    make_settings(webhook_days=3)
    posts(make_sender(), 4, 3.001, 3, 2, 0)
    assert clear_old(now=NOW) == 2
    assert list(WebhookPost.objects.order_by("pk").values_list("digest", flat=True)) == ["2", "3", "4"]


def test_without_saved_settings_it_is_two_weeks():
    posts(make_sender(), 15, 13)
    assert (clear_old(now=NOW), WebhookPost.objects.count()) == (1, 1)


def test_a_lot_goes_in_several_goes(monkeypatch):
    monkeypatch.setattr(clearing, "CHUNK", 2)
    monkeypatch.setattr(clearing, "CHUNKS", 2)
    posts(make_sender(), *[20] * 7)
    assert [clear_old(now=NOW) for _ in range(3)] == [4, 3, 0]


def test_nothing_is_old():
    assert clear_old(now=NOW) == 0


def test_the_tick_clears():
    from campaigns.tasks import tick

    posts(make_sender(), 20)
    tick()
    assert not WebhookPost.objects.exists()
