"""The engine in the nights in which the clocks are changed: hours, days and pace on the travelling clock."""

import itertools
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Delivery, DeliveryAttempt, Dispatcher
from campaigns.progress import snapshot
from campaigns.scene import Scene
from tests.campaigns.driving import run_until_idle
from tests.factories import make_campaign, make_contact, make_delivery, make_event, make_lane, make_settings
from tests.fakes import Clock, FakeGateway
from tests.whatsapp.clock_changes import ZONES, all_changes, name_of
from tests.whatsapp.test_windows_dst import at
from whatsapp.pacing import start_of_day

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SPRING, AUTUMN = (
    [change for change in all_changes(forward=forward) if change.moment.year == 2026] for forward in (True, False)
)
DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
SUMMER = date(2026, 7, 15)  # nobody changes clocks then
ELSEWHERE = "Asia/Tokyo"  # where the settings live: another day and another hour than everywhere else here
PACE = {"base_delay": 20, "step": 0, "maximum_delay": 20}


def queue(count, campaign):
    make_lane()
    for slot in range(count):
        make_delivery(campaign=campaign, contact=make_contact(), slot=slot)
    return campaign


def of_event(zone, **fields):
    """A campaign of an event in `zone`; its last moment is far away."""
    event = make_event(timezone=zone, starts_at=datetime(2029, 1, 1, tzinfo=ZoneInfo(zone)))
    return make_campaign(status="sending", event=event, zone=zone, **fields)


def run(moment, seconds=100.0):
    """One slice that begins then; the starts of its calls."""
    before = DeliveryAttempt.objects.count()
    run_until_idle(FakeGateway(), Clock(moment), budget=seconds)
    return list(DeliveryAttempt.objects.order_by("pk").values_list("started_at", flat=True)[before:])


def every(seconds, first, count):
    return [first + timedelta(seconds=seconds * number) for number in range(count)]


def waits_for(campaign, moment):
    Dispatcher.objects.update(heartbeat_at=moment)
    waiting = snapshot(campaign, Scene(moment)).waiting
    return waiting and (str(waiting.reason), waiting.until)


# --- windows over midnight


@pytest.mark.parametrize("zone", ZONES)
def test_a_night_from_ten_to_two_in_the_zone_of_the_event(zone):
    make_settings(window_from=time(22), window_to=time(2), window_timezone=ELSEWHERE, **PACE)
    campaign = queue(16, of_event(zone))
    opens, closes = at(zone, SUMMER, time(22)), at(zone, SUMMER + DAY, time(2))
    assert run(opens - SECOND) == []
    assert waits_for(campaign, opens - SECOND) == ("window", opens)
    assert run(opens) == every(20, opens, 5)
    midnight = at(zone, SUMMER + DAY, time(0))
    assert run(midnight - 40 * SECOND) == every(20, midnight - 40 * SECOND, 5)
    assert run(closes - 50 * SECOND) == every(20, closes - 50 * SECOND, 3)  # 50, 30 and 10 seconds before it closes
    assert run(closes) == []
    assert waits_for(campaign, closes) == ("window", at(zone, SUMMER + DAY, time(22)))


@pytest.mark.parametrize("change", SPRING + AUTUMN, ids=name_of)
def test_a_night_in_which_the_clocks_change_closes_at_its_hour_on_the_wall(change):
    """The campaign's own hours, in its own zone."""
    zone, evening = change.zone, (change.wall_before - timedelta(hours=6)).date()
    make_settings(window_from=time(9), window_to=time(10), window_timezone=ELSEWHERE, **PACE)
    campaign = queue(12, of_event(zone, window_from=time(20), window_to=time(5)))
    closes = at(zone, evening + DAY, time(5))
    assert run(change.moment - 40 * SECOND) == every(20, change.moment - 40 * SECOND, 5)  # and the pace is kept
    assert run(closes - 30 * SECOND) == every(20, closes - 30 * SECOND, 2)
    assert run(closes) == []
    assert waits_for(campaign, closes) == ("window", at(zone, evening + DAY, time(20)))


