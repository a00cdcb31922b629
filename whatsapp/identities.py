"""Under which ids WhatsApp knows people without saying their number, and whose they were seen to be.

Learnt from what names both: a provider's post, or the receipt of a message of ours. Such an id is never taken for a
number, and makes nobody a contact.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from whatsapp.models import ChatIdentity
from whatsapp.webhooks.base import is_person, phone_in

AT_ONCE = 500  # databases limit what one question may hold
LONGEST = 200
_PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_DIGITS = re.compile(r"\+?\d{7,15}", re.ASCII)  # as Meta names people who show their number


def learn(pairs: Iterable[tuple[str, str]], now: datetime) -> int:
    """`pairs`: chat id and +E.164. What teaches nothing is passed over; a newer number takes the place of an older.

    Returns how many ids are new or somebody else's now.
    """
    wanted = {
        chat_id: phone
        for chat_id, phone in pairs
        # Some providers make a "number" of the digits of a hidden id.
        if needs_learning(chat_id) and _PHONE.fullmatch(phone) and not chat_id.startswith(phone[1:])
    }
    known = _phones(wanted)
    news = {chat_id: phone for chat_id, phone in wanted.items() if known.get(chat_id) != phone}
    if news:
        ChatIdentity.objects.bulk_create(
            [ChatIdentity(chat_id=chat_id, phone=phone, learnt_at=now) for chat_id, phone in sorted(news.items())],
            batch_size=AT_ONCE,
            update_conflicts=True,
            update_fields=["phone", "learnt_at"],
            unique_fields=["chat_id"],
        )
    return len(news)


def phone_of(chat_id: str) -> str:
    """+E.164 of the person behind any chat id; empty where nobody knows."""
    return phone_in(chat_id) or _phones([chat_id]).get(chat_id, "")


def phones_of(chat_ids: Iterable[str]) -> dict[str, str]:
    """The same for many at once, without those that nobody knows."""
    asked = set(chat_ids)
    named = {chat_id: phone for chat_id in asked if (phone := phone_in(chat_id))}
    return named | _phones(asked - set(named))


def forget(phones: Iterable[str]) -> None:
    """The people are gone, and with them under which ids they wrote. `phones`: in every form that is theirs."""
    ChatIdentity.objects.filter(phone__in=list(phones)).delete()


def renumber(phones: Iterable[str], phone: str) -> None:
    """Whoever is known under one of `phones` has this number now."""
    ChatIdentity.objects.filter(phone__in=list(phones)).update(phone=phone)


def needs_learning(chat_id: object) -> bool:
    """Of one person, and says no number."""
    return (
        isinstance(chat_id, str)
        and len(chat_id) <= LONGEST
        and chat_id.isprintable()
        and is_person(chat_id)
        and not phone_in(chat_id)
        and not _DIGITS.fullmatch(chat_id)
    )


def _phones(chat_ids: Iterable[str]) -> dict[str, str]:
    asked = sorted(chat_id for chat_id in chat_ids if needs_learning(chat_id))
    found: dict[str, str] = {}
    for start in range(0, len(asked), AT_ONCE):
        part = asked[start : start + AT_ONCE]
        found.update(ChatIdentity.objects.filter(chat_id__in=part).values_list("chat_id", "phone"))
    return found
