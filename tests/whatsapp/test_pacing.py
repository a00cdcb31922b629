"""The delay rule and the vetoes, as arithmetic."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsapp.pacing import (
    LaneClock,
    Pace,
    Veto,
    Wait,
    Window,
    closed_until,
    delay_after,
    delays,
    gap_after,
    position_at,
    start_of_day,
    veto,
)

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
BOGOTA = ZoneInfo("America/Bogota")


def expected_gap(index):
    """mission.md in its own words: 1-10 are followed by 2.0 s, 11-20 by 2.5, ... from 61 on by 5.0."""
    table = [(10, 2.0), (20, 2.5), (30, 3.0), (40, 3.5), (50, 4.0), (60, 4.5)]
    return next((gap for last, gap in table if index + 1 <= last), 5.0)


@pytest.mark.parametrize("index", range(101))
def test_gaps_are_those_of_the_seed(index):
    assert delay_after(index, Pace()) == expected_gap(index)


@pytest.mark.parametrize(
    ("messages", "seconds"), [(10, 18.0), (25, 57.0), (50, 146.0), (100, 390.0), (200, 890.0), (1000, 4890.0)]
)
def test_totals_are_those_of_the_seed(messages, seconds):
    assert sum(islice(delays(Pace()), messages - 1)) == seconds


paces = st.builds(
    Pace,
    base=st.floats(0, 100),
    step=st.floats(0, 10),
    every=st.integers(1, 100),
    maximum=st.floats(100, 3600),
    jitter=st.floats(0, 1),
)


@given(paces, st.integers(0, 10_000))
def test_gaps_never_shrink_within_a_run(pace, index):
    assert delay_after(index, pace) <= delay_after(index + 1, pace)


@given(paces, st.integers(0, 100_000))
def test_gaps_never_pass_the_maximum(pace, index):
    assert delay_after(index, pace) <= pace.maximum


@given(paces, st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 4))
def test_chance_and_slow_down_only_ever_add(pace, index, chance, slow_down):
    assert gap_after(index, pace, chance=chance, slow_down=slow_down) >= delay_after(index, pace)


@given(paces, st.integers(0, 10_000), st.floats(0, 1))
def test_jitter_stays_within_its_share(pace, index, chance):
    assert gap_after(index, pace, chance=chance) <= delay_after(index, pace) * (1 + pace.jitter) * (1 + 1e-9)


def test_batches_are_followed_by_their_pause():
    pace = Pace(batch_size=50, batch_pause=600.0)
    assert [gap_after(index, pace) for index in (48, 49, 50)] == [4.0, 600.0, 4.5]


def test_a_quiet_time_starts_a_new_run():
    clock = LaneClock(position=42, last_call_at=NOW - timedelta(seconds=1800))
    assert position_at(clock, Pace(), NOW) == 0
    assert position_at(clock, Pace(), NOW - timedelta(seconds=1)) == 42


def test_a_free_lane_has_no_veto():
    assert veto(LaneClock(), Pace(), day_zone=BOGOTA, now=NOW) is None


def test_the_gap_is_a_veto_with_its_end():
    clock = LaneClock(position=3, next_send_at=NOW + timedelta(seconds=2))
    assert veto(clock, Pace(), day_zone=BOGOTA, now=NOW) == Wait(Veto.PACE, NOW + timedelta(seconds=2))


def test_a_batch_pause_is_named_as_such():
    clock = LaneClock(position=50, next_send_at=NOW + timedelta(minutes=10))
    pace = Pace(batch_size=50, batch_pause=600.0)
    assert veto(clock, pace, day_zone=BOGOTA, now=NOW) == Wait(Veto.BATCH, NOW + timedelta(minutes=10))


def test_a_stopped_lane_waits_for_a_person():
    assert veto(LaneClock(is_stopped=True), Pace(), day_zone=BOGOTA, now=NOW) == Wait(Veto.STOPPED, None)


def test_a_resting_lane_says_until_when():
    until = NOW + timedelta(seconds=15)
    assert veto(LaneClock(paused_until=until), Pace(), day_zone=BOGOTA, now=NOW) == Wait(Veto.PAUSED, until)
    assert veto(LaneClock(paused_until=until), Pace(), day_zone=BOGOTA, now=until) is None


def test_the_daily_cap_ends_at_midnight_in_its_zone():
    clock = LaneClock(sent_on=date(2026, 11, 25), sent_today=100)
    wait = veto(clock, Pace(daily_cap=100), day_zone=BOGOTA, now=NOW)
    assert wait == Wait(Veto.DAILY_CAP, datetime(2026, 11, 26, 5, 0, tzinfo=UTC))


def test_yesterdays_messages_do_not_count_against_the_cap():
    clock = LaneClock(sent_on=date(2026, 11, 24), sent_today=100)
    assert veto(clock, Pace(daily_cap=100), day_zone=BOGOTA, now=NOW) is None


@pytest.mark.parametrize(
    ("local", "opens"),
    [
        ("2026-11-25T08:59", "2026-11-25T09:00"),
        ("2026-11-25T09:00", None),
        ("2026-11-25T19:59", None),
        ("2026-11-25T20:00", "2026-11-26T09:00"),
    ],
)
def test_window_by_day(local, opens):
    window = Window(time(9), time(20), BOGOTA)
    now = datetime.fromisoformat(local).replace(tzinfo=BOGOTA)
    assert closed_until(window, now) == (opens and datetime.fromisoformat(opens).replace(tzinfo=BOGOTA))


@pytest.mark.parametrize(
    ("local", "opens"),
    [("2026-11-25T21:59", "2026-11-25T22:00"), ("2026-11-25T23:00", None), ("2026-11-26T05:59", None)],
)
def test_window_over_midnight(local, opens):
    window = Window(time(22), time(6), BOGOTA)
    now = datetime.fromisoformat(local).replace(tzinfo=BOGOTA)
    assert closed_until(window, now) == (opens and datetime.fromisoformat(opens).replace(tzinfo=BOGOTA))


def test_an_hour_that_a_clock_change_skips_opens_behind_the_gap():
    santiago = ZoneInfo("America/Santiago")  # 2026-09-06 00:00-01:00 does not exist there
    now = datetime(2026, 9, 5, 20, 0, tzinfo=santiago)
    opens = closed_until(Window(time(0, 30), time(8), santiago), now)
    assert opens == datetime(2026, 9, 6, 1, 0, tzinfo=santiago)  # the clocks jump into the window
    assert start_of_day(date(2026, 9, 6), santiago) == datetime(2026, 9, 6, 1, 0, tzinfo=santiago)


def test_no_window_is_always_open():
    assert closed_until(None, NOW) is None
