"""Several numbers, slow-downs, rests and caps, on the travelling clock."""

import itertools
from datetime import timedelta

import pytest

from campaigns.enums import LanePause
from campaigns.models import Delivery, DeliveryAttempt, Lane
from campaigns.numbers import numbers_in_use
from campaigns.scene import Scene
from tests.campaigns.driving import make_dispatch, run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_sender, make_settings
from tests.fakes import Clock, FakeGateway
from tickets.models import HistoryEntry
from whatsapp.gateways.base import NotSent, OutcomeUnknown, Refused, State, Stopped, Throttled, Unreachable
from whatsapp.models import Restart, Sender

pytestmark = pytest.mark.django_db


def queue(count, **fields):
    campaign = fields.pop("campaign", None) or make_campaign(status="sending")
    return [make_delivery(campaign=campaign, contact=make_contact(), slot=n, **fields) for n in range(count)]


def statuses():
    return sorted(Delivery.objects.values_list("status", flat=True))


def starts(lane=None):
    attempts = DeliveryAttempt.objects.order_by("started_at", "pk")
    return list((attempts.filter(lane=lane) if lane else attempts).values_list("started_at", flat=True))


def gaps(moments):
    return [round((b - a).total_seconds(), 3) for a, b in itertools.pairwise(moments)]


def shares():
    return [lane.attempts.count() for lane in Lane.objects.filter(channel="whatsapp").order_by("pk")]


# --- several numbers


def test_three_numbers_take_a_third_of_the_time():
    for _ in range(3):
        make_lane()
    queue(30)
    run_until_idle(FakeGateway())
    assert shares() == [10, 10, 10]
    assert starts()[-1] - starts()[0] == timedelta(seconds=18)  # one number alone needs 18 + 20 + 5 × … = 63.0 s


def test_a_number_of_double_weight_sends_double():
    heavy, light = make_lane(sender=make_sender(weight=2)), make_lane(sender=make_sender(weight=1))
    make_settings(step=0)
    queue(30)
    run_until_idle(FakeGateway())
    assert (heavy.attempts.count(), light.attempts.count()) == (20, 10)
    assert set(gaps(starts(heavy))) == {2.0}
    assert set(gaps(starts(light))) == {4.0}


def test_the_light_one_takes_the_whole_pace_when_the_heavy_one_is_switched_off():
    make_lane(sender=make_sender(weight=5, is_enabled=False))
    light = make_lane(sender=make_sender(weight=1))
    queue(3)
    run_until_idle(FakeGateway())
    assert gaps(starts(light)) == [2.0, 2.0]


def test_a_number_that_is_added_during_a_run_helps():
    make_lane()
    queue(10)
    clock = Clock()
    loop = make_dispatch(FakeGateway(), clock, budget=7.0)
    loop.run()
    added = make_lane()
    run_until_idle(FakeGateway(), clock)
    assert added.attempts.count() > 0
    assert statuses() == ["sent"] * 10


@pytest.mark.parametrize("change", [{"is_enabled": False}, {"is_draining": True}])
def test_a_number_that_is_switched_off_during_a_run_sends_nothing_more(change):
    first, other = make_lane(), make_lane()
    queue(10)
    clock = Clock()
    make_dispatch(FakeGateway(), clock, budget=3.0).run()
    before = first.attempts.count()
    for name, value in change.items():
        setattr(first.sender, name, value)
    first.sender.save()
    run_until_idle(FakeGateway(), clock)
    assert (first.attempts.count(), other.attempts.count()) == (before, 10 - before)


def test_a_number_of_its_own_pace_and_cap_keeps_them():
    slow = make_lane(sender=make_sender(base_delay=4, step=0, maximum_delay=4, daily_cap=2))
    fast = make_lane(sender=make_sender(base_delay=1, step=0, maximum_delay=1))
    queue(12)
    run_until_idle(FakeGateway(), budget=600.0)
    assert (slow.attempts.count(), fast.attempts.count()) == (2, 10)
    assert set(gaps(starts(slow))) == {4.0}
    assert set(gaps(starts(fast))) == {1.0}


