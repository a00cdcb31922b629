"""New campaigns, as drafts: what the buttons on events, tickets, contacts and tags begin with."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from campaigns.audience import describe
from campaigns.enums import CampaignKind, Channels
from campaigns.models import Campaign
from campaigns.models.campaign import PRIORITY_SINGLE, PRIORITY_TICKETS
from tickets.models import Event, Ticket

# All that the form of a draft writes.
COMPOSED = (
    *(
        "name",
        "event_id",
        "channels",
        "body",
        "email_body",
        "subject",
        "link",
        "link_text",
        "image",
        "attach_qr",
        "attach_pdf",
    ),
    *("window_from", "window_to", "zone", "not_after"),
)


def draft_version(campaign: Campaign, *, with_channels: bool = True) -> str:
    """Changes with every change of a draft: whoever opened a page before it must not undo it, or send it, unseen.

    What the launch page decides is no part of it: sending tickets again, and, for that page, the channels.
    """
    names = [name for name in COMPOSED if with_channels or name != "channels"]
    chosen = {name: value for name, value in campaign.audience.items() if name != "again"}
    stored = [chosen, campaign.template]
    seen = [f"{name}={_written(getattr(campaign, name))}" for name in names]
    written = "\n".join([*seen, json.dumps(stored, sort_keys=True)])
    return hashlib.sha256(written.encode()).hexdigest()[:20]


def _written(value: Any) -> Any:
    """One moment is the same in every zone."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def draft_tickets(
    event: Event,
    *,
    channels: str = Channels.WHATSAPP,
    tickets: Iterable[int] = (),
    again: bool = False,
    user: User | None = None,
) -> Campaign:
    """A campaign with the event's own ticket message, for all its valid tickets or for those that are named.

    Unless `again` is set, whoever was sent a ticket already is left out.
    """
    chosen = list(tickets)
    return Campaign.objects.create(
        kind=CampaignKind.TICKETS,
        name=(_("Tickets: %(event)s") % {"event": event.name})[:150],
        event=event,
        channels=channels,
        priority=PRIORITY_TICKETS,
        audience=describe(event_tickets=not chosen, tickets=chosen, again=again),
        created_by=user,
        **message_of(event),
    )


def draft_resend(ticket: Ticket, *, channels: str = Channels.WHATSAPP, user: User | None = None) -> Campaign:
    """One ticket once more, in front of everything else: somebody is waiting for it."""
    return Campaign.objects.create(
        kind=CampaignKind.TICKETS,
        name=(_("Ticket %(code)s again") % {"code": ticket.code})[:150],
        event=ticket.event,
        channels=channels,
        priority=PRIORITY_SINGLE,
        audience=describe(tickets=[ticket.pk], again=True),
        created_by=user,
        **message_of(ticket.event),
    )


def draft_announcement(
    *, name: str, contacts: Iterable[int] = (), tags: Iterable[int] = (), user: User | None = None
) -> Campaign:
    """An announcement without text yet, for the people or tags that were chosen."""
    return Campaign.objects.create(
        kind=CampaignKind.ANNOUNCEMENT,
        name=name[:150],
        audience=describe(contacts=contacts, tags=tags),
        created_by=user,
    )


def message_of(event: Event) -> dict[str, object]:
    """The event's own ticket message, with the template that its tickets last left with."""
    return {
        "body": event.ticket_text,
        "subject": event.email_subject,
        "email_body": event.email_text,
        "image": event.image.name,
        "attach_qr": event.attach_qr,
        "attach_pdf": event.attach_pdf,
        "template": _last_template(event),
        "zone": event.timezone,
    }


def _last_template(event: Event) -> dict[str, Any]:
    sent = Campaign.objects.filter(event=event, kind=CampaignKind.TICKETS, launched_at__isnull=False, trial_of=None)
    on_whatsapp = sent.exclude(channels=Channels.EMAIL).order_by("-pk")
    return on_whatsapp.values_list("template", flat=True).first() or {}
