"""What gateways tell us that people wrote: kept once each, understood, given to whoever wrote it, obeyed."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from campaigns.enums import ReplyMeaning
from campaigns.models import Reply, ReplySettings
from campaigns.replies.words import Meaning, Vocabulary
from campaigns.replies.writers import match
from whatsapp.finding import is_phone
from whatsapp.identities import learn
from whatsapp.webhooks import base as news_of

M = ReplyMeaning

LONGEST_ID = 200
WHATSAPP_BEGAN = datetime(2009, 1, 1, tzinfo=UTC)  # what is said to be older has a wrong date


def hear(sender_id: int, news: Iterable[object], *, now: datetime) -> int:
    """Returns how many were new. In the caller's transaction; the same news again changes nothing."""
    heard = [one for one in news if isinstance(one, news_of.Reply | news_of.Wish) and _is_of_a_person(one)]
    if not heard:
        return 0
    known = ReplySettings.load()
    vocabulary, forwards = known.vocabulary(), bool(known.forward_to)
    return sum(_keep(sender_id, _values(one, vocabulary, forwards, now=now), now=now) for one in heard)


def _is_of_a_person(one: news_of.Reply | news_of.Wish) -> bool:
    return news_of.is_person(one.chat_id) or (not one.chat_id and is_phone(one.phone))


def _keep(sender_id: int, values: dict[str, Any], *, now: datetime) -> bool:
    message_id = values.pop("message_id")
    reply, is_new = Reply.objects.get_or_create(sender_id=sender_id, message_id=message_id, defaults=values)
    if is_new:
        _note_identity(reply, now=now)
        match(reply, now=now)
    return is_new


def _note_identity(reply: Reply, *, now: datetime) -> None:
    """Of a gateway that names both: another one, or a receipt, may know the person by the id alone."""
    if reply.phone and reply.chat_id:
        learn([(reply.chat_id, reply.phone)], now=now)


def _values(
    one: news_of.Reply | news_of.Wish, vocabulary: Vocabulary, forwards: bool, *, now: datetime
) -> dict[str, Any]:
    text = news_of.text_of(one.text) if isinstance(one, news_of.Reply) else ""
    meaning = vocabulary.meaning_of(text) if isinstance(one, news_of.Reply) else _meaning_of_wish(one)
    chat_id, phone = _plain(one.chat_id), _phone(one)
    return {
        "message_id": _id(one, now),
        "chat_id": chat_id,
        "phone": phone,
        "text": text,
        "received_at": _moment(one.at, now),
        "meaning": str(meaning),
        "told_provider": isinstance(one, news_of.Wish),
        "ask_at": now if chat_id and not phone else None,
        "is_to_forward": forwards and meaning == Meaning.OTHER,
    }


def _meaning_of_wish(wish: news_of.Wish) -> Meaning:
    return Meaning.RESUME if wish.wants else Meaning.STOP


def _phone(one: news_of.Reply | news_of.Wish) -> str:
    """Never the digits of an id that is none, whatever somebody took them for."""
    local, at, _server = one.chat_id.partition("@")
    is_other_id = bool(at) and not news_of.phone_in(one.chat_id)
    if not is_phone(one.phone) or (is_other_id and one.phone == f"+{local.partition(':')[0]}"):
        return news_of.phone_in(one.chat_id)
    return one.phone


def _moment(at: datetime | None, now: datetime) -> datetime:
    """By the provider's clock, which may be wrong, and cannot be ahead of ours."""
    return at if at is not None and WHATSAPP_BEGAN <= at <= now else now


def _id(one: news_of.Reply | news_of.Wish, now: datetime) -> str:
    """The provider's; made from what was said where it gives none."""
    if isinstance(one, news_of.Reply) and (given := _plain(one.message_id)):
        return given
    said = one.text if isinstance(one, news_of.Reply) else str(one.wants)
    parts = "\n".join([one.chat_id, one.phone, said, (one.at or now).isoformat()])
    return f"made-{hashlib.sha256(parts.encode('utf-8', 'replace')).hexdigest()[:40]}"


def _plain(value: str) -> str:
    return "".join(char for char in value if char.isprintable())[:LONGEST_ID]