# --- a person keeps the number


def reached_from(lane, contact):
    make_delivery(contact=contact, status="sent", sent_at=NOW - timedelta(days=1), sender=lane.sender)


def launched(contacts):
    from campaigns import lifecycle
    from campaigns.preparing import prepare
    from campaigns.stopping import StopPipe

    campaign = make_campaign(
        status="draft", launched_at=None, prepared_at=None, audience={"contacts": [c.pk for c in contacts]}
    )
    lifecycle.launch(campaign, now=NOW)
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: NOW)
    return campaign


def test_a_person_keeps_the_number_that_reached_them_last():
    first, second = make_lane(), make_lane()
    contacts = [make_contact() for _ in range(4)]
    for contact, lane in zip(contacts, [first, first, first, second], strict=True):
        reached_from(lane, contact)
    campaign = launched(contacts)
    run_until_idle(FakeGateway())
    used = dict(campaign.deliveries.values_list("contact", "sender"))
    assert used == {
        contact.pk: lane.sender_id for contact, lane in zip(contacts, [first, first, first, second], strict=True)
    }


def test_whoever_nobody_reached_yet_may_get_it_from_any_number():
    make_lane(), make_lane()
    campaign = launched([make_contact() for _ in range(3)])
    assert set(campaign.deliveries.values_list("pool", flat=True)) == {0}


def test_who_was_kept_by_a_number_that_is_blocked_gets_it_from_another_one():
    first, second = make_lane(), make_lane()
    contacts = [make_contact() for _ in range(3)]
    for contact in contacts:
        reached_from(first, contact)
    campaign = launched(contacts)
    banned, healthy = FakeGateway(Stopped("banned")), FakeGateway()
    run_until_idle(lambda sender: banned if sender == first.sender else healthy, budget=60.0)
    assert set(campaign.deliveries.values_list("status", "sender")) == {("sent", second.sender_id)}


def test_a_kept_person_waits_for_a_number_that_rests_for_a_short_time():
    first, _second = make_lane(), make_lane()
    contact = make_contact()
    reached_from(first, contact)
    campaign = launched([contact])
    limited = FakeGateway(Throttled("slow", retry_after=300))
    clock = Clock()
    run_until_idle(lambda sender: limited, clock, budget=900.0)
    delivery = campaign.deliveries.get()
    assert (delivery.status, delivery.sender) == ("sent", first.sender)
    assert delivery.sent_at - NOW == timedelta(seconds=300)


def test_a_kept_person_does_not_wait_for_a_number_that_rests_for_an_hour():
    first, second = make_lane(), make_lane()
    contact = make_contact()
    reached_from(first, contact)
    campaign = launched([contact])
    limited, healthy = FakeGateway(Throttled("slow", retry_after=3600)), FakeGateway()
    run_until_idle(lambda sender: limited if sender == first.sender else healthy, budget=60.0)
    assert campaign.deliveries.get().sender == second.sender


def test_the_only_number_keeps_its_people_even_when_it_stops():
    lane = make_lane()
    other = make_lane()
    contact = make_contact()
    reached_from(lane, contact)
    campaign = launched([contact])
    other.sender.is_enabled = False
    other.sender.save()
    run_until_idle(FakeGateway(Stopped("banned")), budget=30.0)
    assert campaign.deliveries.get().pool == lane.sender_id


# --- a number that rested when its last work ended, and that nobody has looked at since


def rested_yesterday():
    since = NOW - timedelta(days=1)
    return make_lane(pause_reason="unreachable", paused_since=since, paused_until=since + timedelta(seconds=15))


def test_whom_it_keeps_wait_until_it_has_been_looked_at():
    first, _second = rested_yesterday(), make_lane()
    contact = make_contact()
    reached_from(first, contact)
    campaign = launched([contact])
    run_until_idle(FakeGateway(), budget=60.0)
    assert campaign.deliveries.get().sender == first.sender


