"""`send_tickets`: what it shows, whom it reaches, when it refuses, and what it leaves behind."""

from datetime import time, timedelta

import pytest
from django.utils import translation

from campaigns.management.reports import why_words
from campaigns.models import Campaign, Delivery
from tests.campaigns.commands import LATER, Engine, Outcome, refusal, run
from tests.factories import make_contact, make_event, make_lane, make_sender, make_settings, make_ticket
from tickets.models import Ticket
from whatsapp.gateways.base import ErrorKind, OutcomeUnknown, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
ONCE = ("send_tickets", "--event", "concierto")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def engine(monkeypatch):
    return Engine().use(monkeypatch)


@pytest.fixture
def event(engine):
    return make_event(name="Concierto", slug="concierto", starts_at=LATER + timedelta(days=1))


def make_tickets(event, count):
    return [make_ticket(event=event) for _ in range(count)]


def make_number(name="Taquilla"):
    make_lane(sender=make_sender(name=name))


def nothing_is_left():
    return not Campaign.objects.exists() and not Delivery.objects.exists()


def test_a_dry_run_shows_the_numbers_and_leaves_nothing_behind(event):
    make_number()
    make_tickets(event, 10)
    make_ticket(event=event, holder=make_contact(name="Luis Ejemplo", phone=""))
    assert run(*ONCE, "--channel", "both", "--dry-run") == [
        "Tickets: Concierto",
        "WhatsApp  10",
        "E-mail    11",
        "Skipped    1",
        "  1  WhatsApp: Has no WhatsApp number (Luis Ejemplo)",
        "Waiting time by the rule: 18 s, from Taquilla.",
        "If it starts now, it ends at about 10:00 (Bogotá).",
        "Nothing was sent: this was a dry run.",
    ]
    assert nothing_is_left()


def test_it_launches_and_says_what_to_run_next(event):
    make_number()
    make_tickets(event, 2)
    lines = run(*ONCE)
    campaign = Campaign.objects.get()
    assert (campaign.status, campaign.launched_at, campaign.event) == ("sending", LATER, event)
    assert lines[-3:] == [
        f"Campaign {campaign.pk} is launched with 2 messages.",
        f"See how it goes:  manage.py campaign_status {campaign.pk}",
        f"Stop it for now:  manage.py pause_campaign {campaign.pk}",
    ]


@pytest.mark.parametrize("channel", ["whatsapp", "email", "both", "whatsapp_first"])
def test_the_channel_is_the_campaigns(event, channel):
    make_number()
    make_tickets(event, 1)
    run(*ONCE, "--channel", channel)
    assert Campaign.objects.get().channels == channel


def test_without_a_worker_it_says_that_nothing_leaves(event, engine):
    make_number()
    make_tickets(event, 1)
    engine.clock.tick(3600)
    assert "The background worker is not running. Ask your technician to start it." in run(*ONCE)


def test_whoever_was_sent_theirs_is_left_out_unless_again(event, engine):
    make_number()
    make_tickets(event, 1)
    run(*ONCE, "--wait")
    late = make_ticket(event=event)
    assert run(*ONCE, "--dry-run")[1:4] == [
        "WhatsApp  1",
        "Skipped   1",
        "  1  WhatsApp: Was sent this ticket before (" + Ticket.objects.exclude(pk=late.pk).get().holder.name + ")",
    ]
    assert run(*ONCE, "--again", "--dry-run")[1:3] == ["WhatsApp  2", "Skipped   0"]


def test_with_everybody_sent_theirs_it_refuses_and_names_the_way(event, engine):
    make_number()
    make_tickets(event, 1)
    run(*ONCE, "--wait")
    assert refusal(*ONCE) == "Everybody was sent theirs before. With --again they get it once more."
    assert Campaign.objects.count() == 1


def test_voided_tickets_are_not_sent(event):
    make_number()
    make_ticket(event=event, status="voided")
    assert refusal(*ONCE) == "There is no valid ticket to send. Issue them first, for example with issue_tickets."
    assert nothing_is_left()


def test_without_a_number_it_refuses(event):
    make_tickets(event, 1)
    assert refusal(*ONCE) == ("There is no WhatsApp number in use. Add one or switch one on, or send it by e-mail.")
    assert nothing_is_left()


def test_a_dry_run_refuses_what_the_launch_would_refuse(event):
    make_tickets(event, 1)
    done = Outcome(*ONCE, "--dry-run")
    assert (done.status, done.lines[1:3]) == (1, ["WhatsApp  1", "Skipped   0"])
    assert nothing_is_left()


def test_nobody_reachable_is_refused_with_the_reasons(event):
    make_number()
    make_ticket(event=event, holder=make_contact(name="Luis", phone=""))
    done = Outcome(*ONCE)
    assert done.status == 1
    assert done.lines == [
        "Tickets: Concierto",
        "WhatsApp  0",
        "Skipped   1",
        "  1  WhatsApp: Has no WhatsApp number (Luis)",
    ]
    assert done.refusal.startswith("Nobody of these people would get it")