@pytest.mark.parametrize("change", SPRING, ids=name_of)
def test_hours_that_begin_in_the_skipped_hour_begin_behind_it(change):
    make_settings(**PACE)
    half = (change.wall_before + 30 * MINUTE).time()
    campaign = queue(9, of_event(change.zone, window_from=half, window_to=time(8)))
    assert run(change.moment - SECOND) == []
    assert waits_for(campaign, change.moment - SECOND) == ("window", change.moment)
    assert run(change.moment) == every(20, change.moment, 5)


@pytest.mark.parametrize("change", AUTUMN, ids=name_of)
def test_hours_that_begin_in_the_hour_that_comes_twice_begin_twice(change):
    make_settings(**PACE)
    half = (change.wall_after + 30 * MINUTE).time()
    closes = (change.wall_after + timedelta(hours=3)).time()
    campaign = queue(16, of_event(change.zone, window_from=half, window_to=closes))
    second = change.moment + 30 * MINUTE
    assert run(change.moment - 30 * MINUTE - SECOND) == []
    assert run(change.moment - 30 * MINUTE) == every(20, change.moment - 30 * MINUTE, 5)
    assert run(change.moment - 50 * SECOND) == every(20, change.moment - 50 * SECOND, 3)
    assert waits_for(campaign, change.moment) == ("window", second)
    assert run(second) == every(20, second, 5)


# --- days


@pytest.mark.parametrize("zone", ZONES)
def test_the_day_of_a_limit_begins_at_midnight_in_the_zone_of_the_settings(zone):
    make_settings(daily_cap=3, window_timezone=zone, **PACE)
    campaign = queue(9, of_event(ELSEWHERE))
    midnight = at(zone, SUMMER, time(0))
    assert len(run(midnight - 90 * SECOND, 89.0)) == 3
    assert waits_for(campaign, midnight - SECOND) == ("daily_cap", midnight)
    assert len(run(midnight)) == 3
    assert waits_for(campaign, midnight + 2 * MINUTE) == ("daily_cap", at(zone, SUMMER + DAY, time(0)))


@pytest.mark.parametrize("change", SPRING + AUTUMN, ids=name_of)
def test_the_day_of_a_change_has_one_limit_however_long_it_is(change):
    make_settings(daily_cap=2, window_timezone=change.zone, **PACE)
    queue(8, make_campaign(status="sending"))
    place = ZoneInfo(change.zone)
    day = change.moment.astimezone(place).date()  # 23 or 25 hours long, or the day behind such a one
    begins, ends = start_of_day(day, place), start_of_day(day + DAY, place)
    moments = [begins - MINUTE, begins, change.moment, change.moment + timedelta(hours=1), ends - MINUTE, ends]
    starts = list(itertools.chain.from_iterable(run(moment, 30.0) for moment in sorted(moments)))
    of_day = [start for start in starts if begins <= start < ends]
    by_date = {start.astimezone(place).date() for start in starts}
    assert (len(of_day), len(starts), len(by_date)) == (2, 6, 3)


# --- whose zone


def test_the_general_hours_are_those_of_the_event_and_without_one_those_of_the_settings():
    make_settings(window_from=time(9), window_to=time(20), window_timezone="America/Bogota", **PACE)
    make_lane()
    at_nine_in_madrid = at("Europe/Madrid", SUMMER, time(9))
    madrid, nowhere = of_event("Europe/Madrid"), make_campaign(status="sending", zone="Europe/Madrid")
    for campaign in (madrid, nowhere):
        make_delivery(campaign=campaign, contact=make_contact())
    assert len(run(at_nine_in_madrid)) == 1
    assert Delivery.objects.get(status="sent").campaign == madrid
    assert len(run(at("America/Bogota", SUMMER, time(9)))) == 1


def test_the_hours_of_a_campaign_are_those_of_its_own_zone():
    make_settings(**PACE)
    event = make_event(timezone="Europe/Madrid", starts_at=datetime(2029, 1, 1, tzinfo=ZoneInfo("UTC")))
    hours = {"window_from": time(9), "window_to": time(10), "zone": "America/Santiago"}
    queue(1, make_campaign(status="sending", event=event, **hours))
    assert run(at("Europe/Madrid", SUMMER, time(9, 30))) == []
    assert len(run(at("America/Santiago", SUMMER, time(9, 30)))) == 1
