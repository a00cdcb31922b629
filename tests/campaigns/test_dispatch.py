"""The loop, its claims and its records, against a fake gateway and on a clock that is moved."""

import itertools
import select
from datetime import datetime, timedelta

import pytest

from campaigns import lanes
from campaigns.enums import AttemptOutcome, DeliveryStatus
from campaigns.lifecycle import pause
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Lane
from campaigns.tick import tick
from campaigns.work import idle_lanes
from tests.campaigns.driving import make_dispatch, run_until_idle
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_lane,
    make_settings,
    make_ticket,
)
from tests.fakes import Clock, FakeGateway
from whatsapp.gateways.base import (
    Accepted,
    ErrorKind,
    NotSent,
    OutcomeUnknown,
    Refused,
    State,
    Stopped,
    Throttled,
    Unreachable,
)

pytestmark = pytest.mark.django_db
D = DeliveryStatus


def queue(count=1, *, campaign=None, **fields):
    campaign = campaign or make_campaign(status="sending")
    return [make_delivery(campaign=campaign, contact=make_contact(), **fields) for _ in range(count)]


def statuses():
    return sorted(Delivery.objects.values_list("status", flat=True))


def starts():
    return list(DeliveryAttempt.objects.order_by("started_at").values_list("started_at", flat=True))


def gaps(moments: list[datetime]) -> list[float]:
    return [round((b - a).total_seconds(), 3) for a, b in itertools.pairwise(moments)]


def test_everybody_gets_one_message_at_the_pace_of_the_rule():
    make_lane()
    queue(25)
    gateway = FakeGateway()
    clock = Clock()
    run_until_idle(gateway, clock)
    assert statuses() == ["sent"] * 25
    assert len({message.phone for message in gateway.sent}) == 25
    assert gaps(starts()) == [2.0] * 10 + [2.5] * 10 + [3.0] * 4


def test_the_campaign_finishes_with_its_last_message():
    make_lane()
    queue(2)
    run_until_idle(FakeGateway())
    campaign = Campaign.objects.get()
    assert (campaign.status, campaign.finished_at) == ("finished", NOW + timedelta(seconds=2))


def test_two_campaigns_share_one_number_and_its_pace():
    make_lane()
    first, second = make_campaign(status="sending"), make_campaign(status="sending")
    for slot in range(1, 7):
        make_delivery(campaign=first, contact=make_contact(), slot=slot)
        make_delivery(campaign=second, contact=make_contact(), slot=slot)
    run_until_idle(FakeGateway())
    assert gaps(starts()) == [2.0] * 10 + [2.5]
    order = list(DeliveryAttempt.objects.order_by("pk").values_list("delivery__campaign", flat=True))
    assert order == [first.pk, second.pk] * 6


def test_two_numbers_halve_the_time():
    make_lane()
    make_lane()
    queue(20)
    run_until_idle(FakeGateway())
    assert starts()[-1] - starts()[0] == timedelta(seconds=18)
    assert [lane.attempts.count() for lane in Lane.objects.filter(channel="whatsapp")] == [10, 10]


def test_tickets_go_before_announcements():
    make_lane()
    queue(2, campaign=make_campaign(status="sending"), priority=20, slot=0)
    queue(1, campaign=make_campaign(status="sending"), priority=10, slot=9999)
    run_until_idle(FakeGateway())
    order = DeliveryAttempt.objects.order_by("pk").values_list("delivery__priority", flat=True)
    assert list(order) == [10, 20, 20]


def test_a_pause_takes_effect_on_the_very_next_message():
    make_lane()
    campaign = make_campaign(status="sending")
    queue(5, campaign=campaign)
    gateway = FakeGateway()

    def pause_it(message):
        # The gateway's thread must not touch the database: the pause is made when the loop looks next.
        return Accepted("X")

    gateway.answers = [pause_it]
    loop = make_dispatch(gateway, budget=3.0)
    loop._turn()
    pause(campaign, now=NOW)
    loop.run()
    assert statuses() == ["pending"] * 4 + ["sent"]


