"""The life of a campaign: bug reports BR-071 to BR-083."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django_q.models import OrmQ

from campaigns import lifecycle
from campaigns.drafts import draft_tickets
from campaigns.models import Campaign, Delivery, Lane
from campaigns.progress import errors_by_kind, snapshot
from campaigns.scene import Scene
from campaigns.tick import tick
from tests.bug_reports.launching import LATER, announcement, make_people, prepared
from tests.bug_reports.scene import queue, somebody_works, states, status_of
from tests.campaigns.driving import make_dispatch, run_until_idle
from tests.campaigns.pages import launch_page, page, plan_of, said
from tests.factories import NOW, make_campaign, make_delivery, make_event, make_lane, make_settings, make_ticket
from tests.fakes import Clock, FakeGateway
from whatsapp.gateways.base import ErrorKind, OutcomeUnknown, Refused, Throttled

pytestmark = pytest.mark.django_db


def phones(gateway):
    return [message.phone for message in gateway.sent]


@pytest.fixture
def die(monkeypatch):
    """A function that lets a loop make one turn and then kills it: what it started is never answered."""

    def kill(gateway, clock):
        loop = make_dispatch(gateway, clock)
        monkeypatch.setattr(loop.flights.pool, "start", lambda calls: None)
        loop._turn()
        return [plan.call for plan in loop.flights.flying.values()]

    return kill


def test_br_071_pressing_again_and_again_launches_once(boss, django_capture_on_commit_callbacks):
    make_lane()
    event = make_event()
    for _ in range(3):
        make_ticket(event=event)
    draft = draft_tickets(event, user=boss.user)
    fields = plan_of(boss, draft)
    with django_capture_on_commit_callbacks(execute=True):
        answers = [boss.post(launch_page(draft), fields) for _ in range(4)]
    assert (status_of(draft), OrmQ.objects.count()) == ("sending", 1)
    assert all("is being sent already" in said(answer)[-1] for answer in answers[1:])


def test_br_072_the_page_only_changes_the_state_and_a_person_is_taken_before_the_call(boss, die):
    lane = make_lane()
    draft = draft_tickets(make_ticket().event, user=boss.user)
    boss.post(launch_page(draft), plan_of(boss, draft))
    assert (states(), Lane.objects.get(pk=lane.pk).last_call_at) == ({}, None)
    campaign = prepared(announcement(make_people(1)))
    clock = Clock(LATER)
    die(FakeGateway(), clock)
    assert states(campaign) == {"claimed": 1}
    gateway = FakeGateway()
    run_until_idle(gateway, clock, budget=30.0)  # a second one meanwhile finds nobody to send to
    assert (gateway.sent, states(campaign)) == ([], {"claimed": 1})


def test_br_073_two_senders_at_once_reach_everybody_once():
    for _ in range(2):
        make_lane()
    queue(40)
    gateway, clock = FakeGateway(), Clock()
    loops = [make_dispatch(gateway, clock, budget=3600.0) for _ in range(2)]
    for loop in loops:  # both look at the same queue before either has sent
        loop._turn()
    for loop in loops:
        loop.run()
    assert (states(), len(set(phones(gateway)))) == ({"sent": 40}, 40)
    assert len(gateway.sent) == 40


def test_br_073_the_database_refuses_a_second_row_for_the_same_person():
    [delivery] = queue(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_delivery(campaign=delivery.campaign, dedupe_key=delivery.dedupe_key)


def test_br_074_one_bad_address_releases_nobody_who_was_sent():
    make_lane()
    queue(18)
    answers = [None] * 9 + [Refused("invalid domain", kind=ErrorKind.INVALID_NUMBER)]
    gateway, clock = FakeGateway(*answers), Clock()
    for _ in range(4):
        run_until_idle(gateway, clock, budget=12.0)
    run_until_idle(gateway, clock)
    assert (states(), len(gateway.sent)) == ({"sent": 17, "failed": 1}, 17)
    assert set(Delivery.objects.values_list("attempts_made", flat=True)) == {1}


def test_br_075_resuming_goes_on_with_whoever_is_left():
    make_lane()
    campaign = make_campaign(status="sending")
    queue(10, campaign=campaign)
    gateway, clock = FakeGateway(), Clock()
    for _ in range(4):
        run_until_idle(gateway, clock, budget=5.0)
        if status_of(campaign) == "sending":
            lifecycle.pause(campaign, now=clock.now)
            run_until_idle(gateway, clock, budget=60.0)
            lifecycle.resume(campaign, now=clock.now)
    run_until_idle(gateway, clock)
    assert (states(), len(gateway.sent), len(set(phones(gateway)))) == ({"sent": 10}, 10, 10)


def test_br_076_pause_change_and_restart_skip_nobody_before_it_says_finished(die):
    make_lane()
    make_settings()
    campaign = make_campaign(status="sending")
    queue(12, campaign=campaign)
    clock = Clock()
    run_until_idle(FakeGateway(), clock, budget=5.0)
    clock.tick(2)
    die(FakeGateway(), clock)  # taken, and nobody knows more
    lifecycle.pause(campaign, now=clock.now)
    make_settings(base_delay=1, maximum_delay=1, daily_cap=8)
    clock.tick(60)
    tick(now=clock.now)
    lifecycle.resume(campaign, now=clock.now)
    run_until_idle(FakeGateway(), clock, budget=600.0)
    assert (states(), status_of(campaign)) == ({"sent": 7, "uncertain": 1, "pending": 4}, "sending")
    clock.tick(86_400)
    run_until_idle(FakeGateway(), clock, budget=600.0)
    assert (states(), status_of(campaign)) == ({"sent": 11, "uncertain": 1}, "finished")


@pytest.mark.parametrize(("step", "left"), [(lifecycle.pause, "pending"), (lifecycle.cancel, "cancelled")])
def test_br_078_pause_and_cancel_let_at_most_the_one_under_way_leave(step, left):
    make_lane()
    campaign, other = make_campaign(status="sending"), make_campaign(status="sending")
    queue(5, campaign=campaign)
    queue(2, campaign=other)
    Campaign.objects.filter(pk=other.pk).update(slot_offset=100)
    gateway, clock = FakeGateway(), Clock()
    loop = make_dispatch(gateway, clock, budget=60.0)
    loop._turn()  # one is under way
    step(campaign, now=clock.now)
    loop.run()
    assert states(campaign) == {"sent": 1, left: 4}
    assert states(other) == {"sent": 2}  # and whoever stood behind it goes on


def test_br_078_a_campaign_that_is_sent_cannot_be_deleted(boss):
    [delivery] = queue(1)
    assert boss.post(page("delete", delivery.campaign_id), {"post": "yes"}).status_code == 403
    with pytest.raises(ProtectedError):
        delivery.campaign.delete()


def test_br_080_whatever_died_or_got_lost_ends_by_itself(die):
    make_lane()
    campaign = make_campaign(status="sending")
    queue(3, campaign=campaign)
    clock = Clock()
    die(FakeGateway(), clock)
    OrmQ.objects.all().delete()
    clock.tick(60)
    done = tick(now=clock.now)
    assert (done.abandoned, done.kicked > 0) == (1, True)
    run_until_idle(FakeGateway(), clock)
    assert (states(), status_of(campaign)) == ({"uncertain": 1, "sent": 2}, "finished")


def test_br_080_a_list_whose_writer_died_is_written_on():
    campaign = announcement(make_people(2))
    lifecycle.launch(campaign, now=LATER)
    assert tick(now=LATER).preparing == 0
    assert tick(now=LATER + timedelta(minutes=2)).preparing == 1


def test_br_080_the_screen_shows_the_last_activity_and_what_to_review(boss):
    make_lane()
    queue(2)
    run_until_idle(FakeGateway(OutcomeUnknown("time-out")))
    campaign = Campaign.objects.get()
    context = boss.get(page("change", campaign.pk)).context
    assert [call.outcome for call in context["live"].calls] == ["accepted", "uncertain"]
    assert [(trouble.status, trouble.number) for trouble in context["live"].troubles] == [("uncertain", 1)]


def test_br_081_progress_counts_rows_and_is_never_above_the_whole():
    make_lane()
    campaign = make_campaign(status="sending")
    queue(8, campaign=campaign)
    gateway, clock = FakeGateway(Refused("no"), OutcomeUnknown("?"), Throttled("slow", retry_after=1.0)), Clock()
    seen = []
    for _ in range(20):
        run_until_idle(gateway, clock, budget=4.0)
        campaign.refresh_from_db()
        taken = snapshot(campaign, Scene(clock.now))
        assert sum(taken.by_state.values()) == taken.total == 8
        seen.append(taken.percent)
        if campaign.status == "finished":
            break
    assert seen == sorted(seen)
    assert (seen[-1], all(percent < 100 for percent in seen[:-1])) == (100, True)


def test_br_082_who_did_not_get_it_is_named_and_only_they_are_sent_again():
    make_lane()
    campaign = make_campaign(status="sending")
    queue(8, campaign=campaign)
    gateway, clock = FakeGateway(*[Refused("no", kind=ErrorKind.NOT_ON_WHATSAPP)] * 3), Clock()
    run_until_idle(gateway, clock)
    assert (status_of(campaign), states()) == ("finished", {"sent": 5, "failed": 3})
    assert list(errors_by_kind(campaign)) == [("failed", "not_on_whatsapp", 3)]
    failed = set(Delivery.objects.filter(status="failed").values_list("address", flat=True))
    before = len(gateway.sent)
    assert lifecycle.resend(campaign, now=clock.now) == 3
    run_until_idle(gateway, clock)
    assert (set(phones(gateway)[before:]), states()) == (failed, {"sent": 8})


def test_br_082_a_quota_of_the_day_is_no_end():
    make_lane()
    make_settings(daily_cap=3)
    campaign = make_campaign(status="sending")
    queue(5, campaign=campaign)
    run_until_idle(FakeGateway(), budget=60.0)
    somebody_works()
    assert (status_of(campaign), states()) == ("sending", {"sent": 3, "pending": 2})
    assert snapshot(campaign, Scene(NOW + timedelta(minutes=1))).waiting.reason == "daily_cap"


def test_br_083_a_future_hour_waits_and_a_missed_one_asks():
    campaign = announcement(make_people(1))
    lifecycle.schedule(campaign, LATER + timedelta(days=1), now=LATER)
    assert tick(now=LATER).started == 0
    assert snapshot(campaign, Scene(LATER)).waiting.until == LATER + timedelta(days=1)
    assert tick(now=LATER + timedelta(days=1)).started == 1
    missed = announcement(make_people(1))
    lifecycle.schedule(missed, LATER, now=LATER - timedelta(days=1))
    tick(now=LATER + timedelta(hours=3))
    missed.refresh_from_db()
    assert (missed.status, missed.status_reason != "") == ("overdue", True)
    assert snapshot(missed, Scene(LATER + timedelta(hours=3))).waiting.needs_person


def test_br_083_an_hour_that_is_now_or_past_asks_whether_to_send_now(boss):
    make_lane()
    draft = draft_tickets(make_ticket().event, user=boss.user)
    for at in ("2026-11-25T10:00", "2026-11-25T09:00"):  # in Bogota it is ten
        answer = boss.post(launch_page(draft), plan_of(boss, draft) | {"later": "1", "at": at})
        assert "or send it now" in answer.content.decode()
        assert status_of(draft) == "draft"
