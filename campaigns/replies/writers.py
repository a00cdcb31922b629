"""Who wrote: by their number, by an id that was seen to be theirs, else by asking the gateway, else nobody knows.

An id that is no number (LID, BSUID) is never taken for one and makes no contact. What stays unmatched is looked at
again whenever something new may be known.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from campaigns.enums import Channel, ReplyMeaning, ReplyState
from campaigns.kicks import enqueue
from campaigns.models import Delivery, Reply
from campaigns.replies.wishes import obey
from tickets.aliases import contact_of
from tickets.models import Contact, PhoneAlias
from whatsapp.finding import find_phone, gateways_that_find
from whatsapp.identities import learn, phone_of
from whatsapp.models import ChatIdentity, Sender

logger = logging.getLogger(__name__)
S = ReplyState

ASK_AGAIN = (timedelta(minutes=10), timedelta(hours=2))  # after the first and the second time
MOST_AT_ONCE = 200
# For so long it is worth knowing who wrote something that asks for nothing.
WORTH_KNOWING = timedelta(days=30)


def writer_of(reply: Reply) -> Contact | None:
    """By what is on record; nobody is asked."""
    for number in (reply.phone, phone_of(reply.chat_id) if reply.chat_id else ""):
        if number and (contact := contact_of(number)):
            return contact
    return _decided_before(reply)


def _decided_before(reply: Reply) -> Contact | None:
    """Whom a person once said to write from there: with a second number of theirs, for example."""
    decided = Reply.objects.filter(chat_id=reply.chat_id, state=S.SETTLED, contact__isnull=False)
    last = decided.select_related("contact").order_by("-settled_at").first() if reply.chat_id else None
    return last.contact if last else None


def match(reply: Reply, *, now: datetime) -> bool:
    """Give the reply to whoever wrote it, if that is known, and do what it asks for. In the caller's transaction."""
    contact = writer_of(reply)
    return contact is not None and give(reply, contact, {"state": S.MATCHED}, user=None, now=now)


def give(reply: Reply, contact: Contact, changes: dict[str, object], *, user: object, now: datetime) -> bool:
    """False where somebody else was faster, or the contact is not there any more.

    `user`: who decided it; None where it is known by itself.
    """
    # The person first: whoever merges or deletes them waits, or is through already.
    locked = Contact.objects.select_for_update(no_key=True).filter(pk=contact.pk).first()
    if locked is None:
        return False
    found = {"contact": locked, "delivery": last_message(reply, locked), "ask_at": None}
    won = Reply.objects.filter(pk=reply.pk, state=S.UNMATCHED).update(**found, **changes)
    if not won:
        return False
    reply.refresh_from_db()
    obey(reply, locked, user=user, now=now)
    return True


def last_message(reply: Reply, contact: Contact) -> Delivery | None:
    """What the number that they wrote to had sent them last."""
    sent = Delivery.objects.filter(
        contact=contact, sender=reply.sender_id, channel=Channel.WHATSAPP, sent_at__lte=reply.received_at
    )
    return sent.order_by("-sent_at").only("pk").first() if reply.sender_id else None


# --- those of whom nobody knew


def match_waiting(*, now: datetime) -> int:
    """Once a minute: identities were learnt, contacts came or changed their number. In the order they were written."""
    waiting = _recognisable(now).order_by("received_at", "pk").values_list("pk", flat=True)[:MOST_AT_ONCE]
    return sum(_match_one(pk, now=now) for pk in list(waiting))


def _match_one(pk: int, *, now: datetime) -> bool:
    """One that fails must not keep the wishes of all others from being heard."""
    try:
        with transaction.atomic():
            reply = Reply.objects.filter(pk=pk, state=S.UNMATCHED).first()
            return reply is not None and match(reply, now=now)
    except DatabaseError:
        raise  # nobody's fault, and the same for all
    except Exception:
        logger.exception("The reply %s could not be given to whoever wrote it", pk)
        return False


def _recognisable(now: datetime) -> QuerySet[Reply]:
    """Unmatched ones whose number, or the number behind whose id, is somebody's by now."""
    known = ChatIdentity.objects.filter(_is_somebodys("phone"), chat_id=OuterRef("chat_id"))
    recent = Q(received_at__gte=now - WORTH_KNOWING) | Q(meaning__in=sorted(ReplyMeaning.wishes))
    unmatched = Reply.objects.filter(recent, state=S.UNMATCHED)
    return unmatched.filter((~Q(phone="") & _is_somebodys("phone")) | Q(Exists(known)))


def _is_somebodys(name: str) -> Q:
    own = Contact.objects.filter(phone=OuterRef(name))
    other = PhoneAlias.objects.filter(number=OuterRef(name))
    return Q(Exists(own)) | Q(Exists(other))


# --- asking gateways


def to_ask_about(*, now: datetime) -> QuerySet[Reply]:
    """Those whose writer the gateway may know."""
    return Reply.objects.filter(
        state=S.UNMATCHED,
        ask_at__lte=now,
        sender__is_enabled=True,
        sender__gateway__in=gateways_that_find(),
    )


def start_asking(*, now: datetime) -> bool:
    """In a task of its own, where nobody waits for the network."""
    is_needed = to_ask_about(now=now).exists()
    if is_needed:
        enqueue("campaigns.tasks.find_writers")
    return is_needed


def ask_gateways(*, ends: Callable[[], bool], clock: Callable[[], datetime]) -> int:
    """One chat after another until `ends` says so; returns of how many the number was found."""
    found = 0
    while not ends():
        reply = to_ask_about(now=clock()).select_related("sender").order_by("ask_at", "pk").first()
        if reply is None:
            break
        if _took_turn(reply, now=clock()):
            found += _ask(reply, clock)
    return found


def _took_turn(reply: Reply, *, now: datetime) -> bool:
    """Counted before the question, and once for all replies of the chat: a task that dies asks no more often."""
    times = reply.asked + 1
    again = now + ASK_AGAIN[reply.asked] if reply.asked < len(ASK_AGAIN) else None
    taken = Reply.objects.filter(pk=reply.pk, asked=reply.asked, ask_at=reply.ask_at, state=S.UNMATCHED)
    if not taken.update(asked=times, ask_at=again):
        return False
    others = Reply.objects.filter(chat_id=reply.chat_id, sender=reply.sender_id, state=S.UNMATCHED)
    others.exclude(pk=reply.pk).filter(ask_at__lte=now).update(asked=F("asked") + 1, ask_at=again)
    return True


def _ask(reply: Reply, clock: Callable[[], datetime]) -> bool:
    assert isinstance(reply.sender, Sender)
    phone = find_phone(reply.sender, reply.chat_id)
    if not phone:
        return False
    learn([(reply.chat_id, phone)], now=clock())
    of_chat = Reply.objects.filter(chat_id=reply.chat_id, state=S.UNMATCHED).order_by("received_at", "pk")
    for pk in list(of_chat.values_list("pk", flat=True)):
        _match_one(pk, now=clock())
    return True
