"""When the clocks of the product's countries change, asked of the zone data of this machine and not of memory."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

ZONES = ["America/Santiago", "America/Asuncion", "Europe/Madrid", "America/Bogota", "America/Mexico_City"]
HOUR = timedelta(hours=1)


class Change(NamedTuple):
    """At `moment` the wall clock goes from `wall_before` to `wall_after`, both without a zone."""

    zone: str
    moment: datetime
    wall_before: datetime
    wall_after: datetime

    @property
    def skipped(self) -> timedelta:
        """Above zero: so much of the wall clock does not exist; below: so much comes twice."""
        return self.wall_after - self.wall_before


@cache
def changes(zone: str) -> tuple[Change, ...]:
    """Of 2026 and 2027. Clocks are changed on full hours of UTC in all of these zones."""
    place = ZoneInfo(zone)
    found, moment = [], datetime(2026, 1, 1, tzinfo=UTC)
    while moment.year < 2028:
        before, after = moment.astimezone(place).utcoffset(), (moment + HOUR).astimezone(place).utcoffset()
        moment += HOUR
        if before != after:
            utc = moment.replace(tzinfo=None)
            found.append(Change(zone, moment, utc + before, utc + after))
    return tuple(found)


def all_changes(*, forward: bool) -> list[Change]:
    return [change for zone in ZONES for change in changes(zone) if (change.skipped > timedelta(0)) is forward]


def name_of(change: Change) -> str:
    return f"{change.zone} {change.moment.date()}"
