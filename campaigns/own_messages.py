"""A message that left from a number, as its gateway shows it: proof for one of ours whose answer was lost.

Only where there is no doubt: to the person, with the very text, soon after the call began, and fitting one of our
messages and no other. It then says as much as a receipt of that call.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from campaigns.enums import AttemptOutcome, Channel, DeliveryStatus
from campaigns.models import Delivery, DeliveryAttempt
from campaigns.references import Reference
from tickets.phones import other_forms
from whatsapp.identities import phones_of
from whatsapp.webhooks.base import OwnMessage, Receipt, ReceiptStatus, text_of

D = DeliveryStatus

WITHIN = timedelta(minutes=10)  # after the call began
AT_ONCE = 500
IN_DOUBT = (D.UNCERTAIN, D.CLAIMED)  # what is leaving may become uncertain: it is remembered until then
NO_ANSWER = (AttemptOutcome.UNCERTAIN, AttemptOutcome.STARTED)


@dataclass(frozen=True)
class _Call:
    """One of ours without an answer."""

    reference: Reference
    started_at: datetime
    addresses: frozenset[str]
    text: str


def proofs(sender_id: int, messages: Sequence[OwnMessage], *, now: datetime) -> list[Receipt]:
    """Receipts ("sent", with our reference) for those of the messages that can only be one of ours."""
    unknown = _not_on_record(sender_id, [message for message in messages if message.message_id and message.text])
    calls = _calls(sender_id, unknown, now) if unknown else []
    if not calls:
        return []
    phones = phones_of(message.chat_id for message in unknown if not message.phone)
    found = []
    for message in unknown:
        phone = message.phone or phones.get(message.chat_id, "")
        fitting = [call for call in calls if _fits(call, phone, message, now)]
        if len(fitting) == 1:
            reference = str(fitting[0].reference)
            found.append(
                Receipt(
                    message.message_id, ReceiptStatus.SENT, message.at, reference=reference, chat_id=message.chat_id
                )
            )
    return found


def _not_on_record(sender_id: int, messages: Sequence[OwnMessage]) -> list[OwnMessage]:
    """Mostly everything is: a gateway shows all that we send."""
    ids = sorted({message.message_id for message in messages})
    known: set[str] = set()
    for start in range(0, len(ids), AT_ONCE):
        rows = Delivery.objects.filter(gateway_message_id__in=ids[start : start + AT_ONCE])
        found = rows.exclude(gateway_message_id="").values_list("sender", "gateway_message_id")
        known.update(message_id for sender, message_id in found if sender == sender_id)
    return [message for message in messages if message.message_id not in known]


def _calls(sender_id: int, messages: Iterable[OwnMessage], now: datetime) -> list[_Call]:
    moments = [_moment(message, now) for message in messages]
    made = DeliveryAttempt.objects.filter(
        started_at__range=(min(moments) - WITHIN, max(moments) + timedelta(seconds=1)),
        outcome__in=NO_ANSWER,
        sender=sender_id,
        number=F("delivery__attempts_made"),
        delivery__status__in=IN_DOUBT,
        delivery__channel=Channel.WHATSAPP,
    )
    rows = made.values_list("delivery", "number", "started_at", "delivery__address", "delivery__text")
    return [
        _Call(Reference(pk, number), started, frozenset({address, *other_forms(address)}), _plain(text))
        for pk, number, started, address, text in rows
    ]


def _fits(call: _Call, phone: str, message: OwnMessage, now: datetime) -> bool:
    """Providers tell whole seconds: what left in the second of the call left after it began."""
    begun = call.started_at.replace(microsecond=0)
    is_then = begun <= _moment(message, now) <= call.started_at + WITHIN
    return is_then and phone in call.addresses and _plain(message.text) == call.text


def _moment(message: OwnMessage, now: datetime) -> datetime:
    return message.at if message.at is not None and message.at.tzinfo is not None else now


def _plain(text: str) -> str:
    """As a hook hands it over, without what blanks and line breaks differ in."""
    return " ".join(text_of(text).split())
