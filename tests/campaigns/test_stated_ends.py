"""WhatsApp said until when a number is locked: what says less about it, later or at the same time, takes no end away."""

from datetime import timedelta

import pytest
from django.db import transaction

from campaigns import lanes
from campaigns.enums import LanePause
from campaigns.holding import Holding, LeaseLost
from campaigns.lanes import Rest, know_only, rest
from campaigns.limits import RunLimits
from campaigns.models import Lane
from campaigns.recording import _note_failure
from tests.factories import NOW, make_lane
from whatsapp.gateways.base import ErrorKind, Stopped

pytestmark = pytest.mark.django_db

BEFORE = NOW - timedelta(seconds=1)


def test_a_ban_without_an_end_does_not_take_away_the_end_that_was_told():
    """A call that was under way says less than the report that came meanwhile."""
    lane, limits = make_lane(), RunLimits.load()
    rest(lane, Rest(LanePause.BLOCKED, "until four", NOW + timedelta(hours=1)), now=NOW)
    _note_failure(lane, Stopped("368", kind=ErrorKind.BLOCKED), limits, began=BEFORE, now=NOW)
    assert (lane.pause_detail, lane.paused_until, lane.is_stopped) == ("until four", NOW + timedelta(hours=1), False)
    later = NOW + timedelta(hours=2)
    _note_failure(lane, Stopped("368", kind=ErrorKind.BLOCKED), limits, began=later, now=later)
    assert (lane.paused_until, lane.is_stopped) == (None, True)


@pytest.mark.parametrize("seconds", [None, 3600.0])
def test_a_lock_that_was_told_during_a_call_to_somebody_new_stops_nothing(seconds):
    lane, limits = make_lane(), RunLimits.load()
    know_only(lane, "told", NOW + timedelta(hours=1), now=NOW)
    refused = Stopped("463", kind=ErrorKind.NEW_CONTACTS, retry_after=seconds)
    _note_failure(lane, refused, limits, began=BEFORE, now=NOW)
    assert (lane.pause_reason, lane.is_stopped, lane.known_only_until) == ("", False, NOW + timedelta(hours=1))
    _note_failure(lane, refused, limits, began=NOW, now=NOW)
    assert lane.pause_reason == LanePause.BLOCKED


def test_an_end_that_is_told_during_a_turn_is_not_overwritten_by_it():
    lane = make_lane()
    Lane.objects.filter(pk=lane.pk).update(
        pause_reason=LanePause.BLOCKED, paused_since=BEFORE, paused_until=NOW + timedelta(minutes=5)
    )
    holding = Holding()
    holding.take([lane], now=NOW)
    with transaction.atomic():
        held = holding.begin([lane.pk])[lane.pk]
        lanes.stop(lane.sender_id, Rest(LanePause.BLOCKED, "longer", NOW + timedelta(hours=5)), now=NOW)
        rest(held, Rest(LanePause.BLOCKED, "shorter", NOW + timedelta(minutes=6)), now=NOW)
        holding.save()
    stored = Lane.objects.get(pk=lane.pk)
    assert (stored.pause_detail, stored.paused_until) == ("longer", NOW + timedelta(hours=5))


def test_the_end_of_a_lock_for_new_people_that_is_told_during_a_turn_stays():
    lane, holding = make_lane(), Holding()
    holding.take([lane], now=NOW)
    with transaction.atomic():
        held = holding.begin([lane.pk])[lane.pk]
        lanes.lock_out_new_people(lane.sender_id, "until five", NOW + timedelta(hours=2), now=NOW)
        know_only(held, "error 463", None, now=NOW)
        held.position += 1
        holding.save()
    stored = Lane.objects.get(pk=lane.pk)
    assert (stored.known_only_detail, stored.known_only_until) == ("until five", NOW + timedelta(hours=2))
    assert stored.position == held.position


def test_whoever_lost_the_lease_hears_of_it_whatever_they_change():
    lane, holding = make_lane(), Holding()
    holding.take([lane], now=NOW)
    held = holding.begin([lane.pk])[lane.pk]
    Lane.objects.filter(pk=lane.pk).update(lease_owner="another", fence=lane.fence + 7)
    know_only(held, "error 463", None, now=NOW)
    with pytest.raises(LeaseLost):
        holding.save()
    assert Lane.objects.get(pk=lane.pk).known_only_since is None
