"""What is said at the start is what happens: the real engine, on a clock that is moved, ends when it was foretold."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.lanes import lane_veto
from campaigns.limits import RunLimits
from campaigns.models import Delivery, DeliveryAttempt, Lane
from campaigns.progress import snapshot
from campaigns.scene import Scene
from campaigns.windows import window_of
from tests.campaigns.driving import run_until_idle
from tests.factories import (
    NOW,
    make_call,
    make_campaign,
    make_contact,
    make_delivery,
    make_lane,
    make_sender,
    make_settings,
)
from tests.fakes import Clock, FakeGateway
from whatsapp.gateways.base import Accepted
from whatsapp.pacing import closed_until

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
BOGOTA = ZoneInfo("America/Bogota")
SLICE = 30.0  # seconds: longer waits are jumped over at once


def make_queue(messages, **fields):
    campaign = make_campaign(status="sending", **fields)
    for _ in range(messages):
        make_delivery(campaign=campaign, contact=make_contact())
    return campaign


def drive(campaign, gateway=None):
    """To the last message. Returns when it was said to end, and when it did."""
    clock = Clock()
    foretold = snapshot(campaign, Scene(clock.now)).finish_at
    while Delivery.objects.filter(status="pending").exists():
        run_until_idle(gateway(clock) if gateway else FakeGateway(), clock, budget=SLICE)
        clock.now = max(clock.now, may_send_at(campaign, clock.now))
    return foretold, DeliveryAttempt.objects.latest("finished_at").finished_at


def may_send_at(campaign, now):
    limits = RunLimits.load()
    if opens := closed_until(window_of(campaign, "whatsapp", limits.settings), now):
        return opens.astimezone(now.tzinfo)
    lanes = Lane.objects.filter(channel="whatsapp").select_related("sender")
    waits = [lane_veto(lane, limits.pace(lane), day_zone=limits.day_zone, now=now) for lane in lanes]
    return min(wait.until.astimezone(now.tzinfo) if wait else now for wait in waits)


def starts():
    return list(DeliveryAttempt.objects.order_by("started_at").values_list("started_at", flat=True))


def test_a_number_at_the_default_pace():
    make_lane()
    foretold, ended = drive(make_queue(60))
    assert foretold == ended == NOW + timedelta(seconds=190.5)


def test_two_numbers_with_different_paces():
    make_lane(sender=make_sender(base_delay="1.0", step="0.25", every=5, maximum_delay="2.0"))
    make_lane(sender=make_sender(base_delay="3.0", step="1.0", every=4, maximum_delay="8.0"))
    foretold, ended = drive(make_queue(40))
    assert foretold == ended
    assert sorted(lane.attempts.count() for lane in Lane.objects.filter(channel="whatsapp")) == [12, 28]


def test_numbers_with_different_weights():
    make_lane(sender=make_sender(weight=3))
    make_lane(sender=make_sender(weight=1))
    foretold, ended = drive(make_queue(24))
    assert foretold == ended


def test_batches_with_a_pause_between_them():
    make_settings(batch_size=8, batch_pause_minutes=10)
    make_lane()
    foretold, ended = drive(make_queue(20))
    assert foretold == ended == NOW + timedelta(seconds=2 * 600 + 9 * 2 + 8 * 2.5)


def test_a_pause_between_batches_that_begins_a_new_run():
    make_settings(batch_size=6, batch_pause_minutes=45, every=3)
    make_lane()
    foretold, ended = drive(make_queue(14))
    assert foretold == ended == NOW + timedelta(minutes=90, seconds=2 * (6 + 5) + 2)


def test_hours_that_end_in_the_middle():
    make_settings(window_from="08:00", window_to="10:00:30", window_timezone="America/Bogota")
    make_lane()
    foretold, ended = drive(make_queue(20))
    assert foretold == ended
    assert ended > NOW + timedelta(hours=21, minutes=59)


def test_the_hours_of_the_campaign_win():
    make_settings(window_from="12:00", window_to="13:00", window_timezone="America/Bogota")
    make_lane()
    foretold, ended = drive(make_queue(20, window_from=time(9), window_to=time(10, 0, 20), zone=BOGOTA))
    assert foretold == ended
    assert starts()[0] == NOW


def test_a_daily_limit_over_midnight():
    make_settings(daily_cap=11, window_timezone="America/Bogota")
    make_lane(sent_on="2026-11-25", sent_today=3)
    foretold, ended = drive(make_queue(22))
    assert foretold == ended
    assert ended.date().isoformat() == "2026-11-27"


def test_the_first_days_of_a_new_number():
    make_settings(warm_up_steps="2, 5", daily_cap=12, window_timezone="America/Bogota")
    make_lane(sender=make_sender(is_new=True))
    foretold, ended = drive(make_queue(18))
    assert foretold == ended
    assert ended.date().isoformat() == "2026-11-27"


def test_a_slow_gateway():
    lane = make_lane()
    make_call(lane, 7250)

    def slow(clock):
        def accept(message):
            clock.tick(7.25)
            return Accepted(message.phone)

        return FakeGateway(*[accept] * 12)

    foretold, ended = drive(make_queue(12), slow)
    assert foretold == ended == NOW + timedelta(seconds=12 * 7.25 + 10 * 2 + 2.5)


def test_a_number_that_was_asked_to_go_slower_comes_back():
    make_lane(slow_down=1.5, good_in_a_row=12)
    foretold, ended = drive(make_queue(14))
    assert foretold == ended
    assert Lane.objects.get(channel="whatsapp").slow_down == 1.0


def test_the_middle_of_a_campaign():
    make_lane()
    campaign = make_queue(12)
    clock = Clock()
    run_until_idle(FakeGateway(), clock, budget=9.5)
    seen = snapshot(campaign, Scene(clock.now))
    run_until_idle(FakeGateway(), clock)
    assert (seen.by_state, seen.finish_at) == ({"sent": 5, "pending": 7}, starts()[-1])
