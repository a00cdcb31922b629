"""Promises that a review found broken once, each as it was broken."""

import itertools
import select
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from campaigns import keeping, kicks, slots, tasks
from campaigns.attempts import settle_expired_lanes
from campaigns.calls import Answer
from campaigns.claims import MOST_SKIPS, claim
from campaigns.dispatch import Dispatch
from campaigns.enums import LanePause
from campaigns.holding import Holding, LeaseLost
from campaigns.lanes import Rest, end_rest, rest, stop
from campaigns.limits import RunLimits
from campaigns.models import Delivery, DeliveryAttempt, Dispatcher, Lane
from campaigns.recording import _note_failure, _note_success, note_probe
from campaigns.windows import sending
from campaigns.work import idle_lanes, work_now
from tests.campaigns.driving import make_dispatch, run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_settings, make_ticket
from tests.fakes import Clock, FakeGateway
from whatsapp.gateways.base import Accepted, OutcomeUnknown, State, Status, Stopped, Unreachable

pytestmark = pytest.mark.django_db


def queue(count=1, *, campaign=None, **fields):
    campaign = campaign or make_campaign(status="sending")
    return [make_delivery(campaign=campaign, contact=make_contact(), slot=n, **fields) for n in range(count)]


def email_lane():
    return Lane.objects.filter(channel="email", mailbox=None, number=1).first() or make_lane(channel="email", number=1)


def statuses():
    return sorted(Delivery.objects.values_list("status", flat=True))


def wait_for_answer(loop):
    assert select.select([loop.flights.pool.fileno()], [], [], 10)[0]


def test_one_ticket_in_two_campaigns_is_claimed_once_where_several_are_claimed_at_a_time():
    lane, ticket = email_lane(), make_ticket()
    campaigns = [make_campaign(status="sending", kind="tickets", event=ticket.event) for _ in range(2)]
    for campaign in campaigns:
        to = {"channel": "email", "address": ticket.holder.email}
        make_delivery(campaign=campaign, contact=ticket.holder, ticket=ticket, slot=1, **to)
    with transaction.atomic():
        assert len(claim(lane, campaigns, room=5, now=NOW)) == 1
    assert statuses() == ["claimed", "skipped"]


def test_a_slice_stays_for_a_lane_that_is_due_between_its_end_and_the_next_tick():
    """Else it would end at once and call the next one, without rest; or leave the lane to the tick after that."""
    make_lane(next_send_at=NOW + timedelta(seconds=50))
    queue(1)
    clock = Clock()
    gateway = FakeGateway()
    assert make_dispatch(gateway, clock, budget=40.0).run() == 0
    assert clock.now >= NOW + timedelta(seconds=40)
    assert make_dispatch(gateway, clock, budget=40.0).run() == 1


def test_a_lane_that_is_due_within_the_next_slice_has_a_successor(monkeypatch):
    make_lane()
    queue(2)
    slots.ensure_slots()
    asked = []
    monkeypatch.setattr(kicks, "enqueue", lambda function, *args: asked.append(args))
    Lane.objects.filter(channel="whatsapp").update(next_send_at=timezone.now() + timedelta(seconds=5))
    Dispatcher.objects.update(kicked_at=None)
    tasks._succeed(1)
    assert (1,) in asked


def test_an_old_answer_does_not_bring_forward_the_next_message_of_a_later_holder():
    lane = make_lane()
    make_settings(base_delay=5)
    queue(4)
    clock = Clock()
    frozen = make_dispatch(FakeGateway(), clock, budget=3600.0)
    frozen._turn()
    wait_for_answer(frozen)  # and now its process stands still
    clock.tick(60)
    later = make_dispatch(FakeGateway(), clock, budget=3600.0)
    later._turn()
    wait_for_answer(later)
    later._turn()
    later._release_idle()
    clock.tick(0.1)
    calls = DeliveryAttempt.objects.count()
    frozen._turn()  # it wakes up and takes the lane again
    lane.refresh_from_db()
    assert DeliveryAttempt.objects.count() == calls
    assert lane.next_send_at == NOW + timedelta(seconds=65)


