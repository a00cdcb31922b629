"""The number on the button of the launch page, counted again by the telephones: real worker, real simulator."""

import random
from collections import Counter

import pytest
from django.core.cache import cache
from django.test import Client

from campaigns.models import Campaign
from tests.campaigns.audiences import BOXES, Scenario, Somebody, make_audience
from tests.campaigns.pages import launch_page, plan_of
from tests.factories import make_user
from tests.processes.launching import status_of
from tests.processes.supervised import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def by_chance(seed: int) -> Scenario:
    """Forty people as they come."""
    chance = random.Random(seed)
    people = [
        Somebody(
            has_phone=(has_phone := chance.random() < 0.8),
            box=chance.choice(BOXES) if has_phone else chance.choice(BOXES[1:]),
            no_whatsapp=chance.random() < 0.2,
            no_email=chance.random() < 0.2,
            tags=frozenset(tag for tag in range(3) if chance.random() < 0.4),
            is_chosen=chance.random() < 0.3,
            tickets=tuple(chance.choice(["valid", "valid", "voided"]) for _ in range(chance.randrange(3))),
            reached=chance.choice(["", "", "", "sent", "failed"]),
        )
        for _ in range(40)
    ]
    kind = "tickets" if seed % 2 else "announcement"
    return Scenario(people, channels="both", kind=kind, tags=frozenset({0, 1}), text="Hola {nombre}")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", [1, 2])
def test_as_many_messages_arrive_as_the_button_said(worker, sender, simulator, seed):
    cache.clear()
    campaign = make_audience(by_chance(seed))
    Campaign.objects.filter(pk=campaign.pk).update(subject="Aviso")
    client = Client()
    client.force_login(make_user("jefa"))
    plan = client.get(launch_page(campaign)).context["plan"]
    fields = plan_of(client, campaign)
    assert fields["expected"] == str(plan.messages)
    assert plan.numbers.whatsapp > 10
    assert client.post(launch_page(campaign), fields).status_code == 302
    with worker():
        wait_until(lambda: status_of(campaign) == "finished", seconds=90, what="the end of the campaign")
    rows = Counter(campaign.deliveries.values_list("channel", "status"))
    arrived = Counter("+" + message["phone"].lstrip("+") for message in simulator.messages())
    emails = rows["email", "sent"]  # nobody listens there: what the worker handed over counts
    assert arrived.total() + emails == plan.messages
    assert arrived.total() == rows["whatsapp", "sent"] == plan.numbers.whatsapp
    skipped = sum(number for (_channel, status), number in rows.items() if status == "skipped")
    assert skipped == plan.numbers.skipped_total
    assert rows.total() == plan.messages + skipped
