"""The table of moves, launching once, and the list of people that a launch writes."""

import threading
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from campaigns import lifecycle
from campaigns.adoption import pause_everything
from campaigns.audience import describe
from campaigns.drafts import draft_announcement, draft_resend, draft_tickets
from campaigns.enums import CampaignStatus, SkipReason
from campaigns.models import Campaign, Delivery
from campaigns.personal import Writer
from campaigns.preflight import preflight
from campaigns.preparing import prepare
from campaigns.stopping import StopPipe
from tests.campaigns.driving import run_until_idle
from tests.closings import CLOSING, closed, letter_closed
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_lane,
    make_settings,
    make_tag,
    make_ticket,
)
from tests.fakes import Clock, FakeGateway
from tickets.models import HistoryEntry

S = CampaignStatus
LATER = NOW + timedelta(days=400)  # after everything that the factories date with the real clock


def launched(campaign, *, now=LATER):
    lifecycle.launch(campaign, now=now)
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: now)
    campaign.refresh_from_db()
    return campaign


def rows(campaign):
    return sorted(campaign.deliveries.values_list("channel", "recipient", "status", "error_kind"))


@pytest.mark.django_db
@pytest.mark.parametrize("source", S.values)
@pytest.mark.parametrize(
    ("move", "target"),
    [
        (lifecycle.launch, S.SENDING),
        (lifecycle.pause, S.PAUSED),
        (lifecycle.resume, S.SENDING),
        (lifecycle.cancel, S.CANCELLED),
    ],
)
def test_only_the_moves_of_the_table_are_made(source, move, target):
    allowed = {
        lifecycle.launch: {S.DRAFT, S.SCHEDULED, S.OVERDUE},
        lifecycle.pause: {S.SENDING},
        lifecycle.resume: {S.PAUSED},
        lifecycle.cancel: {S.DRAFT, S.SCHEDULED, S.OVERDUE, S.SENDING, S.PAUSED},
    }
    campaign = make_campaign(status=source, scheduled_at=NOW, finished_at=NOW)
    if source in allowed[move]:
        move(campaign, now=NOW)
        assert campaign.status == target
    else:
        with pytest.raises(lifecycle.IllegalMove):
            move(campaign, now=NOW)
        assert Campaign.objects.get(pk=campaign.pk).status == source


@pytest.mark.django_db
@pytest.mark.parametrize("source", S.values)
def test_only_a_draft_and_what_is_late_can_be_planned(source):
    campaign = make_campaign(status=source, scheduled_at=NOW, finished_at=NOW)
    if source in (S.DRAFT, S.OVERDUE):
        lifecycle.schedule(campaign, LATER, now=NOW)
        assert (campaign.status, campaign.scheduled_at) == (S.SCHEDULED, LATER)
        return
    with pytest.raises(lifecycle.IllegalMove):
        lifecycle.schedule(campaign, LATER, now=NOW)
    assert Campaign.objects.get(pk=campaign.pk).scheduled_at == NOW


@pytest.mark.django_db
def test_what_failed_is_not_sent_again_after_the_event():
    event = make_event(starts_at=NOW - timedelta(hours=3), ends_at=NOW)
    campaign = make_campaign(status="finished", finished_at=NOW, event=event, launched_at=NOW - timedelta(hours=1))
    make_delivery(campaign=campaign, status="failed", error_kind="x")
    with pytest.raises(lifecycle.TooLate):
        lifecycle.resend(campaign, now=NOW)


@pytest.mark.django_db
def test_a_second_launch_is_refused_and_changes_nothing():
    campaign = make_campaign(status="draft", audience=describe(everybody=True))
    make_contact()
    launched(campaign)
    with pytest.raises(lifecycle.IllegalMove):
        lifecycle.launch(campaign, now=LATER)
    assert campaign.deliveries.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_threads_launch_once():
    campaign = make_campaign(status="draft", audience=describe(everybody=True))
    results = []
    barrier = threading.Barrier(2)

    def press():
        barrier.wait()
        try:
            lifecycle.launch(Campaign.objects.get(pk=campaign.pk), now=LATER)
            results.append("launched")
        except lifecycle.IllegalMove:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["launched", "refused"]


