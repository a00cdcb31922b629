"""The time zones to choose from, those of our users first."""

from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

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


def zone_choices(chosen: str) -> list[tuple[str, Any]]:
    """In two groups; the zone that is in use is always among them, however odd."""
    others = {name for name in available_timezones() if name.partition("/")[0] in AREAS} | {chosen}
    return [
        (_("Latin America and Spain"), [_choice(name) for name in USUAL]),
        (_("Everywhere"), [_choice(name) for name in sorted(others - set(USUAL))]),
    ]


@cache
def country_of_zone(name: str) -> str:
    """Two-letter code; empty for a zone of no country, such as UTC."""
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return next((cells[0] for cells in lines if cells[2] == name), "")


def _choice(name: str) -> tuple[ZoneInfo, str]:
    return ZoneInfo(name), name.replace("_", " ")
