"""How a run is cut into equal parts for its chart. Pure: moments in, moments and words out."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

MOST_PARTS = 60

STEPS = (
    *(timedelta(seconds=seconds) for seconds in (10, 30)),
    *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12)),
    *(timedelta(days=days) for days in (1, 2, 7, 28, 364)),
)


class Parts(NamedTuple):
    """`edges` are one more than there are parts; every part is `step` long."""

    edges: Sequence[datetime]
    step: timedelta

    def index_of(self, moment: datetime) -> int:
        """The part in which the moment lies; the nearest one for a moment outside."""
        return max(0, min((moment - self.edges[0]) // self.step, len(self.edges) - 2))


def cut(first: datetime, last: datetime, zone: tzinfo) -> Parts:
    """The finest steps that give few enough parts, from a round hour of the zone on; `last` lies in the final one."""
    last = max(first, last)
    midnight = first.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    for step in STEPS:
        begin = midnight + (first - midnight) // step * step
        count = (last - begin) // step + 1
        if count <= MOST_PARTS:
            break
    return Parts([begin + step * part for part in range(count + 1)], step)
