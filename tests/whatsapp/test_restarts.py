"""When a gateway is restarted by itself: pure arithmetic, and whose turn it is."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_sender, make_user
from whatsapp.models import Restart
from whatsapp.restarts import due_for, is_due, take_turn

MINUTE = timedelta(minutes=1)


def ago(*minutes):
    return [NOW - MINUTE * count for count in minutes]


def test_the_first_one_waits_a_minute():
    assert not is_due([], NOW - timedelta(seconds=59), now=NOW)
    assert is_due([], NOW - MINUTE, now=NOW)


def test_each_further_one_waits_four_times_as_long():
    silent = NOW - timedelta(hours=2)
    assert [is_due(ago(minutes), silent, now=NOW) for minutes in (3.9, 4)] == [False, True]
    assert [is_due(ago(30, minutes), silent, now=NOW) for minutes in (15.9, 16)] == [False, True]


def test_there_are_at_most_three_an_hour():
    silent = NOW - timedelta(hours=2)
    assert not is_due(ago(59, 50, 30), silent, now=NOW)
    assert is_due(ago(61, 50, 30), silent, now=NOW)


def test_one_that_helped_for_a_while_starts_the_wait_anew():
    assert not is_due(ago(50), NOW - MINUTE, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["needs_qr", "logged_out", "restricted", "auth_error", "starting"])
def test_states_that_a_restart_makes_worse_are_never_answered_with_one(state):
    assert not due_for(make_sender(state=state), NOW - timedelta(hours=1), now=NOW)
    assert due_for(make_sender(state="unreachable"), NOW - timedelta(hours=1), now=NOW)


@pytest.mark.django_db
def test_what_a_person_asked_for_counts_too():
    sender, user = make_sender(state="unreachable"), make_user()
    assert take_turn(sender, now=NOW, user=user) is not None
    assert Restart.objects.get().asked_by == user
    assert not due_for(sender, NOW - timedelta(hours=1), now=NOW + MINUTE)


@pytest.mark.django_db
def test_of_two_who_ask_at_once_one_restarts():
    sender = make_sender()
    assert [take_turn(sender, now=NOW) is None for _ in range(2)] == [False, True]
    assert Restart.objects.count() == 1
