"""A provider refused a message for a reason that holds for everybody of its campaign: it is paused, nobody fails."""

import logging
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.explanations import explain
from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign
from tickets.enums import Action
from tickets.history import record

logger = logging.getLogger(__name__)


def stop_campaign(campaign_id: int, kind: str, detail: str, *, now: datetime) -> bool:
    """Whether that paused it: once, by the first of several calls that were under way."""
    campaign = Campaign.objects.get(pk=campaign_id)
    reason = _("%(sentence)s It said: %(words)s") % {"sentence": explain(kind).sentence, "words": detail}
    try:
        lifecycle.pause(campaign, reason=reason, now=now)
    except IllegalMove:
        return False
    record(None, campaign, Action.PAUSED, after={"reason": reason[:200]}, now=now)
    logger.warning("Campaign %s is paused: %s", campaign_id, kind)
    return True
