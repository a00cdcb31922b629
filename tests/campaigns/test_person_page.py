"""The page of a person with messages: in their timeline, in the zone of their campaign, and fast with ten thousand."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.models import Delivery
from tests.bug_reports.launching import LATER, announcement, prepared
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_tag, make_ticket
from tests.fakes import Clock, FakeGateway
from tickets.models import CheckIn
from tickets.optouts import opt_out
from tickets.timeline import Place, Viewer, timeline

pytestmark = pytest.mark.django_db

EVERYTHING = Viewer(lambda _permission: True)


def _person(contact):
    return reverse("admin:tickets_contact_person", args=[contact.pk])


def _many(contact, count):
    campaign = make_campaign(status="finished", finished_at=NOW, name="Feria")
    Delivery.objects.bulk_create(
        [
            Delivery(
                campaign=campaign,
                contact=contact,
                channel="whatsapp",
                dedupe_key=str(number),
                recipient="x",
                address="+573000000001",
                text="Hola" * 100,
                status="sent",
                sent_at=NOW,
                created_at=NOW - timedelta(minutes=number // 2),
            )
            for number in range(count)
        ],
        batch_size=500,
    )


def test_a_message_is_there_with_state_channel_and_moments(boss):
    contact = make_contact()
    campaign = make_campaign(name="Feria", status="sending", zone="America/Bogota")
    sent = {"status": "read", "sent_at": NOW, "delivered_at": NOW, "read_at": NOW, "address": contact.phone}
    make_delivery(campaign=campaign, contact=contact, **sent)
    make_delivery(campaign=campaign, contact=contact, status="failed", error_kind="not_on_whatsapp")
    html = boss.get(_person(contact)).content.decode()
    for words in ("Feria", "Read", f"WhatsApp: {contact.phone}", "(Bogotá)", "The number has no WhatsApp."):
        assert words in html


def test_messages_are_for_whoever_may_see_them(staff):
    contact = make_contact()
    make_delivery(contact=contact, campaign=make_campaign(name="Feria", status="sending"))
    assert "Feria" not in staff("tickets.view_contact").get(_person(contact)).content.decode()
    client = staff("tickets.view_contact", "campaigns.view_delivery")
    assert "Feria" in client.get(_person(contact)).content.decode()


def test_every_message_is_on_one_page_and_only_once():
    contact = make_contact()
    _many(contact, 95)
    numbers, before = [], None
    for _page in range(10):
        page = timeline(contact, EVERYTHING, before=before)
        numbers += [entry.place.number for entry in page.entries]
        if not page.next:
            break
        before = Place.of(page.next)
    assert sorted(numbers) == sorted(contact.deliveries.values_list("pk", flat=True))


def test_ten_thousand_messages_cost_a_page_no_more_than_ten(boss, django_assert_max_num_queries):
    contact = make_contact(tags=(make_tag(), make_tag()), email_opt_out_at=NOW)
    _many(contact, 10_000)
    for number in range(20):
        ticket = make_ticket(holder=contact)
        CheckIn.objects.create(
            event=ticket.event, ticket=ticket, scanned=ticket.code, at=NOW, result="good", admitted=1
        )
        opt_out(contact, "whatsapp", user=None, source=str(number), at=NOW, now=NOW)
    boss.get(_person(contact))  # what is kept in memory for all pages
    with django_assert_max_num_queries(16):
        answer = boss.get(_person(contact))
    assert len(answer.context["entries"]) == 30
    assert len(answer.content) < 200_000
    with django_assert_max_num_queries(16):
        answer = boss.get(_person(contact), {"before": answer.context["older"]})
    assert len(answer.context["entries"]) == 30


def test_an_opt_out_by_hand_stops_the_very_next_message(boss):
    make_lane()
    people = [make_contact(email=""), make_contact(email="")]
    campaign = prepared(announcement(people))
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER), budget=1.0)
    assert len(gateway.sent) == 1
    address = reverse("admin:tickets_contact_wish", args=[people[1].pk, "whatsapp"])
    boss.post(address, {"seen": "", "at": "2026-01-01T10:00", "source": "Said so in person", "text": ""})
    run_until_idle(gateway, Clock(LATER + timedelta(minutes=1)))
    assert len(gateway.sent) == 1
    rows = campaign.deliveries.order_by("slot").values_list("status", "error_kind")
    assert list(rows) == [("sent", ""), ("skipped", "opted_out")]
