"""What becomes of messages after they left: bug reports BR-055, BR-123, BR-125, BR-127 and BR-130 to BR-133, in rows.

The posts are read by the hooks of their gateways; the recorded ones are WAHA's.
"""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from campaigns.lifecycle import resend
from campaigns.models import Campaign, Delivery, Lane
from campaigns.news import apply_early
from campaigns.progress import totals
from campaigns.tick import tick
from tests.campaigns.driving import run_until_idle
from tests.campaigns.hearing import LEFT_AT, own, receipt, sent, state, status, tell
from tests.campaigns.pages import page
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_sender, make_settings
from tests.fakes import Clock, FakeGateway
from tickets.models import Contact
from whatsapp.gateways.base import OutcomeUnknown
from whatsapp.models import ChatIdentity, EarlyReceipt
from whatsapp.webhooks.cloud import CloudHook
from whatsapp.webhooks.evolution import EvolutionHook
from whatsapp.webhooks.waha import WahaHook

pytestmark = pytest.mark.django_db

POSTS = Path(__file__).parent.parent / "data" / "webhooks"
FIRST, SECOND = "AAAA000000000000001", "BBBB000000000000002"
SERVER, READ, DEVICE, DEVICE_AGAIN = (
    "01_servidor.json",
    "02_leido_antes.json",
    "03_entregado_tarde.json",
    "04_entregado_repetido_otro_evento.json",
)
POSTED_AT = datetime(2027, 1, 15, 8, 1, 40, tzinfo=UTC)  # what the recorded posts say
AFTER = POSTED_AT + timedelta(minutes=1)


@pytest.fixture
def number():
    return make_sender()


def post(number, *names, now=AFTER):
    """As the number's gateway posted them, one after another."""
    for name in names:
        reading = WahaHook().read(json.loads((POSTS / name).read_text()))
        assert reading.faults == []
        tell(number, *reading.news, now=now)


def hear_of(number, hook, body, now=NOW):
    reading = hook.read(body)
    tell(number, *reading.news, now=now)
    return reading.faults


# --- BR-055


def test_br_055_a_dead_session_that_says_ok_is_stopped_and_the_others_take_over():
    make_settings(silence_messages=10, silence_minutes=15, base_delay=1, maximum_delay=1, step=0)
    dead = make_lane(sender=make_sender(name="Muerto", last_receipt_at=NOW - timedelta(days=1)))
    campaign = make_campaign(status="sending")
    for slot in range(12):
        make_delivery(campaign=campaign, contact=make_contact(), slot=slot)
    clock = Clock()
    run_until_idle(FakeGateway(), clock)
    assert totals(campaign) == {"whatsapp": {"sent": 12}}  # each call was answered with OK
    healthy = make_lane(sender=make_sender(name="Sano"))
    more = make_campaign(status="sending")
    for slot in range(3):
        make_delivery(campaign=more, contact=make_contact(), slot=slot)
    later = clock() + timedelta(minutes=15)
    assert tick(now=later).silenced == 1
    run_until_idle(FakeGateway(), Clock(later))
    senders = Delivery.objects.filter(campaign=more).values_list("sender", flat=True)
    assert Counter(senders) == {healthy.sender_id: 3}
    dead.refresh_from_db()
    assert (dead.is_stopped, dead.pause_reason) == (True, "silent")


def test_br_055_the_campaign_waits_and_says_why_where_there_is_no_other_number(boss):
    make_settings(silence_messages=3, silence_minutes=15)
    number = make_sender(name="Muerto", last_receipt_at=NOW - timedelta(days=1))
    for message in range(3):
        sent(f"S{message}", sender=number, left_at=NOW - timedelta(minutes=20))
    campaign = make_campaign(status="sending")
    make_delivery(campaign=campaign, contact=make_contact())
    tick(now=NOW)
    html = boss.get(page("change", campaign.pk)).content.decode()
    assert "“Muerto” takes every message, and no receipt comes any more" in html
    tell(number, receipt("delivered", "S0"))
    assert not Lane.objects.get(sender=number).is_stopped


def test_br_055_sent_and_delivered_are_two_things(number):
    first, second = sent("A1", sender=number), sent("A2", sender=number)
    tell(number, receipt("delivered", "A1", NOW))
    assert [state(first), state(second)] == [("delivered", LEFT_AT, NOW, None), ("sent", LEFT_AT, None, None)]


# --- BR-123 and BR-125


@pytest.mark.parametrize("order", list(permutations([SERVER, READ, DEVICE, DEVICE_AGAIN])))
def test_br_123_in_whichever_order_it_ends_as_read(number, order):
    delivery = sent(FIRST, sender=number)
    post(number, *order)
    assert state(delivery) == ("read", LEFT_AT, POSTED_AT, POSTED_AT)


def test_br_123_read_implies_delivered_and_each_time_is_kept(number):
    delivery = sent(FIRST, sender=number)
    read_at, delivered_at = NOW - timedelta(minutes=1), NOW - timedelta(minutes=2)
    tell(number, receipt("read", FIRST, read_at))
    assert state(delivery) == ("read", LEFT_AT, read_at, read_at)
    tell(number, receipt("delivered", FIRST, delivered_at), receipt("delivered", FIRST, NOW), receipt("sent", FIRST))
    assert state(delivery) == ("read", LEFT_AT, delivered_at, read_at)


