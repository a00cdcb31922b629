"""What became of a restart, said from what is known of the number."""

from datetime import timedelta

import pytest
from django.utils import translation

from tests.factories import NOW
from whatsapp.models import Restart, Sender
from whatsapp.restart_report import report_of, seconds_until_next

AFTER = timedelta(seconds=23)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def report(state, *, later, since=AFTER, checked=AFTER, **fields):
    sender = Sender(name="Taquilla", state=state, state_since=NOW + since, checked_at=NOW + checked)
    return report_of(sender, Restart(sender=sender, asked_at=NOW, **fields), now=NOW + later)


def test_nothing_is_reported_where_nothing_was_restarted_lately():
    assert report_of(Sender(), None, now=NOW) is None
    assert report("ready", later=timedelta(minutes=16)) is None


def test_ready_again_after_so_many_seconds():
    found = report("ready", later=timedelta(seconds=40))
    assert (found.tone, found.sentence, found.is_open) == ("ok", "Ready again 23 s after the restart.", False)


@pytest.mark.parametrize("looked", [timedelta(seconds=23), timedelta(minutes=9)])
def test_how_long_one_took_that_never_seemed_to_be_away_is_not_known(looked):
    found = report("ready", later=timedelta(minutes=10), since=timedelta(hours=-3), checked=looked)
    assert (found.tone, found.sentence) == ("ok", "The number is ready after the restart.")


@pytest.mark.parametrize("state", ["ready", "unreachable"])
def test_where_nobody_has_looked_since_nothing_is_claimed(state):
    found = report(state, later=timedelta(minutes=3), since=timedelta(hours=-3), checked=timedelta(minutes=-1))
    assert (found.tone, found.is_open) == ("info", False)
    assert found.sentence.startswith("Nobody has looked at the number since its restart.")


def test_what_it_said_before_the_restart_does_not_count():
    found = report("ready", later=timedelta(seconds=2), since=timedelta(hours=-3), checked=timedelta(minutes=-1))
    assert (found.tone, found.is_open) == ("info", True)


@pytest.mark.parametrize("state", ["starting", "unreachable", "failed", "unknown"])
def test_while_it_may_still_come_back_the_page_goes_on_looking(state):
    found = report(state, later=timedelta(seconds=119))
    assert (found.tone, found.is_open) == ("info", True)


@pytest.mark.parametrize("state", ["starting", "unreachable", "failed", "unknown"])
def test_after_two_minutes_it_says_why_not(state):
    found = report(state, later=timedelta(minutes=2))
    assert (found.tone, found.is_open) == ("bad", False)
    assert found.sentence.startswith("Not ready 2 min after the restart: ")


@pytest.mark.parametrize("state", ["needs_qr", "logged_out", "restricted", "auth_error"])
def test_where_somebody_has_to_act_it_says_so_at_once(state):
    found = report(state, later=timedelta(seconds=5))
    assert (found.tone, found.is_open) == ("warn", False)


def test_a_refusal_is_told_with_its_reason():
    found = report("failed", later=timedelta(seconds=5), was_refused=True, answer="no connection")
    assert (found.tone, found.sentence) == ("bad", "The gateway did not restart: no connection")


def test_a_refusal_is_over_once_the_number_is_ready():
    assert report("ready", later=timedelta(seconds=40), was_refused=True, answer="no connection") is None


def test_the_minute_between_two_restarts_is_counted_down():
    sender = Sender(restarted_at=NOW)
    lefts = [seconds_until_next(sender, now=NOW + timedelta(seconds=s)) for s in (0, 0.5, 59.5, 60, 61)]
    assert lefts == [60, 60, 1, 0, 0]
    assert seconds_until_next(Sender(), now=NOW) == 0
