"""Whether a number has WhatsApp, asked before the first message to it, and whom the gateway says to send to.

A message to a number without WhatsApp can cost the sender its account, and in Mexico, Argentina and Brazil the digits
to send to may differ from those that people write. The answer is kept (whatsapp/number_checks.py). The thread that
sends asks; the database's thread brings what is known and writes down what is found.
"""

from dataclasses import dataclass, replace

from whatsapp.gateways.base import (
    ErrorKind,
    Gateway,
    GatewayError,
    Message,
    NotSent,
    NumberCheck,
    Refused,
    Unreachable,
)


@dataclass
class NumberLook:
    """`known`: what was found out before and still holds. `found`: what was found out now."""

    gateway: Gateway
    phone: str
    known: NumberCheck | None = None
    found: NumberCheck | None = None

    def apply(self, message: Message) -> Message:
        """The message with its recipient. Raises Refused for a number without WhatsApp, NotSent where asking failed."""
        check = self.known
        if check is None:
            check = self.found = self.gateway.check_number(self.phone)
        if check.error is not None:
            raise _nothing_left(check.error)
        if check.exists is False:
            raise Refused(check.detail, kind=ErrorKind.NOT_ON_WHATSAPP)
        return replace(message, recipient_id=check.recipient_id)


def _nothing_left(error: GatewayError) -> GatewayError:
    """Only a question was asked: what would be a doubt about a message is none about that."""
    if isinstance(error, NotSent):
        return error
    return Unreachable(error.detail, http_status=error.http_status)