def test_a_changed_setting_is_obeyed_by_the_very_next_wait():
    make_lane()
    make_settings()
    queue(3)
    clock = Clock()
    loop = make_dispatch(FakeGateway(), clock, budget=30.0)
    loop._turn()
    make_settings(base_delay=7, maximum_delay=10)
    loop.run()
    assert gaps(starts()) == [7.0, 7.0]


def test_the_attempt_is_written_before_the_call_and_closed_after_it():
    make_lane()
    queue(1)
    loop = make_dispatch(FakeGateway())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop.flights.pool, "start", lambda calls: None)
        loop._turn()
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.outcome, attempt.finished_at, statuses()) == ("started", None, ["claimed"])
    loop.flights.pool.start(plan.call for plan in loop.flights.flying.values())
    loop.run()
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.gateway_message_id, statuses()) == ("accepted", "ID1", ["sent"])


@pytest.mark.parametrize(
    ("error", "status", "outcome"),
    [
        (Refused("no", kind=ErrorKind.NOT_ON_WHATSAPP), D.FAILED, AttemptOutcome.REFUSED),
        (NotSent("asleep"), D.PENDING, AttemptOutcome.NOT_SENT),
        (Unreachable("refused"), D.PENDING, AttemptOutcome.NOT_SENT),
        (Throttled("slow", retry_after=600.0), D.PENDING, AttemptOutcome.NOT_SENT),
        (Stopped("banned"), D.PENDING, AttemptOutcome.NOT_SENT),
        (OutcomeUnknown("timeout"), D.UNCERTAIN, AttemptOutcome.UNCERTAIN),
        (RuntimeError("our own bug"), D.UNCERTAIN, AttemptOutcome.UNCERTAIN),
    ],
)
def test_each_way_a_call_can_end(error, status, outcome):
    make_lane()
    queue(1)
    run_until_idle(FakeGateway(error), budget=1.0)
    assert statuses() == [status]
    assert DeliveryAttempt.objects.first().outcome == outcome


def test_a_bad_number_is_an_error_of_that_person_only():
    make_lane()
    queue(3)
    run_until_idle(FakeGateway(Refused("no", kind=ErrorKind.INVALID_NUMBER)))
    assert statuses() == ["failed", "sent", "sent"]
    assert Delivery.objects.get(status="failed").error_kind == "invalid_number"


def test_not_ready_fails_nobody_and_goes_on_alone():
    lane = make_lane()
    queue(4)
    gateway = FakeGateway()
    gateway.answers = [lambda m: Accepted("1"), NotSent("QR"), NotSent("QR")]
    gateway.state = State.NEEDS_QR
    clock = Clock()
    loop = make_dispatch(gateway, clock, budget=40.0)
    loop.run()
    lane.refresh_from_db()
    assert statuses() == ["pending", "pending", "pending", "sent"]
    assert (lane.pause_reason, lane.sender.is_enabled) == ("not_ready", True)
    assert set(Delivery.objects.values_list("tries_charged", flat=True)) == {0}
    gateway.state, gateway.answers = State.READY, []
    run_until_idle(gateway, clock, budget=600.0)
    lane.refresh_from_db()
    assert (statuses(), lane.pause_reason) == (["sent"] * 4, "")


def test_a_resting_lane_is_probed_and_not_sent_to():
    make_lane()
    queue(1)
    gateway = FakeGateway(NotSent("asleep"))
    gateway.state = State.STARTING
    run_until_idle(gateway, budget=200.0)
    assert (gateway.sent, DeliveryAttempt.objects.count()) == ([], 1)


def test_unreachable_backs_off_and_comes_back():
    make_lane()
    make_settings(retry_base_seconds=10, retry_factor=2)
    queue(1)
    run_until_idle(FakeGateway(Unreachable("refused")), budget=3600.0)
    assert statuses() == ["sent"]
    assert list(DeliveryAttempt.objects.order_by("pk").values_list("outcome", flat=True)) == ["not_sent", "accepted"]


