"""People who write back: bug reports BR-002, BR-089, BR-130 and BR-140."""

from datetime import timedelta

import pytest

from campaigns.models import Delivery, Reply
from campaigns.tick import tick
from tests.campaigns.driving import run_until_idle
from tests.campaigns.replying import LID, arrives, leaves, prepare_all, said, writes
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_lane,
    make_sender,
    make_ticket,
)
from tests.fakes import Clock, FakeGateway
from tickets.aliases import keep_aliases
from tickets.models import Contact
from whatsapp.identities import learn

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender():
    return make_lane().sender


@pytest.mark.parametrize("phone", ["+5215555550101", "+525555550101"])
def test_br_002_a_reply_from_mexico_is_matched_in_either_form(sender, phone):
    """Webhooks say 521…, the list has 52…."""
    eva = make_contact(phone="+525555550101")
    keep_aliases({eva.pk: eva.phone})
    arrives(sender, said("BAJA", phone=phone))
    eva.refresh_from_db()
    assert eva.whatsapp_opt_out_at == NOW
    assert Reply.objects.get().contact == eva


def test_br_089_baja_while_the_campaign_runs_stops_the_rest_of_it(sender):
    """Between the queue and their turn; the others get theirs, and the person gets the answer alone."""
    people = [make_contact(name=f"Persona {number}", email="") for number in range(3)]
    campaign = make_campaign(status="sending", prepared_at=None, audience={"everybody": True}, body="Anuncio")

    gateway = FakeGateway()
    prepare_all()
    assert run_until_idle(gateway, Clock(), budget=1.0) == 1
    writes(people[2], "BAJA", sender, now=NOW + timedelta(seconds=1))
    leaves(NOW + timedelta(seconds=2), gateway)
    texts = {person.phone: [m.text for m in gateway.sent if m.phone == person.phone] for person in people}
    assert [len(texts[person.phone]) for person in people] == [1, 1, 1]
    assert texts[people[2].phone][0].startswith("Listo: no te enviaremos más anuncios")
    row = Delivery.objects.get(campaign=campaign, contact=people[2])
    assert (row.status, row.error_kind) == ("skipped", "opted_out")


def test_br_130_an_id_makes_no_contact_and_is_no_number(sender):
    """Which the reply waits with, until it is known whose it is."""
    ana = make_contact(phone="+573000000001", email="")
    arrives(sender, said("BAJA", chat_id=LID, phone=""))
    arrives(sender, said("BAJA", chat_id=LID, phone="+100000000000001", message_id="2"))
    assert list(Contact.objects.all()) == [ana]
    assert set(Reply.objects.values_list("phone", "state", "contact")) == {("", "unmatched", None)}


def test_br_130_the_same_person_by_id_and_by_number_is_one(sender):
    """One gateway names the number, another, or the next version, only the id."""
    ana = make_contact(phone="+573000000001", email="")
    arrives(sender, said("Hola", chat_id=LID, phone=ana.phone, message_id="1"))
    arrives(make_sender(), said("BAJA", chat_id=LID, phone="", message_id="2"))
    ana.refresh_from_db()
    assert ana.whatsapp_opt_out_at == NOW
    assert set(Reply.objects.values_list("contact", flat=True)) == {ana.pk}


def test_br_130_an_opt_out_under_an_id_is_not_lost(sender):
    ana = make_contact(phone="+573000000001", email="")
    arrives(sender, said("BAJA", chat_id=LID))
    learn([(LID, ana.phone)], now=NOW)
    make_delivery(contact=ana, address=ana.phone)
    tick(now=NOW)
    ana.refresh_from_db()
    assert ana.whatsapp_opt_out_at == NOW
    assert [text[:5] for _phone, text in leaves()] == ["Listo"]


def test_br_140_opting_out_of_announcements_does_not_stop_tickets(sender):
    ana = make_contact(phone="+573000000001", email="")
    event = make_event()
    tickets = make_campaign(kind="tickets", event=event, status="sending")
    ticket = make_ticket(event=event, holder=ana)
    make_delivery(campaign=tickets, ticket=ticket, contact=ana, address=ana.phone, text="Tu entrada")
    writes(ana, "CANCELAR", sender)
    assert "Tu entrada" in [text for _phone, text in leaves(gateway=FakeGateway())]
