"""What a person decides about replies of which nobody knew who wrote them. The only code that does it by hand."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from campaigns.enums import ReplyMeaning, ReplyState
from campaigns.models import Reply
from campaigns.replies.writers import give
from tickets.enums import Action
from tickets.history import record
from tickets.models import Contact
from whatsapp.identities import learn

S = ReplyState


def to_settle() -> QuerySet[Reply]:
    """Wishes of people whom nobody knows: no machine can find out whose opt-out that is."""
    return Reply.objects.filter(state=S.UNMATCHED, meaning__in=sorted(ReplyMeaning.wishes))


def of_same_writer(reply: Reply) -> QuerySet[Reply]:
    """This one and the others of the same chat that wait, in the order in which they were written."""
    unmatched = Reply.objects.filter(state=S.UNMATCHED)
    same = unmatched.filter(chat_id=reply.chat_id) if reply.chat_id else unmatched.filter(pk=reply.pk)
    return same.order_by("received_at", "pk")


@transaction.atomic
def settle(reply: Reply, contact: Contact | None, *, user: Any, now: datetime) -> int:
    """The writer is this contact, or (None) nobody of ours. Returns how many replies that settled; 0: somebody was
    faster.

    From now on it is known who writes from there, so that the next one needs nobody.
    """
    if not Reply.objects.filter(pk=reply.pk, state=S.UNMATCHED).exists():
        return 0
    rows = list(of_same_writer(reply))
    decided = {"state": S.SETTLED, "settled_by": user, "settled_at": now}
    if contact is None:
        done = Reply.objects.filter(pk__in=[row.pk for row in rows], state=S.UNMATCHED).update(**decided, ask_at=None)
    else:
        if reply.chat_id and contact.phone:  # of an id that is a number, nothing is learnt: this reply remembers it
            learn([(reply.chat_id, contact.phone)], now=now)
        done = sum(give(row, contact, decided, user=user, now=now) for row in rows)
    if done:
        record(user, reply, Action.REPLY_SETTLED, after={"to_whom": contact.name if contact else ""}, now=now)
    return done
