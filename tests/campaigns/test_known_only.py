"""WhatsApp lets a number write to nobody new: whom it knows still gets theirs, other numbers take the rest."""

from datetime import timedelta

import pytest

from campaigns import keeping, lanes
from campaigns.models import Campaign, Delivery, Dispatcher, Lane
from campaigns.numbers import numbers_in_use
from campaigns.progress import totals_of
from campaigns.scene import Scene
from campaigns.tick import tick
from campaigns.waiting import waiting_of
from tests.campaigns.driving import run_until_idle
from tests.campaigns.pages import page
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_reply
from tests.fakes import Clock, FakeGateway
from tickets.models import HistoryEntry
from whatsapp.gateways.base import ErrorKind, Refused, State, Status, Stopped
from whatsapp.health import record_state
from whatsapp.models import Restart

pytestmark = pytest.mark.django_db

DAY = 86_400.0


def lock(seconds: float | None = DAY):
    return Stopped("error 463", kind=ErrorKind.NEW_CONTACTS, retry_after=seconds)


def known_to(lane, **fields):
    """Somebody who was reached from this number before."""
    person = make_contact(**fields)
    make_delivery(contact=person, status="sent", sent_at=NOW - timedelta(days=9), sender=lane.sender)
    return person


def queue(*people, campaign=None):
    campaign = campaign or make_campaign(status="sending")
    return [make_delivery(campaign=campaign, contact=person, slot=n) for n, person in enumerate(people)]


def statuses(deliveries):
    return [Delivery.objects.get(pk=delivery.pk).status for delivery in deliveries]


def stored(lane):
    return Lane.objects.get(pk=lane.pk)


def test_those_whom_it_knows_still_get_theirs():
    lane = make_lane()
    queued = queue(make_contact(), known_to(lane), make_contact(), known_to(lane))
    run_until_idle(FakeGateway(lock()), budget=60)
    assert statuses(queued) == ["pending", "sent", "pending", "sent"]
    assert stored(lane).known_only_until == NOW + timedelta(seconds=DAY)
    assert (stored(lane).pause_reason, stored(lane).is_stopped) == ("", False)


def test_another_number_takes_the_new_ones():
    first, second = make_lane(), make_lane()
    queued = queue(*[make_contact() for _ in range(4)])
    locked, free = FakeGateway(lock()), FakeGateway()
    gateways = {first.sender_id: locked, second.sender_id: free}
    run_until_idle(lambda sender: gateways[sender.pk], budget=60)
    assert statuses(queued) == ["sent"] * 4
    assert (len(locked.sent), len(free.sent)) == (0, 4)


def test_whom_another_number_knows_does_not_stay_with_it():
    first, second = make_lane(), make_lane()
    [delivery] = queue(known_to(second))
    assert keeping.keep_known(first.sender_id, now=NOW) == 0
    assert keeping.keep_known(second.sender_id, now=NOW) == 1
    assert Delivery.objects.get(pk=delivery.pk).pool == second.sender_id


def test_a_number_that_is_refused_by_those_whom_it_knows_stops():
    lane = make_lane()
    queued = queue(make_contact(), known_to(lane))
    run_until_idle(FakeGateway(lock(), lock(7200.0)), budget=60)
    assert statuses(queued) == ["pending", "pending"]
    found = stored(lane)
    assert found.pause_reason == "blocked"
    assert found.paused_until == NOW + timedelta(seconds=7202.0)  # after the pause between the two calls


def test_it_writes_to_new_people_again_when_the_time_is_over():
    lane = make_lane()
    queued = queue(make_contact())
    run_until_idle(FakeGateway(lock(3600.0)), budget=60)
    tick(now=NOW + timedelta(minutes=59))
    assert lanes.is_known_only(stored(lane))
    tick(now=NOW + timedelta(minutes=61))
    assert not lanes.is_known_only(stored(lane))
    run_until_idle(FakeGateway(), Clock(NOW + timedelta(minutes=62)), budget=60)
    assert statuses(queued) == ["sent"]


