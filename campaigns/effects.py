"""What a change of the settings or of a number would do to the campaigns that are being sent, before it is saved."""

from dataclasses import dataclass
from datetime import timedelta

from campaigns.enums import Channel, DeliveryStatus
from campaigns.forecast import Forecast
from campaigns.models import Campaign
from campaigns.progress import end_of, totals_of
from campaigns.scene import Scene
from campaigns.windows import sending

MOST = 8  # campaigns that are shown; all of them are counted


@dataclass(frozen=True)
class Effect:
    """When one campaign ends with everything as it is, and as it would be."""

    campaign: Campaign
    now: Forecast
    then: Forecast

    @property
    def difference(self) -> timedelta | None:
        """None where one of them has no end in sight. To the second: nobody plans finer."""
        if self.now.ends_at is None or self.then.ends_at is None:
            return None
        return timedelta(seconds=round((self.then.ends_at - self.now.ends_at) / timedelta(seconds=1)))


def effects(scene: Scene, supposed: Scene) -> tuple[list[Effect], int]:
    """Of the campaigns for which WhatsApp messages wait, and how many more of them there are."""
    campaigns = sorted(sending(), key=lambda campaign: (campaign.priority, campaign.pk))
    counts = totals_of([campaign.pk for campaign in campaigns], states=DeliveryStatus.open)
    waiting = [campaign for campaign in campaigns if Channel.WHATSAPP in counts[campaign.pk]]
    found = [_effect(campaign, counts[campaign.pk], scene, supposed) for campaign in waiting[:MOST]]
    return found, max(len(waiting) - MOST, 0)


def _effect(campaign: Campaign, counts: dict[str, dict[str, int]], scene: Scene, supposed: Scene) -> Effect:
    now, then = (end_of(campaign, counts, one) for one in (scene, supposed))
    assert now is not None  # it sends, and somebody waits
    assert then is not None
    return Effect(campaign, now, then)