@pytest.mark.django_db
def test_the_list_holds_everybody_with_a_reason_for_who_gets_nothing():
    event = make_event(ticket_text="Hola {nombre}: {codigo}")
    ana = make_contact(name="Ana Prueba", phone="+573000000001", email="ana@example.com")
    luis = make_contact(name="Luis Ejemplo", phone="", email="luis@example.com")
    eva = make_contact(name="Eva Muestra", phone="+573000000003", email="")
    for holder in (ana, luis, eva):
        make_ticket(event=event, holder=holder)
    campaign = launched(draft_tickets(event, channels="both"))
    assert rows(campaign) == [
        ("email", "Ana Prueba", "pending", ""),
        ("email", "Eva Muestra", "skipped", SkipReason.NO_EMAIL),
        ("email", "Luis Ejemplo", "pending", ""),
        ("whatsapp", "Ana Prueba", "pending", ""),
        ("whatsapp", "Eva Muestra", "pending", ""),
        ("whatsapp", "Luis Ejemplo", "skipped", SkipReason.NO_PHONE),
    ]


@pytest.mark.django_db
def test_each_person_gets_their_own_frozen_text():
    event = make_event(ticket_text="Hola {nombre}: {codigo}")
    tickets = [make_ticket(event=event, holder=make_contact(name=name)) for name in ("Ana Prueba", "Luis <b> {x}")]
    campaign = launched(draft_tickets(event))
    assert list(campaign.deliveries.order_by("pk").values_list("text", flat=True)) == [
        f"Hola Ana: {tickets[0].code}",
        f"Hola Luis: {tickets[1].code}",
    ]
    event.ticket_text = "other"
    event.save()
    tickets[0].holder.name = "Otra"
    tickets[0].holder.save()
    assert campaign.deliveries.first().text != "other"
    assert campaign.deliveries.order_by("pk").first().recipient == "Ana Prueba"


@pytest.mark.django_db
def test_names_that_look_like_html_arrive_as_typed():
    maria = make_contact(name="María D'Angelo & Cía <b>")
    campaign = launched(make_campaign(status="draft", body="{nombre_completo}", audience=describe(everybody=True)))
    assert campaign.deliveries.get().text == closed("María D'Angelo & Cía <b>", maria)


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["eva@example.com", ""])
def test_a_subject_that_no_column_holds_does_not_stop_the_list(email):
    """Of somebody who gets nothing anyway too. SQLite would take it; a COPY of PostgreSQL fails, again and again."""
    make_contact(name="Ana", attributes={"obra": "Mesa 7"})
    make_contact(name="Eva", email=email, attributes={"obra": "x" * 300})
    audience = describe(everybody=True)
    campaign = launched(make_campaign(status="draft", channels="email", subject="{obra}", audience=audience))
    assert rows(campaign) == [
        ("email", "Ana", "pending", ""),
        ("email", "Eva", *(("failed", "too_long") if email else ("skipped", "no_email"))),
    ]
    assert campaign.deliveries.get(recipient="Eva").subject == "x" * 255


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["paused", "cancelled"])
def test_a_list_whose_text_is_wrong_stays_where_somebody_put_it_meanwhile(monkeypatch, status):
    campaign = make_campaign(status="draft", body="{nadie}", audience=describe(everybody=True))
    lifecycle.launch(campaign, now=LATER)
    parsed = Writer.of

    def parse_late(launched, **how):
        Campaign.objects.filter(pk=launched.pk).update(status=status, status_reason="by hand")
        return parsed(launched, **how)

    monkeypatch.setattr(Writer, "of", parse_late)
    assert prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: LATER) == 0
    campaign.refresh_from_db()
    assert (campaign.status, campaign.status_reason, HistoryEntry.objects.count()) == (status, "by hand", 0)


