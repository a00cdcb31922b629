"""A provider refused a message for a reason that holds for everybody of its campaign: it is paused, nobody fails."""

import contextlib
import logging
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.explanations import explain
from campaigns.lifecycle import IllegalMove
from campaigns.models import Campaign
from tickets.enums import Action
from tickets.history import record
from whatsapp.gateways.base import GatewayError

logger = logging.getLogger(__name__)


def stop_campaign(campaign_id: int, error: GatewayError, *, now: datetime) -> None:
    """Once: of several calls that were under way the first pauses it."""
    campaign = Campaign.objects.get(pk=campaign_id)
    reason = _("%(sentence)s It said: %(words)s") % {
        "sentence": explain(str(error.kind)).sentence,
        "words": error.detail,
    }
    with contextlib.suppress(IllegalMove):
        lifecycle.pause(campaign, reason=reason, now=now)
        record(None, campaign, Action.PAUSED, after={"reason": reason[:200]}, now=now)
        logger.warning("Campaign %s is paused: %s", campaign_id, error.kind)
