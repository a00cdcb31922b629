"""What has been kept for long enough goes, a bounded number of rows at a time."""

from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from whatsapp.models import EarlyReceipt, SendingSettings, WebhookPost

CHUNK = 1000  # rows of one DELETE: with SQLite nobody else writes meanwhile
CHUNKS = 10  # of each kind at a time
EARLY_DAYS = 3
MOST_EARLY = 20_000  # receipts of one number that belong to nothing on record; the newest stay


def clear_old(*, now: datetime) -> int:
    """Returns how many rows went. What is left over goes with the next tick."""
    days = SendingSettings.load().webhook_days
    gone = _delete(_older(WebhookPost.objects.all(), now - timedelta(days=days)))
    gone += _delete(_older(EarlyReceipt.objects.all(), now - timedelta(days=EARLY_DAYS)))
    return gone + sum(_delete(_beyond(sender_id)) for sender_id in _crowded())


def _older(rows: QuerySet, moment: datetime) -> QuerySet:
    return rows.filter(received_at__lt=moment).order_by("received_at")


def _crowded() -> list[int]:
    counted = EarlyReceipt.objects.order_by().values("sender").annotate(rows=Count("pk"))
    return [row["sender"] for row in counted.filter(rows__gt=MOST_EARLY)]


def _beyond(sender_id: int) -> "QuerySet[EarlyReceipt]":
    """Of one number, all but the newest."""
    rows = EarlyReceipt.objects.filter(sender=sender_id)
    oldest_kept = rows.order_by("-pk").values_list("pk", flat=True)[MOST_EARLY - 1]
    return rows.filter(pk__lt=oldest_kept).order_by("pk")


def _delete(rows: QuerySet) -> int:
    gone = 0
    for _chunk in range(CHUNKS):
        keys = list(rows.values_list("pk", flat=True)[:CHUNK])
        gone += rows.model.objects.filter(pk__in=keys).delete()[0] if keys else 0
        if len(keys) < CHUNK:
            break
    return gone