@pytest.mark.django_db
def test_whatsapp_first_uses_email_where_there_is_no_number():
    make_contact(name="Ana", phone="+573000000001")
    make_contact(name="Luis", phone="")
    campaign = make_campaign(status="draft", channels="whatsapp_first", audience=describe(everybody=True))
    assert rows(launched(campaign)) == [("email", "Luis", "pending", ""), ("whatsapp", "Ana", "pending", "")]


@pytest.mark.django_db
def test_an_announcement_skips_who_opted_out_and_merges_one_address():
    make_contact(name="Ana", phone="", email="casa@example.com")
    make_contact(name="Luis", phone="", email="casa@example.com")
    make_contact(name="Eva", email_opt_out_at=NOW)
    campaign = make_campaign(status="draft", channels="email", audience=describe(everybody=True))
    assert rows(launched(campaign)) == [("email", "Ana", "pending", ""), ("email", "Eva", "skipped", "opted_out")]


@pytest.mark.django_db
def test_nothing_chosen_means_nobody():
    make_contact()
    assert rows(launched(make_campaign(status="draft", audience={}))) == []


@pytest.mark.django_db
def test_tags_and_contacts_are_one_audience_without_repeats():
    tag, other = make_tag(), make_tag()
    ana = make_contact(name="Ana", tags=(tag, other))
    make_contact(name="Luis", tags=(other,))
    make_contact(name="Eva")
    campaign = draft_announcement(name="Hola", contacts=[ana.pk], tags=[tag.pk, other.pk])
    assert [row[1] for row in rows(launched(campaign))] == ["Ana", "Luis"]


@pytest.mark.django_db
def test_late_additions_get_theirs_and_nobody_gets_it_twice():
    make_lane()
    event = make_event(starts_at=LATER + timedelta(days=1))
    make_ticket(event=event)
    first = launched(draft_tickets(event))
    run_until_idle(FakeGateway(), Clock(LATER))
    make_ticket(event=event)
    second = launched(draft_tickets(event))
    assert [row[2:] for row in rows(first)] == [("sent", "")]
    assert sorted(row[2:] for row in rows(second)) == [("pending", ""), ("skipped", "already_sent")]


@pytest.mark.django_db
def test_a_failed_ticket_is_not_taken_for_sent():
    event = make_event()
    ticket = make_ticket(event=event)
    make_delivery(campaign=make_campaign(status="finished", finished_at=NOW), ticket=ticket, status="failed")
    assert [row[2] for row in rows(launched(draft_tickets(event)))] == ["pending"]


@pytest.mark.django_db
def test_a_single_resend_goes_to_one_ticket_in_front_of_all():
    event = make_event()
    ticket, _ = make_ticket(event=event), make_ticket(event=event)
    campaign = launched(draft_resend(ticket))
    delivery = campaign.deliveries.get()
    assert (delivery.ticket, delivery.priority, delivery.status) == (ticket, 0, "pending")


@pytest.mark.django_db
def test_preparing_again_after_a_crash_writes_nobody_twice(monkeypatch):
    monkeypatch.setattr("campaigns.audience.BATCH", 3)
    for _ in range(8):
        make_contact()
    campaign = make_campaign(status="draft", audience=describe(everybody=True))
    lifecycle.launch(campaign, now=LATER)
    prepare(campaign.pk, budget=0, stop=StopPipe(), clock=lambda: LATER)  # one batch, then its time is over
    assert campaign.deliveries.count() == 3
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: LATER)
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: LATER)
    assert campaign.deliveries.filter(status="pending").count() == 8
    assert sorted(campaign.deliveries.values_list("slot", flat=True)) == list(range(1, 9))


