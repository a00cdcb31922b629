"""A headcount is kept for a moment, so that whoever reads the launch page and presses its button is not counted twice.

It is used again only for the same draft and the same data. What the data are is asked of the database in a few short
questions, which see everything that the product itself changes; what somebody changes by hand in the database is
seen when the moment is over.
"""

import json
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max, Q, Sum, TextField
from django.db.models.functions import Cast, Length

from campaigns.audience_filters import TicketState
from campaigns.enums import CampaignKind
from campaigns.headcount import Headcount, headcount
from campaigns.models import Campaign
from campaigns.progress import totals_by_state
from tickets.enums import TicketStatus
from tickets.models import Contact, Ticket

KEEP_SECONDS = 120
SLOTS = 8  # headcounts that a process keeps at most: the lists of many thousand people take room
BY_MESSAGES = frozenset({TicketState.UNDELIVERED, TicketState.UNREAD})
OF_CAMPAIGN = (
    *("pk", "kind", "channels", "name", "event_id", "launched_at"),
    *("subject", "body", "email_body", "link", "link_text", "image", "attach_qr", "attach_pdf"),
    "template",
)
OF_EVENT = ("name", "starts_at", "timezone", "venue", "address")


def kept_headcount(campaign: Campaign) -> Headcount:
    """As `headcount`, with what was counted before where nothing has changed since. Not to be written into."""
    slot, mark = f"headcount:{campaign.pk % SLOTS}", _mark(campaign)
    kept: tuple[str, Headcount] | None = cache.get(slot)
    if kept is not None and kept[0] == mark:
        return kept[1]
    found = headcount(campaign)
    cache.set(slot, (mark, found), KEEP_SECONDS)  # a change while it was counted has made the mark an old one
    return found


def _mark(campaign: Campaign) -> str:
    """Another one as soon as the draft, its event, or anybody's contact, tags, tickets or messages are others."""
    event = [getattr(campaign.event, name) for name in OF_EVENT] if campaign.event else []
    own = [getattr(campaign, name) for name in OF_CAMPAIGN]
    audience = json.dumps(campaign.audience, sort_keys=True)
    rows = [_people(), _tags(), _tickets(), _data_of_tickets(campaign), _messages(campaign)]
    return repr([settings.PUBLIC_URL, own, event, audience, rows])


def _people() -> dict[str, Any]:
    return Contact.objects.aggregate(
        number=Count("pk"),
        newest=Max("pk"),
        changed=Max("updated_at"),
        no_whatsapp=Count("whatsapp_opt_out_at"),
        no_email=Count("email_opt_out_at"),
    )


def _tags() -> dict[str, Any]:
    """Links are made and deleted, never changed, and no number is given twice."""
    return Contact.tags.through.objects.aggregate(number=Count("pk"), newest=Max("pk"))


def _tickets() -> dict[str, Any]:
    is_valid = Q(status=TicketStatus.VALID)
    return Ticket.objects.aggregate(
        number=Count("pk"),
        newest=Max("pk"),
        valid=Count("pk", filter=is_valid),
        which=Sum("pk", filter=is_valid),
        holders=Sum("holder"),
        companions=Sum("companions"),
        inside=Sum("people_inside"),
    )


def _data_of_tickets(campaign: Campaign) -> dict[str, Any]:
    """As far as it matters to a count: how much there is to be put into the texts."""
    if campaign.kind != CampaignKind.TICKETS:
        return {}
    filled = Ticket.objects.filter(event=campaign.event_id).exclude(attributes={})
    return filled.aggregate(number=Count("pk"), letters=Sum(Length(Cast("attributes", TextField()))))


def _messages(campaign: Campaign) -> dict[int, dict[str, int]]:
    """How many there are in each state, of the campaigns that matter to the audience; those of all others never do."""
    chosen = campaign.audience
    matter = {*chosen.get("not_reached_by", [])}
    if (event := _event_asked_about(campaign)) is not None:
        sent = Campaign.objects.filter(event=event, kind=CampaignKind.TICKETS, launched_at__isnull=False)
        launched = sent.filter(trial_of=None)  # a test is of no ticket
        matter.update(launched.values_list("pk", flat=True))
    return totals_by_state(sorted(matter))


def _event_asked_about(campaign: Campaign) -> int | None:
    """The event whose tickets are in or out because of what became of their messages, if there is one."""
    chosen, holders = campaign.audience, campaign.audience.get("holders", {})
    if campaign.kind == CampaignKind.TICKETS:
        is_asked = not chosen.get("again") or chosen.get("ticket_state") in BY_MESSAGES
        return campaign.event_id if is_asked else None
    return holders["event"] if holders.get("state") in BY_MESSAGES else None
