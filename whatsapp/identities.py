"""Whose number stands behind an id under which WhatsApp knows a person without saying it (LID, BSUID)."""

from collections.abc import Mapping
from datetime import datetime

from whatsapp.models import ChatIdentity


def learn(pairs: Mapping[str, str], *, now: datetime) -> None:
    """By id, the number (+E.164) that it was seen to be. The last one that was seen counts."""
    rows = [ChatIdentity(chat_id=chat_id, phone=phone, learnt_at=now) for chat_id, phone in sorted(pairs.items())]
    ChatIdentity.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["chat_id"], update_fields=["phone", "learnt_at"]
    )


def phone_of(chat_id: str) -> str:
    """+E.164; empty where nobody has seen whose it is."""
    return ChatIdentity.objects.filter(chat_id=chat_id).values_list("phone", flat=True).first() or ""
