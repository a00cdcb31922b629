"""Hours and pace: bug reports BR-095 and BR-096."""

from datetime import UTC, datetime

import pytest

from campaigns import lifecycle
from campaigns.progress import snapshot
from campaigns.scene import Scene
from tests.bug_reports.launching import LATER
from tests.bug_reports.scene import gaps, queue, somebody_works, states
from tests.campaigns.driving import make_dispatch, run_until_idle
from tests.factories import make_campaign, make_event, make_lane, make_settings
from tests.fakes import Clock, FakeGateway

pytestmark = pytest.mark.django_db


def test_br_095_nobody_is_woken_by_a_slow_campaign_and_not_by_resuming_it_either():
    make_lane()
    make_settings(window_from="09:00", window_to="21:00", window_timezone="America/Bogota")
    event = make_event(timezone="Europe/Madrid", starts_at=LATER)
    campaign = make_campaign(status="sending", event=event)
    queue(3, campaign=campaign)
    clock = Clock(datetime(2026, 11, 25, 19, 59, 59, tzinfo=UTC))  # 20:59:59 in Madrid, where the event is
    gateway = FakeGateway()
    run_until_idle(gateway, clock, budget=60.0)
    assert states() == {"sent": 1, "pending": 2}
    somebody_works(clock.now)
    opens = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
    assert (
        snapshot(campaign, Scene(clock.now)).waiting.reason,
        snapshot(campaign, Scene(clock.now)).waiting.until,
    ) == (
        "window",
        opens,
    )
    lifecycle.pause(campaign, now=clock.now)
    clock.now = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)  # three at night
    lifecycle.resume(campaign, now=clock.now)
    run_until_idle(gateway, clock, budget=60.0)
    assert len(gateway.sent) == 1
    run_until_idle(gateway, Clock(opens), budget=60.0)
    assert states() == {"sent": 3}


@pytest.mark.parametrize("dispatchers", [1, 4])
def test_br_096_the_pace_of_a_number_is_the_same_for_one_and_for_four_dispatchers(dispatchers):
    make_lane()
    first, second = make_campaign(status="sending"), make_campaign(status="sending")
    queue(7, campaign=first)
    queue(6, campaign=second)
    gateway, clock = FakeGateway(), Clock()
    while states()["pending"]:
        loops = [make_dispatch(gateway, clock, budget=7.0) for _ in range(dispatchers)]
        for loop in loops:
            loop._turn()
        for loop in loops:  # each ends, as at a restart, and others take over
            loop.run()
    assert gaps() == [2.0] * 10 + [2.5] * 2
    assert (len(gateway.sent), states()) == (13, {"sent": 13})


def test_br_096_a_limit_of_the_day_holds_for_all_dispatchers_together():
    make_lane()
    make_settings(daily_cap=5)
    queue(20)
    gateway, clock = FakeGateway(), Clock()
    for _ in range(5):
        run_until_idle(gateway, clock, budget=60.0)
    assert (len(gateway.sent), states()) == (5, {"sent": 5, "pending": 15})
