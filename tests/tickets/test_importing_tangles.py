"""Lists in which everybody shares names, numbers and addresses: whatever happens, it is the same every time."""

import random

import pytest

from tests.factories import make_contact
from tests.tickets.lists import import_text, totals
from tickets.importing import running
from tickets.models import Contact, Tag

pytestmark = pytest.mark.django_db

HEADER = "nombre,telefono,correo"
PHONES = ("", "3000000001", "+57 300 000 0002", "3000000003")
EMAILS = ("", "a@example.com", "B@example.com")


def import_rows(*rows, **options):
    return import_text("\n".join([HEADER, *rows]), **options)


def everything():
    tags = Contact.tags.through.objects.order_by("pk").values_list("contact_id", "tag__name")
    return list(Contact.objects.order_by("pk").values()), list(tags), list(Tag.objects.values())


def tangle(chance, length):
    rows = []
    while len(rows) < length:
        phone, email = chance.choice(PHONES), chance.choice(EMAILS)
        if phone or email:
            rows.append(f"{chance.choice(('Juan', 'JUAN', 'Ana', 'Luz'))},{phone},{email}")
    return rows


TANGLED = (
    "Juan Test,,fam@example.com",
    "Juan Test,3000000001,fam@example.com",
    "Juan Test,3000000002,fam@example.com",
    "Luz Test,,fam@example.com",
    "Ana Prueba,3000000003,",
    "Ana P.,3000000003,ana@example.com",
    "Ana Prueba,,ana@example.com",
    "Eva Ficticia,3000000004,eva@example.com",
    "Eva F.,,EVA@example.com",
    "Eva Ficticia,3000000004,eva.nueva@example.com",
    "Eva Ficticia,,eva.vieja@example.com",
    "Eva Ficticia,,eva@example.com",
)


@pytest.mark.parametrize("batch", [1, 2, 3, 5, 500])
@pytest.mark.parametrize("stored", [False, True])
def test_a_dry_run_says_exactly_what_would_happen_and_writes_nothing(monkeypatch, batch, stored):
    monkeypatch.setattr(running, "BATCH", batch)
    if stored:
        make_contact(name="Juan Test", phone="", email="fam@example.com")
        make_contact(name="Eva Ficticia", phone="+573000000004", email="eva.vieja@example.com")
        make_contact(name="Ana", phone="+573000000003", email="")
    before = everything()
    rehearsal = import_rows(*TANGLED, tag="VIP", dry_run=True)
    assert everything() == before
    real = import_rows(*TANGLED, tag="VIP")
    assert (totals(rehearsal), rehearsal.repeats) == (totals(real), real.repeats)
    assert len(rehearsal.companions_of_new) == real.created
    assert len(real.companions) == real.created + real.updated + real.unchanged


@pytest.mark.parametrize("batch", [1, 2, 3, 5, 500])
def test_the_size_of_the_batches_does_not_matter(monkeypatch, batch):
    monkeypatch.setattr(running, "BATCH", batch)
    report = import_rows(*TANGLED)
    assert totals(report) == (12, 7, 0, 0, 5, 0, 0)


@pytest.mark.parametrize("seed", range(60))
def test_any_list_over_any_contacts(monkeypatch, seed):
    chance = random.Random(seed)
    import_rows(*tangle(chance, chance.randint(0, 6)))
    rows = tangle(chance, chance.randint(1, 12))
    before = everything()
    monkeypatch.setattr(running, "BATCH", chance.choice((1, 2, 3, 500)))
    rehearsal = import_rows(*rows, dry_run=True)
    assert everything() == before
    monkeypatch.setattr(running, "BATCH", chance.choice((1, 2, 3, 500)))
    real = import_rows(*rows)
    assert (totals(rehearsal), rehearsal.repeats) == (totals(real), real.repeats)
    assert import_rows(*rows).created == 0
