"""Fair turns between campaigns: the queue's virtual time, given out at launch and corrected after a pause."""

from campaigns.enums import Channel
from campaigns.models import Campaign, Delivery


def first_slot(campaign: Campaign, channel: str) -> int | None:
    """The slot of the campaign's next delivery, its offset included."""
    queue = Delivery.objects.filter(campaign=campaign, channel=channel, status="pending")
    slot = queue.order_by("slot").values_list("slot", flat=True).first()
    return None if slot is None else slot + campaign.slot_offset


def virtual_now(*, excluding: Campaign) -> int:
    """Where a campaign that joins now begins: level with the one that is served next."""
    others = Campaign.objects.filter(status="sending", prepared_at__isnull=False).exclude(pk=excluding.pk)
    slots = [slot for other in others for channel in Channel.values if (slot := first_slot(other, channel)) is not None]
    return min(slots, default=0)


def rejoin_queue(campaign: Campaign) -> None:
    """Level with the others again: who was paused neither catches up in one go nor waits behind everybody."""
    own = [slot for channel in Channel.values if (slot := first_slot(campaign, channel)) is not None]
    if own:
        offset = campaign.slot_offset + virtual_now(excluding=campaign) - min(own)
        Campaign.objects.filter(pk=campaign.pk).update(slot_offset=offset)
        campaign.slot_offset = offset
