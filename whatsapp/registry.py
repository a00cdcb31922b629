"""Which gateways there are, and the one that a number uses."""

from django.conf import settings

from whatsapp.gateways.base import Connection, Gateway
from whatsapp.gateways.rest import RestGateway
from whatsapp.models import Sender

GATEWAYS: dict[str, type[Gateway]] = {gateway.name: gateway for gateway in (RestGateway,)}


def gateway_choices() -> list[tuple[str, str]]:
    return [(name, gateway.label) for name, gateway in GATEWAYS.items()]


def gateway_for(sender: Sender) -> Gateway:
    """The adapter, connected to this number. Raises KeyError for a gateway that is not installed any more."""
    return GATEWAYS[sender.gateway](
        Connection(
            base_url=sender.base_url,
            session_name=sender.session_name,
            api_key=sender.api_key,
            connect_seconds=settings.GATEWAY_CONNECT_SECONDS,
            read_seconds=settings.GATEWAY_READ_SECONDS,
        )
    )
