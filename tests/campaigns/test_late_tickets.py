"""Sending the tickets of an event once more: only to whoever's ticket was never sent, whatever became of the others."""

import pytest

from campaigns.audience import people_of
from campaigns.audience_rules import reason_to_skip
from campaigns.drafts import draft_tickets
from campaigns.enums import SkipReason
from campaigns.models import Campaign
from tests.bug_reports.launching import prepared
from tests.campaigns.drafting import errors, save
from tests.factories import NOW, make_contact, make_delivery, make_event, make_ticket
from tickets.issuing import issue_tickets
from tickets.models import Ticket
from tickets.ticket_moves import block_tickets, replace_ticket, transfer_ticket, unblock_tickets, void_tickets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


def send_to_all(event):
    """A campaign with all tickets of the event, launched; what leaves arrives. The codes that it sends."""
    campaign = prepared(draft_tickets(event))
    fresh = campaign.deliveries.filter(status="pending")
    codes = sorted(fresh.values_list("ticket__code", flat=True))
    fresh.update(status="sent", sent_at=NOW)
    return codes


def codes(*tickets):
    return sorted(ticket.code for ticket in tickets)


def test_one_phone_with_several_tickets_gets_all_of_them():
    event, ana = make_event(), make_contact()
    issue_tickets(event, [ana], each=3)
    assert send_to_all(event) == codes(*event.tickets.all())
    deliveries = Campaign.objects.get().deliveries
    assert set(deliveries.values_list("address", flat=True)) == {ana.phone}


def test_late_additions_get_theirs_and_nobody_else_a_second_one():
    event, ana, luis = make_event(), make_contact(), make_contact()
    issue_tickets(event, [ana])
    assert len(send_to_all(event)) == 1
    issue_tickets(event, [ana, luis], each=2)
    late = event.tickets.exclude(holder=ana, number=1)
    assert send_to_all(event) == codes(*late)
    assert send_to_all(event) == []


def test_a_ticket_issued_anew_was_never_sent_so_it_goes():
    event = make_event()
    old, other = make_ticket(event=event), make_ticket(event=event)
    assert send_to_all(event) == codes(old, other)
    assert send_to_all(event) == []
    new = replace_ticket(old)
    assert send_to_all(event) == codes(new)
    given = transfer_ticket(new, make_contact())
    assert send_to_all(event) == codes(given)


def test_a_blocked_ticket_waits_until_it_is_unblocked():
    event = make_event()
    ticket, other = make_ticket(event=event), make_ticket(event=event)
    block_tickets([ticket.pk], reason="Falta el pago")
    assert send_to_all(event) == codes(other)
    unblock_tickets([ticket.pk], reason="Pagó")
    assert send_to_all(event) == codes(ticket)


@pytest.mark.parametrize(
    "move", [block_tickets, void_tickets, lambda ids: replace_ticket(Ticket.objects.get(pk=ids[0]))]
)
def test_what_is_blocked_while_its_message_waits_is_not_sent(move):
    ticket = make_ticket()
    campaign = draft_tickets(ticket.event)
    delivery = make_delivery(campaign=campaign, ticket=ticket, contact=ticket.holder)
    assert reason_to_skip(delivery, campaign) is None
    move([ticket.pk])
    delivery.ticket.refresh_from_db()
    assert reason_to_skip(delivery, campaign) == SkipReason.TICKET_NOT_VALID


def test_the_message_says_the_seat_of_each_ticket():
    event = make_event(ticket_text="{nombre}: silla {silla|libre}")
    ana = make_contact(name="Ana Prueba")
    issue_tickets(event, [ana], attributes={"silla": "4B"})
    issue_tickets(event, [ana], each=2)
    campaign = prepared(draft_tickets(event))
    texts = campaign.deliveries.order_by("ticket__number").values_list("text", flat=True)
    assert list(texts) == ["Ana: silla 4B", "Ana: silla libre"]


def test_a_campaign_can_use_what_its_tickets_have_and_no_others(boss):
    ticket = make_ticket(attributes={"silla": "4B"})
    make_ticket(attributes={"palco": "1"})
    campaign = draft_tickets(ticket.event)
    save(boss, campaign, body="Su silla: {silla}")
    campaign.refresh_from_db()
    assert campaign.body == "Su silla: {silla}"
    assert "body" in errors(save(boss, campaign, body="Su palco: {palco}"))


def test_the_holder_of_a_blocked_ticket_is_nobody_to_send_to():
    event = make_ticket(status="blocked").event
    assert list(people_of(draft_tickets(event))) == []
