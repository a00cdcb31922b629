"""When an event is, in its own time zone and in words: the same on the page, in the PDF and on the picture."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.dates import date_words, in_zone, time_words, zone_words
from tickets.models import Event

# A party that ends at three in the morning is one evening, not two days.
ONE_EVENING = timedelta(hours=14)


@dataclass(frozen=True)
class EventTimes:
    starts: datetime
    ends: datetime
    date: str  # of the start
    zone: str  # the city after which the zone is named
    last_date: str  # "" for one evening
    last_time: str

    @property
    def hours(self) -> str:
        """`20:00 – 23:00`; only the start of what goes on for days."""
        return f"{self.starts:%H:%M}" if self.last_date else f"{self.starts:%H:%M} – {self.ends:%H:%M}"


def times_of(event: Event, language: str) -> EventTimes:
    starts, ends = in_zone(event.starts_at, event.timezone), in_zone(event.ends_at, event.timezone)
    is_one_evening = event.ends_at - event.starts_at <= ONE_EVENING
    return EventTimes(
        starts=starts,
        ends=ends,
        date=date_words(starts, language),
        zone=zone_words(starts, language),
        last_date="" if is_one_evening else date_words(ends, language),
        last_time=time_words(ends, language),
    )
