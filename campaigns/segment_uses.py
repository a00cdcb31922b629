"""Segments that campaigns still have to ask: they are not deleted, or their people would silently be nobody."""

from collections.abc import Sequence

from campaigns.enums import CampaignStatus
from campaigns.models import Campaign
from tickets.models import Segment
from tickets.segments import add_use

MOST_NAMED = 5


def campaigns_with(segment: Segment) -> Sequence[str]:
    """Those that were not launched, or whose people are being listed at this moment. Few, with short audiences."""
    unlisted = Campaign.objects.filter(prepared_at=None).exclude(
        status__in=(CampaignStatus.FINISHED, CampaignStatus.CANCELLED)
    )
    rows = unlisted.order_by("-pk").values_list("name", "audience")
    return [name for name, audience in rows if segment.pk in audience.get("segments", ())][:MOST_NAMED]


add_use(campaigns_with)
