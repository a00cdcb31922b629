"""One adapter and the fake that it speaks to."""

import hashlib
import os
import re
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from tests.fake_gateway import FakeProcess
from tests.gateways.dialect import Dialect
from tests.gateways.dialects.all import DIALECTS
from tests.gateways.dialects.cloud import Cloud
from tests.gateways.dialects.gowa import Gowa
from whatsapp.gateways.base import (
    Accepted,
    Capabilities,
    Connection,
    Document,
    Gateway,
    GatewayError,
    Message,
    Picture,
)
from whatsapp.registry import gateways

NAMES = [name for name in gateways() if name in DIALECTS]


def those_who(ability: str) -> pytest.MarkDecorator:
    """Only for gateways whose `capabilities` say so."""
    names = [name for name in NAMES if getattr(gateways()[name].capabilities, ability)]
    return pytest.mark.parametrize("bench", names, indirect=True)


def those_who_cannot(ability: str) -> pytest.MarkDecorator:
    names = [name for name in NAMES if not getattr(gateways()[name].capabilities, ability)]
    return pytest.mark.parametrize("bench", names, indirect=True)


def those_whose(trait: str) -> pytest.MarkDecorator:
    """Only for gateways whose fake says so."""
    return pytest.mark.parametrize("bench", [name for name in NAMES if getattr(DIALECTS[name], trait)], indirect=True)


ANA = "+573000000001"
BEA = "+12025550123"
TEXT = "Hola Ana ñ😀, tu entrada para la función del sábado.\nNos vemos: https://entradas.example/a/b?c=d&e"
# What only this gateway asks for, beside what all do.
OPTIONS: dict[str, dict[str, str]] = {
    "gowa": {"user": Gowa.user},
    "cloud": {"account": Cloud.account, "version": "v25.0"},
}
_NUMBERS = count(1)
SHORT = 0.15  # seconds, where only the client's own limit ends a call
LONG = 30.0  # where none should be met, however busy the machine is


@dataclass(frozen=True)
class Outcome:
    """`ending`: "accepted", or the kind of the error."""

    ending: str
    accepted: Accepted | None = None
    error: GatewayError | None = None


class Bench:
    def __init__(self, fake: FakeProcess):
        self.fake = fake
        self.kind: type[Gateway] = gateways()[fake.name]

    @property
    def name(self) -> str:
        return self.fake.name

    @property
    def can(self) -> Capabilities:
        return self.kind.capabilities

    @property
    def dialect(self) -> type[Dialect]:
        return self.fake.dialect

    def anew(self) -> None:
        """As just started, and another number: adapters may remember things of one for a while."""
        session = self.dialect.session
        self.fake.reset(session and f"{session}{next(_NUMBERS):06d}")

    def gateway(self, *, url: str = "", key: str | None = None, read_seconds: float = LONG) -> Gateway:
        values: dict[str, Any] = {"session_name": self.fake.session, "options": OPTIONS.get(self.name, {})}
        values["api_key"] = self.dialect.key if key is None else key
        return self.kind(Connection(url or self.fake.url, read_seconds=read_seconds, **values))

    def send(self, message: Message | None = None, **connection: Any) -> Outcome:
        """Anything but a GatewayError is a fault of the adapter and passes."""
        message = message or Message(ANA, TEXT)
        try:
            accepted = self.gateway(**connection).send(message)
        except GatewayError as error:
            self.check_detail(error.detail, message)
            return Outcome(str(error.kind), error=error)
        return Outcome("accepted", accepted=accepted)

    def check_detail(self, detail: str, message: Message | None = None) -> None:
        """What staff see says nothing of keys, people and messages."""
        assert self.dialect.key not in detail
        digits = re.sub(r"[\s().-]", "", detail)
        assert [phone for phone in (ANA, BEA, self.dialect.own) if phone[-8:] in digits] == []
        text = message.text if message else ""
        pieces = [text[start : start + 12] for start in range(max(0, len(text) - 11))]
        assert [piece for piece in pieces if piece in detail] == []

    def check_truth(self, outcome: Outcome) -> None:
        """What the adapter says agrees with what the phone shows."""
        arrived = self.fake.messages()
        assert len(arrived) <= 1
        if arrived:  # called anything else, it would be sent twice, or reported as failed
            assert outcome.ending in {"accepted", "uncertain"}


def picture() -> Picture:
    """Another one each time, so that nobody has it already."""
    return Picture(b"\x89PNG\r\n\x1a\n" + os.urandom(3000))


def document() -> Document:
    return Document(b"%PDF-1.7\n" + os.urandom(3000))


def fingerprint(content: bytes) -> tuple[int, str]:
    return len(content), hashlib.sha256(content).hexdigest()
