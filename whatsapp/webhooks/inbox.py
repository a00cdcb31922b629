"""Posts that were let in are kept as they came, once each, and somebody is asked to read them."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django_q.tasks import async_task

from whatsapp.models import ReadingTurn, Sender, WebhookPost
from whatsapp.webhooks.together import Together

logger = logging.getLogger(__name__)

TASK = "whatsapp.tasks.read_webhooks"
MOST_UNREAD = 50_000  # of one number; whatever posts more has to wait and try again
LONGEST_WAIT = timedelta(seconds=20)  # whoever was asked and has not begun by then was lost with their worker
NOTED_EVERY = timedelta(seconds=5)  # "last report": nobody has to know it finer, and it writes to the number's row


@dataclass(frozen=True)
class Arrived:
    sender: Sender
    digest: str
    text: str
    at: datetime


def keep(sender: Sender, body: bytes, text: str, *, now: datetime, is_marked: bool = True) -> bool:
    """`text` is what can be stored of `body`. False: there is no room. The same bytes again are kept already.

    `sender` needs no more than its id and `last_post_at`. `is_marked`: see `Hook.marks_each_post`.
    """
    minute = b"" if is_marked else now.strftime("%Y%m%d%H%M").encode()
    return _keep_together(Arrived(sender, hashlib.sha256(minute + body).hexdigest(), text, now))


def keep_all(posts: Sequence[Arrived]) -> list[bool]:
    """Those that came at the same moment, in one transaction."""
    known = _known(posts)
    new = [post for post in posts if (post.sender.pk, post.digest) not in known]
    full = {sender_id for sender_id in {post.sender.pk for post in new} if _is_full(sender_id)}
    with transaction.atomic():
        _store([post for post in new if post.sender.pk not in full])
        for sender_id, post in sorted({post.sender.pk: post for post in posts}.items()):
            if sender_id not in full:
                _note_report(post.sender, post.at)
    return [(post.sender.pk, post.digest) in known or post.sender.pk not in full for post in posts]


_keep_together = Together(keep_all)


def _known(posts: Sequence[Arrived]) -> set[tuple[int, str]]:
    digests = [post.digest for post in posts]
    numbers = {post.sender.pk for post in posts}
    kept = WebhookPost.objects.filter(sender__in=numbers, digest__in=digests)
    return set(kept.values_list("sender", "digest"))


def _is_full(sender_id: int) -> bool:
    unread = WebhookPost.objects.filter(sender=sender_id, applied_at=None)
    return unread[:MOST_UNREAD].count() >= MOST_UNREAD


def _store(posts: Sequence[Arrived]) -> None:
    # Of two at once one is stored, without an error: PostgreSQL would write the whole statement, and so what people
    # wrote, into its own log.
    WebhookPost.objects.bulk_create(
        [
            WebhookPost(sender_id=post.sender.pk, received_at=post.at, body=post.text, digest=post.digest)
            for post in posts
        ],
        ignore_conflicts=True,
    )
    if posts:
        transaction.on_commit(partial(ask_to_read, now=posts[-1].at))


def _note_report(sender: Sender, now: datetime) -> None:
    if sender.last_post_at is None or sender.last_post_at <= now - NOTED_EVERY:
        Sender.objects.filter(pk=sender.pk).update(last_post_at=now)


def ask_to_read(*, now: datetime) -> None:
    """Unless somebody has been asked who has not begun: they come to these posts too."""
    if _turn().filter(asked_at__gt=now - LONGEST_WAIT).exists():
        return
    ReadingTurn.objects.bulk_create([ReadingTurn(pk=1)], ignore_conflicts=True)
    if not _turn().filter(Q(asked_at=None) | Q(asked_at__lte=now - LONGEST_WAIT)).update(asked_at=now):
        return  # somebody else was faster
    try:
        async_task(TASK)
    except Exception as error:  # noqa: BLE001 - a broker that is down loses a hint, and the tick reads all the same
        logger.error("Reading of reports could not be queued (%s); the next tick reads them", type(error).__name__)


def begin_to_read() -> None:
    """Before the first look: what is kept from now on is somebody else's turn."""
    _turn().filter(asked_at__isnull=False).update(asked_at=None)


def _turn() -> QuerySet[ReadingTurn]:
    return ReadingTurn.objects.filter(pk=1)
