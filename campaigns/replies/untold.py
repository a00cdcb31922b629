"""Letters to the team that did not arrive: said until one does, and told again when there is another address."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from campaigns.enums import DeliveryStatus, Origin, ReplyMeaning
from campaigns.models import Campaign, Delivery, Reply, ReplySettings

FAILED = frozenset({DeliveryStatus.FAILED, DeliveryStatus.EXPIRED})
ENDED = sorted(FAILED | DeliveryStatus.arrived)  # what waits, or may have arrived, says nothing yet
STILL_NEWS = timedelta(days=30)
TOLD = "replies"  # in a letter's audience: which replies stand in it
AT_ONCE = 500  # databases limit what one question may hold


def last_untold() -> QuerySet[Delivery]:
    """The last letter that came to an end, where it did not reach the address that is told now."""
    ended = Delivery.objects.filter(campaign=OuterRef("pk"), status__in=ENDED)
    letters = Campaign.objects.filter(Exists(ended), origin=Origin.FORWARD).order_by("-launched_at")
    address = ReplySettings.objects.filter(pk=1).exclude(forward_to="").values("forward_to")
    return Delivery.objects.filter(
        campaign=Subquery(letters.values("pk")[:1]), status__in=sorted(FAILED), address__in=address
    )


def tell_again(address: str, *, now: datetime) -> None:
    """What could not be told to another address than this one waits for the next letter.

    Not done when the address is changed: a letter to the old one may be under way then, and fail later.
    """
    failed = Delivery.objects.filter(campaign=OuterRef("pk"), status__in=sorted(FAILED)).exclude(address=address)
    letters = Campaign.objects.filter(
        Exists(failed), origin=Origin.FORWARD, launched_at__gte=now - STILL_NEWS, audience__has_key=TOLD
    )
    with transaction.atomic():
        for letter in letters.select_for_update(of=("self",)).order_by("launched_at"):
            _mark(letter.audience.pop(TOLD))
            Campaign.objects.filter(pk=letter.pk).update(audience=letter.audience)  # once is enough


def _mark(replies: list[int]) -> None:
    """Those of people who were deleted meanwhile have neither number nor id any more, and are nobody's to tell."""
    for start in range(0, len(replies), AT_ONCE):
        rows = Reply.objects.filter(pk__in=replies[start : start + AT_ONCE], meaning=ReplyMeaning.OTHER)
        rows.exclude(phone="", chat_id="").update(is_to_forward=True)
