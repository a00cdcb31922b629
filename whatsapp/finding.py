"""Asking a gateway whose number stands behind an id that is none. Over the network: never inside a transaction."""

import re

from whatsapp.gateways.base import GatewayError
from whatsapp.models import Sender
from whatsapp.registry import gateway_for, gateways

MOST_SECONDS = 15.0  # nobody waits for the answer, and a hung gateway must not hold a task for long

_E164 = re.compile(r"\+[1-9]\d{6,14}")


def gateways_that_find() -> list[str]:
    return sorted(name for name, gateway in gateways().items() if gateway.capabilities.finds_phones)


def find_phone(sender: Sender, chat_id: str) -> str:
    """+E.164; empty where the gateway does not know, does not answer, or is not installed any more."""
    try:
        found = gateway_for(sender, read_seconds=MOST_SECONDS).phone_of(chat_id)
    except (GatewayError, KeyError):
        return ""
    return found if is_phone(found) else ""


def is_phone(found: str) -> bool:
    return bool(_E164.fullmatch(found))
