"""Hours and days of sending where the clocks are changed, and where they are not. Dates come from the zone data."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.whatsapp.clock_changes import ZONES, all_changes, changes, name_of
from whatsapp.pacing import LaneClock, Pace, Veto, Wait, Window, closed_until, start_of_day, veto

SPRING, AUTUMN = all_changes(forward=True), all_changes(forward=False)
EVERY_CHANGE = SPRING + AUTUMN
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NIGHT = (time(22), time(2))


def window(zone, opens, closes):
    return Window(opens, closes, ZoneInfo(zone))


def at(zone, day, clock, *, fold=0):
    """A moment by the clock on the wall, as UTC."""
    return datetime.combine(day, clock, ZoneInfo(zone)).replace(fold=fold).astimezone(UTC)


def shows(asked, moment):
    """Whether the clock on the wall stands within the window: the rule, said once more."""
    clock = moment.astimezone(asked.zone).time()
    return (
        (asked.opens <= clock < asked.closes) if asked.opens < asked.closes else not asked.closes <= clock < asked.opens
    )


# --- which clocks change


def test_chile_and_spain_change_twice_a_year_and_the_others_do_not():
    by_zone = {zone: [change.skipped for change in changes(zone)] for zone in ZONES}
    assert by_zone["Europe/Madrid"] == [HOUR, -HOUR] * 2
    assert by_zone["America/Santiago"] == [-HOUR, HOUR] * 2
    assert by_zone["America/Bogota"] == by_zone["America/Mexico_City"] == []
    assert set(by_zone["America/Asuncion"]) <= {HOUR, -HOUR}  # the zone data of before October 2024 still has changes


def test_santiago_skips_midnight_and_madrid_an_hour_of_the_night():
    skipped = {(change.zone, change.wall_before.time()) for change in SPRING}
    assert {("America/Santiago", time(0)), ("Europe/Madrid", time(2))} <= skipped


# --- windows


@pytest.mark.parametrize("change", EVERY_CHANGE, ids=name_of)
def test_moments_are_told_in_utc_because_zones_cannot_tell_twins_apart(change):
    """In its own zone, a moment of an hour that comes twice is equal to nothing, and adding a minute counts walls."""
    place = ZoneInfo(change.zone)
    assert start_of_day(change.wall_after.date(), place).tzinfo is UTC
    assert closed_until(window(change.zone, time(9), time(10)), change.moment).tzinfo is UTC


@pytest.mark.parametrize("zone", ZONES)
def test_a_window_over_midnight_is_open_on_both_sides_of_it(zone):
    night, day = window(zone, *NIGHT), date(2026, 7, 15)  # no change of the clocks is near in any of them
    assert closed_until(night, at(zone, day, time(21, 59))) == at(zone, day, time(22))
    for clock in (time(22), time(23, 59, 59)):
        assert closed_until(night, at(zone, day, clock)) is None
    for clock in (time(0), time(1, 59, 59)):
        assert closed_until(night, at(zone, day + DAY, clock)) is None
    assert closed_until(night, at(zone, day + DAY, time(2))) == at(zone, day + DAY, time(22))


@pytest.mark.parametrize("change", EVERY_CHANGE, ids=name_of)
def test_a_window_over_midnight_lasts_an_hour_more_or_less_when_the_clocks_change_in_it(change):
    """From 20:00 to 05:00: nine hours on the wall, eight or ten by the sun."""
    night = window(change.zone, time(20), time(5))
    evening = (change.wall_before - timedelta(hours=6)).date()
    opens, closes = at(change.zone, evening, time(20)), at(change.zone, evening + DAY, time(5))
    assert closes - opens == 9 * HOUR - change.skipped
    assert closed_until(night, opens - MINUTE) == opens
    assert [closed_until(night, opens + n * HOUR) for n in range((closes - opens) // HOUR)] == [None] * (
        8 if change in SPRING else 10
    )
    assert closed_until(night, closes) == at(change.zone, evening + DAY, time(20))


@pytest.mark.parametrize("change", EVERY_CHANGE, ids=name_of)
def test_a_window_by_day_opens_at_its_hour_on_the_wall_the_morning_after(change):
    day = change.wall_after.date() if change.wall_after.hour < 12 else change.wall_after.date() + DAY
    office = window(change.zone, time(9), time(20))
    morning = at(change.zone, day, time(9))
    assert closed_until(office, change.moment) == morning
    assert morning - at(change.zone, day - DAY, time(9)) == DAY - change.skipped


@pytest.mark.parametrize("change", SPRING, ids=name_of)
def test_an_hour_that_is_skipped_opens_when_the_clocks_jump_over_it(change):
    opens = (change.wall_before + 30 * MINUTE).time()
    asked = window(change.zone, opens, time(8))
    assert closed_until(asked, change.moment - 10 * MINUTE) == change.moment
    assert closed_until(asked, change.moment) is None


@pytest.mark.parametrize("change", SPRING, ids=name_of)
def test_a_window_that_is_skipped_whole_opens_a_day_later(change):
    opens, closes = change.wall_before + 15 * MINUTE, change.wall_before + 45 * MINUTE
    asked = window(change.zone, opens.time(), closes.time())
    for now in (change.moment - 10 * MINUTE, change.moment):
        assert closed_until(asked, now) == at(change.zone, change.wall_before.date() + DAY, opens.time())


@pytest.mark.parametrize("change", AUTUMN, ids=name_of)
def test_an_hour_that_comes_twice_opens_twice_and_its_opening_is_never_in_the_past(change):
    half = change.wall_after + 30 * MINUTE
    asked = window(change.zone, half.time(), (change.wall_after + 3 * HOUR).time())
    first, second = change.moment - 30 * MINUTE, change.moment + 30 * MINUTE
    assert closed_until(asked, first - 10 * MINUTE) == first
    assert closed_until(asked, first) is None
    assert closed_until(asked, change.moment) == second  # the wall shows less than the hour once more
    assert closed_until(asked, second) is None


@pytest.mark.parametrize("change", AUTUMN, ids=name_of)
def test_a_window_that_has_closed_opens_again_when_the_clocks_are_put_back_into_it(change):
    half = change.wall_after + 30 * MINUTE
    asked = window(change.zone, (change.wall_after - 4 * HOUR).time(), half.time())
    assert closed_until(asked, change.moment - 20 * MINUTE) == change.moment
    assert closed_until(asked, change.moment + 20 * MINUTE) is None
    assert closed_until(asked, change.moment + 30 * MINUTE) > change.moment + 12 * HOUR


def clocks():
    return st.integers(0, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    near=st.sampled_from([change.moment for change in EVERY_CHANGE]),
    minutes=st.integers(-2 * 24 * 60, 24 * 60),
    opens=clocks(),
    closes=clocks(),
)
def test_the_opening_is_the_first_quarter_of_an_hour_that_the_wall_shows_within_the_window(
    zone, near, minutes, opens, closes
):
    asked, now = window(zone, opens, closes), near + minutes * MINUTE
    if opens == closes:
        assert closed_until(asked, now) is None
        return
    steps = [now, *(now.replace(minute=0) + n * 15 * MINUTE for n in range(1, 4 * 72) if n * 15 > now.minute)]
    first = next(moment for moment in steps if shows(asked, moment))
    assert (closed_until(asked, now) or now) == first


# --- days


@pytest.mark.parametrize("change", EVERY_CHANGE, ids=name_of)
def test_the_day_of_a_change_has_23_or_25_hours(change):
    place, day = ZoneInfo(change.zone), min(change.wall_before, change.wall_after).date()
    if change in SPRING:
        day = change.wall_after.date()
    begins, ends = start_of_day(day, place), start_of_day(day + DAY, place)
    assert ends - begins == DAY - change.skipped
    assert [(begins - MINUTE).astimezone(place).date(), begins.astimezone(place).date()] == [day - DAY, day]
    assert [(ends - MINUTE).astimezone(place).date(), ends.astimezone(place).date()] == [day, day + DAY]


@pytest.mark.parametrize("change", EVERY_CHANGE, ids=name_of)
def test_a_day_whose_limit_is_reached_ends_at_the_midnight_of_its_zone(change):
    place, now = ZoneInfo(change.zone), change.moment - HOUR
    today = now.astimezone(place).date()
    clock = LaneClock(sent_on=today, sent_today=100)
    midnight = start_of_day(today + DAY, place)
    assert veto(clock, Pace(daily_cap=100), day_zone=place, now=now) == Wait(Veto.DAILY_CAP, midnight)
    last_moment = midnight - timedelta(microseconds=1)
    assert veto(clock, Pace(daily_cap=100), day_zone=place, now=last_moment) == Wait(Veto.DAILY_CAP, midnight)
    assert veto(clock, Pace(daily_cap=100), day_zone=place, now=midnight) is None


def test_the_same_moment_is_another_day_in_another_zone():
    """03:30 UTC is still yesterday in Bogota and today in Madrid."""
    now = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
    clock = LaneClock(sent_on=date(2026, 11, 24), sent_today=5)
    bogota, madrid = ZoneInfo("America/Bogota"), ZoneInfo("Europe/Madrid")
    assert veto(clock, Pace(daily_cap=5), day_zone=bogota, now=now) == Wait(
        Veto.DAILY_CAP, datetime(2026, 11, 25, 5, tzinfo=UTC)
    )
    assert veto(clock, Pace(daily_cap=5), day_zone=madrid, now=now) is None
