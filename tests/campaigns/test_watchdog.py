"""Who notices that nobody works, and what the tick repairs."""

from dataclasses import fields
from datetime import timedelta

import pytest
from django.db import DataError

from campaigns.attempts import record_unwritable
from campaigns.management.commands.tick import DONE
from campaigns.models import Delivery, DeliveryAttempt, Dispatcher
from campaigns.queueing import return_stale_claims
from campaigns.recording import record_answer
from campaigns.tick import Tidied
from campaigns.watchdog import Watchdog, is_tick_due
from tests.campaigns.driving import make_dispatch, run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane
from tests.fakes import FakeGateway

pytestmark = pytest.mark.django_db


def minutes(count):
    return NOW + timedelta(minutes=count)


@pytest.fixture
def due():
    make_lane()
    return make_delivery(contact=make_contact())


def test_due_work_that_nobody_takes_up_is_noticed(due):
    watchdog = Watchdog()
    assert [watchdog.is_stuck(now=minutes(m)) for m in (0, 2, 3, 4)] == [False, False, False, True]


def test_a_dispatcher_that_works_is_not_stuck(due):
    watchdog = Watchdog()
    for minute in range(10):
        Dispatcher.objects.filter(slot=1).update(heartbeat_at=minutes(minute))
        assert not watchdog.is_stuck(now=minutes(minute))


def test_old_heartbeats_do_not_alarm_when_work_comes_up(due):
    Dispatcher.objects.update(heartbeat_at=minutes(-600))
    assert not Watchdog().is_stuck(now=NOW)


def test_no_work_is_no_reason_to_worry():
    watchdog = Watchdog()
    assert not any(watchdog.is_stuck(now=minutes(m)) for m in range(60))


def test_a_paused_campaign_is_no_due_work(due):
    due.campaign.status = "paused"
    due.campaign.save()
    watchdog = Watchdog()
    assert not any(watchdog.is_stuck(now=minutes(m)) for m in range(60))


def test_a_tick_is_due_when_the_last_one_is_old():
    Dispatcher.objects.filter(slot=0).update(heartbeat_at=NOW)
    assert not is_tick_due(now=NOW + timedelta(seconds=59))
    assert is_tick_due(now=NOW + timedelta(seconds=60))


def test_a_claim_with_an_attempt_never_goes_back_to_the_queue(due):
    """Not even when its attempt is closed: the process may have died between two writes."""
    Delivery.objects.update(status="claimed", claimed_at=minutes(-10), attempts_made=1)
    attempt = DeliveryAttempt.objects.create(
        delivery=due, number=1, lane=make_lane(), fence=1, started_at=NOW, finished_at=NOW, outcome="uncertain"
    )
    assert return_stale_claims(before=NOW, now=NOW) == 0
    attempt.delete()
    assert return_stale_claims(before=NOW, now=NOW) == 1


def test_an_answer_that_cannot_be_written_stops_nobody_else(monkeypatch):
    make_lane()
    campaign = make_campaign(status="sending")
    for _ in range(3):
        make_delivery(campaign=campaign, contact=make_contact())
    first = Delivery.objects.earliest("pk")

    def refuse_the_first(claimed, *rest):
        if claimed.delivery == first:
            raise DataError("text with a null byte")
        record_answer(claimed, *rest)

    monkeypatch.setattr("campaigns.dispatch.record_answer", refuse_the_first)
    monkeypatch.setattr("campaigns.recording.record_answer", refuse_the_first)
    run_until_idle(FakeGateway())
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["sent", "sent", "uncertain"]


def test_what_cannot_be_written_is_uncertain(due):
    loop = make_dispatch(FakeGateway())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop.flights.pool, "start", lambda calls: None)
        loop._turn()
    record_unwritable(DeliveryAttempt.objects.get(), now=NOW)
    due.refresh_from_db()
    assert (due.status, DeliveryAttempt.objects.get().outcome) == ("uncertain", "uncertain")


def test_the_tick_command_has_words_for_everything_that_a_tick_counts():
    assert list(DONE) == [field.name for field in fields(Tidied)]
