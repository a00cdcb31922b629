"""The same with nothing in place of anything: a real worker, three gateways that are programs, and our own door."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.models import Delivery, DeliveryAttempt
from tests.factories import make_campaign, make_settings
from tests.processes.launching import status_of
from tests.processes.supervised import wait_until
from tests.processes.three_numbers import known_to, once, people, reached, states, texts_to

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.mark.timeout(180)
def test_everybody_is_reached_once_whatever_becomes_of_the_numbers(worker, numbers, live_server):
    """One is logged out and comes back, one has to wait, a person has had enough; and all tell what became of it."""
    make_settings(base_delay="0.3", step=0, maximum_delay="0.3")
    waha, evolution, gowa = three = numbers("waha", "evolution", "gowa")
    for number in three:
        number.reports_to(live_server.url)
        number.fake.set(receipts=["delivered", "read"], is_early=number is not gowa)
    new, [ana] = people(39), known_to(waha, 1, now=timezone.now())
    campaign = make_campaign(status="draft", audience=describe(contacts=[person.pk for person in (*new, ana)]))
    lifecycle.launch(campaign)
    with worker():
        wait_until(lambda: all(number.phones() for number in three), what="the first message of each")
        waha.fake.set(phase="logged_out")
        evolution.fake.set(limited="seconds", retry_after="5")
        wait_until(lambda: waha.rest[0] == "not_ready", what="the rest of the one that was logged out")
        wait_until(lambda: evolution.rest[0] == "rate_limited", what="the rest of the one that has to wait")
        limited = DeliveryAttempt.objects.get(error_kind="rate_limited")
        assert evolution.rest[1] == limited.finished_at + timedelta(seconds=5)
        evolution.fake.set(limited="")
        assert gowa.fake.reply(ana.phone, "BAJA") == [200]
        wait_until(lambda: states(campaign)["skipped"], what="the end of what Ana was to get")
        wait_until(lambda: not states(campaign)["pending"], what="what the others send alone")
        waha.fake.set(phase="ready")
        wait_until(lambda: status_of(campaign) == "finished", what="the end of the campaign")
        wait_until(lambda: states(campaign)["read"] == 39, what="what the gateways report")
        answer = Delivery.objects.filter(campaign__origin="reply", status="read")
        wait_until(lambda: answer.exists(), what="what becomes of the answer")
    assert states(campaign) == {"read": 39, "skipped": 1}
    assert reached(*three) == once([*new, ana])
    assert texts_to(ana, *three) == [("gowa", "Listo")]
    troubles = DeliveryAttempt.objects.exclude(outcome="accepted").order_by("sender__gateway")
    assert list(troubles.values_list("sender__gateway", "outcome", "error_kind")) == [
        ("evolution", "not_sent", "rate_limited"),
        ("waha", "not_sent", "not_ready"),
    ]
    assert set(campaign.deliveries.values_list("tries_charged", flat=True)) == {0}
