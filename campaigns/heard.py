"""Receipts of a provider's post, made safe to be put into rows: one that makes no sense spoils no other."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from campaigns.explanations import RECEIPT_FAILED
from campaigns.lattice import Said
from campaigns.outcomes import CONSEQUENCES, Verdict
from campaigns.references import Reference, parse_reference
from whatsapp.gateways.scrubbing import scrub
from whatsapp.webhooks.base import ID_LENGTH, Receipt, ReceiptStatus

logger = logging.getLogger(__name__)

# Some kinds say what is the matter with the message. What is said of a number, such as "goes on by itself", would be
# wrong of a message that has failed.
KINDS = frozenset(CONSEQUENCES)
OF_MESSAGES = frozenset(kind for kind, known in CONSEQUENCES.items() if known.verdict in (Verdict.FAIL, Verdict.RETRY))


@dataclass(frozen=True)
class Heard:
    """A receipt that can be applied. `at`: not after it was heard; None where the provider does not say."""

    message_id: str
    status: ReceiptStatus
    at: datetime | None = None
    error_kind: str = ""
    detail: str = ""
    reference: Reference | None = None
    chat_id: str = ""

    def said(self, *, is_of_last_call: bool) -> Said:
        if self.status != ReceiptStatus.FAILED:
            return Said(self.status, self.at, is_of_last_call=is_of_last_call)
        is_own = self.error_kind in OF_MESSAGES
        kind, detail = (self.error_kind, self.detail) if is_own else (RECEIPT_FAILED, self.detail or self.error_kind)
        return Said(self.status, self.at, kind, detail, is_of_last_call)


def understood(receipts: Iterable[Receipt], *, now: datetime) -> list[Heard]:
    found = []
    for receipt in receipts:
        try:
            found.append(_understood(receipt, now))
        except (ValueError, TypeError, AttributeError) as error:
            logger.warning("A receipt makes no sense: %s", type(error).__name__)
    return found


def _understood(receipt: Receipt, now: datetime) -> Heard:
    status = ReceiptStatus(receipt.status)
    message_id = receipt.message_id.strip()[:ID_LENGTH]
    if not message_id or not message_id.isprintable():
        raise ValueError
    has_failed = status == ReceiptStatus.FAILED
    return Heard(
        message_id=message_id,
        status=status,
        at=_bounded(receipt.at, now),
        error_kind=_kind(receipt.error_kind) if has_failed else "",
        detail=_scrubbed(receipt.detail) if has_failed else "",
        reference=parse_reference(receipt.reference),
        chat_id=receipt.chat_id if receipt.chat_id.isprintable() else "",
    )


def _bounded(at: datetime | None, now: datetime) -> datetime | None:
    """A moment without a zone is nobody's."""
    return min(at, now) if at is not None and at.tzinfo is not None else None


def _kind(said: str) -> str:
    """One of ours, about the message or about its number."""
    return said if said in KINDS else ""


@lru_cache(maxsize=256)  # a number that is in trouble says the same of all its messages
def _scrubbed(said: str) -> str:
    return scrub(said)
