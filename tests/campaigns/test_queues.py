"""How many wait, counted from the ends of an index, against counting them one by one."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Campaign, Delivery
from campaigns.queues import queues
from tests.factories import NOW, make_campaign, make_delivery

pytestmark = pytest.mark.django_db

PLACES = st.tuples(st.sampled_from(["whatsapp", "email"]), st.sampled_from([0, 3]), st.sampled_from([10, 20]))
STATUSES = st.sampled_from(["pending", "pending", "pending", "waiting", "cancelled"])


def test_nothing_waits(django_assert_num_queries):
    make_delivery(campaign=make_campaign(status="paused"))
    make_delivery(campaign=make_campaign(status="sending", prepared_at=None))
    make_delivery(status="cancelled")
    with django_assert_num_queries(1):
        assert queues() == ({}, {})


def test_an_even_queue_takes_one_question_and_a_mixed_one_two(django_assert_num_queries):
    campaign = make_campaign(status="sending")
    for _ in range(3):
        make_delivery(campaign=campaign)
    with django_assert_num_queries(1):
        [even] = queues().pending[campaign.pk, "whatsapp"]
    assert even.number == 3
    make_delivery(campaign=campaign, pool=7)
    with django_assert_num_queries(2):
        assert sorted(queues().pending[campaign.pk, "whatsapp"]) == [even, (7, even.priority, 1)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(PLACES, STATUSES), max_size=6), min_size=1, max_size=3))
def test_it_agrees_with_counting_every_row(campaigns):
    Delivery.objects.all().delete()
    Campaign.objects.all().delete()
    wanted, due = Counter(), {}
    for rows in campaigns:
        campaign = make_campaign(status="sending")
        for minutes, ((channel, pool, priority), status) in enumerate(rows):
            at = NOW + timedelta(minutes=minutes)
            place = {"channel": channel, "pool": pool, "priority": priority, "status": status}
            make_delivery(campaign=campaign, **place, due_at=at if status == "waiting" else None)
            if status == "pending":
                wanted[campaign.pk, channel, pool, priority] += 1
            elif status == "waiting":
                due.setdefault((campaign.pk, channel), []).append(at)
    found = queues()
    assert {(*key, q.pool, q.priority): q.number for key, queued in found.pending.items() for q in queued} == wanted
    assert found.retries == {key: (min(moments), max(moments)) for key, moments in due.items()}
