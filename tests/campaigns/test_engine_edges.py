"""The lines on which a process may die, a database may go away, or two people may press at once."""

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, InterfaceError, connection, transaction

from campaigns import lifecycle, tasks
from campaigns.calls import Answer, Call, CallPool
from campaigns.claims import claim
from campaigns.drafts import draft_tickets
from campaigns.models import Campaign, Delivery, Dispatcher, Lane
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from campaigns.tick import tick
from tests.campaigns.driving import make_dispatch, run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event, make_lane, make_ticket
from tests.fakes import Clock, FakeGateway
from whatsapp.gateways.base import Accepted, NotSent

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=400)


def prepared(campaign):
    lifecycle.launch(campaign, now=LATER)
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: LATER)
    return campaign


def two_lists_that_did_not_see_each_other(**second):
    """As when two people press at the same moment: both lists were written before either was there to be read."""
    event = make_event(starts_at=LATER + timedelta(days=1))
    make_ticket(event=event)
    first, other = prepared(draft_tickets(event)), prepared(draft_tickets(event, **second))
    Delivery.objects.filter(campaign=other, status="skipped").update(status="pending", error_kind="")
    Campaign.objects.filter(pk=other.pk).update(status="sending", finished_at=None)
    return first, other


def test_two_campaigns_at_once_send_a_ticket_once():
    make_lane()
    first, other = two_lists_that_did_not_see_each_other()
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    assert len(gateway.sent) == 1
    assert first.deliveries.get().status == "sent"
    assert (other.deliveries.get().status, other.deliveries.get().error_kind) == ("skipped", "already_sent")


@pytest.mark.parametrize(("channels", "sent"), [("whatsapp_first", 0), ("whatsapp", 1), ("both", 1)])
def test_a_ticket_that_arrived_by_mail_meanwhile_is_sent_only_where_both_were_wanted(channels, sent):
    make_lane()
    first, other = two_lists_that_did_not_see_each_other()
    first.deliveries.update(channel="email", status="sent", sent_at=LATER)
    Campaign.objects.filter(pk=other.pk).update(channels=channels)
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    assert len(gateway.sent) == sent


def test_who_asked_to_send_it_again_gets_it_again():
    make_lane()
    two_lists_that_did_not_see_each_other(again=True)
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    assert len(gateway.sent) == 2


def test_nobody_is_left_pending_in_a_finished_campaign():
    """A dispatcher that slept longer than its lease comes back with “not ready” after everything was settled."""
    make_lane()
    campaign = make_campaign(status="sending")
    make_delivery(campaign=campaign, contact=make_contact())
    clock = Clock()
    loop = make_dispatch(FakeGateway(NotSent("asleep")), clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop.flights.pool, "start", lambda calls: None)
        loop._turn()
    started = [plan.call for plan in loop.flights.flying.values()]
    clock.tick(60)
    tick(now=clock.now)
    assert Campaign.objects.get().status == "finished"
    loop.flights.pool.start(started)
    loop.run()
    assert Delivery.objects.get().status == "pending"
    tick(now=clock.now)
    assert Campaign.objects.get().status == "sending"
    run_until_idle(FakeGateway(), Clock(clock.now + timedelta(minutes=5)))
    assert (Delivery.objects.get().status, Campaign.objects.get().status) == ("sent", "finished")


@pytest.mark.parametrize("error", [DatabaseError("locked"), InterfaceError("connection already closed")])
def test_an_answer_outlives_a_database_that_goes_away(monkeypatch, error):
    make_lane()
    make_delivery(contact=make_contact())
    failures = [error]
    real = tasks.Dispatch._record

    def record(self, held):
        if self.flights.unrecorded and failures:
            raise failures.pop()
        real(self, held)

    monkeypatch.setattr("campaigns.dispatch.Dispatch._record", record)
    run_until_idle(FakeGateway())
    assert (failures, Delivery.objects.get().status) == ([], "sent")


