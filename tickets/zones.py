"""The time zones to choose from, those of our users first."""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import available_timezones

from django.utils.choices import BaseChoiceIterator
from django.utils.translation import gettext as _

USUAL = (
    "America/Bogota",
    "America/Mexico_City",
    "America/Argentina/Buenos_Aires",
    "America/Santiago",
    "America/Lima",
    "America/Caracas",
    "America/Guayaquil",
    "America/La_Paz",
    "America/Asuncion",
    "America/Montevideo",
    "America/Sao_Paulo",
    "America/Panama",
    "America/Costa_Rica",
    "America/Guatemala",
    "America/El_Salvador",
    "America/Tegucigalpa",
    "America/Managua",
    "America/Havana",
    "America/Santo_Domingo",
    "America/Puerto_Rico",
    "Europe/Madrid",
    "Atlantic/Canary",
)
AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "UTC")


class ZoneChoices(BaseChoiceIterator):
    """In two groups; the zone that is in use is always among them, however odd.

    Forms copy their choices again and again. Six hundred of them would take longer than the rest of a page, and nothing
    changes these.
    """

    def __init__(self, chosen: str = "UTC"):
        self.chosen = chosen

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        yield _("Latin America and Spain"), _choices(USUAL)
        yield _("Everywhere"), _choices(_others(self.chosen))

    def __deepcopy__(self, memo: dict[int, Any]) -> "ZoneChoices":
        return self


@cache
def country_of_zone(name: str) -> str:
    """Two-letter code; empty for a zone of no country, such as UTC."""
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return next((cells[0] for cells in lines if cells[2] == name), "")


@cache
def _others(chosen: str) -> tuple[str, ...]:
    everywhere = {name for name in available_timezones() if name.partition("/")[0] in AREAS}
    return tuple(sorted((everywhere | {chosen}) - set(USUAL)))


@cache
def _choices(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in names]
