"""Posts that were let in are kept as they came, once each, and somebody is asked to read them."""

import hashlib
import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django_q.tasks import async_task

from whatsapp.models import Sender, WebhookPost

logger = logging.getLogger(__name__)

TASK = "whatsapp.tasks.read_webhooks"
MOST_UNREAD = 50_000  # of one number; whatever posts more has to wait and try again
NOTED_EVERY = timedelta(seconds=5)  # "last report": nobody has to know it finer, and it writes to the number's row


def keep(sender: Sender, body: bytes, text: str, *, now: datetime, is_marked: bool = True) -> bool:
    """`text` is what can be stored of `body`. False: there is no room. The same bytes again are kept already.

    `sender` needs no more than its id and `last_post_at`. `is_marked`: see `Hook.marks_each_post`.
    """
    minute = b"" if is_marked else now.strftime("%Y%m%d%H%M").encode()
    digest = hashlib.sha256(minute + body).hexdigest()
    posts = WebhookPost.objects.filter(sender_id=sender.pk)
    is_new = not posts.filter(digest=digest).exists()
    if is_new and posts.filter(applied_at=None)[:MOST_UNREAD].count() >= MOST_UNREAD:
        return False
    with transaction.atomic():
        if is_new:
            _store(WebhookPost(sender_id=sender.pk, received_at=now, body=text, digest=digest))
        _note_report(sender, now)
    return True


def _store(post: WebhookPost) -> None:
    # Of two at once one is stored, without an error: PostgreSQL would write the whole statement, and so what people
    # wrote, into its own log.
    WebhookPost.objects.bulk_create([post], ignore_conflicts=True)
    transaction.on_commit(partial(_ask_to_read, post.sender_id, post.digest))


def _note_report(sender: Sender, now: datetime) -> None:
    if sender.last_post_at is None or sender.last_post_at <= now - NOTED_EVERY:
        Sender.objects.filter(pk=sender.pk).update(last_post_at=now)


def _ask_to_read(sender_id: int, digest: str) -> None:
    """Only where nothing older is unread: whoever reads that comes to this one too, or the next tick does."""
    own = WebhookPost.objects.filter(sender_id=sender_id, digest=digest).values_list("pk", flat=True).first()
    if own is None or WebhookPost.objects.filter(applied_at=None, pk__lt=own).exists():
        return
    ask_to_read()


def ask_to_read() -> None:
    try:
        async_task(TASK)
    except Exception as error:  # noqa: BLE001 - a broker that is down loses a hint, and the tick reads all the same
        logger.error("Reading of reports could not be queued (%s); the next tick reads them", type(error).__name__)