def test_the_breaker_stays_half_open_after_a_look_that_said_ready():
    make_lane()
    make_settings(breaker_threshold=3, breaker_cooldown_seconds=300, auto_restart=False)
    queue(5)
    clock = Clock()

    def doubtful(message):
        clock.tick(1)
        raise OutcomeUnknown("lost")

    run_until_idle(FakeGateway(*[doubtful] * 4), clock, budget=3000.0)
    moments = list(DeliveryAttempt.objects.order_by("started_at").values_list("started_at", flat=True))
    long = [(later - earlier).total_seconds() > 300 for earlier, later in itertools.pairwise(moments)]
    assert long == [False, False, True, True]


def test_a_lane_whose_answer_is_not_on_record_yet_is_not_given_away(monkeypatch):
    lane = make_lane()
    queue(2)
    clock = Clock()
    loop = make_dispatch(FakeGateway(Stopped("banned")), clock, budget=20.0)
    loop._turn()
    wait_for_answer(loop)

    def locked(*args):
        raise OperationalError("locked")

    with monkeypatch.context() as patch:
        patch.setattr("campaigns.dispatch.record_answer", locked)
        loop._safely(loop._turn)
    clock.tick(30)
    loop._drain(until=clock.now + timedelta(seconds=3))
    lane.refresh_from_db()
    assert (lane.pause_reason, lane.is_stopped, statuses()) == ("blocked", True, ["pending", "pending"])


def test_a_database_that_goes_away_while_lanes_are_read_costs_no_lane():
    lane = make_lane()
    queue(2)
    loop = make_dispatch(FakeGateway(), budget=20.0)
    loop._turn()

    def gone(execute, sql, params, many, context):
        if sql.startswith("SELECT") and "campaigns_lane" in sql and "lease_owner" in sql:
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(gone):
        loop.looked_at = None
        loop._safely(loop._turn)
    assert set(loop.holding.lanes) == {lane.pk}


def test_a_lease_that_could_not_be_read_back_is_not_taken(monkeypatch):
    lane = make_lane()
    queue(1)
    loop = make_dispatch(FakeGateway(), budget=20.0)
    with monkeypatch.context() as patch:
        patch.setattr(loop.holding, "_read", lambda ids: (_ for _ in ()).throw(OperationalError("gone")))
        loop._safely(loop._turn)
    lane.refresh_from_db()
    assert lane.lease_owner == ""
    loop.run()
    assert statuses() == ["sent"]


@pytest.mark.parametrize("message_id", ["\ud83d", "A\x00B"])
def test_an_id_that_no_database_stores_spoils_no_slice(message_id):
    make_lane()
    queue(2)
    run_until_idle(FakeGateway(lambda message: Accepted(message_id)), budget=60.0)
    assert not {"claimed", "pending"} & set(statuses())


def test_a_letter_that_left_before_the_rest_does_not_end_it():
    lane = email_lane()
    lane.pause_reason, lane.paused_until, lane.paused_since = LanePause.RATE_LIMITED, NOW + timedelta(hours=1), NOW
    _note_success(lane, is_old=True, now=NOW + timedelta(seconds=1))
    assert lane.paused_until == NOW + timedelta(hours=1)


def test_a_doubt_about_a_message_that_left_before_a_ban_does_not_end_it():
    """Else the number would go on by itself after the cool-down."""
    lane, limits = make_lane(), RunLimits.load()
    rest(lane, Rest(LanePause.BLOCKED, "banned", None), now=NOW)
    lane.failures_in_a_row = limits.settings.breaker_threshold
    _note_failure(lane, OutcomeUnknown("timeout"), limits, began=NOW - timedelta(seconds=1), now=NOW)
    assert (lane.pause_reason, lane.is_stopped, lane.paused_until) == (LanePause.BLOCKED, True, None)


