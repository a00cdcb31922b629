"""Hours on the wall and the moments they mean, in the zones of our users."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tickets.walltimes import NoSuchHour, comes_twice, moment_at, wall_time

_wall = datetime.fromisoformat  # without a zone, as a clock on the wall is


@pytest.mark.parametrize(
    ("zone", "wall", "utc"),
    [
        ("America/Bogota", _wall("2026-12-12 20:00"), _wall("2026-12-13 01:00")),
        ("America/Mexico_City", _wall("2026-07-04 20:00"), _wall("2026-07-05 02:00")),  # no summer time since 2022
        ("Europe/Madrid", _wall("2026-07-04 20:00"), _wall("2026-07-04 18:00")),
        ("Europe/Madrid", _wall("2026-12-04 20:00"), _wall("2026-12-04 19:00")),
        ("America/Asuncion", _wall("2026-07-04 20:00"), _wall("2026-07-04 23:00")),
    ],
)
def test_an_hour_and_its_moment(zone, wall, utc):
    moment = moment_at(wall, ZoneInfo(zone))
    assert moment.astimezone(UTC).replace(tzinfo=None) == utc
    assert wall_time(moment, ZoneInfo(zone)) == wall


@pytest.mark.parametrize(
    ("zone", "wall", "after"),
    [
        ("Europe/Madrid", _wall("2027-03-28 02:30"), "03:30"),
        ("America/Santiago", _wall("2026-09-06 00:30"), "01:30"),
    ],
)
def test_an_hour_that_the_clocks_skip_is_refused(zone, wall, after):
    with pytest.raises(NoSuchHour) as refusal:
        moment_at(wall, ZoneInfo(zone))
    assert f"{refusal.value.after:%H:%M}" == after


def test_of_an_hour_that_comes_twice_the_first_is_meant():
    wall, madrid = _wall("2026-10-25 02:30"), ZoneInfo("Europe/Madrid")
    assert moment_at(wall, madrid).astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert comes_twice(wall, madrid)


@pytest.mark.parametrize("wall", [_wall("2026-10-25 01:30"), _wall("2026-10-25 03:00")])
def test_other_hours_of_that_night_come_once(wall):
    assert not comes_twice(wall, ZoneInfo("Europe/Madrid"))
