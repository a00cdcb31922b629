"""Somebody sends again: whoever was refused for a kept "no" is asked about once more, and nobody else is."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import lifecycle
from campaigns.audience import describe
from campaigns.drafts import draft_resend
from campaigns.lifecycle import IllegalMove
from campaigns.models import Delivery
from campaigns.preparing import prepare
from campaigns.settling import send_again
from campaigns.stopping import StopPipe
from tests.campaigns.asking import NO, PHONE, YES, Asked
from tests.campaigns.commands import LATER, Engine, run
from tests.campaigns.driving import run_until_idle
from tests.campaigns.pages import page
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event, make_lane, make_ticket
from tests.fakes import Clock
from whatsapp import number_checks
from whatsapp.models import NumberCheck

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

OTHER, THIRD = "+573000000001", "+573000000002"


@pytest.fixture(autouse=True)
def lane():
    return make_lane()


def refuse(*phones, now=NOW):
    for phone in phones:
        number_checks.remember(phone, NO, Asked(), now=now)


def refused():
    return set(NumberCheck.objects.filter(exists=False).values_list("phone", flat=True))


def finished(*phones, **fields):
    campaign = make_campaign(status="finished", finished_at=NOW)
    values = {"status": "failed", "error_kind": "not_on_whatsapp"} | fields
    for phone in phones:
        make_delivery(campaign=campaign, contact=make_contact(), address=phone, **values)
    return campaign


def test_a_no_of_an_hour_ago_does_not_fail_them_again_without_a_question():
    campaign = finished(PHONE)
    refuse(PHONE)
    lifecycle.resend(campaign, now=NOW + timedelta(hours=1))
    gateway = Asked(YES)
    run_until_idle(gateway, Clock(NOW + timedelta(hours=1)), budget=30)
    assert (gateway.asked, Delivery.objects.get().status) == ([PHONE], "sent")


def test_a_second_no_fails_them_again_and_is_kept():
    campaign = finished(PHONE)
    refuse(PHONE)
    lifecycle.resend(campaign, now=NOW)
    gateway = Asked(NO)
    run_until_idle(gateway, Clock(), budget=30)
    assert (gateway.asked, Delivery.objects.get().error_kind) == ([PHONE], "not_on_whatsapp")
    assert refused() == {PHONE}


def test_what_is_known_of_others_and_every_yes_stay():
    campaign = finished(PHONE, THIRD)
    refuse(PHONE, OTHER)
    number_checks.remember(THIRD, YES, Asked(), now=NOW)
    lifecycle.resend(campaign, now=NOW)
    assert refused() == {OTHER}
    assert NumberCheck.objects.get(exists=True).phone == THIRD


def test_only_those_who_are_sent_it_again_are_asked_about():
    campaign = finished(PHONE)
    make_delivery(campaign=campaign, address=OTHER, status="failed", error_kind="temporary")
    make_delivery(campaign=campaign, address=THIRD, status="sent", sent_at=NOW)
    refuse(PHONE, OTHER, THIRD)
    lifecycle.resend(campaign, kinds=("not_on_whatsapp",), now=NOW)
    assert refused() == {OTHER, THIRD}


def test_it_takes_one_statement_for_all_of_them():
    campaign = finished(PHONE, OTHER, THIRD)
    refuse(PHONE, OTHER, THIRD)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        lifecycle.resend(campaign, now=NOW)
    assert len([query for query in queries if NumberCheck._meta.db_table in query["sql"]]) == 1
    assert refused() == set()


def test_where_nothing_may_be_sent_again_nothing_is_forgotten():
    campaign = finished(PHONE)
    refuse(PHONE)
    type(campaign).objects.update(status="cancelled")
    with suppress(IllegalMove):
        lifecycle.resend(campaign, now=NOW)
    assert refused() == {PHONE}


def test_by_the_command_the_page_and_the_desk_of_uncertain_messages(boss):
    first, second, third = finished(PHONE), finished(OTHER), finished(THIRD, status="uncertain", error_kind="uncertain")
    refuse(PHONE, OTHER, THIRD)
    run("resend_failed", "--campaign", first.pk)
    assert refused() == {OTHER, THIRD}
    boss.post(page("resend", second.pk), {"expected": "1"})
    assert refused() == {THIRD}
    send_again(third.deliveries.all(), user=None, now=NOW)
    assert refused() == set()


def test_in_safe_mode_the_test_number_is_asked_about_anew(settings):
    settings.OVERRIDE_RECIPIENTS = ["+573000000099"]
    campaign = finished(PHONE)
    refuse(PHONE, "+573000000099")
    lifecycle.resend(campaign, now=NOW)
    assert refused() == {PHONE}


# --- a ticket once more


@pytest.fixture
def ticket():
    event = make_event(starts_at=LATER + timedelta(days=1))
    return make_ticket(event=event, holder=make_contact(phone=PHONE), code="K7MD-4QXT")


def launched(campaign, now=LATER):
    lifecycle.launch(campaign, now=now)
    prepare(campaign.pk, budget=60, stop=StopPipe(), clock=lambda: now)


def test_one_ticket_that_is_sent_again(ticket):
    refuse(PHONE, OTHER, now=LATER)
    launched(draft_resend(ticket))
    gateway = Asked(YES)
    run_until_idle(gateway, Clock(LATER), budget=30)
    assert (gateway.asked, Delivery.objects.get().status) == ([PHONE], "sent")
    assert refused() == {OTHER}


def test_one_ticket_by_the_command(ticket, monkeypatch):
    engine = Engine().use(monkeypatch)
    engine.gateway = Asked(YES)
    refuse(PHONE, now=LATER)
    run("resend_ticket", ticket.code, "--wait")
    assert (engine.gateway.asked, Delivery.objects.get().status) == ([PHONE], "sent")


@pytest.mark.parametrize(
    ("chosen", "is_asked"), [({"again": True}, True), ({"ticket_state": "undelivered"}, True), ({}, False)]
)
def test_a_campaign_asks_anew_where_it_sends_tickets_again(ticket, chosen, is_asked):
    refuse(PHONE, now=LATER - timedelta(hours=1))
    audience = describe(event_tickets=True, **chosen)
    launched(make_campaign(kind="tickets", event=ticket.event, audience=audience))
    gateway = Asked(YES)
    run_until_idle(gateway, Clock(LATER), budget=30)
    assert gateway.asked == ([PHONE] if is_asked else [])
