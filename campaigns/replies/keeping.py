"""How long it is kept what people wrote, and who of strangers wrote it. That somebody wrote, and what followed from it,
stays.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from campaigns.enums import Origin, ReplyMeaning, ReplyState
from campaigns.models import Campaign, Delivery, Reply, ReplySettings
from campaigns.models.reply import OF_STRANGERS
from tickets.aliases import numbers_of_somebody
from whatsapp.models import ChatIdentity

MOST_AT_ONCE = 2000
MOST_IDS_AT_ONCE = 500  # each number is brought to its other forms first
STILL_TO_SETTLE = Q(state=ReplyState.UNMATCHED, meaning__in=sorted(ReplyMeaning.wishes))


def forget_old(*, now: datetime) -> int:
    """A part at a time; returns of how many replies. Whoever is no contact is forgotten with their words, for nobody
    could ask for it later.
    """
    days = ReplySettings.load().keep_days
    if days is None:
        return 0
    before = now - timedelta(days=days)
    _forget_letters(before)
    _forget_ids(before, now=now)
    return _forget_strangers(before) + _forget_texts(before)


def _forget_letters(before: datetime) -> None:
    """What the team was told by e-mail quotes it: names, numbers and words."""
    letters = Campaign.objects.filter(origin=Origin.FORWARD, launched_at__lt=before).exclude(body="")
    ids = list(letters.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    Delivery.objects.filter(campaign__in=ids).update(text="")
    Campaign.objects.filter(pk__in=ids).update(body="", email_body="")


def _forget_strangers(before: datetime) -> int:
    """Also of those who sent a picture or their voice, and no words."""
    old = Reply.objects.filter(OF_STRANGERS, ~STILL_TO_SETTLE, received_at__lt=before)
    ids = list(old.order_by("received_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
    return Reply.objects.filter(pk__in=ids, contact=None).update(phone="", chat_id="", text="") if ids else 0


def _forget_texts(before: datetime) -> int:
    old = Reply.objects.filter(~STILL_TO_SETTLE, received_at__lt=before).exclude(text="")
    ids = list(old.order_by("received_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
    return Reply.objects.filter(pk__in=ids).update(text="") if ids else 0


def _forget_ids(before: datetime, *, now: datetime) -> None:
    """Ids of people who are no contacts. Those of contacts are looked at again after as many days, so that they do not
    stand in front of the others.
    """
    waiting = Reply.objects.filter(STILL_TO_SETTLE, chat_id=OuterRef("chat_id"))
    old = ChatIdentity.objects.filter(~Exists(waiting), learnt_at__lt=before).order_by("learnt_at")
    phones = dict(old.values_list("pk", "phone")[:MOST_IDS_AT_ONCE])
    if not phones:
        return
    known = numbers_of_somebody(phones.values())
    still_old = ChatIdentity.objects.filter(learnt_at__lt=before)  # and was not learnt anew meanwhile
    still_old.filter(pk__in=[pk for pk, phone in phones.items() if phone not in known]).delete()
    still_old.filter(pk__in=[pk for pk, phone in phones.items() if phone in known]).update(learnt_at=now)