@pytest.mark.parametrize("until", [None, NOW + timedelta(hours=1)])
@pytest.mark.parametrize("state", [State.READY, State.STARTING])
def test_a_look_that_began_before_a_ban_does_not_end_it(state, until):
    lane = make_lane()
    rest(lane, Rest(LanePause.BLOCKED, "banned", until), now=NOW)
    note_probe(lane, Answer(-1, status=Status(state)), now=NOW)
    assert (lane.pause_reason, lane.is_stopped, lane.paused_until) == (LanePause.BLOCKED, until is None, until)


def test_one_outage_counts_once_however_many_letters_were_under_way(monkeypatch):
    monkeypatch.setattr("campaigns.limits.chance", lambda: 1.0)
    lane, limits = email_lane(), RunLimits.load()
    _note_failure(lane, Unreachable("refused"), limits, began=NOW - timedelta(seconds=1), now=NOW)
    for _ in range(4):
        _note_failure(lane, Unreachable("refused"), limits, began=NOW - timedelta(seconds=1), now=NOW)
    assert lane.paused_until == NOW + timedelta(seconds=30)


def test_kept_people_are_handed_on_although_their_number_fails_in_two_ways():
    first, _second = make_lane(), make_lane()
    queue(1, pool=first.sender_id)
    now = NOW
    for round_ in range(50):
        first.refresh_from_db()
        state = State.UNREACHABLE if round_ % 2 else State.STARTING
        note_probe(first, Answer(-1, status=Status(state)), now=now)
        first.save()
        now += timedelta(seconds=15)
    limits = RunLimits.load()
    keeping.let_go_of_unavailable(sending(), work_now(sending(), limits, now=now), limits, now=now)
    assert Delivery.objects.get().pool == 0


def test_a_look_that_raises_ends_all_the_same():
    make_lane(pause_reason="unreachable", paused_until=NOW - timedelta(seconds=1), paused_since=NOW)
    queue(1)

    class Broken(FakeGateway):
        def status(self):
            raise ValueError("a bug of an adapter")

    loop = make_dispatch(Broken(), budget=5.0)
    loop._turn()
    wait_for_answer(loop)


class RunningClock(Clock):
    def __call__(self):
        self.tick(0.15)
        return self.now


def test_a_lane_that_comes_free_while_another_one_hangs_is_handed_over_at_once():
    first, second = make_lane(), make_lane()
    make_settings(base_delay=0, step=0, maximum_delay=0)
    queue(4)
    clock = RunningClock()
    may_answer = {first.sender_id: threading.Event(), second.sender_id: threading.Event()}

    def gateway(sender):
        return FakeGateway(lambda message: (may_answer[sender.pk].wait(20) and Accepted("A")) or Accepted("late"))

    loop = Dispatch(budget=1.0, clock=clock, gateway=gateway)
    seen = []

    def hand_over():
        """The first one answers after the patience of the slice; the second one when the first was handed over."""
        seen.append([lane.pk for lane in idle_lanes(now=clock.now, before=clock.now + timedelta(seconds=60))])
        may_answer[second.sender_id if len(seen) > 1 else first.sender_id].set()

    loop.run(hand_over)
    assert [lanes for lanes in seen if lanes] == [[first.pk], [first.pk, second.pk]]


def test_one_turn_looks_at_a_few_people_who_may_not_get_it_and_the_next_one_goes_on():
    lane, campaign = make_lane(), make_campaign(status="sending")
    for slot in range(MOST_SKIPS + 1):
        make_delivery(campaign=campaign, contact=None, slot=slot)
    make_delivery(campaign=campaign, contact=make_contact(), slot=999)
    with transaction.atomic():
        assert claim(lane, [campaign], room=1, now=NOW) is None
    assert statuses().count("skipped") == MOST_SKIPS
    run_until_idle(FakeGateway(), budget=1.0)
    assert statuses().count("sent") == 1


def test_what_an_expired_lease_recorded_is_kept():
    lane = make_lane()
    queue(2)
    clock = Clock()
    loop = make_dispatch(FakeGateway(Stopped("banned")), clock, budget=3600.0)
    loop._turn()
    wait_for_answer(loop)
    clock.tick(50)  # longer than the lease, and nobody took the lane
    loop._turn()
    lane.refresh_from_db()
    assert (lane.is_stopped, lane.lease_owner) == (True, "")


