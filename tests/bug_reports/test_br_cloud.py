"""Bug reports as they concern Meta's Cloud API: BR-065 on a real socket, BR-123 to BR-131 in the shapes of its posts."""

import contextlib
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from campaigns.models import Delivery
from campaigns.tick import tick
from tests.bug_reports.scene import as_http, queue, recorded, states
from tests.campaigns.driving import run_until_idle
from tests.factories import make_lane
from tests.fakes import Clock
from tests.whatsapp.cloud_answers import ACCOUNT, BSUID, NUMBER, TOKEN, fault, messages, post, status, taken
from tests.whatsapp.wire import Wire, hear
from whatsapp.gateways.base import Connection
from whatsapp.gateways.cloud import CloudGateway
from whatsapp.webhooks.base import Receipt, ReceiptStatus, Reply
from whatsapp.webhooks.cloud import CloudHook

SECRET = "secreto-de-la-aplicacion"
OPTIONS = {"session_name": NUMBER, "account": ACCOUNT}


class Texts(CloudGateway):
    """Sends texts to everybody, as Meta allows to whoever has just written."""

    capabilities = replace(CloudGateway.capabilities, needs_templates=False)


class Meta:
    """Answers each message with the next of `answers`, then takes everything."""

    def __init__(self, *answers: dict[str, Any]):
        self.answers = list(answers)
        self.messages: list[dict[str, Any]] = []

    def __call__(self, wire, connection):
        hear(wire, connection)
        head, _, body = wire.heard[-1].partition(b"\r\n\r\n")
        assert head.startswith(f"POST /v25.0/{NUMBER}/messages ".encode())
        self.messages.append(json.loads(body))
        good = {"status": 200, "body": taken(f"wamid.{len(self.messages)}")}
        connection.sendall(as_http(self.answers.pop(0) if self.answers else good))


@contextlib.contextmanager
def serving(meta: Meta):
    with Wire(meta) as wire:
        yield Texts(Connection(wire.url, NUMBER, TOKEN, {"account": ACCOUNT}, 1.0, 5.0))


def read(body: Any):
    return CloudHook().read(body, OPTIONS)


# --- a 4xx taken as success ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_br_065_a_text_that_meta_finds_too_long_is_no_success_and_stands_in_the_record():
    make_lane()
    queue(2)
    with serving(Meta(recorded("400_texto_largo.json"))) as gateway:
        run_until_idle(gateway, budget=20.0)
    failed, sent = Delivery.objects.order_by("slot")
    assert (failed.status, failed.error_kind, failed.sent_at) == ("failed", "rejected_content", None)
    assert failed.error_detail == "HTTP 400, error 100: Param text['body'] must be at most 4096 characters long."
    assert failed.attempts.get().http_status == 400
    assert (sent.status, sent.gateway_message_id) == ("sent", "wamid.2")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "expected", "pause"),
    [
        ({"status": 401, "body": fault(190)}, {"pending": 2}, "auth"),
        ({"status": 400, "body": fault(131048)}, {"pending": 2}, "blocked"),
        ({"status": 400, "body": fault(131026)}, {"failed": 1, "sent": 1}, ""),
        ({"status": 500, "body": "<html>"}, {"uncertain": 1, "sent": 1}, ""),
    ],
)
def test_br_065_only_what_is_recognised_is_sent(answer, expected, pause):
    lane = make_lane()
    queue(2)
    with serving(Meta(answer)) as gateway:
        run_until_idle(gateway, budget=20.0)
    lane.refresh_from_db()
    assert (states(), lane.pause_reason) == (expected, pause)


@pytest.mark.django_db
def test_br_065_an_overload_that_meta_admits_is_tried_again_and_arrives_once():
    make_lane()
    queue(1)
    clock, meta = Clock(), Meta({"status": 503, "body": fault(131016)})
    with serving(meta) as gateway:
        run_until_idle(gateway, clock, budget=1.0)
        assert states() == {"waiting": 1}
        clock.tick(3600)
        tick(now=clock.now)
        run_until_idle(gateway, clock, budget=1.0)
    assert (states(), len(meta.messages), Delivery.objects.get().tries_charged) == ({"sent": 1}, 2, 1)


