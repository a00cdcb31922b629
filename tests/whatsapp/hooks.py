"""Gateways that post: what they sign, and how tests post to us as they do."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse

from tests.factories import make_sender
from tests.fakes import FakeGateway
from whatsapp import registry
from whatsapp.gateways.base import Capabilities, Signing, State
from whatsapp.models import Sender
from whatsapp.webhooks.base import (
    Hook,
    News,
    Receipt,
    ReceiptStatus,
    StateNews,
    hmac_matches,
    same,
)

SECRET = "secreto-de-prueba-4711"
RECEIPT = {"message_id": "3EB0AA11", "status": "delivered", "ack": 2}


class TellingHook(Hook):
    """Reads a list of `{"id"}` and `{"state"}`; signed by a HMAC over the body, or by a secret in a header."""

    def is_genuine(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        if "x-secret" in headers:
            return same(secret, headers["x-secret"])
        return hmac_matches(body, secret, headers.get("x-signature", ""), "sha256")

    def challenge(self, query: Mapping[str, str], secret: str) -> str | None:
        return query.get("answer") if same(secret, query.get("token", "")) else None

    def items(self, body: Any) -> list[Any]:
        return body if isinstance(body, list) else [body]

    def read_item(self, item: Any, options: Mapping[str, str]) -> Iterator[News]:
        if "state" in item:
            ends_at = datetime.fromisoformat(item["ends_at"]) if "ends_at" in item else None
            at = datetime.fromisoformat(item["at"]) if "at" in item else None
            yield StateNews(State(item["state"]), item.get("detail", ""), ends_at, at=at)
        elif "option" in item:
            yield Receipt(options[item["option"]], ReceiptStatus.SENT)
        elif "bug" in item:
            raise RuntimeError(f"cannot read {item['bug']}")
        else:
            yield Receipt(item["id"], ReceiptStatus.DELIVERED)


class Telling(FakeGateway):
    name = "telling"
    hook = TellingHook


class Signed(Telling):
    name = "signed"
    capabilities = Capabilities(signing=Signing.BODY)


class Headed(Telling):
    name = "headed"
    capabilities = Capabilities(signing=Signing.HEADER)


class ToldHook(TellingHook):
    """Reads posts as the recorded cases in tests/data/webhooks are."""

    acks = {"ERROR": "failed", "SERVER": "sent", "DEVICE": "delivered", "READ": "read"}

    def read_item(self, item: Any, options: Mapping[str, str]) -> Iterator[News]:
        payload = item["payload"]
        if item["event"] == "session.status":
            yield StateNews(State(payload["status"].lower()))
            return
        ids = [payload["id"].split("_")[-1], *payload.get("_data", {}).get("MessageIDs", ())]
        for name in dict.fromkeys(name for name in ids if isinstance(name, str)):
            yield Receipt(name, ReceiptStatus(self.acks[payload["ackName"]]))


class Told(Signed):
    name = "told"
    hook = ToldHook


class Mute(FakeGateway):
    name = "mute"


@pytest.fixture
def posting(monkeypatch):
    """Gateways by the names "telling" (signs nothing), "signed", "headed" and "mute"."""
    for gateway in (Telling, Signed, Headed, Mute):
        monkeypatch.setitem(registry.gateways(), gateway.name, gateway)


def hook_url(sender: Sender, key: str = "") -> str:
    return reverse("whatsapp:hook", args=[sender.pk, key or sender.hook_key])


def post(client: Any, sender: Sender, body: object, **headers: str) -> Any:
    """`body`: bytes as they are, anything else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(hook_url(sender), raw, content_type="application/json", headers=headers)


def signature(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def make_telling(**fields: Any) -> Sender:
    return make_sender(**{"gateway": "telling"} | fields)
