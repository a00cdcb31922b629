"""How a worker ends when it is asked to: at once, with everything that is under way on record."""

import os
import signal

import pytest

from campaigns.models import Delivery
from tests.processes.launching import assert_nobody_lost_or_doubled, launch_everybody, status_of
from tests.processes.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.mark.timeout(120)
def test_sigterm_ends_quickly_and_leaves_nothing_uncertain(worker, sender, simulator):
    simulator.profile("steady", latency_ms=300)
    campaign = launch_everybody(30)
    with worker() as supervised:
        wait_until(lambda: len(simulator.messages()) >= 5, what="the first messages")
        took = supervised.stop()
    assert supervised.statuses == [0]
    assert took < 4 + 2 + 5  # the gateway's time-outs and five seconds
    assert not Delivery.objects.filter(status__in=["uncertain", "claimed"]).exists()
    with worker():
        wait_until(lambda: status_of(campaign) == "finished", what="the end of the campaign")
    assert_nobody_lost_or_doubled(campaign, simulator, 30)
    assert Delivery.objects.filter(status="sent").count() == 30


@pytest.mark.timeout(120)
def test_a_term_to_the_whole_group_ends_it_too(worker, sender, simulator):
    campaign = launch_everybody(30)
    with worker() as supervised:
        wait_until(lambda: len(simulator.messages()) >= 5, what="the first messages")
        supervised._stopping.set()
        os.killpg(supervised.process.pid, signal.SIGTERM)
        wait_until(lambda: supervised.statuses, seconds=15, what="the end of the worker")
    assert supervised.statuses == [0]
    assert not campaign.deliveries.filter(status__in=["uncertain", "claimed"]).exists()
