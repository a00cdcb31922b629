"""How long it is kept what people wrote. That they wrote, and what followed from it, stays."""

from datetime import datetime, timedelta

from django.db.models import Q

from campaigns.enums import ReplyMeaning, ReplyState
from campaigns.models import Reply, ReplySettings

MOST_AT_ONCE = 2000
STILL_TO_SETTLE = Q(state=ReplyState.UNMATCHED, meaning__in=sorted(ReplyMeaning.wishes))


def forget_old(*, now: datetime) -> int:
    """A part at a time. Whoever is no contact is forgotten with their words, for nobody could ask for it later."""
    days = ReplySettings.load().keep_days
    if days is None:
        return 0
    old = Reply.objects.filter(~STILL_TO_SETTLE, received_at__lt=now - timedelta(days=days)).exclude(text="")
    ids = list(old.order_by("received_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
    if not ids:
        return 0
    Reply.objects.filter(pk__in=ids, contact=None).update(phone="", chat_id="")
    return Reply.objects.filter(pk__in=ids).update(text="")
