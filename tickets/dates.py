"""Dates and times in words, always with their zone. Pure: tickets and messages say the same thing."""

from datetime import datetime, tzinfo

LANGUAGES = ("es", "en")

_WEEKDAYS = {
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "en": "January February March April May June July August September October November December",
}

# The zone database writes cities in ASCII and in English.
_CITIES = {
    "Asuncion": "Asunción",
    "Bahia_Banderas": "Bahía de Banderas",
    "Belem": "Belém",
    "Bogota": "Bogotá",
    "Cancun": "Cancún",
    "Cordoba": "Córdoba",
    "Cuiaba": "Cuiabá",
    "Galapagos": "Galápagos",
    "Maceio": "Maceió",
    "Mazatlan": "Mazatlán",
    "Merida": "Mérida",
    "Panama": "Panamá",
    "Sao_Paulo": "São Paulo",
    "Tucuman": "Tucumán",
}
_SPANISH_CITIES = {
    "Canary": "Canarias",
    "Ciudad_Juarez": "Ciudad Juárez",
    "Easter": "Isla de Pascua",
    "Havana": "La Habana",
    "London": "Londres",
    "Los_Angeles": "Los Ángeles",
    "Mexico_City": "Ciudad de México",
    "New_York": "Nueva York",
    "Paris": "París",
    "Port_of_Spain": "Puerto España",
}


def date_words(local: datetime, language: str) -> str:
    """`sábado 12 de diciembre de 2026`, `Saturday 12 December 2026`."""
    language = _known(language)
    weekday, month = _WEEKDAYS[language][local.weekday()], _MONTHS[language].split()[local.month - 1]
    of = " de " if language == "es" else " "
    return f"{weekday} {local.day}{of}{month}{of}{local.year}"


def time_words(local: datetime, language: str) -> str:
    """`20:00 (Bogotá)`: an hour without its place has made people miss events."""
    return f"{local:%H:%M} ({zone_words(local, language)})"


def zone_words(local: datetime, language: str) -> str:
    """The city that a zone is named after, else the distance from UTC."""
    key = getattr(local.tzinfo, "key", "")
    if "/" not in key or key.startswith("Etc/"):
        return _offset_words(local)
    city = key.rsplit("/", 1)[1]
    translated = _SPANISH_CITIES.get(city) if _known(language) == "es" else None
    return translated or _CITIES.get(city) or city.replace("_", " ")


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone has no local time")
    return moment.astimezone(zone)


def _offset_words(local: datetime) -> str:
    offset = f"{local:%z}" or "+0000"  # +hhmm
    hours, minutes = int(offset[1:3]), offset[3:5]
    if not hours and minutes == "00":
        return "UTC"
    return f"UTC{'−' if offset[0] == '-' else '+'}{hours}" + ("" if minutes == "00" else f":{minutes}")


def _known(language: str) -> str:
    """`es-CO` is Spanish; what nobody speaks here becomes Spanish, the language of the product."""
    short = language[:2].lower()
    return short if short in LANGUAGES else "es"
