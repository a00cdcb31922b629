from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from tickets.dates import date_words, in_zone, time_words, zone_words

EVENING = datetime(2026, 12, 13, 1, 0, tzinfo=UTC)  # 20:00 of the day before in Bogotá
BOGOTA = ZoneInfo("America/Bogota")


def test_a_date_in_spanish_is_the_local_day():
    assert date_words(in_zone(EVENING, BOGOTA), "es") == "sábado 12 de diciembre de 2026"


def test_a_date_in_english():
    assert date_words(in_zone(EVENING, BOGOTA), "en") == "Saturday 12 December 2026"


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_month_and_weekday_has_a_name(language):
    days = [datetime(2026, month, 1 + month, tzinfo=UTC) for month in range(1, 13)]

    assert len({date_words(day, language).split()[-3 if language == "es" else -2] for day in days}) == 12
    assert len({date_words(EVENING + timedelta(days=n), language).split()[0] for n in range(7)}) == 7


def test_a_time_names_its_zone():
    assert time_words(in_zone(EVENING, BOGOTA), "es") == "20:00 (Bogotá)"


@pytest.mark.parametrize(
    ("key", "language", "words"),
    [
        ("America/Mexico_City", "es", "Ciudad de México"),
        ("America/Mexico_City", "en", "Mexico City"),
        ("America/New_York", "es", "Nueva York"),
        ("America/Argentina/Buenos_Aires", "es", "Buenos Aires"),
        ("Europe/Madrid", "en", "Madrid"),
        ("America/Sao_Paulo", "en", "São Paulo"),
        ("Atlantic/Canary", "es", "Canarias"),
        ("UTC", "es", "UTC"),
        ("Etc/GMT+5", "es", "UTC−5"),  # the database writes the sign the other way round
    ],
)
def test_a_zone_is_called_by_its_city(key, language, words):
    assert zone_words(in_zone(EVENING, ZoneInfo(key)), language) == words


def test_a_bare_offset_is_written_as_such():
    assert zone_words(in_zone(EVENING, timezone(timedelta(hours=5, minutes=30))), "es") == "UTC+5:30"


def test_daylight_saving_time_is_followed():
    summer = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)

    assert time_words(in_zone(summer, ZoneInfo("Europe/Madrid")), "es") == "20:00 (Madrid)"


@pytest.mark.parametrize(("asked", "given"), [("es-CO", "es"), ("EN", "en"), ("fr", "es"), ("", "es")])
def test_a_language_that_is_not_spoken_becomes_spanish(asked, given):
    assert date_words(EVENING, asked) == date_words(EVENING, given)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        in_zone(EVENING.replace(tzinfo=None), BOGOTA)
