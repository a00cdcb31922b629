"""Other forms of a number: derived, kept beside the canonical one, found, and never somebody else's own number."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from tests.factories import NOW, make_contact, make_user
from tests.staff import sign_in_owner
from tests.tickets.lists import import_text, totals
from tickets.aliases import contact_of, keep_aliases
from tickets.merging import merge, plan_merge
from tickets.models import Contact, PhoneAlias
from tickets.phones import normalize_phone, other_forms, twins

MEXICO, ARGENTINA, BRAZIL = "+525555550101", "+5491155550101", "+5511955550101"
OLD_BRAZIL = "+551155550101"


@pytest.mark.parametrize(
    ("number", "others"),
    [
        (MEXICO, ("+5215555550101",)),
        (ARGENTINA, ("+541155550101", "+54111555550101", "+549111555550101")),
        ("+5493515550101", ("+543515550101", "+54351155550101", "+549351155550101")),
        (BRAZIL, (OLD_BRAZIL,)),
        (OLD_BRAZIL, (BRAZIL,)),
        ("+573000000001", ()),
        ("+34600000001", ()),
        ("", ()),
    ],
)
def test_other_forms(number, others):
    assert other_forms(number) == others


@pytest.mark.parametrize("number", [MEXICO, ARGENTINA, BRAZIL])
def test_every_other_form_becomes_the_canonical_number_or_its_twin(number):
    for form in other_forms(number):
        assert normalize_phone(form).e164 in {number, *twins(number)}


def aliases(contact):
    return set(contact.phone_aliases.values_list("number", flat=True))


@pytest.mark.django_db
def test_an_import_keeps_them_and_a_second_run_changes_nothing():
    text = "nombre,telefono\nAna Prueba,+5215555550101\nLeo Prueba,+57 300 000 0001\n"
    import_text(text)
    ana = Contact.objects.get(phone=MEXICO)
    assert aliases(ana) == {"+5215555550101"}
    before = list(PhoneAlias.objects.values_list("pk", flat=True))
    assert totals(import_text(text))[1:3] == (0, 0)
    assert list(PhoneAlias.objects.values_list("pk", flat=True)) == before


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [(BRAZIL, OLD_BRAZIL), (OLD_BRAZIL, BRAZIL)])
def test_br_008_rows_with_and_without_the_ninth_digit_are_one_person(rows):
    text = "nombre,telefono\n" + "".join(f"Ana Prueba,{number}\n" for number in rows)
    report = import_text(text)
    assert (report.created, report.repeated, Contact.objects.count()) == (1, 1, 1)
    again = import_text(text)
    assert (again.created, again.updated, again.repeated) == (0, 0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(("stored", "row"), [(BRAZIL, OLD_BRAZIL), (OLD_BRAZIL, BRAZIL)])
def test_br_008_a_row_in_the_other_form_is_the_stored_person_and_leaves_the_number(stored, row):
    contact = make_contact(name="Ana Prueba", phone=stored, email="")
    report = import_text(f"nombre,telefono\nAna Prueba,{row}\n")
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)
    assert Contact.objects.get().phone == contact.phone == stored


@pytest.mark.django_db
def test_two_people_who_have_the_two_forms_as_their_own_numbers_stay_two():
    make_contact(name="Ana", phone=BRAZIL, email="")
    make_contact(name="Leo", phone=OLD_BRAZIL, email="")
    report = import_text(f"nombre,telefono\nLeo,{OLD_BRAZIL}\nAna,{BRAZIL}\n")
    assert (report.created, report.updated, report.unchanged, report.repeated) == (0, 0, 2, 0)


@pytest.mark.django_db
def test_an_alias_that_is_somebodys_own_number_belongs_to_nobody():
    first, second = make_contact(phone=BRAZIL), make_contact(phone="")
    keep_aliases({first.pk: BRAZIL})
    assert aliases(first) == {OLD_BRAZIL}
    Contact.objects.filter(pk=second.pk).update(phone=OLD_BRAZIL)
    keep_aliases({second.pk: OLD_BRAZIL})
    assert not PhoneAlias.objects.exists()
    assert contact_of(OLD_BRAZIL) == second
    assert contact_of(BRAZIL) == first


@pytest.mark.django_db
def test_br_002_whoever_writes_from_an_old_form_is_found():
    ana, leo, bia = make_contact(phone=MEXICO), make_contact(phone=ARGENTINA), make_contact(phone=BRAZIL)
    keep_aliases({one.pk: one.phone for one in (ana, leo, bia)})
    assert {contact_of(form) for form in ("5215555550101", "+5215555550101", "525555550101", MEXICO)} == {ana}
    assert {contact_of(form) for form in ("541155550101", "5491155550101", "+54 11 15 5555-0101")} == {leo}
    assert {contact_of(form) for form in ("551155550101", "5511955550101")} == {bia}
    assert [contact_of(form) for form in ("", "no tiene", "+573009999999")] == [None, None, None]


@pytest.mark.django_db
def test_a_change_of_the_number_on_the_form_changes_them(client):
    sign_in_owner(client)
    contact = make_contact(name="Ana Prueba", phone=MEXICO, email="")
    keep_aliases({contact.pk: MEXICO})
    form = {"name": "Ana Prueba", "nickname": "", "phone": ARGENTINA, "email": "", "language": "es", "attributes": ""}
    address = reverse("admin:tickets_contact_change", args=[contact.pk])
    assert client.post(address, form).status_code == 302
    assert aliases(contact) == set(other_forms(ARGENTINA))
    added = form | {"name": "Leo Prueba", "phone": "+52 1 55 5555 0102"}
    assert client.post(reverse("admin:tickets_contact_add"), added).status_code == 302
    assert aliases(Contact.objects.get(name="Leo Prueba")) == {"+5215555550102"}


@pytest.mark.django_db
def test_a_merge_that_changes_the_number_changes_them():
    keep, gone = make_contact(phone="", email="ana@example.com"), make_contact(phone=MEXICO)
    keep_aliases({gone.pk: MEXICO})
    plan = plan_merge(keep, gone)
    merge(keep, gone, {}, expected=plan.fingerprint, user=make_user(), now=NOW)
    assert aliases(keep) == {"+5215555550101"}


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["+52 1 55", "5215555550101", "54 11 5555", "+55 11 5555 0101"])
def test_the_list_finds_people_by_any_form(client, typed):
    sign_in_owner(client)
    found = {"+52": MEXICO, "521": MEXICO, "54 ": ARGENTINA, "+55": BRAZIL}[typed[:3]]
    people = [make_contact(phone=number, email="") for number in (MEXICO, ARGENTINA, BRAZIL, "+573000000001")]
    keep_aliases({one.pk: one.phone for one in people})
    answer = client.get(reverse("admin:tickets_contact_changelist"), {"q": typed})
    assert [one.phone for one in answer.context["cl"].result_list] == [found]


@pytest.mark.django_db
def test_the_migration_fills_them_for_contacts_that_exist():
    ana = make_contact(phone=MEXICO)
    make_contact(phone=BRAZIL)
    make_contact(phone=OLD_BRAZIL)
    migration = importlib.import_module("tickets.migrations.0006_aliases")
    for _twice in range(2):
        migration.fill(apps, SimpleNamespace(connection=connection))
    assert list(PhoneAlias.objects.values_list("contact", "number")) == [(ana.pk, "+5215555550101")]