@pytest.mark.django_db
def test_nothing_leaves_before_the_list_is_whole(monkeypatch):
    monkeypatch.setattr("campaigns.audience.BATCH", 1)
    make_lane()
    make_contact()
    make_contact()
    campaign = make_campaign(status="draft", audience=describe(everybody=True))
    lifecycle.launch(campaign, now=LATER)
    prepare(campaign.pk, budget=0, stop=StopPipe(), clock=lambda: LATER)
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    assert (gateway.sent, campaign.deliveries.get().status) == ([], "pending")
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: LATER)
    run_until_idle(gateway, Clock(LATER))
    assert len(gateway.sent) == 2


@pytest.mark.django_db
def test_a_list_half_written_by_the_version_before_is_queued_by_the_migration():
    campaign = make_campaign(status="sending", prepared_at=None)
    make_delivery(campaign=campaign, address="+573001110001", status="waiting")
    make_delivery(campaign=campaign, address="+573001110002", status="waiting", due_at=LATER)
    make_delivery(campaign=campaign, address="+573001110003", status="skipped")
    import_module("campaigns.migrations.0003_queue_the_listed").queue_the_listed(apps, None)
    assert [row[2] for row in rows(campaign)] == ["pending", "waiting", "skipped"]


@pytest.mark.django_db
def test_a_text_that_cannot_be_filled_in_pauses_instead_of_sending():
    make_contact()
    campaign = make_campaign(status="draft", body="Hola {quien}", audience=describe(everybody=True))
    launched(campaign)
    assert (campaign.status, campaign.deliveries.count()) == ("paused", 0)


@pytest.mark.django_db
def test_somebody_who_pauses_before_a_bad_text_is_met_is_not_in_its_way():
    campaign = make_campaign(status="paused", body="Hola {quien}", prepared_at=None, audience=describe(everybody=True))
    assert prepare(campaign.pk, budget=60, stop=StopPipe()) == 0
    assert Campaign.objects.get(pk=campaign.pk).status == "paused"
    assert not HistoryEntry.objects.exists()


def ask(campaign):
    lifecycle.ask(campaign, "why", now=NOW)


def reopen(campaign):
    make_delivery(campaign=campaign)
    lifecycle.reopen_unfinished(now=NOW)


def start(campaign):
    lifecycle.start_due(now=NOW, grace=timedelta(minutes=15))


def meet_a_bad_text(campaign):
    Campaign.objects.filter(pk=campaign.pk).update(body="Hola {quien}", prepared_at=None)
    prepare(campaign.pk, budget=60, stop=StopPipe())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "move", "status"),
    [
        ("lifecycle", ask, "scheduled"),
        ("lifecycle", reopen, "finished"),
        ("lifecycle", start, "scheduled"),
        ("preparing", meet_a_bad_text, "sending"),
        ("adoption", lambda campaign: pause_everything(now=NOW), "sending"),
    ],
)
def test_what_cannot_be_written_down_is_not_done(monkeypatch, place, move, status):
    """As if the machine stopped between the move and its line in the history."""

    def crash(*args, **values):
        raise SystemExit

    monkeypatch.setattr(f"campaigns.{place}.record", crash)
    times = {"scheduled_at": NOW, "finished_at": NOW if status == "finished" else None}
    campaign = make_campaign(status=status, **times)
    with pytest.raises(SystemExit):
        move(campaign)
    assert Campaign.objects.get(pk=campaign.pk).status == status


@pytest.mark.django_db
def test_a_text_that_is_too_long_for_somebody_fails_for_that_person_only():
    make_contact(name="Ana")
    make_contact(name="B" * 100)
    campaign = make_campaign(
        status="draft", body="x" * (4000 - CLOSING) + "{nombre}", audience=describe(everybody=True)
    )
    make_lane()
    plan = preflight(campaign, now=LATER)
    assert plan.too_long == [("B" * 100, "4100 > 4096")]
    assert [row[2:] for row in rows(launched(campaign))] == [("pending", ""), ("failed", "too_long")]