def test_br_125_the_same_event_many_times_counts_once(number):
    campaign = make_campaign(status="finished", finished_at=NOW)
    delivery = sent(FIRST, sender=number, campaign=campaign)
    post(number, DEVICE, DEVICE_AGAIN, DEVICE, DEVICE_AGAIN)
    once = Delivery.objects.filter(pk=delivery.pk).values().get()
    post(number, DEVICE, DEVICE_AGAIN, now=AFTER + timedelta(minutes=5))
    assert Delivery.objects.filter(pk=delivery.pk).values().get() == once
    assert totals(campaign) == {"whatsapp": {"delivered": 1}}


# --- BR-127


def test_br_127_messages_typed_on_the_phone_change_nothing(number):
    delivery = sent(FIRST, sender=number)
    post(number, "05_id_desconocido.json", "05_id_desconocido.json")
    assert status(delivery) == "sent"
    assert EarlyReceipt.objects.count() == 1
    apply_early(now=AFTER + timedelta(days=2))
    assert (EarlyReceipt.objects.count(), Delivery.objects.count()) == (0, 1)


# --- BR-130


def test_br_130_the_same_message_under_an_id_that_is_no_number(number):
    delivery = sent(FIRST, sender=number, address="+573000000001")
    people = Contact.objects.count()
    post(number, "06_mismo_mensaje_como_lid.json")
    assert status(delivery) == "delivered"
    assert ChatIdentity.objects.values_list("chat_id", "phone").get() == ("100000000000001@lid", "+573000000001")
    assert Contact.objects.count() == people
    assert not Contact.objects.filter(phone__contains="100000000000001").exists()


# --- BR-131


def test_br_131_each_id_of_a_post_is_its_own_message(number):
    first, second, other = (sent(message_id, sender=number) for message_id in (FIRST, SECOND, "CCCC"))
    post(number, "08_lote_de_ids.json")
    assert [status(one) for one in (first, second, other)] == ["read", "read", "sent"]
    ids = Delivery.objects.order_by("pk").values_list("gateway_message_id", flat=True)
    assert list(ids) == [FIRST, SECOND, "CCCC"]


# --- BR-132


def test_br_132_sent_without_confirmation_is_a_normal_end(boss, number):
    campaign = make_campaign(status="sending")
    sent(FIRST, sender=number, campaign=campaign)
    tick(now=NOW)
    assert Campaign.objects.get(pk=campaign.pk).status == "finished"
    html = boss.get(page("change", campaign.pk)).content.decode()
    assert "Sent, without confirmation." in html
    assert page("resend", campaign.pk) not in html
    assert resend(campaign, now=NOW) == 0


# --- BR-133


def test_br_133_a_three_is_read_to_one_gateway_and_delivered_to_another(number):
    first, second = sent(FIRST, sender=number), sent(SECOND, sender=number)
    waha = {"event": "message.ack", "payload": {"id": f"true_573000000001@c.us_{FIRST}", "fromMe": True, "ack": 3}}
    assert hear_of(number, WahaHook(), waha) == []
    evolution = {"event": "messages.update", "data": {"keyId": SECOND, "fromMe": True, "status": 3}}
    assert hear_of(number, EvolutionHook(), evolution) == []
    assert [status(first), status(second)] == ["read", "delivered"]


def test_br_133_an_unknown_value_changes_nothing(number):
    delivery = sent(FIRST, sender=number)
    unknown = {"event": "message.ack", "payload": {"id": f"true_573000000001@c.us_{FIRST}", "fromMe": True, "ack": 9}}
    assert hear_of(number, WahaHook(), unknown) == ["KeyError"]
    assert status(delivery) == "sent"


def test_br_133_an_error_is_a_failure_and_pending_is_nothing(number):
    failed, pending = sent(FIRST, sender=number), sent(SECOND, sender=number)
    post(number, "07_error.json")
    body = {"event": "message.ack", "payload": {"id": f"true_573000000001@c.us_{SECOND}", "fromMe": True, "ack": 0}}
    assert hear_of(number, WahaHook(), body) == []
    assert [status(failed), status(pending)] == ["failed", "sent"]


# --- BR-054: an answer that was lost is found again


def test_br_054_what_the_gateway_shows_settles_a_lost_answer():
    lane, clock = make_lane(), Clock()
    delivery = make_delivery(contact=make_contact(), text="Hola Ana", address="+573000000001")
    run_until_idle(FakeGateway(OutcomeUnknown("HTTP 500")), clock)
    assert status(delivery) == "uncertain"
    tell(lane.sender, own("Hola Ana", "ECHO", NOW + timedelta(seconds=1), phone="+573000000001"), now=clock())
    assert status(delivery) == "sent"
    tell(lane.sender, receipt("delivered", "ECHO"), now=clock())
    assert status(delivery) == "delivered"


def test_br_054_so_does_our_own_word_in_the_receipts_of_meta():
    lane, clock = make_lane(), Clock()
    delivery = make_delivery(contact=make_contact())
    run_until_idle(FakeGateway(OutcomeUnknown("HTTP 500")), clock)
    reported = {"id": "wamid.AAAA", "status": "delivered", "timestamp": str(int(NOW.timestamp())), "recipient_id": "1"}
    reported["biz_opaque_callback_data"] = f"delivery-{delivery.pk}-1"
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "222"}, "statuses": [reported]}
    body = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "111", "changes": [{"field": "messages", "value": value}]}],
    }
    reading = CloudHook().read(body, {"session_name": "222"})
    tell(lane.sender, *reading.news, now=clock())
    assert (reading.faults, status(delivery)) == ([], "delivered")
