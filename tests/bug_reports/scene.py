"""A queue of people, and a REST service on a real socket that answers as it was recorded."""

import contextlib
import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

from django_q.models import OrmQ

from campaigns.models import Campaign, Delivery, DeliveryAttempt, Dispatcher
from tests.factories import NOW, make_campaign, make_contact, make_delivery
from tests.whatsapp.wire import Wire, hear
from whatsapp.gateways.base import Connection
from whatsapp.gateways.rest import RestGateway

CASES = Path(__file__).parent.parent / "data" / "gateway"
GOOD = {"status": 201, "body": {"success": True, "message_id": "3EB0AA11BB22"}}
HANG = "TIMEOUT_DE_LECTURA_TRAS_RECIBIR"


def recorded(name: str) -> dict[str, Any]:
    return json.loads((CASES / name).read_text())


def queue(count=1, *, campaign=None, **fields):
    campaign = campaign or make_campaign(status="sending")
    return [
        make_delivery(campaign=campaign, contact=make_contact(email=""), slot=slot, **fields)
        for slot in range(1, count + 1)
    ]


def states(campaign=None):
    rows = Delivery.objects.all() if campaign is None else Delivery.objects.filter(campaign=campaign)
    return Counter(rows.values_list("status", flat=True))


def status_of(campaign):
    return Campaign.objects.values_list("status", flat=True).get(pk=campaign.pk)


def gaps():
    """Between the starts of all calls, in seconds."""
    starts = DeliveryAttempt.objects.order_by("started_at").values_list("started_at", flat=True)
    return [round((b - a).total_seconds(), 3) for a, b in itertools.pairwise(starts)]


def somebody_works(now=NOW):
    Dispatcher.objects.update(heartbeat_at=now)


class Service:
    """Answers each message with the next of `answers`, then takes everything. Keeps what it was sent."""

    def __init__(self, *answers: Any):
        self.answers = list(answers)
        self.is_ready = True
        self.messages: list[dict[str, Any]] = []

    def __call__(self, wire, connection):
        hear(wire, connection)
        head, _, body = wire.heard[-1].partition(b"\r\n\r\n")
        if head.startswith(b"GET /status"):
            connection.sendall(as_http({"status": 200, "body": {"ready": self.is_ready}}))
            return
        self.messages.append(json.loads(body))
        answer = self.answers.pop(0) if self.answers else GOOD
        if answer == HANG:
            wire.wait(None, connection)
        else:
            connection.sendall(as_http(GOOD if answer == "201" else answer))


def as_http(answer: dict[str, Any]) -> bytes:
    body = answer["body"] if isinstance(answer["body"], str) else json.dumps(answer["body"])
    headers = "".join(f"{name}: {value}\r\n" for name, value in answer.get("headers", {}).items())
    head = f"HTTP/1.1 {answer['status']} X\r\nContent-Length: {len(body.encode())}\r\n{headers}\r\n"
    return head.encode() + body.encode()


@contextlib.contextmanager
def serving(service: Service, *, read_seconds: float = 5.0):
    """The service on a port of its own, and a gateway that reaches it."""
    with Wire(service) as wire:
        yield RestGateway(Connection(wire.url, connect_seconds=1.0, read_seconds=read_seconds))


def tasks_waiting():
    """What stands in django-q2's queue: functions and their arguments."""
    return sorted((row.task["func"], row.task["args"]) for row in OrmQ.objects.all())


def ids(found):
    """Of what a system check has found."""
    return [message.id for message in found]
