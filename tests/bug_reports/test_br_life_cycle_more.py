"""The life of a campaign: bug reports BR-085 to BR-094."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import ProtectedError

from campaigns import lifecycle
from campaigns.drafts import draft_announcement, draft_tickets
from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign, Delivery, DeliveryAttempt
from campaigns.preflight import preflight
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from campaigns.tick import tick
from tests.bug_reports.launching import LATER, announcement, make_people, prepared
from tests.bug_reports.scene import queue, states, status_of
from tests.campaigns.driving import make_dispatch, run_until_idle
from tests.campaigns.pages import launch_page, page, plan_of
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_lane,
    make_sender,
    make_tag,
    make_ticket,
)
from tests.fakes import Clock, FakeGateway
from whatsapp.gateways.base import OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("zone", "wall", "moment"),
    [
        ("America/Santiago", "2027-04-03T09:00", "2027-04-03T12:00"),  # the day before the clocks go back
        ("America/Santiago", "2027-04-04T09:00", "2027-04-04T13:00"),
        ("Europe/Madrid", "2027-03-27T09:00", "2027-03-27T08:00"),
        ("Europe/Madrid", "2027-03-28T09:00", "2027-03-28T07:00"),
        ("America/Mexico_City", "2027-04-04T09:00", "2027-04-04T15:00"),  # no change since 2022
    ],
)
def test_br_085_nine_o_clock_is_nine_on_the_wall_of_the_place(boss, zone, wall, moment):
    make_lane()
    event = make_event(timezone=zone, starts_at=NOW + timedelta(days=300))
    draft = draft_tickets(make_ticket(event=event).event, user=boss.user)
    boss.post(launch_page(draft), plan_of(boss, draft) | {"later": "1", "at": wall})
    draft.refresh_from_db()
    assert draft.scheduled_at == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert str(draft.zone) == zone
    assert "09:00" in boss.get(page("change", draft.pk)).content.decode()


def test_br_085_an_hour_that_does_not_exist_is_said_so_and_nothing_is_planned(boss):
    make_lane()
    event = make_event(timezone="America/Santiago", starts_at=NOW + timedelta(days=400))
    draft = draft_tickets(make_ticket(event=event).event, user=boss.user)
    answer = boss.post(launch_page(draft), plan_of(boss, draft) | {"later": "1", "at": "2027-09-05T00:30"})
    assert "does not exist in America/Santiago" in answer.content.decode()
    assert status_of(draft) == "draft"


@pytest.mark.parametrize("status", ["scheduled", "sending", "paused"])
def test_br_086_what_is_planned_or_sent_is_not_edited(boss, status):
    campaign = announcement(make_people(1), status=status, scheduled_at=NOW + timedelta(days=1), launched_at=NOW)
    boss.post(page("change", campaign.pk), {"name": "Otro", "body": "Otro texto"})
    campaign.refresh_from_db()
    assert (campaign.status, campaign.body) == (status, "Hola {nombre}")


def test_br_086_to_change_it_somebody_makes_it_a_draft_and_confirms_again(boss):
    campaign = announcement(make_people(1))
    lifecycle.schedule(campaign, NOW + timedelta(days=1), now=NOW)
    boss.post(page("unschedule", campaign.pk))
    campaign.refresh_from_db()
    assert (campaign.status, campaign.scheduled_at) == ("draft", None)
    assert tick(now=NOW + timedelta(days=1)).started == 0


def test_br_086_everybody_gets_the_text_of_the_launch():
    make_lane()
    event = make_event(ticket_text="Primera {nombre}", starts_at=LATER + timedelta(days=9), attach_qr=False)
    for number in range(4):
        make_ticket(event=event, holder=make_contact(name=f"Ana{number}"))
    campaign = prepared(draft_tickets(event))
    gateway, clock = FakeGateway(), Clock(LATER)
    run_until_idle(gateway, clock, budget=3.0)
    event.ticket_text = "Segunda {nombre}"
    event.save()
    Campaign.objects.filter(pk=campaign.pk).update(body="Tercera {nombre}")
    run_until_idle(gateway, clock)
    assert sorted(message.text for message in gateway.sent) == [f"Primera Ana{number}" for number in range(4)]


def test_br_087_the_list_is_that_of_the_launch_and_the_new_ones_get_theirs_apart():
    make_lane()
    event = make_event(starts_at=LATER + timedelta(days=9), attach_qr=False)
    for _ in range(3):
        make_ticket(event=event)
    first = prepared(draft_tickets(event))
    new = make_ticket(event=event)
    clock, gateway = Clock(LATER), FakeGateway()
    run_until_idle(gateway, clock)
    assert (first.deliveries.count(), states(first)) == (3, {"sent": 3})
    second = draft_tickets(event)
    assert preflight(second, now=clock.now).messages == 1
    prepared(second, clock.now)
    run_until_idle(gateway, clock)
    assert states(second) == {"sent": 1, "skipped": 3}
    assert gateway.sent[-1].phone == new.holder.phone
    assert len(gateway.sent) == 4


def test_br_087_launching_it_a_second_time_is_no_way_to_add_people():
    campaign = prepared(announcement(make_people(1)))
    make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    with pytest.raises(IllegalMove):
        lifecycle.launch(campaign, now=LATER)
    assert campaign.deliveries.count() == 2


def test_br_088_somebody_who_was_deleted_gets_nothing_and_history_stays():
    make_lane()
    people = make_people(3)
    campaign = prepared(announcement(people))
    clock = Clock(LATER)
    run_until_idle(FakeGateway(), clock, budget=1.0)  # the first has theirs
    for person in people:
        person.delete()
    run_until_idle(FakeGateway(), clock)
    rows = list(campaign.deliveries.order_by("slot").values_list("status", "error_kind", "recipient", "address"))
    assert [row[:2] for row in rows] == [("sent", "")] + [("skipped", "contact_deleted")] * 2
    assert [row[2:] for row in rows] == [(person.name, person.phone) for person in people]


def test_br_088_nothing_that_is_deleted_makes_somebody_sendable_again():
    make_lane()
    ticket = make_ticket(event=make_event(starts_at=LATER + timedelta(days=9), attach_qr=False))
    campaign = prepared(draft_tickets(ticket.event))
    run_until_idle(FakeGateway(), Clock(LATER))
    attempt, delivery = DeliveryAttempt.objects.get(), Delivery.objects.get()
    for row in (delivery, campaign, ticket, attempt.lane):
        with pytest.raises(ProtectedError):
            row.delete()
    assert preflight(draft_tickets(ticket.event), now=LATER).messages == 0
    assert lifecycle.resend(campaign, now=LATER) == 0


def test_br_088_the_record_cannot_be_deleted_by_hand(boss):
    make_lane()
    queue(1)
    run_until_idle(FakeGateway())
    for row in (Delivery.objects.get(), DeliveryAttempt.objects.get()):
        address = f"/admin/campaigns/{row._meta.model_name}/{row.pk}/delete/"
        assert boss.post(address, {"post": "yes"}).status_code == 403
    assert (Delivery.objects.count(), DeliveryAttempt.objects.count()) == (1, 1)


def test_br_089_who_says_no_between_the_launch_and_their_turn_gets_nothing_on_that_channel(mailoutbox):
    make_lane()
    person = make_contact()
    campaign = prepared(announcement([person], channels="both", subject="Aviso"))
    person.whatsapp_opt_out_at = LATER
    person.save()
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    found = {row.channel: (row.status, row.error_kind) for row in campaign.deliveries.all()}
    assert found == {"whatsapp": ("skipped", "opted_out"), "email": ("sent", "")}
    assert (gateway.sent, len(mailoutbox)) == ([], 1)


def test_br_090_cancelled_tickets_are_no_audience_and_the_button_has_the_number_of_messages(boss):
    make_lane()
    event = make_event(attach_qr=False)
    for status in ("valid", "valid", "voided", "replaced"):
        make_ticket(event=event, status=status)
    draft = draft_tickets(event, user=boss.user)
    fields = plan_of(boss, draft)
    assert fields["expected"] == "2"
    event.tickets.update(issued_at=NOW - timedelta(days=1))
    boss.post(launch_page(draft), fields)
    prepare(draft.pk, budget=60, stop=StopPipe())
    gateway = FakeGateway()
    run_until_idle(gateway)
    assert (len(gateway.sent), states()) == (2, {"sent": 2})


def test_br_090_one_that_is_cancelled_after_the_launch_is_not_sent():
    make_lane()
    ticket = make_ticket(event=make_event(starts_at=LATER + timedelta(days=9)))
    campaign = prepared(draft_tickets(ticket.event))
    ticket.status = "voided"
    ticket.save()
    run_until_idle(FakeGateway(), Clock(LATER))
    assert list(campaign.deliveries.values_list("status", "error_kind")) == [("skipped", "ticket_not_valid")]


def test_br_092_a_retry_is_a_new_call_on_record_and_takes_failures_only_and_once(boss):
    make_lane()
    campaign = make_campaign(status="sending")
    queue(4, campaign=campaign)
    gateway, clock = FakeGateway(Refused("no"), OutcomeUnknown("?")), Clock()
    run_until_idle(gateway, clock)
    for _ in range(2):  # two presses
        boss.post(page("resend", campaign.pk), {"expected": "1"})
    assert states() == {"sent": 2, "uncertain": 1, "pending": 1}
    run_until_idle(gateway, clock)
    again = Delivery.objects.get(slot=1)
    assert list(again.attempts.order_by("number").values_list("number", "outcome")) == [(1, "refused"), (2, "accepted")]
    assert (states(), len(gateway.sent)) == ({"sent": 3, "uncertain": 1}, 3)


def test_br_093_killed_between_accepted_and_saved_is_uncertain_until_a_person_decides(monkeypatch):
    make_lane()
    campaign = make_campaign(status="sending")
    queue(2, campaign=campaign)
    gateway, clock = FakeGateway(), Clock()
    loop = make_dispatch(gateway, clock)
    monkeypatch.setattr(loop.flights, "collect", lambda: None)  # the answer comes, and the process is dead
    loop._turn()
    assert DeliveryAttempt.objects.get().outcome == "started"
    clock.tick(60)
    tick(now=clock.now)
    run_until_idle(gateway, clock)
    assert (states(), status_of(campaign)) == ({"uncertain": 1, "sent": 1}, "finished")
    assert lifecycle.resend(campaign, now=clock.now) == 0
    assert lifecycle.resend(campaign, uncertain=True, now=clock.now) == 1
    loop.flights.pool.close()


def test_br_094_the_question_shows_the_number_the_choice_and_some_of_the_people(boss):
    make_sender()
    tag = make_tag("Socios")
    for number in range(10):
        make_contact(name=f"Ana{number} Prueba", tags=(tag,))
    make_contact(name="Beto Ajeno")
    draft = draft_announcement(name="Aviso", tags=[tag.pk])
    Campaign.objects.filter(pk=draft.pk).update(body="Hola {nombre}")
    response = boss.get(launch_page(draft))
    html = response.content.decode()
    plan = response.context["plan"]
    assert (plan.messages, "Socios" in html, "Beto" in html) == (10, True, False)
    assert [name for name, _address in plan.people] == [f"Ana{number} Prueba" for number in range(5)]


def test_br_094_the_launch_takes_the_list_that_was_shown_or_asks_again(boss):
    make_sender()
    tag = make_tag()
    make_contact(tags=(tag,))
    draft = draft_announcement(name="Aviso", tags=[tag.pk])
    Campaign.objects.filter(pk=draft.pk).update(body="Hola {nombre}")
    fields = plan_of(boss, draft)
    for _ in range(5):
        make_contact(tags=(tag,))
    asked = boss.post(launch_page(draft), fields).context
    assert (asked["seen"], asked["plan"].messages) == (1, 6)
    assert status_of(draft) == "draft"


@pytest.mark.parametrize("audience", [{}, {"tags": []}, {"contacts": []}, {"tags": [987654]}])
def test_br_094_an_empty_choice_is_nobody_and_never_everybody(audience):
    make_people(3)
    draft = make_campaign(status="draft", audience=audience, launched_at=None, prepared_at=None)
    assert preflight(draft, now=NOW).problems == ["nobody"]
    everybody = make_campaign(status="draft", audience={"everybody": True}, launched_at=None, prepared_at=None)
    assert preflight(everybody, now=NOW).messages == 3
