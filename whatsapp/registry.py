"""Which gateways there are, and the one that a number uses."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from whatsapp.gateways.base import Connection, Gateway
from whatsapp.gateways.cloud import CloudGateway
from whatsapp.gateways.evolution import EvolutionGateway
from whatsapp.gateways.gowa import GowaGateway
from whatsapp.gateways.rest import RestGateway
from whatsapp.gateways.waha import WahaGateway
from whatsapp.gateways.wppconnect import WppConnectGateway
from whatsapp.models import Sender
from whatsapp.webhooks.base import Hook

# In the order in which they are offered.
OURS: tuple[type[Gateway], ...] = (
    RestGateway,
    WahaGateway,
    EvolutionGateway,
    GowaGateway,
    WppConnectGateway,
    CloudGateway,
)


@cache
def gateways() -> dict[str, type[Gateway]]:
    """By the name that a number stores: ours, and those that this installation names in WHATSAPP_GATEWAYS."""
    others = [import_string(path) for path in settings.WHATSAPP_GATEWAYS]
    return {gateway.name: gateway for gateway in (*OURS, *others)}


def gateway_choices() -> list[tuple[str, str]]:
    return [(name, gateway.label) for name, gateway in gateways().items()]


def class_of(sender: Sender) -> type[Gateway] | None:
    """None for a gateway that is not installed any more."""
    return gateways().get(sender.gateway)


def hook_of(sender: Sender) -> Hook | None:
    """What reads the posts of this number's gateway; None where it posts nothing."""
    gateway = class_of(sender)
    return gateway.hook() if gateway and gateway.hook else None


def gateway_for(sender: Sender, **instead: Any) -> Gateway:
    """The adapter, connected to this number. Raises KeyError for a gateway that is not installed any more.

    `instead`: values of the connection that are not those of the row, for somebody who tries them before saving.
    """
    values: dict[str, Any] = {
        "base_url": sender.base_url,
        "session_name": sender.session_name,
        "api_key": sender.api_key,
        "options": sender.options,
        "connect_seconds": settings.GATEWAY_CONNECT_SECONDS,
        "read_seconds": settings.GATEWAY_READ_SECONDS,
    }
    return gateways()[sender.gateway](Connection(**(values | instead)))
