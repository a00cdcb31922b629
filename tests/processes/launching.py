"""Campaigns for tests with processes, and what must be true of each at its end."""

from collections import Counter

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.models import Campaign
from tests.factories import make_campaign
from tickets.models import Contact


def make_people(count: int) -> None:
    """On WhatsApp only."""
    Contact.objects.bulk_create(
        Contact(name=f"Persona {number}", phone=f"+57310{number:06d}1") for number in range(count)
    )


def launch_everybody(count: int, **fields: object) -> Campaign:
    """`count` people, and a campaign for all that there are."""
    make_people(count)
    campaign = make_campaign(status="draft", audience=describe(everybody=True), **fields)
    lifecycle.launch(campaign)
    return campaign


def status_of(campaign: Campaign) -> str:
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
