"""From tickets that have not arrived to a draft of a campaign for exactly these. Nothing is sent here."""

from typing import Any

from django.db import IntegrityError, transaction

from campaigns.audience import describe
from campaigns.audience_filters import TicketState
from campaigns.drafts import draft_tickets, draft_version
from campaigns.enums import CampaignStatus, Channel, Channels, SkipReason
from campaigns.event_reach import Missing, Rank, ids_of
from campaigns.models import Campaign
from tickets.enums import Action
from tickets.history import record
from tickets.models import Event

SENDABLE = frozenset({Rank.FAILED, Rank.SKIPPED, Rank.NEVER})


def sendable(groups: list[Missing], key: str = "") -> list[Missing]:
    """Those that nobody sends by himself: what is under way or may have arrived is left alone."""
    return [group for group in groups if group.fate.rank in SENDABLE and key in ("", group.fate.key)]


def draft_for(event: Event, groups: list[Missing], key: str, *, user: Any, form_key: str) -> Campaign | None:
    """A draft for the tickets of one reason, or of all; None when nobody is left. Pressed twice, it makes one draft.

    Who is still without a ticket is asked once more when the draft is launched, and nobody who was sent it in between
    gets it twice.
    """
    chosen = sendable(groups, key)
    if not chosen:
        return None
    known = Campaign.objects.filter(form_key=form_key, created_by=user).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return _make(event, groups, chosen, user, form_key)
    except IntegrityError:
        return Campaign.objects.get(form_key=form_key)


def _make(event: Event, groups: list[Missing], chosen: list[Missing], user: Any, form_key: str) -> Campaign:
    ids = ids_of(chosen)
    is_everybody = len(chosen) == len(sendable(groups))
    draft = draft_tickets(event, channels=_channels(chosen), user=user)
    draft.audience = describe(
        event_tickets=is_everybody, tickets=[] if is_everybody else ids, ticket_state=TicketState.UNDELIVERED
    )
    if (left := _left_lying(draft)) is not None:
        draft.delete()
        return left
    draft.form_key = form_key
    draft.save(update_fields=["audience", "form_key"])
    record(user, draft, Action.ADDED, after={"tickets": len(ids)})
    return draft


def _left_lying(draft: Campaign) -> Campaign | None:
    """The draft that this person made before and that still says the same; else the list would fill up with them."""
    own = Campaign.objects.filter(status=CampaignStatus.DRAFT, event=draft.event, created_by=draft.created_by)
    before = own.filter(name=draft.name, kind=draft.kind).exclude(pk=draft.pk).order_by("-pk")[:5]
    says = draft_version(draft, with_channels=False)
    return next((old for old in before if draft_version(old, with_channels=False) == says), None)


def _channels(chosen: list[Missing]) -> str:
    """What the launch page begins with: another way where there was no address, else the way that was taken."""
    words = {group.fate.word for group in chosen}
    if words == {SkipReason.NO_PHONE}:
        return Channels.EMAIL
    if words == {SkipReason.NO_EMAIL}:
        return Channels.WHATSAPP
    ways = {way for group in chosen for way in group.channels if group.fate.rank != Rank.NEVER}
    if ways == {Channel.EMAIL}:
        return Channels.EMAIL
    return Channels.WHATSAPP if ways == {Channel.WHATSAPP} else Channels.WHATSAPP_FIRST
