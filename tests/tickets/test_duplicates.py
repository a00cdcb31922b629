"""Possible duplicates: who looks like one person and who does not, merging, and remembering that two are two."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.campaigns.pages import said
from tests.factories import NOW, make_contact, make_user
from tests.staff import sign_in, sign_in_owner
from tickets.duplicates import find_groups, keep_apart
from tickets.merging import merge, plan_merge
from tickets.models import Contact, HistoryEntry, NotDuplicate

pytestmark = pytest.mark.django_db

PAGE = "admin:tickets_contact_duplicates"


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


@pytest.fixture
def owner(client):
    client.cookies["django_language"] = "en"
    sign_in_owner(client)
    return client


def groups():
    names = dict(Contact.objects.values_list("pk", "name"))
    return [([names[pk] for pk in group.ids], list(group.reasons)) for group in find_groups()]


def people(*described):
    return [make_contact(name=name, email=email) for name, email in described]


def test_the_same_name_however_it_is_written():
    people(("María Ñandú", ""), ("ÑANDU  María", ""), ("maria nandu", ""), ("María", ""), ("María", ""))
    assert groups() == [(["María Ñandú", "ÑANDU  María", "maria nandu"], ["name"])]


def test_the_same_email_and_a_similar_name():
    people(("Ana Gómez", "ana@example.com"), ("Ana Gómes", "ana@example.com"), ("Ana", "ana@example.com"))
    people(("Leo Gómez", "casa@example.com"), ("Eva Gómez", "casa@example.com"), ("Ida Gómez", "casa@example.com"))
    assert groups() == [(["Ana Gómez", "Ana Gómes", "Ana"], ["email"])]


def test_the_two_forms_of_one_number():
    make_contact(name="Bia", phone="+5511955550101", email="")
    make_contact(name="Beatriz", phone="+551155550101", email="")
    assert groups() == [(["Bia", "Beatriz"], ["number"])]


def test_the_same_document():
    make_contact(name="Ana", attributes={"dni": "12.345.678", "mesa": "12"})
    make_contact(name="A. Prueba", attributes={"numero_de_documento": "12345678"})
    make_contact(name="Leo", attributes={"mesa": "12345678"})
    make_contact(name="Eva", attributes={"dni": "pendiente"})
    make_contact(name="Ida", attributes={"dni": "pendiente"})
    assert groups() == [(["Ana", "A. Prueba"], ["document"])]


def test_a_name_that_many_have_and_the_address_of_an_office_say_nothing():
    people(*[("José Pérez", "oficina@example.com")] * 9)
    assert groups() == []


def test_more_signs_come_first_and_groups_join():
    people(("Leo Paz", ""), ("Leo Paz", ""))
    people(("Ana Sol", "ana@example.com"), ("Ana Sol", "ana@example.com"), ("Ana", "ana@example.com"))
    assert groups() == [(["Ana Sol", "Ana Sol", "Ana"], ["email", "name"]), (["Leo Paz", "Leo Paz"], ["name"])]


def test_two_that_are_two_are_not_shown_again_and_a_third_is():
    one, two = people(("Ana Sol", ""), ("Ana Sol", ""))
    user = make_user()
    assert keep_apart([two.pk, one.pk], user=user)
    assert not keep_apart([one.pk, two.pk], user=user)
    assert groups() == []
    assert list(NotDuplicate.objects.values_list("first", "second")) == [(one.pk, two.pk)]
    history = list(HistoryEntry.objects.order_by("object_id").values_list("action", "object_name", "after"))
    assert history == [("kept_apart", "Ana Sol", {"contact": ["Ana Sol"]})] * 2
    people(("Ana Sol", ""))
    assert [len(names) for names, _reasons in groups()] == [3]


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_page_shows_them_with_the_way_to_merge(owner):
    one, two = people(("Ana Sol", "ana@example.com"), ("Sol Ana", "ana@example.com"))
    page = owner.get(reverse(PAGE)).content.decode()
    assert "1 group of people who may be one person" in page
    assert "same e-mail, similar name" in page
    merge = f"{reverse('admin:tickets_contact_merge', args=[one.pk])}?with={two.pk}"
    assert merge in page
    assert owner.get(merge).status_code == 200


def test_not_the_same_once_and_again(owner):
    one, two = people(("Ana Sol", ""), ("Ana Sol", ""))
    owner.get(reverse(PAGE))
    form = {"ids": f"{one.pk}.{two.pk}", "page": "1"}
    assert said(owner.post(reverse(PAGE), form)) == ["They are different people. They are not shown together any more."]
    again = owner.post(reverse(PAGE), form)
    assert said(again)[-1] == "This was done already, so nothing was done again."
    assert again.url.endswith("?page=1")
    assert "No duplicates here" in owner.get(reverse(PAGE)).content.decode()
    for nonsense in ({}, {"ids": "x"}, {"ids": f"{one.pk}"}, {"ids": "9" * 40, "page": "x"}):
        assert owner.post(reverse(PAGE), nonsense).status_code == 302
    assert NotDuplicate.objects.count() == 1


def test_who_was_merged_since_is_gone_from_the_page(owner):
    _one, two = people(("Ana Sol", ""), ("Ana Sol", ""))
    owner.get(reverse(PAGE))
    two.delete()
    assert "No duplicates here" in owner.get(reverse(PAGE)).content.decode()


def test_whoever_may_not_merge_may_only_look(client):
    sign_in(client, "tickets.view_contact")
    one, two = people(("Ana Sol", ""), ("Ana Sol", ""))
    page = client.get(reverse(PAGE)).content.decode()
    assert "Ana Sol" in page
    assert 'name="ids"' not in page
    assert "/merge/" not in page
    assert client.post(reverse(PAGE), {"ids": f"{one.pk}.{two.pk}"}).status_code == 403
    assert not NotDuplicate.objects.exists()


def test_pages_take_few_queries(owner, django_assert_max_num_queries):
    for number in range(23):
        people((f"Persona {number} Prueba", ""), (f"Persona {number} Prueba", ""))
    with django_assert_max_num_queries(12):
        page = owner.get(reverse(PAGE), {"page": "2"}).content.decode()
    assert page.count("<section") == 10
    assert "Page 2 of 3" in page
    assert owner.get(reverse(PAGE), {"page": "99"}).content.decode().count("<section") == 3


def test_not_the_same_outlives_a_merge():
    people = [make_contact(name="Ana Prueba") for _ in range(3)]
    first, twin, other = people
    keep_apart([twin.pk, other.pk], user=None)
    keep_apart([first.pk, twin.pk], user=None)  # and yet they are merged
    merge(first, twin, {}, expected=plan_merge(first, twin).fingerprint, user=None, now=NOW)
    assert list(NotDuplicate.objects.values_list("first", "second")) == [(first.pk, other.pk)]
    assert find_groups() == []