def test_a_wait_that_the_provider_names_is_kept():
    make_lane()
    queue(1)
    run_until_idle(FakeGateway(Throttled("slow", retry_after=120.0)), budget=3600.0)
    assert gaps(starts()) == [120.0]


def test_a_blocked_number_stops_until_somebody_acts():
    lane = make_lane()
    queue(2)
    gateway = FakeGateway(Stopped("banned"))
    run_until_idle(gateway, Clock(), budget=100.0)
    lane.refresh_from_db()
    assert (lane.is_stopped, lane.pause_reason, statuses()) == (True, "blocked", ["pending", "pending"])
    lane.sender.save()  # somebody edited the number
    run_until_idle(gateway, Clock(NOW + timedelta(hours=1)), budget=100.0)
    assert statuses() == ["sent", "sent"]


def test_uncertain_is_never_sent_again_by_itself():
    make_lane()
    queue(1)
    clock = Clock()
    gateway = FakeGateway(OutcomeUnknown("timeout"))
    run_until_idle(gateway, clock)
    for _ in range(3):
        clock.tick(3600)
        tick(now=clock.now)
        run_until_idle(gateway, clock)
    assert (statuses(), gateway.sent, DeliveryAttempt.objects.count()) == (["uncertain"], [], 1)
    assert Campaign.objects.get().status == "finished"


def test_doubtful_calls_in_a_row_open_the_breaker_and_a_probe_closes_it():
    lane = make_lane()
    make_settings(breaker_threshold=3, breaker_cooldown_seconds=300)
    queue(5)
    gateway = FakeGateway(*[OutcomeUnknown("500")] * 3)
    clock = Clock()
    run_until_idle(gateway, clock, budget=30.0)
    lane.refresh_from_db()
    assert (lane.pause_reason, statuses()) == ("breaker", ["pending"] * 2 + ["uncertain"] * 3)
    run_until_idle(gateway, clock, budget=600.0)
    assert statuses() == ["sent"] * 2 + ["uncertain"] * 3
    assert gaps(starts())[2] >= 300.0


def test_uncertain_messages_count_in_the_run_and_not_sent_ones_do_not():
    lane = make_lane()
    queue(3)
    gateway = FakeGateway(OutcomeUnknown("timeout"), Throttled("slow", retry_after=5.0))
    run_until_idle(gateway, budget=60.0)
    lane.refresh_from_db()
    assert (lane.position, lane.sent_today) == (3, 3)


def test_the_daily_cap_holds_over_slices_and_restarts():
    make_lane()
    make_settings(daily_cap=3)
    queue(5)
    clock = Clock()
    for _ in range(3):
        run_until_idle(FakeGateway(), clock, budget=60.0)
    assert statuses() == ["pending"] * 2 + ["sent"] * 3
    clock.tick(24 * 3600)
    run_until_idle(FakeGateway(), clock, budget=60.0)
    assert statuses() == ["sent"] * 5


def test_outside_its_hours_a_campaign_waits():
    make_lane()
    make_settings(window_from="09:00", window_to="20:00", window_timezone="America/Bogota")
    queue(1)
    night = Clock(datetime.fromisoformat("2026-11-25T03:00:00-05:00"))
    run_until_idle(FakeGateway(), night, budget=60.0)
    assert statuses() == ["pending"]
    day = Clock(datetime.fromisoformat("2026-11-25T09:00:00-05:00"))
    run_until_idle(FakeGateway(), day, budget=60.0)
    assert statuses() == ["sent"]


def test_who_opted_out_meanwhile_is_skipped():
    make_lane()
    [delivery] = queue(1)
    delivery.contact.whatsapp_opt_out_at = NOW
    delivery.contact.save()
    gateway = FakeGateway()
    run_until_idle(gateway)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error_kind, gateway.sent) == ("skipped", "opted_out", [])


