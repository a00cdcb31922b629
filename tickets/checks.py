"""Facts about clocks that everybody's zone data must know, said at the start instead of found out at a closed door."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.checks import Error, Tags, register

# Mexico gave up its summer time in 2022, Paraguay its winter time in 2024: the whole year is as this.
KNOWN = {"America/Mexico_City": timedelta(hours=-6), "America/Asuncion": timedelta(hours=-3)}
MONTHS = (1, 7)


@register(Tags.compatibility)
def check_zones(app_configs: Any, **kwargs: Any) -> list[Error]:
    return [
        Error(
            f"The time-zone data is old: {zone} is {_hours(zone, month)} from UTC in it, which is not so any more.",
            hint="Install the tzdata that requirements.txt names, and start all programs again.",
            id="tickets.E001",
        )
        for zone, offset in KNOWN.items()
        for month in MONTHS
        if _offset(zone, month) != offset
    ]


def _offset(zone: str, month: int) -> timedelta | None:
    return datetime(2026, month, 15, 12, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()


def _hours(zone: str, month: int) -> str:
    offset = _offset(zone, month) or timedelta()
    return f"{offset / timedelta(hours=1):+g} h"