def test_whom_it_keeps_are_handed_on_at_once_when_that_look_finds_it_resting():
    first, second = rested_yesterday(), make_lane()
    contact = make_contact()
    reached_from(first, contact)
    campaign = launched([contact])
    asleep, healthy = SilentGateway(9), FakeGateway()
    run_until_idle(lambda sender: asleep if sender == first.sender else healthy, budget=60.0)
    assert campaign.deliveries.get().sender == second.sender


@pytest.mark.parametrize("fields", [{}, {"pause_reason": "breaker", "failures_in_a_row": 9}])
def test_it_is_looked_at_before_it_is_restarted(fields):
    lane = rested_yesterday()
    Lane.objects.filter(pk=lane.pk).update(**fields)
    Sender.objects.update(state="unreachable", state_since=NOW - timedelta(days=1))
    queue(1)
    run_until_idle(FakeGateway(), budget=60.0)
    assert (Restart.objects.count(), statuses()) == (0, ["sent"])


# --- slow-down


def test_a_rate_limit_makes_the_pauses_longer_and_twenty_good_sends_shorten_them_again():
    lane = make_lane()
    make_settings(step=0)
    queue(45)
    run_until_idle(FakeGateway(Throttled("slow", retry_after=10), Throttled("slow", retry_after=10)))
    found = gaps(starts())
    assert found[:2] == [10.0, 10.0]
    assert found[2:21] == [4.5] * 19  # 2.0 × 1.5 × 1.5
    assert found[21:41] == [3.0] * 20
    assert found[41:] == [2.0] * 5
    lane.refresh_from_db()
    assert (lane.slow_down, statuses()) == (1.0, ["sent"] * 45)


def test_the_slow_down_never_passes_four_times():
    lane = make_lane()
    queue(1)
    run_until_idle(FakeGateway(*[Throttled("slow", retry_after=1)] * 6))
    lane.refresh_from_db()
    assert lane.slow_down == 4.0


def test_a_wait_that_the_provider_names_wins_over_our_own_and_charges_nobody():
    make_lane()
    [delivery] = queue(1)
    run_until_idle(FakeGateway(Throttled("slow", retry_after=77)))
    delivery.refresh_from_db()
    assert gaps(starts()) == [77.0]
    assert (delivery.status, delivery.tries_charged, delivery.attempts_made) == ("sent", 0, 2)


def test_a_slow_down_is_shown_with_its_reason():
    make_lane()
    queue(2)
    clock = Clock()
    make_dispatch(FakeGateway(Throttled("slow", retry_after=60)), clock, budget=5.0).run()
    [number] = numbers_in_use(Scene(clock.now))
    assert (number.slow_down, number.waiting.reason) == (1.5, LanePause.RATE_LIMITED)
    assert number.waiting.until == NOW + timedelta(seconds=60)


# --- breaker, blocks, restarts


def test_after_the_rest_one_doubtful_call_is_enough_to_rest_again():
    make_lane()
    make_settings(breaker_threshold=3, breaker_cooldown_seconds=300)
    queue(5)
    make_settings(auto_restart=False)
    run_until_idle(FakeGateway(*[OutcomeUnknown("lost")] * 4), budget=3000.0)
    assert statuses() == ["sent"] + ["uncertain"] * 4
    assert [gap for gap in gaps(starts()) if gap >= 300] == [300.0, 300.0]


def test_a_gateway_that_says_ready_and_loses_messages_again_is_restarted():
    make_lane()
    make_settings(breaker_threshold=3, breaker_cooldown_seconds=300)
    queue(5)
    run_until_idle(FakeGateway(*[OutcomeUnknown("lost")] * 4), budget=3000.0)
    assert Restart.objects.get().asked_at > starts()[3]


def test_one_good_call_closes_the_breaker():
    lane = make_lane()
    make_settings(breaker_threshold=2)
    queue(3)
    run_until_idle(FakeGateway(OutcomeUnknown("lost"), OutcomeUnknown("lost")), budget=3000.0)
    lane.refresh_from_db()
    assert (lane.failures_in_a_row, lane.pause_reason) == (0, "")


