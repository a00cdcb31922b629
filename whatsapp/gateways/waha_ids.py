"""How WAHA writes whom a message is for: `573000000001@c.us`, and inside the id of a message."""

from whatsapp.gateways.base import Message
from whatsapp.webhooks.base import phone_in


def chat_id_of(message: Message) -> str:
    """Whom to send to: what a check said, else the number itself.

    A check may come from another gateway, whose engine writes `@s.whatsapp.net`; WAHA must not be given that.
    """
    person = message.recipient_id or message.phone
    number = phone_in(person) or ("" if "@" in person else person)
    return f"{number.removeprefix('+')}@c.us" if number else person


def chat_in(message_id: object) -> str:
    """The chat of `true_573000000001@c.us_3EB0AA11`, in which all engines agree; empty where there is none."""
    parts = message_id.split("_") if isinstance(message_id, str) else []
    return parts[1] if len(parts) >= 3 and parts[0] in {"true", "false"} else ""
