"""The connection of a number, tried with what was typed before it is saved: what is wrong is named beside its field."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from whatsapp.connection_form import unsaved
from whatsapp.gateways.base import Connection, Gateway, State, Status
from whatsapp.models import Sender
from whatsapp.said import in_words

SECONDS = 8.0  # somebody is waiting in front of a page

WRONG = frozenset({State.UNREACHABLE, State.AUTH_ERROR, State.UNKNOWN})


@dataclass(frozen=True)
class Trial:
    status: Status
    label: str  # of the gateway

    @property
    def is_wrong(self) -> bool:
        """A number that is asleep or waits for its QR code is connected: that is seen on its page."""
        return self.status.state in WRONG

    @property
    def field(self) -> str:
        return "new_key" if self.status.state == State.AUTH_ERROR else "base_url"

    @property
    def sentence(self) -> str:
        words = {"gateway": self.label, "words": in_words(self.status.detail) or "–"}
        if self.status.state == State.AUTH_ERROR:
            return _("“%(gateway)s” does not accept this key. It says: %(words)s") % words
        if self.status.state == State.UNREACHABLE:
            return (
                _(
                    "No “%(gateway)s” answers at this address (%(words)s). Is its program running, and are the "
                    "computer and the port right?"
                )
                % words
            )
        return _("Something answers at this address, but not as “%(gateway)s” does: %(words)s") % words


def try_connection(sender: Sender, cleaned: dict[str, Any], gateway: type[Gateway]) -> Trial:
    """Asks the gateway, for no QR code. Never inside a transaction: it may take as long as `SECONDS`."""
    connection = Connection(
        **unsaved(sender, cleaned, gateway),
        connect_seconds=min(settings.GATEWAY_CONNECT_SECONDS, SECONDS),
        read_seconds=min(settings.GATEWAY_READ_SECONDS, SECONDS),
    )
    return Trial(gateway(connection).probe(), gateway.label)
