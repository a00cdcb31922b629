"""What three gateways report while a campaign leaves through them, each in its own way and signed in its own."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import F, Q

from campaigns.audience import describe
from campaigns.models import Delivery, DeliveryAttempt, Reply
from tests.campaigns.choosing import chosen
from tests.factories import make_campaign, make_event, make_settings, make_ticket
from tests.processes.launching import status_of
from tests.processes.three_numbers import MINUTE, known_to, once, people, reached, states, texts_to
from tickets.models import Contact
from whatsapp.models import EarlyReceipt, MessageTemplate, WebhookPost
from whatsapp.templates import refresh_templates

pytestmark = [pytest.mark.processes, pytest.mark.any_database, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def pace():
    make_settings(base_delay=2, step=0, maximum_delay=2)


@pytest.fixture
def three(numbers, live_server):
    """The third is one of Meta's, which takes nothing but what was approved."""
    made = numbers("waha", "evolution", "cloud")
    for number in made:
        number.reports_to(live_server.url)
    return made


def with_template(number, engine):
    """Of the campaign: what Meta's number sends in place of its text."""
    refresh_templates(number.sender, now=engine.now)
    return chosen(MessageTemplate.objects.get(sender=number.sender, name="aviso"), {"body.nombre": "{nombre}"})


def post_all(number, *statuses):
    """Of every message, twice each, several times and in any order."""
    reports = [(message["id"], status) for message in number.fake.messages() for status in statuses] * 2
    random.Random(1).shuffle(reports)
    assert {answer for message, status in reports for answer in number.fake.receipt(message, status, times=2)} == {200}


def outcomes(campaign):
    """What became of the messages of each number, with how many calls that took."""
    rows = campaign.deliveries.values_list("sender__gateway", "status", "attempts_made")
    return Counter(rows)


def test_receipts_before_the_answer_again_and_in_any_order(engine, three):
    waha, _evolution, cloud = three
    everybody = people(15)
    waha.fake.set(receipts=["sent", "delivered", "read"], is_early=True)
    cloud.fake.set(receipts=["sent", "delivered"], is_early=True)
    campaign = engine.announce(everybody, template=with_template(cloud, engine))
    engine.work(3)
    cloud.fake.set(trap="close")  # one arrives, and its answer gets lost: the receipt has our own word for it
    engine.work(2)
    cloud.fake.set(trap="")
    engine.work(MINUTE)
    assert outcomes(campaign) == {("waha", "read", 1): 5, ("evolution", "sent", 1): 5, ("cloud", "delivered", 1): 5}
    assert DeliveryAttempt.objects.exclude(outcome="accepted").values_list("sender__gateway").get() == ("cloud",)

    for number in three:
        post_all(number, "read", "delivered", "sent")
    engine.work(1)
    assert outcomes(campaign) == {(number.fake.name, "read", 1): 5 for number in three}
    assert reached(*three) == once(everybody)
    assert (EarlyReceipt.objects.count(), status_of(campaign)) == (0, "finished")
    assert not WebhookPost.objects.filter(Q(applied_at=None) | ~Q(problem="")).exists()
    times = campaign.deliveries.filter(sent_at__lte=F("delivered_at"), delivered_at__lte=F("read_at"))
    assert times.count() == 15


def test_baja_to_one_of_three_is_obeyed_by_all_and_answered_from_where_it_was_written_to(engine, three):
    waha, evolution, cloud = three
    new, (ana, bea) = people(18), known_to(waha, 2, now=engine.now)
    event = make_event(starts_at=engine.now + timedelta(days=30), attach_qr=False)
    ticket = make_ticket(event=event, holder=ana)
    campaign = engine.announce([*new, ana, bea], template=with_template(cloud, engine), body="Aviso")
    engine.work(3)
    assert states(campaign) == {"sent": 6, "pending": 14}

    assert evolution.fake.reply(ana.phone, "BAJA", times=2) == [200, 200]
    assert WebhookPost.objects.filter(sender=evolution.sender).count() == 1
    assert evolution.fake.reply(ana.phone, "¡Baja!") == [200]  # impatient
    assert cloud.fake.reply(bea.phone, "BAJA", secret="otro-secreto-que-no-es-4d5e6f") == [403]
    engine.work(MINUTE)
    assert states(campaign) == {"sent": 19, "skipped": 1}
    assert campaign.deliveries.values_list("contact", "error_kind").get(status="skipped") == (ana.pk, "opted_out")
    assert texts_to(ana, *three) == [("evolution", "Listo")]
    assert texts_to(bea, *three) == [("waha", "Aviso")]
    assert reached(*three) == once([*new, ana, bea])

    tickets = describe(tickets=[ticket.pk])
    entrance = engine.launch(make_campaign(kind="tickets", event=event, audience=tickets, body="Entrada"))
    more = engine.announce([ana, bea], body="Otros")
    engine.work(MINUTE)
    assert (states(entrance), states(more)) == ({"sent": 1}, {"sent": 1, "skipped": 1})
    assert sorted(text for _number, text in texts_to(ana, *three)) == ["Entra", "Listo"]
    assert Reply.objects.filter(contact=ana).count() == 2
    for number in three:
        post_all(number, "delivered", "read")
    engine.work(1)
    assert set(Delivery.objects.exclude(campaign__origin="").values_list("sender__gateway", "status")) == {
        ("evolution", "read")
    }


@pytest.mark.parametrize("place", [0, 2])
def test_whoever_writes_under_an_id_that_is_no_number_is_known_by_the_receipts(engine, three, place):
    """WAHA's reports of a message, and Meta's, name the person as they do when the person writes."""
    number, cloud = three[place], three[2]
    [ana] = known_to(number, 1, now=engine.now)
    campaign = engine.announce([ana], template=with_template(cloud, engine), body="Aviso")
    engine.work(1)
    assert number.fake.receipt(1, "delivered") == [200]
    assert number.fake.reply(ana.phone, "BAJA", hidden=True) == [200]
    engine.work(MINUTE)
    assert states(campaign) == {"delivered": 1}
    assert [name for name, _text in texts_to(ana, *three)] == [number.fake.name] * 2
    assert Contact.objects.get().whatsapp_opt_out_at is not None


def test_a_gateway_that_says_it_is_ready_again_is_believed_at_once(engine, three):
    """Nobody waits for the next look: a person scanned the code."""
    waha = three[0]
    everybody = known_to(waha, 3, now=engine.now)
    waha.fake.set(phase="needs_qr")
    campaign = engine.announce(everybody, body="Aviso")
    engine.work(4 * MINUTE)
    assert (waha.lane.pause_reason, states(campaign)) == ("not_ready", {"pending": 3})
    looked_at, looks = waha.lane.paused_until, waha.fake.calls("status")
    waha.fake.set(phase="ready")
    assert waha.fake.session_state("ready") == [200]
    assert engine.now + timedelta(seconds=10) < looked_at
    engine.work(5)
    assert (states(campaign), waha.fake.calls("status")) == ({"sent": 3}, looks)