def test_without_an_end_a_person_ends_it():
    lane = make_lane()
    queued = queue(make_contact())
    run_until_idle(FakeGateway(lock(None)), budget=60)
    tick(now=NOW + timedelta(days=30))
    assert lanes.is_known_only(stored(lane))
    record_state(lane.sender_id, Status(State.READY), now=NOW)
    assert lanes.is_known_only(stored(lane))
    lanes.wake(lane.sender_id, now=NOW)
    run_until_idle(FakeGateway(), Clock(NOW + timedelta(days=31)), budget=60)
    assert statuses(queued) == ["sent"]


def test_it_is_never_answered_with_a_restart():
    make_lane()
    queue(make_contact(), make_contact())
    run_until_idle(FakeGateway(lock()), budget=3000)
    assert not Restart.objects.exists()


def test_what_is_launched_meanwhile_stays_with_it_too():
    lane = make_lane()
    queue(make_contact())
    run_until_idle(FakeGateway(lock()), budget=60)
    [later] = queue(known_to(lane))
    tick(now=NOW + timedelta(minutes=1))
    run_until_idle(FakeGateway(), Clock(NOW + timedelta(minutes=2)), budget=60)
    assert statuses([later]) == ["sent"]


def test_the_pages_say_why_and_until_when():
    Dispatcher.objects.update(heartbeat_at=NOW)
    lane = make_lane()
    [delivery] = queue(make_contact())
    run_until_idle(FakeGateway(lock()), budget=60)
    campaign, scene = delivery.campaign, Scene(NOW + timedelta(seconds=30))
    waiting = waiting_of(campaign, totals_of([campaign.pk])[campaign.pk], scene)
    assert (waiting.reason, waiting.until, waiting.needs_person) == ("known_only", NOW + timedelta(days=1), False)
    assert str(lane.sender) in waiting.sentence
    [number] = numbers_in_use(scene)
    assert number.known_only.until == NOW + timedelta(days=1)
    assert (number.waiting, number.is_stopped) == (None, False)


def test_the_campaign_says_it_of_the_number_although_others_go_on(boss):
    locked, free = make_lane(), make_lane(next_send_at=NOW + timedelta(seconds=3))
    queued = queue(make_contact(), make_contact())
    gateways = {locked.sender_id: FakeGateway(lock()), free.sender_id: FakeGateway()}
    run_until_idle(lambda sender: gateways[sender.pk], budget=2)
    Dispatcher.objects.update(heartbeat_at=NOW)
    html = boss.get(page("change", queued[0].campaign_id)).content.decode()
    assert "Pause between two messages" in html
    assert f"lets “{locked.sender}” write to nobody new for now" in html
    assert "It goes on at this time: 26 Nov 2026, 10:00 (Bogotá)." in html
    assert "Known people only" in html


def test_the_card_of_the_number_says_it_and_lets_somebody_end_it(boss):
    lane = make_lane(known_only_since=NOW, known_only_detail="error 463")
    Dispatcher.objects.update(heartbeat_at=NOW)
    html = boss.get(f"/admin/whatsapp/sender/{lane.sender_id}/change/").content.decode()
    assert "to nobody new for now" in html or "nadie nuevo" in html
    assert f'id="n-{lane.sender_id}-again"' in html
    boss.post(f"/admin/campaigns/campaign/number/{lane.sender_id}/again/")
    assert not lanes.is_known_only(stored(lane))


# --- a restriction that the gateway reports by itself


def test_a_reported_restriction_stops_the_number_until_its_end():
    lane = make_lane()
    record_state(lane.sender_id, Status(State.RESTRICTED, "locked", ends_in=3600.0), now=NOW)
    found = stored(lane)
    assert (found.pause_reason, found.paused_until, found.is_stopped) == ("blocked", NOW + timedelta(hours=1), False)
    record_state(lane.sender_id, Status(State.READY), now=NOW + timedelta(minutes=5))
    assert stored(lane).paused_until == NOW + timedelta(hours=1)


