"""A computer that stands still: between the commit of a claim and its call, between two questions, inside a turn."""

from datetime import timedelta

import pytest

from campaigns import lifecycle, surroundings
from campaigns.attempts import settle_expired_lanes
from campaigns.models import Delivery, DeliveryAttempt, Lane
from campaigns.surroundings import Surroundings
from campaigns.tick import tick
from tests.campaigns.driving import make_dispatch
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_settings
from tests.fakes import Clock, FakeGateway

pytestmark = pytest.mark.django_db


def queue(count):
    make_settings(base_delay=5, step=0, maximum_delay=5)
    make_lane()
    campaign = make_campaign(status="sending")
    for slot in range(count):
        make_delivery(campaign=campaign, contact=make_contact(), slot=slot)
    return campaign


class TimedGateway(FakeGateway):
    def __init__(self, clock):
        super().__init__()
        self.clock, self.moments = clock, []

    def send(self, message):
        self.moments.append(self.clock.now)
        return super().send(message)


def freeze_before_the_call(loop, clock, meanwhile, *, hours=1):
    """The next claim is committed; then its process stands still, and the world goes on."""
    start = loop.flights.start

    def late(planned):
        if planned:
            loop.flights.start = start
            clock.tick(hours * 3600)
            meanwhile()
        start(planned)

    loop.flights.start = late


def test_a_call_does_not_leave_when_its_lane_went_to_somebody_else():
    queue(2)
    clock = Clock()
    gateway = TimedGateway(clock)
    loop = make_dispatch(gateway, clock)
    freeze_before_the_call(loop, clock, lambda: make_dispatch(gateway, clock, budget=1).run())
    loop.run()
    tick(now=clock.now)  # opens the campaign again, which had ended with one uncertain message
    make_dispatch(gateway, clock, budget=60).run()
    first, second = gateway.moments
    assert second - first >= timedelta(seconds=5)
    assert len({message.phone for message in gateway.sent}) == 2


def test_whoever_a_person_sends_it_to_again_meanwhile_gets_it_once():
    campaign = queue(1)
    clock = Clock()
    gateway = FakeGateway()
    loop = make_dispatch(gateway, clock)

    def meanwhile():
        assert settle_expired_lanes(now=clock.now) == 1
        assert lifecycle.resend(campaign, uncertain=True, now=clock.now) == 1
        make_dispatch(gateway, clock, budget=10).run()

    freeze_before_the_call(loop, clock, meanwhile)
    loop.run()
    assert len(gateway.sent) == 1
    assert campaign.deliveries.get().status == "sent"


def test_what_did_not_leave_is_back_in_the_queue_and_charged_to_nobody():
    campaign = queue(1)
    clock = Clock()
    gateway = FakeGateway()
    loop = make_dispatch(gateway, clock)
    freeze_before_the_call(loop, clock, lambda: settle_expired_lanes(now=clock.now))
    loop.run()
    delivery, attempt = campaign.deliveries.get(), DeliveryAttempt.objects.earliest("pk")
    assert (attempt.outcome, attempt.error_kind) == ("not_sent", "overtaken")
    assert (delivery.tries_charged, delivery.status) in {(0, "pending"), (0, "sent")}
    make_dispatch(gateway, clock, budget=10).run()
    assert (len(gateway.sent), campaign.deliveries.get().status) == (1, "sent")


def test_a_call_within_its_lease_leaves():
    campaign = queue(1)
    clock = Clock()
    loop = make_dispatch(FakeGateway(), clock)
    freeze_before_the_call(loop, clock, lambda: None, hours=30 / 3600)
    loop.run()
    assert campaign.deliveries.get().status == "sent"


def test_a_second_pause_is_noticed_although_it_looks_like_the_first(monkeypatch):
    campaign = make_campaign(status="paused")
    around, sending = Surroundings(), surroundings.sending

    def resumed_in_between():
        """The resume is committed between the question for versions and the reading of campaigns."""
        lifecycle.resume(campaign)
        monkeypatch.setattr(surroundings, "sending", sending)
        return sending()

    monkeypatch.setattr(surroundings, "sending", resumed_in_between)
    around.refresh()
    assert around.campaigns == [campaign]
    lifecycle.pause(campaign)
    around.refresh()
    assert around.campaigns == []


def test_a_turn_that_lost_its_lane_on_the_way_claims_nothing(monkeypatch):
    """The lease is taken by somebody else after the turn began: its claims are rolled back, and nobody is called."""
    queue(1)
    gateway = FakeGateway()
    loop = make_dispatch(gateway, budget=5)
    loop._look_around(NOW)
    loop.around.numbers_changed()  # the next turn does not look again: only its write can tell
    [lane_id] = loop.holding.lanes
    Lane.objects.filter(pk=lane_id).update(lease_owner="another", fence=99)
    loop._safely(loop._turn)
    assert (Delivery.objects.get().status, DeliveryAttempt.objects.count()) == ("pending", 0)
    assert (gateway.sent, loop.holding.lanes) == ([], {})
