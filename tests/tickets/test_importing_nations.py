"""Which country the numbers of a list are taken for."""

import pytest

from tests.factories import make_event, make_settings
from tests.tickets.test_imports_pages import boss, form_of, page, send
from tests.tickets.uploads import fresh, upload
from tickets.countries import COUNTRY_NAMES
from tickets.importing.nations import guess_country
from tickets.models import Import
from tickets.zones import USUAL, country_of_zone

__all__ = ["boss"]
MEXICO = ["55 1234 5678", "33 1234 5678", "81 2345 6789", "222 345 6789"]


@pytest.mark.parametrize(
    ("numbers", "country"),
    [
        (MEXICO, "MX"),
        (["11 2345-6789", "351 234 5678", "0341 15 234-5678"], "AR"),
        (["11 91234-5678", "(21) 98765-4321"], "BR"),
        (["099 123 456", "094123456"], "UY"),
        (["300 123 4567", "3101234567"], "CO"),
        (["+52 55 1234 5678", "0052 33 1234 5678"], "CO"),  # say so themselves
        (["987654321", "912345678"], "CO"),  # right in Peru, in Chile and in Spain
        (["", "  "], "CO"),
        ([], "CO"),
        ([*MEXICO, "12", "no tiene"], "CO"),  # too much of it is no number at all
        ([*MEXICO, *["300 123 4567"] * 4], "CO"),  # half of them are from here
    ],
)
def test_a_list_is_taken_for_one_of_another_country_only_when_that_is_clear(numbers, country):
    assert guess_country(numbers, home="CO", others=list(COUNTRY_NAMES)) == country


def test_every_zone_that_is_offered_first_has_a_country():
    assert {country_of_zone(name) for name in USUAL} <= set(COUNTRY_NAMES)
    assert country_of_zone("America/Monterrey") == "MX"
    assert country_of_zone("UTC") == ""


@pytest.mark.django_db
def test_the_numbers_of_a_list_choose_its_country():
    rows = "".join(f"Persona {n};{number}\n" for n, number in enumerate(MEXICO))
    job = upload("nombre;teléfono\n" + rows)
    assert (fresh(job).country, len(fresh(job).preview)) == ("MX", 4)
    assert upload("nombre\nAna\n").country == "CO"


@pytest.mark.django_db
def test_whoever_comes_from_an_event_imports_numbers_of_its_country(boss):
    make_settings(default_country="CO")
    event = make_event(timezone="America/Lima")
    alike = "nombre;teléfono\nAna;987654321\nBea;912345678\n"
    send(boss, alike)
    assert Import.objects.latest("pk").country == "CO"
    send(boss, alike, event=event.pk)
    job = Import.objects.latest("pk")
    assert (job.country, form_of(boss, job)["country"]) == ("PE", "PE")
    for odd in ("9" * 30, "-1", "zzz", "0"):
        assert send(boss, alike, event=odd).url.startswith(page("columns", Import.objects.latest("pk")))
