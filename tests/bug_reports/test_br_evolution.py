"""The bug reports about gateways, with Evolution API: BR-054, 062, 064, 066, 067, 068, 130 and 133."""

import contextlib
import json
from typing import Any

import pytest

from campaigns.models import Delivery
from campaigns.tick import tick
from tests.bug_reports.scene import HANG, Service, gaps, queue, recorded, serving, states
from tests.campaigns.driving import run_until_idle
from tests.factories import make_lane, make_sender, make_settings
from tests.fakes import Clock
from whatsapp.gateways.base import Connection
from whatsapp.gateways.evolution import EvolutionGateway
from whatsapp.webhooks.base import OwnMessage, Receipt, ReceiptStatus, Reply
from whatsapp.webhooks.evolution import EvolutionHook

pytestmark = pytest.mark.django_db
JID, LID = "573000000001@s.whatsapp.net", "100000000000001@lid"
GOOD = recorded("201_id_en_key.json")


def failure(status: int, said: Any) -> dict[str, Any]:
    return {"status": status, "body": {"status": status, "error": "Bad Request", "response": {"message": said}}}


@contextlib.contextmanager
def evolution(*answers: Any, read_seconds: float = 5.0):
    """An Evolution API that gives these answers and then takes everything, and a gateway that reaches it."""
    service = Service(*(GOOD if answer == "201" else answer for answer in answers), *[GOOD] * 20)
    with serving(service) as plain:
        address = plain.connection.base_url
        yield service, EvolutionGateway(Connection(address, "eventos", connect_seconds=1.0, read_seconds=read_seconds))


def numbers(service: Service) -> list[str]:
    return [message["number"] for message in service.messages]


def news(event: str, data: Any) -> list[Any]:
    found = EvolutionHook().read({"event": event, "instance": "eventos", "data": data, "sender": "573000000099@c.us"})
    return found.news


def test_br_054_a_time_out_after_delivery_is_uncertain_and_arrives_once():
    make_lane(sender=make_sender(asks_first=False))
    queue(3)
    clock = Clock()
    with evolution(*recorded("secuencia_timeout_tras_entregar.json")["respuestas"], read_seconds=0.3) as (
        service,
        gateway,
    ):
        run_until_idle(gateway, clock, budget=60.0)
        for _ in range(3):
            clock.tick(3600)
            tick(now=clock.now)
            run_until_idle(gateway, clock, budget=60.0)
    assert (states(), len(numbers(service))) == ({"sent": 2, "uncertain": 1}, 3)


@pytest.mark.parametrize("said", [["Error: Timed Out"], ["Error: Connection Closed"], ["Error: database is locked"]])
def test_br_054_a_400_that_follows_a_message_which_left_is_uncertain_and_arrives_once(said):
    """400 is what it answers when its own database fails after WhatsApp has the message."""
    make_lane(sender=make_sender(asks_first=False))
    queue(2)
    clock = Clock()
    with evolution(failure(400, said)) as (service, gateway):
        run_until_idle(gateway, clock, budget=60.0)
        clock.tick(3600)
        tick(now=clock.now)
        run_until_idle(gateway, clock, budget=60.0)
    assert states() == {"uncertain": 1, "sent": 1}
    assert len(numbers(service)) == len(set(numbers(service))) == 2


def test_br_054_what_it_says_later_of_its_own_sends_proves_that_one_left():
    data = GOOD["body"] | {"messageType": "extendedTextMessage"}
    [own] = news("send.message", data)
    assert (type(own), own.message_id, own.phone, own.text) == (
        OwnMessage,
        "AAAA000000000000003",
        "+573000000001",
        "Hola Ana",
    )


def test_br_062_a_page_of_a_proxy_breaks_nothing():
    make_lane(sender=make_sender(asks_first=False))
    queue(2)
    with evolution(recorded("502_nginx.json")) as (_, gateway):
        run_until_idle(gateway, budget=60.0)
    assert states() == {"uncertain": 1, "sent": 1}


def test_br_064_the_id_that_is_kept_is_the_one_that_receipts_name():
    make_lane(sender=make_sender(asks_first=False))
    queue(1)
    with evolution("201") as (_, gateway):
        run_until_idle(gateway)
    kept = Delivery.objects.values_list("gateway_message_id", flat=True)
    update = {"keyId": "AAAA000000000000003", "remoteJid": JID, "fromMe": True, "status": "READ", "messageId": "ck01"}
    assert list(kept) == [receipt.message_id for receipt in news("messages.update", update)] == ["AAAA000000000000003"]