def test_a_ticket_still_goes_to_who_opted_out_of_promotion():
    make_lane()
    ticket = make_ticket(holder=make_contact(whatsapp_opt_out_at=NOW))
    campaign = make_campaign(status="sending", kind="tickets", event=ticket.event)
    queue(1, campaign=campaign, ticket=ticket)
    run_until_idle(FakeGateway())
    assert statuses() == ["sent"]


def test_a_voided_ticket_is_not_sent():
    make_lane()
    ticket = make_ticket(status="voided")
    campaign = make_campaign(status="sending", kind="tickets", event=ticket.event)
    queue(1, campaign=campaign, ticket=ticket)
    run_until_idle(FakeGateway())
    assert list(Delivery.objects.values_list("status", "error_kind")) == [("skipped", "ticket_not_valid")]


def test_a_long_row_of_skips_does_not_stop_the_lane():
    make_lane()
    campaign = make_campaign(status="sending")
    for _ in range(30):
        make_delivery(campaign=campaign, contact=make_contact(whatsapp_opt_out_at=NOW))
    queue(1, campaign=campaign)
    run_until_idle(FakeGateway())
    assert statuses() == ["sent"] + ["skipped"] * 30


def test_too_late_expires_instead_of_leaving():
    make_lane()
    campaign = make_campaign(status="sending", not_after=NOW - timedelta(seconds=1))
    queue(1, campaign=campaign)
    run_until_idle(FakeGateway())
    assert statuses() == ["expired"]


def test_a_disabled_number_takes_no_work():
    lane = make_lane()
    lane.sender.is_enabled = False
    lane.sender.save()
    queue(1)
    run_until_idle(FakeGateway())
    assert statuses() == ["pending"]


def test_a_gateway_that_is_not_installed_stops_nobody_else():
    bad, _good = make_lane(), make_lane()
    queue(3)

    def choose(sender):
        if sender == bad.sender:
            raise KeyError("gone")
        return FakeGateway()

    run_until_idle(choose, budget=30.0)
    bad.refresh_from_db()
    assert (statuses(), bad.pause_reason) == (["sent"] * 3, "not_ready")


def test_only_one_dispatcher_holds_a_lane():
    lane = make_lane()
    assert lanes.take_lease(lane.pk, "a", now=NOW) == 1
    assert lanes.take_lease(lane.pk, "b", now=NOW) is None
    assert lanes.take_lease(lane.pk, "b", now=NOW + timedelta(hours=1)) == 2


def test_a_dispatcher_that_lost_its_lease_claims_nothing_and_settles_its_own_answer():
    lane = make_lane()
    queue(2)
    gateway = FakeGateway()
    clock = Clock()
    loop = make_dispatch(gateway, clock, budget=120.0)
    loop._turn()  # one message is on its way, and is answered
    assert select.select([loop.flights.pool.fileno()], [], [], 10)[0]
    clock.tick(60)  # frozen for longer than the lease
    Lane.objects.filter(pk=lane.pk).update(
        lease_owner="other", lease_expires_at=clock.now + timedelta(hours=1), fence=9
    )
    lane.refresh_from_db()
    from campaigns.attempts import settle_abandoned

    settle_abandoned(lane, now=clock.now)
    assert statuses() == ["pending", "uncertain"]
    loop.run()
    assert statuses() == ["pending", "sent"]  # the late answer counts; nothing new was claimed
    assert len(gateway.sent) == 1


def test_the_tick_settles_what_a_dead_dispatcher_left_behind():
    make_lane()
    queue(2)
    clock = Clock()
    loop = make_dispatch(FakeGateway(), clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop.flights.pool, "start", lambda calls: None)
        loop._turn()
    tick(now=clock.now + timedelta(seconds=10))
    assert statuses() == ["claimed", "pending"]  # the lease still holds
    tick(now=clock.now + timedelta(seconds=60))
    assert statuses() == ["pending", "uncertain"]
    assert DeliveryAttempt.objects.get().outcome == "uncertain"