# --- a reason that holds for the whole campaign


def test_a_template_that_is_refused_pauses_the_campaign_and_fails_nobody():
    make_lane()
    queued = queue(*[make_contact() for _ in range(3)])
    error = Refused("132001: does not exist", kind=ErrorKind.TEMPLATE)
    gateway = FakeGateway(error, error, error)
    run_until_idle(gateway, budget=60)
    campaign = Campaign.objects.get(pk=queued[0].campaign_id)
    assert campaign.status == "paused"
    assert "132001: does not exist" in campaign.status_reason
    assert statuses(queued) == ["pending"] * 3
    assert len(gateway.answers) == 2
    assert HistoryEntry.objects.filter(action="paused").count() == 1


def test_a_lock_that_the_gateway_reports_keeps_a_number_that_works_from_new_people():
    lane = make_lane()
    record_state(lane.sender_id, Status(State.READY, "locked", locked_for=3600.0), now=NOW)
    found = stored(lane)
    assert (found.known_only_until, found.pause_reason) == (NOW + timedelta(hours=1), "")


# --- people who wrote first


@pytest.mark.parametrize(("hours", "status"), [(23, "sent"), (25, "pending")])
def test_whoever_wrote_within_a_day_gets_theirs(hours, status):
    lane, person = make_lane(), make_contact()
    make_reply(sender=lane.sender, contact=person, state="matched", received_at=NOW - timedelta(hours=hours))
    queued = queue(make_contact(), person)
    run_until_idle(FakeGateway(lock()), budget=60)
    assert statuses(queued) == ["pending", status]


def test_whoever_told_whatsapp_to_stop_us_is_asked_by_nobody_else():
    make_lane()
    person = make_contact()
    [delivery] = queue(person)
    run_until_idle(FakeGateway(Refused("131050", kind=ErrorKind.OPTED_OUT)), budget=60)
    person.refresh_from_db()
    assert statuses([delivery]) == ["failed"]
    assert person.whatsapp_opt_out_at is not None
    assert person.email_opt_out_at is None


def test_in_safe_mode_it_was_the_owner_of_the_test_number_who_did(settings):
    settings.OVERRIDE_RECIPIENTS = ["+573001112233"]
    make_lane()
    person = make_contact()
    queue(person)
    run_until_idle(FakeGateway(Refused("131050", kind=ErrorKind.OPTED_OUT)), budget=60)
    person.refresh_from_db()
    assert person.whatsapp_opt_out_at is None


@pytest.mark.parametrize(
    ("first", "second", "hours"), [(None, 3600.0, 1), (3600.0, 7200.0, 2), (7200.0, 3600.0, 2), (3600.0, 3601.0, 1)]
)
def test_a_stated_end_takes_the_place_of_none_and_of_an_earlier_one(first, second, hours):
    lane = make_lane()
    until = None if first is None else NOW + timedelta(seconds=first)
    lanes.lock_out_new_people(lane.sender_id, "locked", until, now=NOW)
    lanes.lock_out_new_people(lane.sender_id, "locked", NOW + timedelta(seconds=second), now=NOW + timedelta(minutes=1))
    found = stored(lane)
    assert (found.known_only_since, found.known_only_until) == (NOW, NOW + timedelta(hours=hours))


def test_a_restriction_without_an_end_lets_nothing_leave_until_a_look_finds_the_number_ready():
    lane = make_lane()
    queued = queue(make_contact())
    record_state(lane.sender_id, Status(State.RESTRICTED, "account disabled"), now=NOW)
    assert (stored(lane).pause_reason, stored(lane).paused_since) == ("not_ready", NOW)
    gateway = FakeGateway()
    gateway.state = State.RESTRICTED
    run_until_idle(gateway, Clock(NOW + timedelta(seconds=1)), budget=120)
    assert (statuses(queued), gateway.sent) == (["pending"], [])
    gateway.state = State.READY
    run_until_idle(gateway, Clock(NOW + timedelta(minutes=10)), budget=120)
    assert statuses(queued) == ["sent"]
