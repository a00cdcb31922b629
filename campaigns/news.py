"""What a gateway tells us, brought to the rows of campaigns: receipts, proofs, and who is behind an id."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q

from campaigns import early, receipts, silence
from campaigns.heard import understood
from campaigns.late_faults import heed
from campaigns.own_messages import proofs
from whatsapp import identities
from whatsapp.models import Sender
from whatsapp.webhooks.base import News, OwnMessage, Receipt, Reply

MOST_ROUNDS = 20  # in one tick: the rest waits for the next
NOTED_EVERY = timedelta(seconds=1)  # how exactly a number remembers its last receipt


def hear(sender_id: int, news: Sequence[News], *, now: datetime) -> int:
    """All news of one number, in a transaction of the caller's. Returns how many messages that changed.

    Hearing something twice does nothing the second time.
    """
    identities.learn(_named(news), now)
    reports = [one for one in news if isinstance(one, Receipt)]
    shown = [one for one in news if isinstance(one, OwnMessage)]
    if not reports and not shown:
        return 0
    heard = understood([*reports, *proofs(sender_id, shown, now=now)], now=now)
    done = receipts.apply(sender_id, heard, now=now)
    early.keep(sender_id, done.unmatched, now=now)
    done.add(receipts.apply_some_early(sender_id, now=now, since=now - early.YOUNG)[1])
    identities.learn(done.people.items(), now)
    heed(sender_id, done.faults, now=now)  # here, although a dispatcher may wait for it: nobody tells of a ban twice
    if reports and heard:
        # Afterwards: the dispatchers write to the row of a number too, and must not wait until a long post is read.
        transaction.on_commit(partial(_note_life, sender_id, now), robust=True)
    return done.changed


def apply_early(*, now: datetime) -> int:
    """What came before its message was on record, of all numbers. Returns how many messages that changed."""
    changed = 0
    for sender_id in list(early.ready().order_by().values_list("sender", flat=True).distinct()):
        for _round in range(MOST_ROUNDS):
            with transaction.atomic():
                tried, done = receipts.apply_some_early(sender_id, now=now)
                identities.learn(done.people.items(), now)
                heed(sender_id, done.faults, now=now)
            changed += done.changed
            if tried < early.MOST_AT_ONCE or len(done.unmatched) == tried:
                break
    early.forget_old(now=now)
    return changed


def _named(news: Iterable[News]) -> Iterator[tuple[str, str]]:
    """Ids of people whose number stands beside them."""
    for one in news:
        if isinstance(one, OwnMessage | Reply) and one.phone:
            yield one.chat_id, one.phone


def _note_life(sender_id: int, now: datetime) -> None:
    is_old = Q(last_receipt_at=None) | Q(last_receipt_at__lte=now - NOTED_EVERY)
    Sender.objects.filter(is_old, pk=sender_id).update(last_receipt_at=now)
    silence.heard_of(sender_id, now=now)