def test_what_is_too_late_expires_in_one_statement_and_no_lane_turns_to_it(django_assert_max_num_queries):
    make_lane()
    campaign = make_campaign(status="sending", not_after=NOW)
    for slot in range(60):
        make_delivery(campaign=campaign, contact=make_contact(), slot=slot)
    loop = make_dispatch(FakeGateway(), budget=5.0)
    with django_assert_max_num_queries(25):
        loop._turn()
    assert (set(statuses()), loop.holding.lanes) == ({"expired"}, {})


def test_a_look_that_ends_after_the_slice_hands_its_lane_over():
    lane = make_lane(pause_reason="unreachable", paused_since=NOW, paused_until=NOW)
    queue(1)
    clock = RunningClock()
    may_answer = threading.Event()

    class SlowLook(FakeGateway):
        def status(self):
            may_answer.wait(20)
            return Status(State.READY)

    seen = []

    def hand_over():
        seen.append([lane.pk for lane in idle_lanes(now=clock.now, before=clock.now + timedelta(seconds=40))])
        may_answer.set()

    Dispatch(budget=1.0, clock=clock, gateway=lambda sender: SlowLook()).run(hand_over)
    assert seen[-1] == [lane.pk]


def test_a_lane_taken_again_keeps_the_gap_after_its_own_old_call():
    make_lane()
    make_settings(base_delay=5)
    queue(3)
    clock = Clock()
    may_answer = threading.Event()
    loop = make_dispatch(FakeGateway(lambda message: may_answer.wait(20) and Accepted("A")), clock, budget=3600.0)
    loop._turn()
    clock.tick(60)  # it stood still, and the call hangs on
    settle_expired_lanes(now=clock.now)
    loop._turn()
    assert len(loop.holding.lanes) == 1
    clock.tick(1)
    may_answer.set()
    wait_for_answer(loop)
    clock.tick(0.6)
    loop._turn()
    assert DeliveryAttempt.objects.count() == 1


@pytest.mark.parametrize("change", [{"is_enabled": False}, {"is_draining": True}, {"daily_cap": 1}])
def test_a_change_of_one_number_is_obeyed_by_the_very_next_message(change):
    lane = make_lane()
    queue(3)
    clock = Clock()
    loop = make_dispatch(FakeGateway(), clock, budget=3600.0)
    loop._turn()
    wait_for_answer(loop)
    loop._turn()  # the first one is on record; the next is due in two seconds
    loop.looked_at = clock.now + timedelta(seconds=2)
    for name, value in change.items():
        setattr(lane.sender, name, value)
    lane.sender.save()
    clock.tick(2)
    loop._turn()
    assert DeliveryAttempt.objects.count() == 1


@pytest.mark.parametrize("learnt", ["ready", "not ready"])
def test_a_ban_that_a_turn_did_not_know_of_is_not_written_over(learnt):
    lane, holding = make_lane(), Holding()
    rest(lane, Rest(LanePause.UNREACHABLE, "refused", NOW), now=NOW)
    lane.save()
    holding.take([lane], now=NOW)
    [held] = holding.begin([lane.pk]).values()
    stop(lane.sender_id, Rest(LanePause.BLOCKED, "banned", None), now=NOW)
    if learnt == "ready":
        end_rest(held)
    else:
        rest(held, Rest(LanePause.NOT_READY, "asks for its code", NOW), now=NOW)
    held.position = 7
    holding.save()
    lane.refresh_from_db()
    assert (lane.pause_reason, lane.is_stopped, lane.position) == (LanePause.BLOCKED, True, 7)
    with pytest.raises(LeaseLost):
        lose_lease(holding, lane)


def lose_lease(holding, lane):
    [held] = holding.begin([lane.pk]).values()
    Lane.objects.filter(pk=lane.pk).update(lease_owner="another", fence=99)
    rest(held, Rest(LanePause.RATE_LIMITED, "", NOW), now=NOW)
    holding.save()
