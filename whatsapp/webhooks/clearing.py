"""What has been kept for long enough goes, a bounded number of rows at a time."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from whatsapp.models import SendingSettings, WebhookPost

CHUNK = 1000  # rows of one DELETE: with SQLite nobody else writes meanwhile
CHUNKS = 10  # at a time


def clear_old(*, now: datetime) -> int:
    """Returns how many rows went. What is left over goes with the next tick."""
    days = SendingSettings.load().webhook_days
    old = WebhookPost.objects.filter(received_at__lt=now - timedelta(days=days)).order_by("received_at")
    return _delete(old)


def _delete(rows: QuerySet) -> int:
    gone = 0
    for _chunk in range(CHUNKS):
        keys = list(rows.values_list("pk", flat=True)[:CHUNK])
        gone += rows.model.objects.filter(pk__in=keys).delete()[0] if keys else 0
        if len(keys) < CHUNK:
            break
    return gone
