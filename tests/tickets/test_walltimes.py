"""Hours on the wall and the moments they mean, in the zones of our users."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tickets.walltimes import NoSuchHour, comes_twice, moment_at, wall_time


@pytest.mark.parametrize(
    ("zone", "wall", "utc"),
    [
        ("America/Bogota", datetime(2026, 12, 12, 20, 0), datetime(2026, 12, 13, 1, 0)),
        ("America/Mexico_City", datetime(2026, 7, 4, 20, 0), datetime(2026, 7, 5, 2, 0)),  # no summer time since 2022
        ("Europe/Madrid", datetime(2026, 7, 4, 20, 0), datetime(2026, 7, 4, 18, 0)),
        ("Europe/Madrid", datetime(2026, 12, 4, 20, 0), datetime(2026, 12, 4, 19, 0)),
        ("America/Asuncion", datetime(2026, 7, 4, 20, 0), datetime(2026, 7, 4, 23, 0)),
    ],
)
def test_an_hour_and_its_moment(zone, wall, utc):
    moment = moment_at(wall, ZoneInfo(zone))
    assert moment.astimezone(UTC).replace(tzinfo=None) == utc
    assert wall_time(moment, ZoneInfo(zone)) == wall


@pytest.mark.parametrize(
    ("zone", "wall", "after"),
    [
        ("Europe/Madrid", datetime(2027, 3, 28, 2, 30), "03:30"),
        ("America/Santiago", datetime(2026, 9, 6, 0, 30), "01:30"),
    ],
)
def test_an_hour_that_the_clocks_skip_is_refused(zone, wall, after):
    with pytest.raises(NoSuchHour) as refusal:
        moment_at(wall, ZoneInfo(zone))
    assert f"{refusal.value.after:%H:%M}" == after


def test_of_an_hour_that_comes_twice_the_first_is_meant():
    wall, madrid = datetime(2026, 10, 25, 2, 30), ZoneInfo("Europe/Madrid")
    assert moment_at(wall, madrid).astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert comes_twice(wall, madrid)


@pytest.mark.parametrize("wall", [datetime(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 3, 0)])
def test_other_hours_of_that_night_come_once(wall):
    assert not comes_twice(wall, ZoneInfo("Europe/Madrid"))
