"""To whom Evolution API is told to send, and what it says of a number."""

from collections.abc import Iterable, Mapping

from whatsapp.gateways.base import Message, NumberCheck
from whatsapp.gateways.calling import unanswered
from whatsapp.gateways.evolution_errors import question_refused
from whatsapp.gateways.http import Answer
from whatsapp.webhooks.base import phone_in


def digits_for(message: Message) -> str:
    """Digits alone, as text: a JSON number is refused. What an id other than a number names is not sent to."""
    known = phone_in(message.recipient_id).removeprefix("+") or message.recipient_id
    return known if known.isascii() and known.isdigit() else message.phone.removeprefix("+")


def check_from(answer: Answer, digits: str, *, secrets: Iterable[str] = ()) -> NumberCheck:
    """Only one clear answer about these very digits counts.

    Evolution API rewrites numbers of Mexico, Argentina and Brazil before it asks. That the rewritten one has no
    WhatsApp says nothing about the one that was meant.
    """
    body = answer.json() if answer.is_success else None
    found = body[0] if isinstance(body, list) and len(body) == 1 else None
    if not isinstance(found, Mapping) or not isinstance(found.get("exists"), bool):
        return unanswered(question_refused(answer, secrets=secrets))
    meant = phone_in(found.get("jid")).removeprefix("+")
    if found["exists"]:
        return NumberCheck(True, meant)
    return NumberCheck(False) if meant == digits else NumberCheck(None, detail="the gateway asked about other digits")
