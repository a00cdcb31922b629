"""One step of the tick that fails takes none of the others with it, and does not fail in silence."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError

from campaigns import tasks
from campaigns.models import Campaign, Dispatcher
from campaigns.steps import Steps
from campaigns.tick import ONLY_AFTER, Tidied, tick
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_reply, make_sender

pytestmark = pytest.mark.django_db

STEPS = {
    "key noted": "shared_key.note",
    "lanes": "lanes.ensure_lanes",
    "rescheduled": "rescheduling.reschedule_all",
    "abandoned": "attempts.settle_expired_lanes",
    "returned": "queueing.return_stale_claims",
    "expired": "queueing.expire_late",
    "withdrawn": "queueing.withdraw_cancelled",
    "promoted": "queueing.promote_due",
    "overtaken": "news.apply_early",
    "silenced": "silence.watch",
    "handed_on": "keeping.hand_on",
    "kept": "keeping.keep_known_of_all",
    "started": "lifecycle.start_due",
    "preparing": "_prepare_again",
    "reopened": "lifecycle.reopen_unfinished",
    "finished": "lifecycle.finish_done",
    "kicked": "_kick",
    "second_channel": "second_channel.send_due",
    "reminded": "reminders.remind_due",
    "greeted": "birthdays.greet_due",
    "pins_forgotten": "pins.forget_old",
    "replies_matched": "match_waiting",
    "replies_asked_about": "start_asking",
    "replies_forwarded": "forward_due",
    "replies_forgotten": "forget_old",
}
REST = {
    "reports": "tidy_webhooks",
    "number checks": "number_checks.forget_old",
    "imports": "imports.wake",
    "old imports": "keeping.clear_old",
}


class Fault(Exception):
    """Ours."""


@pytest.fixture
def done(monkeypatch):
    """The names of the steps that were begun, in order."""
    begun = []

    def note(name):
        return lambda *args, **named: begun.append(name) or 0

    for module, steps in (("tick", STEPS), ("tasks", REST)):
        for name, place in steps.items():
            monkeypatch.setattr(f"campaigns.{module}.{place}", note(name))
    return begun


def break_step(monkeypatch, name, error=Fault):
    place = f"campaigns.tick.{STEPS[name]}" if name in STEPS else f"campaigns.tasks.{REST[name]}"

    def fail(*args, **named):
        raise error(name)

    monkeypatch.setattr(place, fail)


def test_every_number_of_a_tick_is_that_of_a_step():
    assert set(vars(Tidied())) == set(STEPS) - {"key noted", "lanes", "rescheduled"}


def test_the_steps_keep_their_order(done):
    tasks.tick()
    assert done == [*STEPS, *REST]


@pytest.mark.parametrize("broken", [*STEPS, *REST])
def test_when_a_step_fails_all_others_are_done_and_the_task_fails(monkeypatch, caplog, done, broken):
    break_step(monkeypatch, broken)
    with pytest.raises(Fault, match=f"^{broken}$"):
        tasks.tick()
    spared = {broken} | {name for name, needed in ONLY_AFTER.items() if needed == broken}
    assert done == [name for name in [*STEPS, *REST] if name not in spared]
    assert [(record.message, record.exc_info[0]) for record in caplog.records if record.exc_info] == [
        (f"A step of the tick failed: {broken}", Fault)
    ]
    assert Dispatcher.objects.get(slot=Dispatcher.TICK).lease_owner == ""


def test_of_several_that_fail_the_first_is_raised_and_all_are_in_the_log(monkeypatch, caplog, done):
    for name in ("greeted", "expired", "reports"):
        break_step(monkeypatch, name)
    with pytest.raises(Fault, match=r"^expired$"):
        tasks.tick()
    failed = [record.message.rpartition(": ")[2] for record in caplog.records if record.exc_info]
    assert failed == ["expired", "greeted", "reports"]


def test_a_tick_that_cannot_even_begin_leaves_the_reports_read(monkeypatch, done):
    def fail():
        raise Fault("slots")

    monkeypatch.setattr("campaigns.tick.slots.ensure_slots", fail)
    with pytest.raises(Fault, match="slots"):
        tasks.tick()
    assert done == list(REST)


def test_a_baja_is_heard_although_the_greetings_are_broken(monkeypatch):
    break_step(monkeypatch, "greeted")
    ana = make_contact(phone="+573000000001")
    reply = make_reply(sender=make_sender(), phone=ana.phone, text="BAJA", meaning="stop", received_at=NOW)
    with pytest.raises(Fault):
        tick(now=NOW)
    reply.refresh_from_db()
    ana.refresh_from_db()
    assert (reply.contact, ana.whatsapp_opt_out_at is not None) == (ana, True)


def test_what_was_done_is_logged_when_another_step_fails(monkeypatch, caplog):
    caplog.set_level("INFO", "campaigns.tick")
    break_step(monkeypatch, "greeted")
    make_delivery(campaign=make_campaign(status="sending"), status="waiting", due_at=NOW - timedelta(hours=1))
    with pytest.raises(Fault):
        tick(now=NOW)
    assert "Tick: {'promoted': 1}" in caplog.messages


# --- databases


@pytest.mark.django_db(transaction=True)
def test_what_a_database_refuses_in_one_step_spoils_no_other(monkeypatch):
    make_lane()
    twice = make_campaign(form_key="twice")

    def refused(*, now):
        Campaign.objects.create(name="again", body="x", form_key=twice.form_key)

    monkeypatch.setattr("campaigns.tick.queueing.expire_late", refused)
    due = make_delivery(campaign=make_campaign(status="sending"), status="waiting", due_at=NOW - timedelta(hours=1))
    with pytest.raises(IntegrityError):
        tick(now=NOW)
    due.refresh_from_db()
    assert due.status == "pending"


def test_a_database_that_was_away_for_a_moment_stops_nothing(monkeypatch, done):
    break_step(monkeypatch, "expired", OperationalError)
    with pytest.raises(OperationalError):
        tasks.tick()
    assert done == [name for name in [*STEPS, *REST] if name != "expired"]


def test_a_database_that_stays_away_is_not_asked_for_everything():
    """Each question may wait for as long as a whole tick should take."""
    steps, asked = Steps(), []

    def locked():
        asked.append(1)
        raise OperationalError("database is locked")

    assert steps.run("first", locked) is None
    with pytest.raises(OperationalError):
        steps.run("second", locked)
    assert len(asked) == 2
