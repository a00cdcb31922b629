"""Days and hours by Django's short formats, in the language that is active."""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import get_language


def formatted(moment: date | datetime, style: str) -> str:
    """As `date_format`, without a change of zone. In Spanish, names of days and months are written small."""
    words = date_format(moment, style)
    return words.lower() if (get_language() or "es").startswith("es") else words