def test_a_lock_with_an_end_ends_by_itself():
    lane = make_lane()
    queue(1)
    clock = Clock()
    make_dispatch(FakeGateway(Stopped("locked", retry_after=7200)), clock, budget=60.0).run()
    lane.refresh_from_db()
    assert (lane.is_stopped, lane.pause_reason, lane.paused_until) == (
        False,
        LanePause.BLOCKED,
        NOW + timedelta(hours=2),
    )
    run_until_idle(FakeGateway(), Clock(NOW + timedelta(hours=2)), budget=60.0)
    assert statuses() == ["sent"]


def test_what_a_blocked_number_had_leaves_from_the_others():
    first, _second = make_lane(), make_lane()
    queue(6)
    banned, healthy = FakeGateway(Stopped("banned")), FakeGateway()
    run_until_idle(lambda sender: banned if sender == first.sender else healthy)
    first.refresh_from_db()
    assert (first.is_stopped, statuses(), len(healthy.sent)) == (True, ["sent"] * 6, 6)
    assert set(Delivery.objects.values_list("tries_charged", flat=True)) == {0}


class SilentGateway(FakeGateway):
    """Refuses every connection until it was restarted often enough."""

    def __init__(self, restarts_needed):
        super().__init__()
        self.restarts_needed, self.restarted = restarts_needed, 0

    def send(self, message):
        if self.restarted < self.restarts_needed:
            raise Unreachable("refused")
        return super().send(message)

    def status(self):
        from whatsapp.gateways.base import Status

        return Status(State.READY if self.restarted >= self.restarts_needed else State.UNREACHABLE)

    def restart(self):
        self.restarted += 1
        return "ok"


def test_a_gateway_that_stays_silent_is_restarted_by_itself():
    lane = make_lane()
    queue(1)
    gateway = SilentGateway(1)
    clock = Clock()
    run_until_idle(gateway, clock, budget=600.0)
    restart = Restart.objects.get()
    assert (gateway.restarted, statuses(), restart.is_automatic, restart.answer) == (1, ["sent"], True, "ok")
    assert restart.asked_at - NOW >= timedelta(minutes=1)
    lane.sender.refresh_from_db()
    assert lane.sender.restarted_at == restart.asked_at


@pytest.mark.parametrize(
    ("error", "is_refused"),
    [(Refused("not allowed"), True), (Unreachable("no connection"), True), (OutcomeUnknown("cut"), False)],
)
def test_a_restart_by_itself_that_was_refused_is_on_record_as_such(error, is_refused):
    make_lane()
    queue(1)

    class Stubborn(SilentGateway):
        def restart(self):
            raise error

    run_until_idle(Stubborn(1), budget=100.0)
    restart = Restart.objects.get()
    assert (restart.is_automatic, restart.was_refused, restart.answer) == (True, is_refused, error.detail)
    told = HistoryEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(told) == ["restarted", *["not_restarted"] * is_refused]


def test_nothing_is_restarted_where_staff_switched_it_off():
    make_lane()
    make_settings(auto_restart=False)
    queue(1)
    gateway = SilentGateway(1)
    run_until_idle(gateway, budget=150.0)
    assert (gateway.restarted, statuses()) == (0, ["pending"])


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (NotSent("logged out"), State.LOGGED_OUT),
        (NotSent("scan me"), State.NEEDS_QR),
        (Stopped("banned", retry_after=600), State.RESTRICTED),
        (Throttled("slow", retry_after=600), State.READY),
    ],
)
def test_a_restart_never_answers_a_logout_a_ban_a_lock_or_a_limit(answer, state):
    make_lane()
    queue(1)
    gateway = FakeGateway(answer)
    gateway.state = state
    restarted = []
    gateway.restart = lambda: restarted.append(1) or "ok"
    run_until_idle(gateway, budget=150.0)
    assert restarted == []


