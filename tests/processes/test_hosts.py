"""Several workers, as on several computers: they share the work, keep one pace, and none of them is special."""

from collections import Counter
from contextlib import ExitStack
from itertools import pairwise

import pytest
from django.db import connection

from tests.conftest import missing
from tests.factories import make_sender, make_settings
from tests.processes.launching import assert_nobody_lost_or_doubled, launch_everybody, status_of
from tests.processes.servers import OwnRedis, has_redis
from tests.processes.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

only_postgresql = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite is for one computer")


@pytest.fixture(params=["orm", "redis"])
def broker(request):
    """What a worker has to know in order to use it."""
    if request.param == "redis" and not has_redis():
        missing("redis-server")
    with ExitStack() as stack:
        yield {"Q_REDIS_URL": stack.enter_context(OwnRedis()).url} if request.param == "redis" else {}


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


@only_postgresql
@pytest.mark.timeout(180)
def test_two_workers_share_the_work_and_either_finishes_it_alone(worker, sender, simulator, broker):
    make_sender(base_url=simulator.url)
    make_settings(base_delay="0.2", step=0, maximum_delay="0.2")
    campaign = launch_everybody(100)
    first, second = worker(DISPATCH_SECONDS="1", **broker), worker(DISPATCH_SECONDS="1", **broker)
    with first, second:
        for one in (first, second):
            wait_until(lambda one=one: "dispatcher" in one.roles(), what="the share of each worker")
        first.fall()
        before = len(simulator.messages())
        wait_until(lambda: len(simulator.messages()) >= before + 20, what="what the other one sends alone")
        with worker(**broker):
            second.fall()
            wait_until(lambda: status_of(campaign) == "finished", what="the end of the campaign")
    assert_nobody_lost_or_doubled(campaign, simulator, 100)
    assert campaign.deliveries.filter(status="uncertain").count() <= 4  # two numbers, two falls
