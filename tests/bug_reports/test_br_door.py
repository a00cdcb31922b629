"""Bug reports BR-114, BR-115 and BR-116 at the door: who gets near it, two gates at once, and what comes first."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.factories import NOW, make_event
from tests.tickets.door_scene import TOKEN, Phone, link, make_access, make_night, make_pass, nonce
from tickets.checkin import Scan, check_in, find_ticket
from tickets.doorkeeper import Doorkeeper
from tickets.models import CheckIn, DoorAccess, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


@pytest.fixture
def night():
    return make_night()


@pytest.mark.parametrize("name", ["door_scan", "door_sync", "door_undo", "door_list"])
def test_br_114_nobody_asks_a_door_anything_without_a_session(night, name):
    """Whether the ticket or the code exists makes no difference."""
    phone, ticket = Phone(night), make_pass(night)
    send = phone.list if name == "door_list" else lambda: phone.post(name, {"nonce": nonce(), "scanned": ticket.code})
    answer = send()
    assert (answer.status_code, answer.json()["error"]) == (401, "login")
    assert not CheckIn.objects.exists()


def test_br_114_a_guessed_link_is_as_unknown_as_one_that_is_switched_off(night):
    make_access(night, is_active=False)
    guessed, switched_off = (Client().get(reverse("tickets:door_key", args=[token])) for token in ("Z" * 22, TOKEN))
    assert (guessed.status_code, guessed.content) == (404, switched_off.content)


def test_br_114_a_ticket_of_another_event_is_nobody_at_this_door(night):
    make_access(night)
    other = make_pass(make_event())
    told = Phone.with_link(night).scan(link(other))
    assert (told["reason"], told["name"], told["code"], told["type"]) == ("other_event", "", "", "")


def test_br_115_one_gate_says_come_in_and_the_other_since_when(night):
    make_access(night)
    ticket, north, south = make_pass(night), Phone.with_link(night), Phone.with_link(night)
    first, second = north.scan(link(ticket), gate="Norte"), south.scan(link(ticket), gate="Sur")
    assert (first["result"], second["result"], second["reason"]) == ("good", "refused", "already_inside")
    assert (second["since"], second["gate"]) == ("10:00", "Norte")


@pytest.mark.django_db(transaction=True)
def test_br_115_two_gates_that_read_the_ticket_at_the_same_moment(night):
    """Both have read that it is free before either writes."""
    access, ticket = make_access(night), make_pass(night)
    both_read, results = threading.Barrier(2), []

    def gate(name):
        try:
            found = find_ticket(ticket.code)
            both_read.wait(10)
            scan = Scan(nonce(), ticket.code, NOW, gate=name)
            results.append(check_in(night, found, scan, Doorkeeper(access=access)).checkin.result)
        finally:
            connection.close()

    threads = [threading.Thread(target=gate, args=[name]) for name in ("Norte", "Sur")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["good", "refused"]
    assert (Ticket.objects.get().people_inside, CheckIn.objects.count()) == (1, 2)


def test_br_116_what_a_ticket_is_comes_before_whether_it_was_there(night):
    """Each step of the order, with everything that comes later wrong too."""
    make_access(night)
    phone = Phone.with_link(night)
    inside = {"people_inside": 1}
    elsewhere = make_event(doors_open_at=NOW + timedelta(hours=9))
    tickets = {
        "other_event": make_pass(elsewhere, status="voided", **inside),
        "voided": make_pass(night, status="voided", **inside),
        "replaced": make_pass(night, status="replaced", **inside),
        "blocked": make_pass(night, status="blocked", **inside),
        "too_early": make_pass(night, **inside),
    }
    type(night).objects.filter(pk=night.pk).update(doors_open_at=NOW + timedelta(minutes=1))
    told = {reason: phone.scan(link(ticket)) for reason, ticket in tickets.items()}
    assert {reason: one["reason"] for reason, one in told.items()} == {reason: reason for reason in tickets}
    assert len({one["title"] for one in told.values()}) == len(tickets)
    assert CheckIn.objects.filter(result="refused").count() == len(tickets)


def test_br_116_no_access_reaches_the_door_of_another_event(night):
    make_access(night)
    other = make_night()
    answer = Phone(other, Phone.with_link(night).client).post("door_scan", {"nonce": nonce(), "scanned": "x"})
    assert (answer.status_code, answer.json()["error"]) == (403, "closed")
    assert DoorAccess.objects.get().event == night