def test_a_loop_that_breaks_keeps_the_lane_of_a_call_under_way(monkeypatch):
    """Let go, another dispatcher would call the same number in the middle of our call."""
    lane, other = make_lane(), make_lane()
    for _ in range(2):
        make_delivery(contact=make_contact())
    loop = make_dispatch(FakeGateway())
    monkeypatch.setattr(loop.flights.pool, "start", lambda calls: None)
    loop._turn()
    [flying, idle] = [loop.flights.flying[key].lane_id for key in sorted(loop.flights.flying)]
    loop.flights.flying = {key: plan for key, plan in loop.flights.flying.items() if plan.lane_id == flying}
    monkeypatch.setattr(loop, "_turn", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        loop.run()
    assert {lane.pk, other.pk} == {flying, idle}
    assert Lane.objects.get(pk=flying).lease_owner == loop.holding.owner
    assert Lane.objects.get(pk=idle).lease_owner == ""


def test_a_slot_that_cannot_be_handed_over_loses_no_answer():
    make_lane()
    make_delivery(contact=make_contact())
    clock = Clock()
    loop = make_dispatch(FakeGateway(), clock, budget=1.0)
    loop._turn()
    clock.tick(2)

    def fail():
        raise DatabaseError("locked")

    loop.run(fail)
    assert Delivery.objects.get().status == "sent"


def test_a_slot_that_was_taken_away_meanwhile_is_no_error():
    """Another computer with fewer slots may have removed the row."""
    Dispatcher.objects.filter(slot=2).delete()
    tasks._succeed(2)


def test_a_call_that_ends_after_the_pool_was_closed_writes_nowhere(monkeypatch):
    """Its descriptor may be somebody else's by then: a stray byte in a database connection would break it."""
    written = []
    monkeypatch.setattr("campaigns.calls.os.write", lambda descriptor, data: written.append(data))
    pool = CallPool(Clock())
    call = Call(1, lambda: None, lambda message: Accepted("x"), not_after=LATER)
    pool._run(call)
    assert written == [b"x"]
    pool.close()
    pool._run(call)
    assert written == [b"x"]
    assert isinstance(pool._answers.get_nowait(), Answer)


@pytest.mark.django_db(transaction=True)
def test_two_lanes_that_claim_at_the_same_moment_take_a_ticket_once():
    """Each in a transaction of its own: without the ticket's lock neither would see what the other is claiming."""
    event = make_event(starts_at=LATER + timedelta(days=1))
    tickets = [make_ticket(event=event) for _ in range(10)]
    work = []
    for _ in range(2):
        lane, campaign = make_lane(), make_campaign(status="sending", kind="tickets", event=event)
        for slot, ticket in enumerate(tickets):
            make_delivery(campaign=campaign, ticket=ticket, contact=ticket.holder, slot=slot)
        work.append((lane, campaign))
    start, meet = threading.Barrier(2), threading.Barrier(2)

    def claim_all(lane, campaign):
        try:
            start.wait()
            for _ in tickets:
                with transaction.atomic():
                    claim(lane, [campaign], room=1, now=LATER)
                    with contextlib.suppress(threading.BrokenBarrierError):
                        meet.wait(0.2)  # so that both hold their claims uncommitted where nothing makes them wait
        finally:
            connection.close()

    threads = [threading.Thread(target=claim_all, args=pair) for pair in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    claimed = list(Delivery.objects.filter(status="claimed").values_list("ticket", flat=True))
    assert sorted(claimed) == sorted(ticket.pk for ticket in tickets)


@pytest.mark.django_db
def test_a_file_that_cannot_be_deleted_keeps_nobody_from_their_message(monkeypatch):
    def refuse(*, now):
        raise OSError("read-only file system")

    monkeypatch.setattr("campaigns.tasks.keeping.clear_old", refuse)
    due = make_delivery(campaign=make_campaign(status="sending"), status="waiting", due_at=NOW - timedelta(days=9))
    with pytest.raises(OSError, match="read-only"):
        tasks.tick()
    due.refresh_from_db()
    assert due.status == "pending"
