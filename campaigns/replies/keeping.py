"""How long it is kept what people wrote. That they wrote, and what followed from it, stays."""

from datetime import datetime, timedelta

from django.db.models import Q

from campaigns.enums import Origin, ReplyMeaning, ReplyState
from campaigns.models import Campaign, Delivery, Reply, ReplySettings

MOST_AT_ONCE = 2000
STILL_TO_SETTLE = Q(state=ReplyState.UNMATCHED, meaning__in=sorted(ReplyMeaning.wishes))


def forget_old(*, now: datetime) -> int:
    """A part at a time. Whoever is no contact is forgotten with their words, for nobody could ask for it later."""
    days = ReplySettings.load().keep_days
    if days is None:
        return 0
    before = now - timedelta(days=days)
    _forget_letters(before)
    old = Reply.objects.filter(~STILL_TO_SETTLE, received_at__lt=before).exclude(text="")
    ids = list(old.order_by("received_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
    if not ids:
        return 0
    Reply.objects.filter(pk__in=ids, contact=None).update(phone="", chat_id="")
    return Reply.objects.filter(pk__in=ids).update(text="")


def _forget_letters(before: datetime) -> None:
    """What the team was told by e-mail quotes it: names, numbers and words."""
    letters = Campaign.objects.filter(origin=Origin.FORWARD, launched_at__lt=before).exclude(body="")
    ids = list(letters.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    Delivery.objects.filter(campaign__in=ids).update(text="")
    Campaign.objects.filter(pk__in=ids).update(body="", email_body="")