def test_the_gap_is_kept_after_a_crash():
    make_lane()
    make_settings(base_delay=100, maximum_delay=100)
    queue(2)
    clock = Clock()
    loop = make_dispatch(FakeGateway(), clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop.flights.pool, "start", lambda calls: None)
        loop._turn()
    clock.tick(60)
    run_until_idle(FakeGateway(), clock, budget=200.0)
    assert gaps(starts()) == [100.0]


def test_a_stale_claim_without_an_open_attempt_goes_back_to_the_queue():
    make_lane()
    [delivery] = queue(1)
    Delivery.objects.filter(pk=delivery.pk).update(status="claimed", claimed_at=NOW - timedelta(minutes=5))
    tick(now=NOW)
    assert statuses() == ["pending"]


def test_what_comes_back_after_a_cancel_is_withdrawn():
    from campaigns.lifecycle import cancel

    make_lane()
    campaign = make_campaign(status="sending")
    queue(2, campaign=campaign)
    clock = Clock()
    loop = make_dispatch(FakeGateway(NotSent("asleep")), clock, budget=5.0)
    loop._turn()
    cancel(campaign, now=clock.now)
    loop.run()
    tick(now=clock.now)
    assert statuses() == ["cancelled", "cancelled"]


def test_resending_sends_exactly_the_failed_ones():
    from campaigns.lifecycle import resend

    make_lane()
    campaign = make_campaign(status="sending")
    queue(4, campaign=campaign)
    gateway = FakeGateway(Refused("no"), OutcomeUnknown("timeout"))
    clock = Clock()
    run_until_idle(gateway, clock)
    assert resend(campaign, now=clock.now) == 1
    assert resend(campaign, now=clock.now) == 0
    run_until_idle(gateway, clock)
    assert statuses() == ["sent", "sent", "sent", "uncertain"]
    assert resend(campaign, uncertain=True, now=clock.now) == 1
    run_until_idle(gateway, clock)
    campaign.refresh_from_db()
    assert (statuses(), campaign.status) == (["sent"] * 4, "finished")
    assert DeliveryAttempt.objects.count() == 6


def test_an_event_hour_rules_the_window_of_its_campaigns():
    make_lane()
    make_settings(window_from="09:00", window_to="20:00", window_timezone="America/Bogota")
    event = make_event(timezone="Europe/Madrid")
    queue(1, campaign=make_campaign(status="sending", event=event))
    # 10:00 in Madrid is 04:00 in Bogota.
    run_until_idle(FakeGateway(), Clock(datetime.fromisoformat("2026-11-25T10:00:00+01:00")), budget=60.0)
    assert statuses() == ["sent"]


def test_a_slice_that_ends_in_the_middle_of_a_call_leaves_its_lane_to_a_successor():
    """Otherwise the run would stand still until the next tick, at the end of each slice."""
    make_lane()
    queue(3)
    clock = Clock()
    loop = make_dispatch(FakeGateway(), clock, budget=1.0)
    loop._turn()
    clock.tick(1.5)  # the budget is over and the answer has not been recorded
    found = []
    loop.run(lambda: found.append(idle_lanes(now=clock.now, before=clock.now + timedelta(seconds=2.001))))
    assert statuses() == ["pending", "pending", "sent"]
    assert found == [[Lane.objects.get(channel="whatsapp")]]


def test_a_slice_with_nothing_left_calls_nobody():
    make_lane()
    queue(1)
    clock = Clock()
    loop = make_dispatch(FakeGateway(), clock, budget=60.0)
    handed_over = []
    loop.run(lambda: handed_over.append(loop.next_due))
    assert (handed_over, Campaign.objects.get().status) == ([None], "finished")


def test_a_number_remembers_its_last_message():
    lane = make_lane()
    queue(2)
    run_until_idle(FakeGateway())
    lane.sender.refresh_from_db()
    assert lane.sender.last_send_at == NOW + timedelta(seconds=2)
