"""The forecast against a plain simulation that asks pacing about every single message."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.forecast import LaneAhead, forecast, waiting_time
from whatsapp.pacing import (
    GOOD_SENDS_TO_EASE,
    LaneClock,
    Pace,
    Veto,
    Window,
    closed_until,
    day_number,
    faster,
    gap_after,
    position_at,
    sent_on_day,
    veto,
)

BOGOTA = ZoneInfo("America/Bogota")
NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)  # 10:00 in Bogotá


def ahead(messages, *lanes, now=NOW, **rules):
    return forecast(lanes, messages, now=now, **{"day_zone": BOGOTA} | rules)


def lane(pace=None, *, call_seconds=0.0, good=0, is_busy=False, **clock):
    return LaneAhead(LaneClock(**clock), pace or Pace(), call_seconds, good, is_busy)


def seconds(found):
    return (found.ends_at - NOW).total_seconds()


def test_without_a_message_it_is_over():
    assert (ahead(0, lane()).ends_at, ahead(0).ends_at) == (NOW, NOW)


def test_without_a_lane_that_may_send_there_is_no_end():
    assert (ahead(1).ends_at, ahead(1, lane(is_stopped=True)).ends_at) == (None, None)
    assert not ahead(1, lane(is_stopped=True)).is_far


def test_the_rule_and_the_calls_add_up():
    assert seconds(ahead(1000, lane())) == 4890.0
    assert seconds(ahead(1000, lane(call_seconds=1.5))) == 4890.0 + 1500.0


def test_a_pause_and_the_gap_that_began_are_waited_for():
    later = NOW + timedelta(minutes=5)
    assert seconds(ahead(3, lane(paused_until=later))) == 304.0
    assert seconds(ahead(3, lane(position=60, last_call_at=NOW, next_send_at=NOW + timedelta(seconds=5)))) == 15.0


def test_the_faster_number_takes_more():
    found = ahead(30, lane(Pace(step=0)), lane(Pace(base=4, step=0)))
    assert (found.by_lane, seconds(found)) == ((20, 10), 38.0)


def test_a_call_under_way_is_answered_first():
    started = {"position": 1, "last_call_at": NOW - timedelta(seconds=1), "next_send_at": NOW + timedelta(seconds=1)}
    busy = lane(call_seconds=3.0, is_busy=True, **started)
    assert [seconds(ahead(messages, busy)) for messages in (0, 1, 2)] == [2.0, 7.0, 12.0]


def test_jitter_counts_half_and_at_the_latest_all():
    pace = Pace(base=2, step=0, jitter=0.5)
    assert [seconds(ahead(11, lane(pace), chance=chance)) for chance in (0.0, 0.5, 1.0)] == [20.0, 25.0, 30.0]
    assert seconds(ahead(11, lane(pace))) == 25.0


def test_the_days_and_what_makes_them():
    assert ahead(30, lane(Pace(daily_cap=12))).waits_for == Veto.DAILY_CAP
    assert ahead(30, lane(Pace(warm_up=(5, 10)))).waits_for == Veto.WARM_UP
    hours = Window(time(8), time(10, 1), BOGOTA)
    assert ahead(30, lane(), window=hours).waits_for == Veto.WINDOW
    assert ahead(30, lane(Pace(daily_cap=12))).days == 3
    assert ahead(30, lane(Pace(daily_cap=12)), window=hours).waits_for == Veto.DAILY_CAP  # and then for the morning


def test_a_night_in_which_messages_leave_is_nobodys_fault():
    found = ahead(20_000, lane())
    assert (found.days, found.waits_for) == (2, None)


def test_what_fits_into_one_day_needs_no_reason():
    assert ahead(12, lane(Pace(daily_cap=12))).waits_for is None
    assert ahead(12, lane(Pace(daily_cap=12, base=0), sent_on=date(2026, 11, 25), sent_today=12)).waits_for is None


def test_beyond_a_year_there_is_no_end_in_sight():
    found = ahead(400, lane(Pace(daily_cap=1)))
    assert (found.ends_at, found.is_far) == (None, True)


def test_an_agency_with_ten_numbers_is_answered():
    """20,000 messages each, 1,000 a day: on the twentieth day from 8 in the morning on, at the pace of the rule."""
    hours = Window(time(8), time(20), BOGOTA)
    found = ahead(200_000, *[lane(Pace(daily_cap=1000))] * 10, window=hours)
    assert (found.days, found.by_lane) == (20, (20_000,) * 10)
    assert found.ends_at == datetime(2026, 12, 14, 13, 0, tzinfo=UTC) + timedelta(seconds=4890)


@pytest.mark.parametrize(("messages", "numbers", "waited"), [(0, 1, 0.0), (50, 1, 146.0), (100, 2, 146.0), (5, 0, 0.0)])
def test_the_waiting_time_is_that_of_the_rule_alone(messages, numbers, waited):
    pace = Pace(daily_cap=5, jitter=1.0, quiet=1.0, warm_up=(1,))
    assert waiting_time(messages, [pace] * numbers) == waited


def test_the_waiting_time_of_unequal_numbers_is_shared_too():
    assert waiting_time(30, [Pace(step=0), Pace(base=4, step=0)]) == 38.0


# --- one message after another


class Stepping:
    """One lane that is asked about each message, as the engine asks."""

    def __init__(self, ahead, chance):
        self.clock, self.pace, self.chance = ahead.clock, ahead.pace, chance
        self.call, self.good = timedelta(seconds=ahead.call_seconds), ahead.good_in_a_row
        self.taken, self.ends, self.days = 0, None, set()

    def allowed_from(self, at, window, zone):
        while True:
            wait = veto(self.clock, self.pace, day_zone=zone, now=at)
            until = wait.until if wait else closed_until(window, at)
            if until is None:
                return None if wait else at
            at = until.astimezone(UTC)  # moments of one zone are added up by the clock on its wall

    def send(self, at, zone):
        today = at.astimezone(zone).date()
        index = position_at(self.clock, self.pace, at)
        self.ends = at + self.call
        self.good += 1
        slow_down = self.clock.slow_down
        if slow_down > 1 and self.good % GOOD_SENDS_TO_EASE == 0:
            slow_down = faster(slow_down)
        gap = gap_after(index, self.pace, chance=self.chance, slow_down=slow_down)
        self.clock = replace(
            self.clock,
            position=index + 1,
            last_call_at=self.ends,
            next_send_at=self.ends + timedelta(seconds=gap),
            sent_today=sent_on_day(self.clock, today) + 1,
            days_used=day_number(self.clock, today),
            sent_on=today,
            slow_down=slow_down,
        )
        self.taken += 1
        self.days.add(today)


def stepped(lanes, messages, *, now, window, day_zone, chance):
    courses = [Stepping(one, chance) for one in lanes]
    for _ in range(messages):
        starts = [(course.allowed_from(now, window, day_zone), course) for course in courses]
        starts = [pair for pair in starts if pair[0] is not None]
        if not starts:
            return None, 0, ()
        at, course = min(starts, key=lambda pair: pair[0])
        course.send(at, day_zone)
    ends = max((course.ends for course in courses if course.ends), default=now)
    return ends, len(set().union(*(course.days for course in courses))), tuple(course.taken for course in courses)


# Moments just before a change of the clocks, and one far from any.
MOMENTS = [
    NOW,
    datetime(2026, 10, 24, 12, 0, tzinfo=UTC),  # Madrid goes back in the night
    datetime(2027, 3, 27, 18, 0, tzinfo=UTC),  # and forward
    datetime(2027, 4, 3, 20, 0, tzinfo=UTC),  # Santiago goes back at midnight
    datetime(2026, 9, 5, 20, 0, tzinfo=UTC),  # and forward, over midnight
]
ZONES = st.sampled_from([BOGOTA, ZoneInfo("Europe/Madrid"), ZoneInfo("America/Santiago"), UTC])
HOURS = st.builds(time, st.sampled_from([0, 1, 2, 3, 8, 12, 20, 23]), st.sampled_from([0, 30]))
WINDOWS = st.none() | st.builds(Window, HOURS, HOURS, ZONES)
MILLISECONDS = st.integers(0, 5000).map(lambda ms: ms / 1000)
PACES = st.builds(
    Pace,
    base=MILLISECONDS | st.sampled_from([60.0, 1800.0]),
    step=st.sampled_from([0.0, 0.5, 0.333, 40.0]),
    every=st.sampled_from([1, 2, 3, 10]),
    maximum=st.sampled_from([5.0, 5.001, 900.0]),
    jitter=st.sampled_from([0.0, 0.3]),
    batch_size=st.sampled_from([0, 0, 1, 2, 5, 7]),
    batch_pause=st.sampled_from([0.0, 3.0, 600.0, 7200.0]),
    quiet=st.sampled_from([60.0, 600.0, 1800.0]),
    daily_cap=st.sampled_from([0, 0, 3, 10]),
    stretch=st.sampled_from([1.0, 1.5, 3.0]),
    warm_up=st.sampled_from([(), (1, 2, 4), (5, 30)]),
)
CLOCKS = st.builds(
    LaneClock,
    position=st.sampled_from([0, 1, 4, 9, 61]),
    last_call_at=st.sampled_from([None, -1, -100, -3000]),
    next_send_at=st.sampled_from([None, -50, 2, 5000]),
    sent_on=st.sampled_from([None, date(2026, 11, 25), date(2026, 11, 24)]),
    sent_today=st.integers(0, 12),
    days_used=st.integers(0, 3),
    slow_down=st.sampled_from([1.0, 1.5, 3.375, 4.0]),
    paused_until=st.sampled_from([None, None, -1, 40_000]),
    is_stopped=st.sampled_from([False, False, False, True]),
)
LANES = st.lists(
    st.builds(LaneAhead, CLOCKS, PACES, st.sampled_from([0.0, 0.25, 7.0, 90.0]), st.sampled_from([0, 7, 39])),
    max_size=3,
)


def at(now, seconds):
    return None if seconds is None else now + timedelta(seconds=seconds)


@settings(deadline=None)
@given(LANES, st.integers(0, 60), st.sampled_from(MOMENTS), WINDOWS, ZONES, st.sampled_from([0.0, 0.5, 1.0]))
def test_it_says_what_asking_about_every_message_gives(lanes, messages, now, window, zone, chance):
    lanes = [
        replace(
            one,
            clock=replace(
                one.clock,
                **{
                    name: at(now, getattr(one.clock, name)) for name in ("last_call_at", "next_send_at", "paused_until")
                },
            ),
        )
        for one in lanes
    ]
    rules = {"now": now, "window": window, "day_zone": zone, "chance": chance}
    found = forecast(lanes, messages, **rules)
    ends, days, by_lane = stepped(lanes, messages, **rules)
    assert (found.ends_at, found.days, found.by_lane) == (ends, days, by_lane)


MADRID = ZoneInfo("Europe/Madrid")
LONG_PAUSES = Pace(every=2, batch_size=5, batch_pause=7200.0)  # each batch is a run
SLOW = Pace(base=240.0, step=0.0, maximum=240.0)
NIGHT = Window(time(20), time(3, 30), MADRID)


@pytest.mark.parametrize(
    ("messages", "one", "now", "window"),
    [
        pytest.param(
            40,
            lane(replace(LONG_PAUSES, base=600.0, step=200.0, maximum=1400.0)),
            NOW + timedelta(seconds=6200),  # so that the third run is cut by midnight
            None,
            id="runs over midnight",
        ),
        pytest.param(12, lane(LONG_PAUSES, position=8, last_call_at=NOW), NOW, None, id="a run from before a change"),
        pytest.param(150, lane(SLOW), MOMENTS[1], NIGHT, id="hours that end after the clocks went back"),
        pytest.param(150, lane(SLOW), MOMENTS[2], NIGHT, id="hours that end after the clocks went forward"),
        pytest.param(90, lane(SLOW), MOMENTS[1], replace(NIGHT, closes=time(2, 30)), id="an end that comes twice"),
        pytest.param(90, lane(SLOW), MOMENTS[2], replace(NIGHT, closes=time(2, 30)), id="an end that is skipped"),
        pytest.param(250, lane(replace(SLOW, daily_cap=200)), MOMENTS[3], None, id="a day of 25 hours"),
    ],
)
def test_corners_are_as_asking_about_every_message_gives(messages, one, now, window):
    rules = {"now": now, "window": window, "day_zone": MADRID, "chance": 0.0}
    found = forecast([one], messages, **rules)
    assert (found.ends_at, found.days, found.by_lane) == stepped([one], messages, **rules)
