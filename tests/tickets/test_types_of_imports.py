"""Tickets of an event with types, for everybody in a list: a list names no type."""

import pytest
from django.utils import translation

from tests.factories import make_event
from tests.tickets.uploads import checked, imported
from tickets.models import Contact, Ticket

pytestmark = pytest.mark.django_db

LIST = "nombre;teléfono\nAna Prueba;+57 300 555 0001\nLuis Prueba;+57 300 555 0002\n"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def make_event_with(**capacities):
    event = make_event(name="Gala")
    for name, capacity in capacities.items():
        event.types.create(name=name, capacity=capacity)
    return event


@pytest.mark.parametrize(("types", "given"), [({"VIP": None}, "VIP"), ({"VIP": 1, "General": None}, "General")])
def test_the_only_type_or_the_general_one_is_given(types, given):
    job = imported(LIST, event=make_event_with(**types), language="en")
    assert (job.tickets_new, job.ticket_note) == (2, "")
    assert set(Ticket.objects.values_list("type", flat=True)) == {given}


def test_where_nobody_knows_which_type_is_meant_the_people_come_in_and_it_is_said():
    event = make_event_with(VIP=None, Platea=None)
    sentence = "“Gala” has several types of tickets. Choose one of them: Platea, VIP."
    assert checked(LIST, event=event, language="en").ticket_note == sentence
    job = imported(LIST.replace("0001", "0003"), event=event, language="en")
    assert (job.state, job.ticket_note, Ticket.objects.count(), Contact.objects.count()) == ("done", sentence, 0, 2)


def test_the_places_of_the_type_are_looked_at_before():
    event = make_event_with(VIP=1)
    note = checked(LIST, event=event, language="en").ticket_note
    assert note.startswith("The type “VIP” of “Gala” has room for 1 people. 0 places are taken and 2 more are needed")


def test_br_122_the_same_list_again_issues_nothing():
    event = make_event_with(VIP=2)
    for _time in range(2):
        imported(LIST, event=event, language="en")
    tickets = Ticket.objects.values_list("code", "token")
    assert (len(tickets), len(set(tickets))) == (2, 2)
