"""What a dispatcher knows without asking every time, and what it notices nevertheless."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import lifecycle
from campaigns.surroundings import OLDEST, Surroundings
from tests.factories import NOW, make_campaign, make_delivery, make_event, make_sender, make_settings

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(seconds=0.5)


@pytest.fixture
def campaign():
    campaign = make_campaign(status="sending", event=make_event())
    make_delivery(campaign=campaign)
    return campaign


def looked():
    around = Surroundings()
    around.look(now=NOW)
    return around


def names_read(around, now):
    with CaptureQueriesContext(connection) as queries:
        around.look(now=now)
    return [query["sql"] for query in queries if '"campaigns_campaign"."name"' in query["sql"]]


def test_nothing_is_read_again_while_nothing_changes_and_yet_once_in_a_while(campaign):
    around = looked()
    assert names_read(around, SOON) == []
    assert len(names_read(around, NOW + OLDEST)) == 1
    assert names_read(around, NOW + OLDEST + timedelta(seconds=0.5)) == []


def test_an_event_that_moves_is_noticed_with_the_next_look(campaign):
    around = looked()
    campaign.event.ends_at += timedelta(days=1)
    campaign.event.save()
    around.look(now=SOON)
    assert around.campaigns[0].event.ends_at == campaign.event.ends_at


def test_a_weight_stretches_the_pauses_of_the_others_with_the_next_look(campaign):
    sender = make_sender()
    around = looked()
    assert around.limits.heaviest == 1
    sender.weight = 3
    sender.save()
    around.look(now=SOON)
    assert around.limits.heaviest == 3


def test_two_campaigns_of_one_event_are_both_seen_and_new_settings_too(campaign):
    other = make_campaign(status="sending", event=campaign.event)
    make_delivery(campaign=other)
    around = looked()
    assert {each.pk for each in around.campaigns} == {campaign.pk, other.pk}
    make_settings(base_delay=3)
    around.look(now=SOON)
    assert around.limits.settings.base_delay == 3


def test_what_changed_since_it_was_read_is_not_finished(campaign):
    paused, deleted, done = (
        make_campaign(status="sending"),
        make_campaign(status="sending"),
        make_campaign(status="sending"),
    )
    read = looked().campaigns
    lifecycle.pause(paused)
    type(deleted).objects.filter(pk=deleted.pk).delete()
    assert lifecycle.finish_done(now=SOON, among=read) == 1
    for each, status in [(paused, "paused"), (done, "finished"), (campaign, "sending")]:
        each.refresh_from_db()
        assert each.status == status