def test_long_lists_of_names_are_shortened(event):
    make_number()
    for number in range(6):
        make_ticket(event=event, holder=make_contact(name=f"P{number}", phone=""))
    assert Outcome(*ONCE).lines[-1] == "  6  WhatsApp: Has no WhatsApp number (P0, P1, P2, P3, P4, …)"


def test_a_text_that_is_too_long_for_somebody_is_refused_with_the_name(event):
    make_number()
    event.ticket_text = "x" * 1000 + "{nombre}"
    event.save()
    make_ticket(event=event, holder=make_contact(name="Ana"))
    make_ticket(event=event, holder=make_contact(name="B" * 100))
    assert refusal(*ONCE) == (f"For {'B' * 100} the finished text is longer than the channel allows. Shorten it.")
    assert nothing_is_left()


def test_a_text_that_cannot_be_filled_in_is_refused_with_the_word(event):
    make_number()
    event.ticket_text = "Hola {nombr}"
    event.save()
    make_tickets(event, 1)
    sentence = refusal(*ONCE)
    assert sentence.startswith("The text cannot be sent. “{nombr}” is not the name of anything that we know.")
    assert nothing_is_left()


def test_an_empty_text_is_refused(event):
    make_number()
    event.ticket_text = " "
    event.save()
    make_tickets(event, 1)
    assert refusal(*ONCE) == "The message has no text yet. Write it first."
    assert nothing_is_left()


def test_an_event_that_is_over_is_refused(event, engine):
    make_number()
    make_tickets(event, 1)
    engine.clock.now = event.ends_at
    assert refusal(*ONCE) == "It may not leave later than 13:00 (Bogotá), and that has passed."
    assert nothing_is_left()


def test_an_unknown_event_is_refused_with_those_that_there_are(event):
    assert refusal("send_tickets", "--event", "otro") == (
        "There is no event with the short name “otro”. The latest are: concierto."
    )


def test_an_unexpected_error_leaves_no_draft(event, monkeypatch):
    make_tickets(event, 1)
    monkeypatch.setattr("campaigns.management.plans.preflight", lambda *args, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(*ONCE)
    assert nothing_is_left()


def test_wait_ends_when_all_have_it_with_the_time_against_the_estimate(event, engine):
    make_number()
    make_tickets(event, 3)
    lines = run(*ONCE, "--wait")
    assert lines[-5:] == [
        "Sent       3",
        "Failed     0",
        "Uncertain  0",
        "Skipped    0",
        "It took 4 s; the estimate was 4 s.",
    ]
    assert len(engine.gateway.sent) == 3


def test_wait_ends_with_3_when_some_failed_and_says_why(event, engine):
    make_number()
    make_tickets(event, 3)
    make_ticket(event=event, holder=make_contact(phone=""))
    engine.gateway.answers = [Refused("no", kind=ErrorKind.NOT_ON_WHATSAPP), OutcomeUnknown("time-out")]
    done = Outcome(*ONCE, "--wait")
    assert done.lines[-5:-1] == [
        "Sent       1",
        "Failed     1  The number has no WhatsApp. Ask the person for another number, or send it by e-mail.",
        f"Uncertain  1  {why_words('uncertain')}",
        "Skipped    1  Has no WhatsApp number",
    ]
    assert (done.status, done.refusal) == (3, "2 messages did not arrive, or may not have.")


def test_an_email_has_no_estimate(event, engine):
    make_ticket(event=event, holder=make_contact(phone=""))
    assert run(*ONCE, "--channel", "email", "--wait")[-1] == "It took 0 s."


def test_the_settings_are_obeyed(event, engine):
    make_settings(base_delay="1.0", step="0", maximum_delay="1.0")
    make_number()
    make_tickets(event, 4)
    assert "Waiting time by the rule: 3 s, from Taquilla." in run(*ONCE, "--dry-run")


def test_outside_the_hours_it_says_when_the_first_one_leaves(event):
    make_settings(window_from=time(11), window_to=time(20))
    make_number()
    make_tickets(event, 2)
    assert run(*ONCE, "--dry-run")[3:-1] == [
        "Waiting time by the rule: 2 s, from Taquilla.",
        "WhatsApp: outside the hours in which messages may leave. The first one leaves at 11:00 (Bogotá).",
        "If it starts now, it ends at about 11:00 (Bogotá).",
    ]


def test_a_send_that_does_not_end_in_time_is_said_before_it_starts(event, engine):
    make_number()
    make_tickets(event, 10)
    engine.clock.now = event.ends_at - timedelta(seconds=10)
    assert run(*ONCE, "--dry-run")[-2] == (
        "At this pace it does not end before 13:00 (Bogotá). Whoever has not got it by then gets nothing."
    )
