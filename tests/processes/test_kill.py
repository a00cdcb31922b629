"""kill -9 at random moments: nobody is lost, nobody gets a message twice, and it ends by itself."""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from itertools import pairwise

import pytest
from django.db import connection

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.models import Campaign, Delivery
from tests.factories import make_campaign, make_contact, make_settings
from tests.processes.supervised import kill_group, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

MESSAGES = 200
ROUNDS = 22 if connection.vendor == "sqlite" else 11  # the default at length, the other one for a minute
# Everything that can die: twice in turn at least, each time at a moment of chance.
VICTIMS = ["group", "busy", "idle", "monitor", "sentinel", "pusher", "main"]


def strike(supervised, victim):
    """Kill it; a role that nobody has at this moment stands for the whole group."""
    pids = supervised.roles().get(victim, [])
    if victim == "group" or not pids:
        kill_group(supervised.process.pid)
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(random.choice(pids), signal.SIGKILL)


def launch_everybody(count, **fields):
    for _ in range(count):
        make_contact(email="")
    campaign = make_campaign(status="draft", audience=describe(everybody=True), **fields)
    lifecycle.launch(campaign)
    return campaign


def status_of(campaign):
    return Campaign.objects.values_list("status", flat=True).get(pk=campaign.pk)


def assert_nobody_lost_or_doubled(campaign, simulator, count):
    reached = Counter("+" + message["phone"].lstrip("+") for message in simulator.messages())
    states = Counter(campaign.deliveries.values_list("status", flat=True))
    assert [phone for phone, times in reached.items() if times > 1] == []
    assert set(states) <= {"sent", "uncertain"}
    assert states.total() == count
    sent = set(campaign.deliveries.filter(status="sent").values_list("address", flat=True))
    uncertain = set(campaign.deliveries.filter(status="uncertain").values_list("address", flat=True))
    assert sent <= set(reached) <= sent | uncertain


@pytest.mark.timeout(420)
def test_kills_lose_nobody_and_double_nobody(worker, sender, simulator):
    simulator.profile("steady", latency_ms=40)
    make_settings(base_delay="0.15", step="0", maximum_delay="0.15")
    campaign = launch_everybody(MESSAGES)
    struck = 0
    with worker() as supervised:
        while status_of(campaign) != "finished":
            wait_until(lambda: "pusher" in supervised.roles(), what="the worker's restart")
            if struck < ROUNDS:
                before = len(simulator.messages())
                # Let it get to work again, so that the next strike hits something.
                wait_until(
                    lambda b=before: len(simulator.messages()) > b or status_of(campaign) == "finished",
                    seconds=60,
                    what="the next message after a restart",
                )
                time.sleep(random.uniform(0, 0.4))
                strike(supervised, VICTIMS[struck % len(VICTIMS)])
                struck += 1
            time.sleep(0.2)
    assert struck == ROUNDS
    assert_nobody_lost_or_doubled(campaign, simulator, MESSAGES)


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


@pytest.mark.timeout(180)
def test_two_workers_keep_one_pace_and_never_call_at_once(worker, sender, simulator):
    """Calls last longer than the gaps: without the lease the second worker would call in the middle of the first."""
    simulator.profile("steady", latency_ms=300)
    make_settings(base_delay="0.1", step="0.05", every=10, maximum_delay="0.5")
    campaign = launch_everybody(25)
    with worker(), worker():
        wait_until(lambda: status_of(campaign) == "finished", what="the end of the campaign")
    gaps = [b - a for a, b in pairwise(message["received_at"] for message in simulator.messages())]
    rule = [0.1] * 10 + [0.15] * 10 + [0.2] * 4
    assert simulator.state()["max_in_flight"] == 1
    assert min(gap - 0.3 - expected for gap, expected in zip(gaps, rule, strict=True)) >= -0.01
    assert Counter(campaign.deliveries.values_list("status", flat=True)) == {"sent": 25}
    assert_nobody_lost_or_doubled(campaign, simulator, 25)
