"""Hours as a clock on the wall shows them, and the moments that they mean. Pure."""

from datetime import UTC, datetime, tzinfo


class NoSuchHour(ValueError):
    """The clocks jump over this hour; `after` is the first time that exists behind the gap."""

    def __init__(self, wall: datetime, after: datetime):
        super().__init__(wall)
        self.wall = wall
        self.after = after


def wall_time(moment: datetime, zone: tzinfo) -> datetime:
    """What a clock in the zone shows then, without a zone: the value of a form's field."""
    return moment.astimezone(zone).replace(tzinfo=None)


def moment_at(wall: datetime, zone: tzinfo) -> datetime:
    """The moment when a clock in the zone shows this; the first of the two where the hour comes twice."""
    moment = wall.replace(tzinfo=zone, fold=0)
    back = moment.astimezone(UTC).astimezone(zone)
    if back.replace(tzinfo=None) != wall:
        raise NoSuchHour(wall, back)
    return moment


def comes_twice(wall: datetime, zone: tzinfo) -> bool:
    """Whether the clocks are put back over this hour."""
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    return first.utcoffset() != second.utcoffset() and second.astimezone(UTC) > first.astimezone(UTC)
