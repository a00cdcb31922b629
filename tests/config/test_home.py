"""The home page: numbers by permission and the next events in their own zone."""

import itertools
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Dispatcher, Installation
from config.home import figures, next_events
from tests.factories import (
    NOW,
    make_call,
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_lane,
    make_sender,
    make_ticket,
    make_user,
)
from tests.staff import sign_in, sign_in_owner

pytestmark = pytest.mark.django_db


def _request(rf, user):
    request = rf.get("/admin/")
    request.user = user
    return request


def test_figures_count_what_is_to_come(client, rf):
    soon, past = make_event(), make_event(starts_at=NOW - timedelta(days=9))
    make_ticket(event=soon)
    make_ticket(event=soon, status="voided")
    make_ticket(event=past)
    make_contact(whatsapp_opt_out_at=NOW)
    make_sender(state="ready")
    make_sender(state="ready", is_enabled=False)
    numbers = [figure.number for figure in figures(_request(rf, sign_in_owner(client)))]
    assert numbers == [1, 1, 4, 1]  # events, tickets, contacts (three hold tickets), ready numbers


def test_figures_are_only_those_that_somebody_may_see(client, rf):
    user = sign_in(client, "tickets.view_contact")
    assert [figure.url for figure in figures(_request(rf, user))] == [reverse("admin:tickets_contact_changelist")]


def test_next_events_come_in_order_with_their_valid_tickets(client, rf):
    later, sooner = make_event(starts_at=NOW + timedelta(days=9)), make_event(starts_at=NOW + timedelta(days=2))
    make_event(starts_at=NOW + timedelta(days=1), is_active=False)
    make_ticket(event=later)
    make_ticket(event=later, status="voided")
    shown = next_events(_request(rf, sign_in_owner(client)), NOW)
    assert [(event.pk, event.tickets) for event in shown] == [(sooner.pk, 0), (later.pk, 1)]


def test_next_events_are_hidden_from_whoever_may_not_see_events(client, rf):
    assert next_events(_request(rf, sign_in(client)), NOW) is None


def test_the_page_shows_an_event_at_its_own_hour(client):
    make_event(name="Gala", starts_at=NOW + timedelta(days=1), timezone="Europe/Madrid")  # 15:00 UTC
    sign_in_owner(client)
    client.cookies["django_language"] = "en"
    with time_machine.travel(NOW, tick=False):
        page = client.get(reverse("admin:index"))
    assert "16:00 (Madrid)" in page.content.decode()


def _steps(client):
    return [
        (step.url, step.is_done, step.is_next) for step in client.get(reverse("admin:index")).context["first_steps"]
    ]


NUMBER, EVENT, PEOPLE = (
    reverse(f"admin:{name}_add") for name in ("whatsapp_sender", "tickets_event", "tickets_import")
)


def test_an_empty_installation_says_what_to_make_and_in_which_order(client):
    sign_in_owner(client)
    assert _steps(client) == [(NUMBER, False, True), (EVENT, False, False), (PEOPLE, False, False)]
    make_sender()
    event = make_event()
    with time_machine.travel(NOW, tick=False):  # a list is most likely meant for the only event to come
        assert _steps(client) == [
            (NUMBER, True, False),
            (EVENT, True, False),
            (f"{PEOPLE}?event={event.pk}", False, True),
        ]
        make_event()
        assert _steps(client)[2] == (PEOPLE, False, True)
    make_contact()
    assert _steps(client) == []


def test_first_steps_are_only_those_that_somebody_may_take(client):
    sign_in(client, "tickets.view_event", "tickets.add_event", "tickets.view_contact", "whatsapp.view_sender")
    assert _steps(client) == [(EVENT, False, True)]
    make_event()
    assert _steps(client) == []  # what others have to do is no step of theirs


def test_the_page_has_no_more_queries_with_more_events(client):
    sign_in_owner(client)
    make_ticket()
    few = _queries(client)
    for _number in range(3):
        make_ticket()
    assert _queries(client) == few


def test_the_page_has_few_queries_however_much_goes_on(client, django_assert_max_num_queries):
    """Six campaigns at work on both channels, with people who wait, are tried again, and did not get it."""
    owner = make_user(is_superuser=False)
    owner.groups.add(Group.objects.get(name="Owner"))
    client.force_login(owner)
    make_ticket()
    make_call(make_lane(sender=make_sender(state="ready")), 700)
    make_call(make_lane(channel="email"), 200)
    for number in range(6):
        campaign = make_campaign(status="sending", channels="both", event=make_event(), priority=10 + number)
        for channel, status in itertools.product(("whatsapp", "email"), ("pending", "sent", "uncertain")):
            make_delivery(campaign=campaign, channel=channel, status=status, sent_at=NOW)
        make_delivery(campaign=campaign, status="waiting", due_at=NOW + timedelta(minutes=5))
    make_campaign(status="overdue", scheduled_at=NOW - timedelta(hours=2))
    Dispatcher.objects.update(heartbeat_at=NOW)
    Installation.objects.create(pk=1, identity="pruebas")
    cache.clear()
    with time_machine.travel(NOW, tick=False), django_assert_max_num_queries(15):
        page = client.get(reverse("admin:index")).content.decode()
    assert page.count("<progress") == 6
    assert "p-days-chart" in page


def _queries(client):
    cache.clear()
    with time_machine.travel(NOW, tick=False), CaptureQueriesContext(connection) as captured:
        assert client.get(reverse("admin:index")).status_code == 200
    return len(captured)