@pytest.mark.parametrize("state", [State.LOGGED_OUT, State.NEEDS_QR, State.RESTRICTED])
def test_a_number_that_needs_a_person_is_not_restarted_when_its_program_falls_silent_too(state):
    make_lane()
    queue(1)
    clock = Clock()

    class ThenSilent(FakeGateway):
        def status(self):
            from whatsapp.gateways.base import Status

            return Status(state if clock.now < NOW + timedelta(seconds=30) else State.UNREACHABLE)

        def restart(self):
            raise AssertionError("restarted")

    run_until_idle(ThenSilent(NotSent("not now")), clock, budget=400.0)
    assert (Restart.objects.count(), statuses()) == (0, ["pending"])


# --- caps of new numbers


def test_a_new_number_grows_by_its_steps_from_day_to_day():
    lane = make_lane(sender=make_sender(is_new=True))
    make_settings(warm_up_steps="2, 3", window_timezone="UTC")
    queue(20)
    for day in range(3):
        run_until_idle(FakeGateway(), Clock(NOW + timedelta(days=day)), budget=120.0)
    lane.refresh_from_db()
    days = [moment.date() for moment in starts()]
    assert [days.count(NOW.date() + timedelta(days=day)) for day in range(3)] == [2, 3, 15]
    assert lane.days_used == 3


def test_a_day_without_a_message_is_no_step():
    lane = make_lane(sender=make_sender(is_new=True))
    make_settings(warm_up_steps="2, 3", window_timezone="UTC")
    queue(5)
    run_until_idle(FakeGateway(), Clock(NOW), budget=120.0)
    run_until_idle(FakeGateway(), Clock(NOW + timedelta(days=9)), budget=120.0)
    lane.refresh_from_db()
    assert (lane.days_used, statuses()) == (2, ["sent"] * 5)


def test_what_did_not_leave_uses_up_no_day():
    lane = make_lane(sender=make_sender(is_new=True))
    queue(1)
    gateway = FakeGateway(NotSent("asleep"))
    gateway.state = State.STARTING
    run_until_idle(gateway, budget=5.0)
    lane.refresh_from_db()
    assert (lane.days_used, lane.sent_today, lane.sent_on) == (0, 0, None)


def test_a_new_number_says_that_it_is_new():
    make_lane(sender=make_sender(is_new=True))
    make_settings(warm_up_steps="1", window_timezone="UTC")
    queue(2)
    clock = Clock()
    run_until_idle(FakeGateway(), clock, budget=30.0)
    [number] = numbers_in_use(Scene(clock.now))
    assert (number.waiting.reason, number.cap_today, number.is_warming_up) == ("warm_up", 1, True)
    assert number.waiting.until.hour == 0


def test_the_cap_counts_across_dispatchers_and_restarts():
    make_lane(sender=make_sender(daily_cap=3))
    queue(6)
    clock = Clock()
    for _ in range(4):
        run_until_idle(FakeGateway(), clock, budget=3.0)
    assert statuses() == ["pending"] * 3 + ["sent"] * 3


def test_a_raised_cap_is_obeyed_by_the_very_next_message():
    make_lane()
    make_settings(daily_cap=2)
    queue(4)
    clock = Clock()
    run_until_idle(FakeGateway(), clock, budget=30.0)
    assert statuses() == ["pending"] * 2 + ["sent"] * 2
    make_settings(daily_cap=3)
    run_until_idle(FakeGateway(), clock, budget=30.0)
    assert statuses() == ["pending"] + ["sent"] * 3


def test_a_lowered_cap_is_obeyed_in_the_middle_of_a_slice():
    make_lane()
    make_settings(daily_cap=10)
    queue(10)

    clock = Clock()
    loop = make_dispatch(FakeGateway(), clock, budget=60.0)
    loop._turn()
    make_settings(daily_cap=2)
    loop.run()
    assert statuses() == ["pending"] * 8 + ["sent"] * 2
