"""Whoever can be in the list, typed into the form, comes back from an export without an error and without a change."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories import make_contact, make_tag
from tests.tickets.lists import import_bytes, totals
from tickets.accepted_numbers import as_written
from tickets.exporting import ContactSheet
from tickets.forms import ContactForm
from tickets.models import Contact
from tickets.spreadsheets import csv_pieces, xlsx_pieces

ODD = "+57300000000"  # too short for its country, and vouched for by hand
HOW_MANY = 15
WAYS = {
    "csv;": lambda sheet: csv_pieces(sheet.header, sheet.rows(), separator=";"),
    "csv,": lambda sheet: csv_pieces(sheet.header, sheet.rows(), separator=","),
    "xlsx": lambda sheet: xlsx_pieces(sheet.header, sheet.rows(), title="x", widths=sheet.widths),
}
TYPED = "aZñÑ é9\"'=+-@;,|{}:\t\u00a0\u200d\u0301أ👩"
WORDS = st.text(TYPED, min_size=1, max_size=12)
NUMBERS = ("", "", ODD, "+57 300 000 0001", "+5215512345678", "+5511988887777", "+551188887777", "3000000002")
EMAILS = ("", "fam@example.com", "fam@example.com", "sin@dat.os", '"a@b"@example.com', "X@x.example.com")
NAMES = st.sampled_from(("Ana", "ana", "N/A", "Luz Prueba")) | WORDS
PERSON = st.fixed_dictionaries(
    {
        "name": NAMES,
        "nickname": st.just("") | WORDS,
        "phone": st.sampled_from(NUMBERS),
        "email": st.sampled_from(EMAILS),
        "attributes": st.lists(st.tuples(WORDS, WORDS), max_size=2),
        "birthday": st.sampled_from(("", "29/02")),
        "language": st.sampled_from(("es", "en")),
        "tags": st.lists(st.integers(0, 3), max_size=3),
    }
)
TAGS = ("Socios, 2026", '"Prensa"', "a;b|c", "=VIP")


def type_in(person, tags):
    """False: the form refuses it."""
    typed = person | {"tags": [tags[n].pk for n in person["tags"]], "accept_number": "on"}
    typed["attributes"] = "\n".join(f"{name}: {text}" for name, text in person["attributes"])
    form = ContactForm(typed)
    if form.is_valid():
        form.save()
    return form.is_valid()


def come_back(way):
    people = list(Contact.objects.order_by("pk").values())
    tags = sorted(Contact.tags.through.objects.values_list("contact", "tag"))
    report = import_bytes(b"".join(WAYS[way](ContactSheet(Contact.objects.all()))))
    assert totals(report) == (len(people), 0, 0, len(people), 0, 0, 0)
    assert list(Contact.objects.order_by("pk").values()) == people
    assert sorted(Contact.tags.through.objects.values_list("contact", "tag")) == tags


class AnybodyWhoCanBeTyped(TestCase):
    @settings(max_examples=HOW_MANY, deadline=None)
    @given(people=st.lists(PERSON, min_size=1, max_size=4), way=st.sampled_from(sorted(WAYS)))
    def test_br_007_comes_back_unchanged(self, people, way):
        tags = [make_tag(name) for name in TAGS]
        typed = [type_in(person, tags) for person in people]
        if any(typed):
            come_back(way)


@pytest.mark.django_db
@pytest.mark.parametrize("way", sorted(WAYS))
def test_br_007_a_number_that_was_accepted_by_hand_comes_back(way):
    assert as_written(ODD) == ODD
    make_contact(phone=ODD, email="")
    come_back(way)


@pytest.mark.django_db
def test_br_007_a_list_still_brings_no_such_number_in():
    report = import_bytes(f"nombre,celular\nAna,{ODD}\n".encode())
    assert totals(report) == (1, 0, 0, 0, 0, 1, 0)


@pytest.mark.django_db
def test_each_of_several_who_share_an_address_comes_back_as_themselves():
    for name in ("Ana", "Ana", "Beto", "Carla"):
        make_contact(name=name, phone="", email="fam@example.com", tags=(make_tag(),), nickname=f"de {name}")
    come_back("csv,")


@pytest.mark.django_db
def test_the_form_takes_no_more_than_a_list_does():
    typed = {"name": "Ana", "email": "ana@example.com", "language": "es"}
    assert ContactForm(typed | {"attributes": "nota: " + "x" * 500}).is_valid()
    assert "501" in str(ContactForm(typed | {"attributes": "nota: " + "x" * 501}).errors["attributes"])
    assert set(ContactForm(typed | {"name": "***"}).errors) == {"name"}
    form = ContactForm(typed | {"attributes": "no\0ta: a\0b\tc"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["attributes"] == {"nota": "ab c"}
