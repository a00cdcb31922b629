"""What a message carries that delivers a ticket: a picture of it, drawn by a thread that has no database."""

import base64
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.claims import claim
from campaigns.mailboxes import MailServers
from campaigns.messages import call_for
from campaigns.surroundings import Surroundings
from campaigns.windows import sending
from tests.campaigns.driving import run_until_idle
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_event, make_lane, make_ticket
from tests.fakes import FakeGateway
from tests.tickets.cards import Pdf, decoded, opened
from tickets.drawing.card import card_of
from tickets.drawing.picture import ticket_picture
from tickets.models import Event
from tickets.qr import public_link
from whatsapp.gateways.base import Capabilities

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    event = make_event(name="Noche de Prueba")
    return make_campaign(status="sending", kind="tickets", event=event, attach_qr=True)


def deliver(campaign, number=1, *, channel="whatsapp", **fields):
    tickets = []
    for _ in range(number):
        contact = make_contact(language="en")
        tickets.append(make_ticket(event=campaign.event, holder=contact, companions=1, attributes={"table": "4"}))
        person = {"contact": contact, "recipient": contact.name, "address": contact.phone, "channel": channel}
        if channel == "email":
            person |= {"address": contact.email, "subject": "Your ticket"}
        make_delivery(campaign=campaign, ticket=tickets[-1], attach_qr=True, **person, **fields)
    return tickets


def drawn(ticket):
    return ticket_picture(card_of(ticket, ticket.event, name=ticket.holder.name, language="en"))


def claimed(lane):
    lane.lease_expires_at = NOW + timedelta(days=999)
    [one] = claim(lane, sending(), room=1, now=NOW) or []
    return one


@pytest.mark.django_db(transaction=True)
def test_everybody_gets_the_picture_of_their_own_ticket(campaign):
    make_lane()
    tickets, gateway = deliver(campaign, 3), FakeGateway()
    run_until_idle(gateway)
    pictures = [message.picture for message in gateway.sent]

    assert [decoded(opened(picture.content)) for picture in pictures] == [[public_link(one)] for one in tickets]
    assert [picture.filename for picture in pictures] == [f"{ticket.code}.png" for ticket in tickets]
    assert [picture.content for picture in pictures] == [drawn(ticket) for ticket in tickets]
    assert max(len(base64.b64encode(picture.content)) for picture in pictures) < 100_000


def test_an_e_mail_carries_it_too_and_nothing_else(campaign, mailoutbox):
    lane = make_lane(channel="email", number=90)
    [ticket] = deliver(campaign, channel="email")
    call = call_for(claimed(lane), gateway=None, servers=MailServers(), lane=lane)
    call.send(call.prepare())

    [attached] = mailoutbox[0].attachments
    assert (attached[0], attached[2]) == (f"{ticket.code}.png", "image/png")
    assert decoded(opened(attached[1])) == [public_link(ticket)]


class TakesDocuments(FakeGateway):
    capabilities = Capabilities(sends_documents=True)


def test_a_number_that_takes_documents_sends_the_pdf_in_place_of_the_picture(campaign):
    lane, [ticket] = make_lane(), deliver(campaign, attach_pdf=True)
    gateway = TakesDocuments()
    run_until_idle(gateway)
    [message] = gateway.sent
    assert message.picture is None
    assert message.document.filename == f"{ticket.code}.pdf"
    assert decoded(Pdf(message.document.content).image) == [public_link(ticket)]
    assert lane.attempts.get().outcome == "accepted"


def test_one_that_takes_none_sends_the_picture(campaign):
    make_lane()
    [ticket] = deliver(campaign, attach_pdf=True)
    gateway = FakeGateway()
    run_until_idle(gateway)
    [message] = gateway.sent
    assert (message.document, message.picture.content) == (None, drawn(ticket))


def test_an_e_mail_carries_the_pdf_beside_the_picture(campaign, mailoutbox):
    lane = make_lane(channel="email", number=90)
    [ticket] = deliver(campaign, channel="email", attach_pdf=True)
    call = call_for(claimed(lane), gateway=None, servers=MailServers(), lane=lane)
    call.send(call.prepare())
    [letter] = mailoutbox
    names = [(name, mime) for name, _content, mime in letter.attachments]
    assert names == [(f"{ticket.code}.png", "image/png"), (f"{ticket.code}.pdf", "application/pdf")]


def test_whoever_draws_it_asks_the_database_for_nothing(campaign, django_assert_num_queries):
    lane = make_lane()
    deliver(campaign)
    call = call_for(claimed(lane), gateway=FakeGateway(), servers=MailServers(), lane=lane)

    with django_assert_num_queries(0):
        assert call.prepare().picture.content


def test_the_event_is_read_with_the_campaign_and_not_for_each_person(campaign):
    lane = make_lane()
    deliver(campaign)
    campaigns = sending()
    with CaptureQueriesContext(connection) as queries:
        assert claim(lane, campaigns, room=1, now=NOW)

    asked = [query["sql"] for query in queries if query["sql"].startswith(("SELECT", "WITH"))]

    assert [sql for sql in asked if '"tickets_event"' in sql] == []
    assert len(asked) == 5  # where two queues begin, the head, the person, the ticket, the others with this ticket


def test_a_ticket_of_another_event_is_drawn_with_its_own(campaign):
    lane = make_lane()
    other = make_ticket(event=make_event(name="Otra Noche"), holder=make_contact(language="en"))
    contact = {"contact": other.holder, "recipient": other.holder.name}
    make_delivery(campaign=campaign, ticket=other, attach_qr=True, **contact)
    call = call_for(claimed(lane), gateway=FakeGateway(), servers=MailServers(), lane=lane)

    assert call.prepare().picture.content == drawn(other)


@pytest.mark.parametrize("name", ["name", "venue", "address"])
def test_an_event_that_gets_another_name_or_place_is_drawn_with_it_from_the_next_look_on(campaign, name):
    deliver(campaign)
    around = Surroundings()
    around.look(now=NOW)
    Event.objects.update(**{name: "Cambiado"})
    around.look(now=NOW + timedelta(seconds=0.5))

    assert getattr(around.campaigns[0].event, name) == "Cambiado"


def test_a_name_in_any_script_is_sent(campaign):
    lane = make_lane()
    [ticket] = deliver(campaign)
    campaign.deliveries.update(recipient="王小明 أنا 🎉" * 10)
    call = call_for(claimed(lane), gateway=FakeGateway(), servers=MailServers(), lane=lane)

    assert decoded(opened(call.prepare().picture.content)) == [public_link(ticket)]