# --- receipts -----------------------------------------------------------------------------------------------------


def test_br_123_each_report_keeps_its_own_time_whatever_the_order():
    found = read(
        post(
            messages(
                statuses=[
                    status("read", timestamp="1790000300"),
                    status("delivered", timestamp="1790000200"),
                    status("sent", timestamp="1790000100"),
                ]
            )
        )
    ).news
    assert [(each.status, each.at) for each in found] == [
        (ReceiptStatus.READ, datetime.fromtimestamp(1_790_000_300, UTC)),
        (ReceiptStatus.DELIVERED, datetime.fromtimestamp(1_790_000_200, UTC)),
        (ReceiptStatus.SENT, datetime.fromtimestamp(1_790_000_100, UTC)),
    ]


def test_br_125_the_same_report_again_says_the_same_by_id_and_status():
    once = read(post(messages(statuses=[status("delivered")]))).news
    again = read(post(messages(statuses=[status("delivered"), status("delivered")]))).news
    assert again == once * 2
    assert {(each.message_id, each.status) for each in again} == {("wamid.AAAA", ReceiptStatus.DELIVERED)}


@pytest.mark.parametrize("place", range(3))
def test_br_128_one_bad_item_spoils_no_other(place):
    written = {
        "from": "573000000002",
        "id": "wamid.B",
        "timestamp": "1790000000",
        "type": "text",
        "text": {"body": "Hola"},
    }
    statuses = [status("sent", "wamid.1"), status("delivered", "wamid.2")]
    statuses.insert(place, {"id": None, "status": "read"})
    reading = read(post(messages(statuses=statuses, messages=[written]), None, messages(statuses=[status("read")])))
    assert [(each.message_id, type(each)) for each in reading.news] == [
        ("wamid.1", Receipt),
        ("wamid.2", Receipt),
        ("wamid.B", Reply),
        ("wamid.AAAA", Receipt),
    ]
    assert len(reading.faults) == 2


def test_br_129_forged_posts_are_known_by_their_raw_bytes():
    body = json.dumps(post(messages(statuses=[status("sent", reference="canción")])), ensure_ascii=False).encode()
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    hook = CloudHook()
    assert hook.is_genuine({"x-hub-signature-256": signature}, body, SECRET)
    assert not hook.is_genuine({}, body, SECRET)  # without a signature
    assert not hook.is_genuine({"x-hub-signature-256": signature}, body + b" ", SECRET)  # of another body
    assert not hook.is_genuine({"x-hub-signature-256": signature}, json.dumps(json.loads(body)).encode(), SECRET)
    assert not hook.is_genuine({"x-hub-signature-256": signature}, body, "otra")  # with another key
    assert not hook.is_genuine({"x-hub-signature-256": signature}, body, "")  # closed when nothing is configured


def test_br_130_the_id_of_a_person_is_no_phone_and_the_message_id_is_what_counts():
    hidden = status("delivered", recipient_user_id=BSUID, recipient_id=BSUID)
    [by_number] = read(post(messages(statuses=[status("delivered")]))).news
    [by_id] = read(post(messages(statuses=[hidden]))).news
    assert by_id.message_id == by_number.message_id
    assert (by_id.chat_id, by_id.phone, by_number.phone) == (BSUID, "", "+573000000001")


def test_br_131_each_of_many_ids_is_a_report_of_its_own():
    many = [status("read", f"wamid.{number}", recipient_id=f"57300000000{number}") for number in range(5)]
    body = post(messages(statuses=many[:3]), messages(statuses=many[3:]))
    assert [(each.message_id, each.phone) for each in read(body).news] == [
        (f"wamid.{number}", f"+57300000000{number}") for number in range(5)
    ]