@pytest.mark.django_db
def test_the_preflight_says_what_the_launch_does():
    make_lane()
    make_settings()
    event = make_event()
    for _ in range(10):
        make_ticket(event=event)
    make_ticket(event=event, holder=make_contact(phone=""))
    campaign = draft_tickets(event, channels="both")
    plan = preflight(campaign, now=LATER)
    launched(campaign)
    pending = campaign.deliveries.filter(status="pending")
    assert (plan.whatsapp, plan.email, plan.messages) == (10, 11, pending.count())
    assert dict(plan.skipped) == {("whatsapp", "no_phone"): 1}
    assert (plan.waiting_seconds, plan.finish_at) == (18.0, LATER + timedelta(seconds=18))


@pytest.mark.django_db
def test_the_preflight_names_what_forbids_the_launch():
    assert preflight(make_campaign(status="draft"), now=NOW).problems == ["nobody"]
    make_contact()
    campaign = make_campaign(status="draft", audience=describe(everybody=True))
    assert preflight(campaign, now=NOW).problems == ["no_number"]


@pytest.mark.django_db
def test_a_cancel_takes_back_what_has_not_left():
    campaign = make_campaign(status="sending")
    make_delivery(campaign=campaign)
    make_delivery(campaign=campaign, status="waiting")
    make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    assert lifecycle.cancel(campaign, now=NOW) == 2
    assert sorted(campaign.deliveries.values_list("status", flat=True)) == ["cancelled", "cancelled", "sent"]


@pytest.mark.django_db
def test_scheduled_campaigns_start_in_time_and_late_ones_ask():
    due = make_campaign(status="scheduled", scheduled_at=NOW - timedelta(minutes=14))
    late = make_campaign(status="scheduled", scheduled_at=NOW - timedelta(minutes=16))
    early = make_campaign(status="scheduled", scheduled_at=NOW + timedelta(minutes=1))
    assert lifecycle.start_due(now=NOW, grace=timedelta(minutes=15)) == 1
    found = [Campaign.objects.get(pk=c.pk).status for c in (due, late, early)]
    assert found == ["sending", "overdue", "scheduled"]


@pytest.mark.django_db
def test_a_paused_campaign_neither_catches_up_nor_waits_behind_everybody():
    make_lane()
    paused, running = make_campaign(status="paused"), make_campaign(status="sending")
    for slot in range(1, 5):
        make_delivery(campaign=paused, contact=make_contact(), slot=slot)
        make_delivery(campaign=running, contact=make_contact(), slot=slot + 100)
    lifecycle.resume(paused, now=NOW)
    run_until_idle(FakeGateway())
    order = list(Delivery.objects.order_by("sent_at").values_list("campaign", flat=True))
    assert order == [paused.pk, running.pk] * 4


@pytest.mark.django_db
def test_a_frozen_text_that_is_too_long_is_not_sent_again():
    campaign = make_campaign(status="finished", finished_at=NOW)
    make_delivery(campaign=campaign, status="failed", error_kind="too_long")
    make_delivery(campaign=campaign, status="failed", error_kind="invalid_number")
    assert lifecycle.resend(campaign, now=NOW) == 1
    assert campaign.deliveries.get(error_kind="too_long").status == "failed"


@pytest.mark.django_db
def test_a_resend_after_the_last_moment_is_refused_and_changes_nothing():
    campaign = make_campaign(status="finished", finished_at=NOW, not_after=NOW)
    make_delivery(campaign=campaign, status="failed")
    with pytest.raises(lifecycle.TooLate):
        lifecycle.resend(campaign, now=NOW)
    assert campaign.deliveries.get().status == "failed"


@pytest.mark.django_db
def test_an_email_that_borrows_the_whatsapp_text_drops_its_signs():
    ana = make_contact(name="Ana", phone="")
    both = {"status": "draft", "channels": "email", "audience": describe(everybody=True)}
    borrowed = launched(make_campaign(body="Hola *{nombre}*", **both))
    own = launched(make_campaign(body="Hola", email_body="Hola *{nombre}*", **both))
    assert [borrowed.deliveries.get().text, own.deliveries.get().text] == [
        letter_closed("Hola Ana", ana),
        letter_closed("Hola *Ana*", ana),
    ]
