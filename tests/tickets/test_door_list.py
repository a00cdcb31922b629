"""The list that a phone keeps for when it has no network."""

import json
import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import override_settings

from tests.factories import NOW, make_contact
from tests.tickets.door_scene import Phone, make_access, make_night, make_pass
from tickets.door_list import door_list, key_of, list_rows, salt_of, tickets_by_key, version_of
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def night():
    return make_night(doors_open_at=NOW)


@pytest.fixture
def phone(night):
    make_access(night)
    return Phone.with_link(night)


def test_each_ticket_is_there_by_its_token_and_by_its_code(night, phone):
    holder = make_contact(name="Ana Prueba")
    first = make_pass(night, holder=holder, companions=2, people_inside=1)
    states = {"blocked": "b", "voided": "x", "replaced": "r"}
    others = [make_pass(night, status=status) for status in states]
    make_pass(make_night())
    answer = phone.list()
    told = answer.json()
    salt = told["salt"]
    assert {name: told[name] for name in ("event", "made_at", "opens_at")} == {
        "event": night.slug,
        "made_at": NOW.isoformat(),
        "opens_at": NOW.isoformat(),
    }
    assert told["tickets"][:2] == [
        [key_of(salt, first.token), 3, 1, "v", 1],
        [key_of(salt, first.code), 3, 1, "v", 1],
    ]
    assert told["tickets"][2::2] == [
        [key_of(salt, ticket.token), 1, 0, states[ticket.status], number] for number, ticket in enumerate(others, 2)
    ]
    assert len(told["tickets"]) == 8


def test_the_key_is_what_the_phone_computes(night):
    """SHA-256 over salt, colon and text; twenty digits of it."""
    assert key_of("00ff", "K7MD-4QXT") == "8565866cea5b4c6614c4"
    assert len(salt_of(night)) == 32


def test_nothing_of_anybody_stands_in_it_in_clear(night, phone):
    holder = make_contact(name="Ana Prueba", phone="+573005550001", email="ana@example.org")
    ticket = make_pass(night, holder=holder)
    text = phone.list().content.decode()
    for secret in (ticket.code, ticket.code.replace("-", ""), ticket.token, "Ana", "5550001", "example.org"):
        assert secret not in text


def test_the_salt_is_of_the_event_and_stays(night):
    assert salt_of(night) == salt_of(Event.objects.get(pk=night.pk)) != salt_of(make_night())
    with override_settings(SECRET_KEY=settings.SECRET_KEY + "other"):
        assert salt_of(night) != salt_of(make_night(pk=night.pk + 1000))


CHANGES = {
    "somebody comes in": lambda ticket: Ticket.objects.filter(pk=ticket.pk).update(people_inside=1),
    "a companion more": lambda ticket: Ticket.objects.filter(pk=ticket.pk).update(companions=2),
    "it is blocked": lambda ticket: Ticket.objects.filter(pk=ticket.pk).update(status="blocked"),
    "another ticket": lambda ticket: make_pass(ticket.event),
    "other doors": lambda ticket: Event.objects.update(doors_open_at=NOW + timedelta(minutes=5)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_unchanged_it_is_answered_in_one_line(night, phone, change):
    ticket = make_pass(night, companions=1)
    first = phone.list()
    assert first.json()["version"] in first["ETag"]
    same = phone.list(if_none_match=first["ETag"])
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    change(ticket)
    assert phone.list(if_none_match=first["ETag"]).status_code == 200


def test_a_tag_that_was_weakened_on_the_way_counts(night, phone):
    """Compressing an answer makes its tag a weak one."""
    for _ in range(20):
        make_pass(night)
    weak = phone.list(accept_encoding="gzip")["ETag"]
    assert weak.startswith("W/")
    assert phone.list(if_none_match=weak).status_code == 304


def test_5000_tickets_take_one_query_and_well_under_a_second(night, phone, django_assert_num_queries):
    holder = make_contact()
    Ticket.objects.bulk_create(
        Ticket(event=night, holder=holder, number=n, code=f"C-{n}", token=f"token-{n:016d}") for n in range(5000)
    )
    phone.list()  # that somebody is there is written down once a minute
    began = time.perf_counter()
    with django_assert_num_queries(4):  # session, event, access, and the tickets
        answer = phone.list()
    assert time.perf_counter() - began < 0.8
    assert len(answer.json()["tickets"]) == 10_000
    with django_assert_num_queries(4):
        assert phone.list(if_none_match=answer["ETag"]).status_code == 304


def test_keys_lead_back_to_their_tickets(night, django_assert_num_queries):
    ticket, other, salt = make_pass(night), make_pass(night), salt_of(night)
    elsewhere = make_pass(make_night())
    keys = {key_of(salt, ticket.token), key_of(salt, other.code), key_of(salt, elsewhere.token), "nada"}
    with django_assert_num_queries(1):
        assert set(tickets_by_key(night, keys).values()) == {ticket.pk, other.pk}
    with django_assert_num_queries(0):
        assert tickets_by_key(night, set()) == {}


def test_it_can_be_made_without_a_page(night):
    rows = list_rows(night)
    assert json.dumps(door_list(night, rows, now=NOW))
    assert version_of(night, rows) == door_list(night, rows, now=NOW)["version"]
