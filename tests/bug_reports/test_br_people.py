"""Contacts, wishes and pickers: bug reports BR-053, BR-140, BR-147, BR-148 and BR-152."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.drafts import draft_tickets
from campaigns.models import Delivery
from tests.bug_reports.launching import LATER, announcement, make_people, prepared
from tests.campaigns.driving import run_until_idle
from tests.campaigns.pages import hidden_fields
from tests.closings import closed
from tests.factories import make_contact, make_event, make_lane, make_ticket
from tests.fakes import Clock, FakeGateway
from tickets.models import Contact, HistoryEntry
from whatsapp.gateways.base import ErrorKind, NotSent

pytestmark = pytest.mark.django_db


def _merge_page(contact):
    return reverse("admin:tickets_contact_merge", args=[contact.pk])


def test_br_053_a_retry_is_the_same_message_after_the_person_was_merged_into_another_name(boss):
    make_lane()
    keep, gone = make_contact(name="Otra", email=""), make_contact(name="Lucía", phone="+573000000101", email="")
    prepared(announcement([gone]))
    gateway = FakeGateway(NotSent("no route", kind=ErrorKind.UNREACHABLE))
    clock = Clock(LATER)
    run_until_idle(gateway, clock, budget=1.0)
    fields = hidden_fields(boss.get(_merge_page(keep), {"with": gone.pk}), "content-main")
    boss.post(_merge_page(keep), fields)
    assert not Contact.objects.filter(name="Lucía").exists()
    Delivery.objects.filter(status="waiting").update(status="pending", due_at=None)
    clock.tick(3600)
    run_until_idle(gateway, clock)
    assert [(message.phone, message.text) for message in gateway.sent] == [
        ("+573000000101", closed("Hola Lucía", gone))
    ]
    assert Delivery.objects.get().contact == keep


def test_br_140_looking_at_the_page_of_a_wish_opts_nobody_out(boss):
    contact = make_contact()
    for channel in ("whatsapp", "email"):
        assert boss.get(reverse("admin:tickets_contact_wish", args=[contact.pk, channel])).status_code == 200
    contact.refresh_from_db()
    assert (contact.whatsapp_opt_out_at, contact.email_opt_out_at) == (None, None)


def test_br_140_who_wants_no_announcements_still_gets_their_ticket(boss):
    make_lane()
    event = make_event(starts_at=LATER + timedelta(days=9), attach_qr=False)
    contact = make_ticket(event=event, holder=make_contact(email="")).holder
    address = reverse("admin:tickets_contact_wish", args=[contact.pk, "whatsapp"])
    boss.post(address, {"seen": "", "at": "2026-01-01T10:00", "source": "BAJA", "text": ""})
    contact.refresh_from_db()
    assert contact.whatsapp_opt_out_at is not None
    prepared(draft_tickets(event))
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    assert len(gateway.sent) == 1


@pytest.mark.parametrize("model", ["tickets_ticket", "tickets_contact", "campaigns_delivery", "tickets_historyentry"])
def test_br_147_no_list_and_no_form_holds_everybody(boss, model):
    for number in range(60):
        make_contact(name=f"Invitada {number}")
    html = boss.get(reverse(f"admin:{model}_changelist")).content.decode()
    assert html.count("Invitada") <= 2 * 50  # the rows of one page, each with its label for the screen reader
    if model == "tickets_ticket":
        assert "Invitada" not in boss.get(reverse("admin:tickets_ticket_add")).content.decode()


def test_br_147_who_is_the_same_person_is_searched_for_and_not_chosen_from_everybody(boss):
    people = make_people(60)
    html = boss.get(_merge_page(people[0])).content.decode()
    assert sum(person.name in html for person in people) <= 2
    assert len(boss.get(_merge_page(people[0]), {"q": "Persona"}).context["found"]) == 20


def test_br_148_the_picker_shows_nobody_to_those_who_may_not_see_the_list(staff):
    make_contact(name="Lucía")
    query = {"app_label": "tickets", "model_name": "ticket", "field_name": "holder", "term": "Luc"}
    assert (
        staff("tickets.add_ticket", "tickets.view_ticket").get(reverse("admin:autocomplete"), query).status_code == 403
    )


def test_br_148_nor_do_the_pages_of_a_person(staff):
    contact = make_contact(name="Lucía")
    client = staff("tickets.view_ticket", "tickets.merge_contact", "tickets.opt_out_contact")
    for address in (
        reverse("admin:tickets_contact_person", args=[contact.pk]),
        reverse("admin:tickets_contact_wish", args=[contact.pk, "email"]),
        _merge_page(contact),
    ):
        assert client.get(address).status_code == 403


def test_br_152_confirming_a_merge_twice_merges_once(boss):
    keep, gone, third = make_contact(), make_contact(), make_contact()
    fields = hidden_fields(boss.get(_merge_page(keep), {"with": gone.pk}), "content-main")
    for _press in range(2):
        assert boss.post(_merge_page(keep), fields).status_code == 302
    assert set(Contact.objects.all()) == {keep, third}
    assert HistoryEntry.objects.filter(action="merged").count() == 1