def test_br_066_a_call_that_hangs_ends_as_uncertain_and_the_next_one_leaves():
    make_lane(sender=make_sender(asks_first=False))
    queue(2)
    with evolution(HANG, read_seconds=0.2) as (service, gateway):
        run_until_idle(gateway, budget=60.0)
    assert (states(), len(numbers(service))) == ({"uncertain": 1, "sent": 1}, 2)


def test_br_066_a_time_out_that_it_tells_of_itself_is_uncertain_too():
    make_lane(sender=make_sender(asks_first=False))
    queue(1)
    with evolution(recorded("500_timed_out.json")) as (_, gateway):
        run_until_idle(gateway, budget=60.0)
    assert states() == {"uncertain": 1}


def test_br_067_one_number_without_whatsapp_is_that_persons_failure_and_stops_nobody():
    lane = make_lane(sender=make_sender(asks_first=False))
    make_settings(breaker_threshold=1)
    queue(3)
    with evolution(failure(400, [{"jid": JID, "exists": False, "number": "573000000001"}])) as (_, gateway):
        run_until_idle(gateway, budget=60.0)
    lane.refresh_from_db()
    assert (states(), lane.pause_reason) == ({"failed": 1, "sent": 2}, "")
    assert Delivery.objects.get(status="failed").error_kind == "not_on_whatsapp"


def test_br_067_a_500_of_a_number_that_is_not_connected_fails_nobody():
    lane = make_lane(sender=make_sender(asks_first=False))
    queue(3)
    with evolution(failure(500, "Connection Closed")) as (_, gateway):
        run_until_idle(gateway, budget=0.5)
    lane.refresh_from_db()
    assert (states(), lane.pause_reason) == ({"pending": 3}, "not_ready")


def test_br_068_no_delay_and_no_typing_is_passed_and_the_gateway_counts_one_message_each():
    make_lane(sender=make_sender(asks_first=False))
    queue(12)
    with evolution() as (service, gateway):
        run_until_idle(gateway, budget=120.0)
    assert {tuple(message) for message in service.messages} == {("number", "text", "linkPreview")}
    assert len(numbers(service)) == len(set(numbers(service))) == 12
    assert gaps() == [2.0] * 10 + [2.5]


def test_br_130_a_lid_is_no_phone_and_the_receipt_is_matched_by_its_id():
    update = {"keyId": "AAAA000000000000001", "remoteJid": LID, "fromMe": True, "status": "DELIVERY_ACK"}
    assert news("messages.update", update) == [
        Receipt("AAAA000000000000001", ReceiptStatus.DELIVERED, chat_id=LID, phone="")
    ]


def test_br_130_whoever_writes_under_a_lid_is_known_by_the_number_beside_it_or_by_none():
    key = {"remoteJid": LID, "fromMe": False, "id": "3A00000000000001"}
    data = {"key": key, "message": {"conversation": "BAJA"}, "messageTimestamp": None}
    unnamed = Reply("3A00000000000001", LID, "", "BAJA")
    assert news("messages.upsert", data) == [unnamed]
    [named] = news("messages.upsert", data | {"key": key | {"remoteJidAlt": JID}})
    assert (named.chat_id, named.phone) == (LID, "+573000000001")


def test_br_130_a_message_is_not_addressed_to_a_lid():
    make_lane(sender=make_sender(asks_first=False))
    [delivery] = queue(1)
    with evolution({"status": 201, "body": json.loads(json.dumps(GOOD["body"]).replace(JID, LID))}) as (
        service,
        gateway,
    ):
        run_until_idle(gateway)
    assert numbers(service) == [delivery.address.removeprefix("+")]
    assert states() == {"sent": 1}


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (0, ReceiptStatus.FAILED),
        (2, ReceiptStatus.SENT),
        (3, ReceiptStatus.DELIVERED),  # of WAHA it would be "read"
        (4, ReceiptStatus.READ),
        (5, ReceiptStatus.READ),
    ],
)
def test_br_133_a_number_is_read_on_evolutions_own_scale(number, status):
    [receipt] = news("messages.update", {"keyId": "AAAA000000000000001", "status": number})
    assert receipt.status is status


def test_br_133_pending_is_no_error_and_what_is_unknown_is_noted_and_changes_nothing():
    hook = EvolutionHook()
    data = [{"keyId": "AAAA000000000000001", "status": status} for status in (1, "PENDING", -1, 6, "DEVICE")]
    found = hook.read({"event": "messages.update", "data": data})
    assert (found.news, found.faults) == ([], ["KeyError"] * 3)
