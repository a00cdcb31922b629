"""Tasks that come twice, fail or wait: bug reports BR-097 to BR-099."""

import pytest
from django.utils import timezone

from campaigns import tasks
from campaigns.checks import check_tasks
from campaigns.kicks import kick_dispatchers
from campaigns.slots import take_slot
from tests.bug_reports.scene import ids, queue, states, tasks_waiting
from tests.campaigns.driving import make_dispatch, run_until_idle
from tests.factories import NOW, make_lane
from tests.fakes import Clock, FakeGateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"timeout": None}, "campaigns.E001"), ({"retry": 60}, "campaigns.E002"), ({"retry": None}, "campaigns.E002")],
)
def test_br_097_a_retry_shorter_than_the_run_is_found_at_the_start(settings, change, expected):
    assert check_tasks(None) == []
    settings.Q_CLUSTER = settings.Q_CLUSTER | change
    assert expected in ids(check_tasks(None))


def test_br_097_a_slice_is_short_and_running_it_twice_sends_nothing_twice(settings):
    make_lane()
    queue(5)
    gateway, clock = FakeGateway(), Clock()
    for _ in range(2):
        run_until_idle(gateway, clock, budget=settings.DISPATCH_SECONDS)
    assert (len(gateway.sent), states()) == (5, {"sent": 5})
    assert settings.DISPATCH_SECONDS <= 40


@pytest.mark.parametrize("change", [{"ack_failures": False}, {"max_attempts": 0}, {"max_attempts": 4}])
def test_br_098_settings_that_let_a_failing_task_come_back_are_refused(settings, change):
    settings.Q_CLUSTER = settings.Q_CLUSTER | change
    assert ids(check_tasks(None)) == ["campaigns.E003"]


def test_br_098_a_task_that_fails_after_it_has_sent_repeats_nothing():
    make_lane()
    queue(3)
    gateway, clock = FakeGateway(), Clock()

    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make_dispatch(gateway, clock, budget=3.0).run(fail)
    assert states() == {"sent": 2, "pending": 1}
    run_until_idle(gateway, clock)
    assert (len(gateway.sent), states()) == (3, {"sent": 3})


def test_br_099_nothing_waits_in_the_memory_of_a_worker(settings):
    assert (settings.Q_CLUSTER["queue_limit"], settings.Q_CLUSTER["bulk"]) == (1, 1)
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"queue_limit": 50}
    assert ids(check_tasks(None)) == ["campaigns.E003"]


def test_br_099_however_often_it_is_asked_for_one_slice_of_each_slot_is_outstanding(on_commit, settings):
    with on_commit():
        for _ in range(5):
            kick_dispatchers(now=NOW)
    assert tasks_waiting() == [("campaigns.tasks.dispatch", (slot,)) for slot in range(1, settings.DISPATCHERS + 1)]


def test_br_099_a_slice_that_comes_twice_leaves_at_once():
    assert take_slot(1, now=timezone.now()) is not None
    assert tasks.dispatch(1) == "taken"
