"""The background and its queue: bug reports BR-100 to BR-111. What needs real processes is in tests/processes too."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.signing import BadSignature
from django.db import InterfaceError, OperationalError, connection, transaction
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from campaigns import lifecycle, tasks
from campaigns.checks import check_shared_key, check_sqlite, sqlite_problems
from campaigns.dispatch import Dispatch
from campaigns.kicks import kick_dispatchers
from campaigns.models import Delivery, DeliveryAttempt, Dispatcher, Lane
from campaigns.progress import snapshot
from campaigns.receivers import on_migrated
from campaigns.scene import Scene
from campaigns.slots import take_slot
from campaigns.tick import tick
from tests.bug_reports.launching import LATER, announcement, make_people
from tests.bug_reports.scene import ids, queue, somebody_works, states, status_of, tasks_waiting
from tests.campaigns.driving import make_dispatch, run_until_idle
from tests.campaigns.pages import page
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane
from tests.fakes import Clock, FakeGateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


# --- BR-100: database is locked


def test_br_100_sqlite_is_used_in_the_way_that_does_not_lock():
    assert check_sqlite(None) == []
    bare = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}
    assert ids(sqlite_problems(bare, email_lanes=1)) == ["campaigns.E005", "campaigns.E006"]


@pytest.mark.django_db(transaction=True)
def test_br_100_no_call_is_made_within_a_transaction():
    make_lane()
    queue(2)
    seen = []
    loop = make_dispatch(FakeGateway())
    start = loop.flights.pool.start

    def look(calls):
        seen.append(connection.in_atomic_block)
        start(calls)

    loop.flights.pool.start = look
    loop.run()
    assert (set(seen), states()) == ({False}, {"sent": 2})


@pytest.mark.parametrize("error", [OperationalError("database is locked"), InterfaceError("connection already closed")])
def test_br_100_br_107_an_answer_outlives_a_database_that_is_locked_or_restarted(monkeypatch, error):
    make_lane()
    queue(3)
    outages = [error] * 2
    record = Dispatch._record

    def fail_first(self, held):
        if self.flights.unrecorded and outages:
            raise outages.pop()
        record(self, held)

    monkeypatch.setattr("campaigns.dispatch.Dispatch._record", fail_first)
    gateway = FakeGateway()
    run_until_idle(gateway)
    assert (outages, states(), len(gateway.sent)) == ([], {"sent": 3}, 3)


# --- BR-101 to BR-104: the schedule


def test_br_101_a_second_tick_at_once_does_nothing_twice(on_commit):
    make_lane()
    queue(2)
    with on_commit():
        first, second = tick(now=NOW), tick(now=NOW)
    assert (first.kicked > 0, second.kicked) == (True, 0)
    assert len(tasks_waiting()) == first.kicked
    campaign = announcement(make_people(1))
    lifecycle.schedule(campaign, LATER, now=NOW)
    assert (tick(now=LATER).started, tick(now=LATER).started) == (1, 0)


def test_br_101_br_103_a_tick_that_finds_another_one_running_leaves_at_once():
    make_delivery(campaign=make_campaign(status="sending"), status="waiting", due_at=NOW - timedelta(hours=1))
    held = take_slot(Dispatcher.TICK, now=NOW)
    assert tick(now=NOW) is None
    assert states() == {"waiting": 1}
    held.free()
    assert tick(now=NOW).promoted == 1


def test_br_103_one_that_died_in_the_middle_holds_it_up_for_a_lease_only(settings):
    take_slot(Dispatcher.TICK, now=NOW)
    assert tick(now=NOW + timedelta(seconds=settings.LEASE_SECONDS - 1)) is None
    assert tick(now=NOW + timedelta(seconds=settings.LEASE_SECONDS)) is not None


def test_br_104_there_is_one_schedule_however_often_it_is_installed():
    for _ in range(3):
        on_migrated(sender=apps.get_app_config("campaigns"))
    assert list(Schedule.objects.values_list("func", "minutes")) == [("campaigns.tasks.tick", 1)]


# --- BR-105 to BR-109: what gets lost


def test_br_105_the_whole_queue_may_be_lost(on_commit):
    make_lane()
    campaign = announcement(make_people(2))
    with on_commit():
        lifecycle.launch(campaign, now=LATER)
    OrmQ.objects.all().delete()  # “prepare” is gone
    with on_commit():
        assert tick(now=LATER + timedelta(minutes=2)).preparing == 1
    assert tasks_waiting() == [("campaigns.tasks.prepare", (campaign.pk,))]
    tasks.prepare(campaign.pk)
    OrmQ.objects.all().delete()  # and so is “dispatch”
    with on_commit():
        assert tick(now=LATER + timedelta(minutes=4)).kicked > 0
    run_until_idle(FakeGateway(), Clock(LATER + timedelta(minutes=4)))
    assert (states(), status_of(campaign)) == ({"sent": 2}, "finished")


def test_br_106_a_killed_worker_costs_the_call_under_way_and_no_more(monkeypatch):
    make_lane()
    campaign = make_campaign(status="sending")
    queue(4, campaign=campaign)
    clock, gateway = Clock(), FakeGateway()
    loop = make_dispatch(gateway, clock)
    monkeypatch.setattr(loop.flights.pool, "start", lambda calls: None)
    loop._turn()
    clock.tick(60)
    run_until_idle(gateway, clock)  # started again, it goes on without help
    assert (states(), len(gateway.sent), status_of(campaign)) == ({"uncertain": 1, "sent": 3}, 3, "finished")


def test_br_106_the_sign_of_life_is_on_a_page_and_its_absence_is_a_reason(boss):
    make_lane()
    campaign = make_campaign(status="sending")
    queue(1, campaign=campaign)
    somebody_works(NOW - timedelta(minutes=1))
    assert "09:59" in boss.get("/admin/campaigns/dispatcher/").content.decode()
    assert snapshot(campaign, Scene(NOW)).waiting is None
    waiting = snapshot(campaign, Scene(NOW + timedelta(minutes=5))).waiting
    assert (waiting.reason, waiting.needs_person) == ("worker", True)


def test_br_107_a_result_that_was_lost_with_the_database_is_uncertain_and_not_pending(monkeypatch):
    make_lane()
    queue(2)
    clock = Clock()
    loop = make_dispatch(FakeGateway(), clock, budget=60.0)
    loop._turn()

    def fail(held):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(loop, "_record", fail)
    loop._safely(loop._turn)  # the answer is there, the database is not, and the process does not live to try again
    loop.flights.pool.close()
    clock.tick(60)
    tick(now=clock.now)
    run_until_idle(FakeGateway(), clock)
    assert states() == {"uncertain": 1, "sent": 1}


def test_br_108_a_task_is_queued_after_the_commit_with_ids_only(on_commit):
    campaign = announcement(make_people(1))
    with on_commit():
        lifecycle.launch(campaign, now=LATER)
        assert tasks_waiting() == []
    assert tasks_waiting() == [("campaigns.tasks.prepare", (campaign.pk,))]


@pytest.mark.django_db(transaction=True)
def test_br_108_a_launch_that_was_rolled_back_leaves_no_task():
    campaign = announcement(make_people(1))
    with transaction.atomic():
        lifecycle.launch(campaign, now=LATER)
        transaction.set_rollback(True)
    assert (status_of(campaign), OrmQ.objects.count()) == ("draft", 0)


def test_br_109_a_task_that_cannot_be_read_is_no_loss(on_commit, monkeypatch):
    make_lane()
    queue(1)
    with on_commit():
        kick_dispatchers(now=NOW)
    [payload, *_] = OrmQ.objects.values_list("payload", flat=True)
    monkeypatch.setattr(Conf, "SECRET_KEY", "another one in the worker")
    with pytest.raises(BadSignature):
        SignedPackage.loads(payload)
    OrmQ.objects.all().delete()  # as django-q2 does with what it cannot read
    with on_commit():
        assert tick(now=NOW + timedelta(minutes=1)).kicked > 0
    assert OrmQ.objects.count() > 0


def test_br_109_another_key_in_the_worker_is_found_at_the_start(settings):
    tick(now=NOW)  # the worker's
    assert check_shared_key(None) == []
    settings.SECRET_KEY = "another one in the pages"
    assert ids(check_shared_key(None)) == ["campaigns.E008"]


# --- BR-111: where to look


def test_br_111_the_page_of_the_campaign_says_why_nothing_moves_whatever_the_queue_shows(boss):
    make_lane()
    campaign = make_campaign(status="sending")
    queue(1, campaign=campaign)
    async_task("campaigns.tasks.dispatch", 1)
    assert "worker is not running" in boss.get(page("change", campaign.pk)).content.decode()
    somebody_works()
    Lane.objects.filter(channel="whatsapp").update(
        pause_reason="not_ready", paused_since=NOW, paused_until=NOW + timedelta(minutes=1)
    )
    assert "WhatsApp is not ready" in boss.get(page("change", campaign.pk)).content.decode()


def test_br_111_the_last_message_is_on_the_page_of_its_number(boss):
    lane = make_lane()
    make_delivery(contact=make_contact())
    run_until_idle(FakeGateway())
    lane.sender.refresh_from_db()
    assert (lane.sender.last_send_at, DeliveryAttempt.objects.count()) == (NOW, 1)
    html = boss.get(f"/admin/whatsapp/sender/{lane.sender_id}/change/").content.decode()
    assert "Last message" in html
    assert Delivery.objects.get().sender == lane.sender
