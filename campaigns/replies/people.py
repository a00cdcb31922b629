"""The replies of two contacts that become one, and how many people a campaign made write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import ngettext

from campaigns.enums import ReplyMeaning
from campaigns.models import Campaign, Reply
from tickets.aliases import forms_of
from tickets.merging import Part, add_part
from tickets.models import Contact
from whatsapp import identities


@dataclass(frozen=True)
class Answered:
    """How many people replied to a campaign, and how many of them wanted no more."""

    people: int
    stopped: int


def answered(campaign: Campaign) -> Answered:
    """By the messages that they replied to: one person has one, and it outlives the contact."""
    rows = Reply.objects.filter(delivery__campaign=campaign, told_provider=False).order_by()
    stopped = Count("delivery", distinct=True, filter=Q(meaning=ReplyMeaning.STOP))
    return Answered(**rows.aggregate(people=Count("delivery", distinct=True), stopped=stopped))


# --- two contacts become one


def _lines(keep: Contact, gone: Contact) -> Sequence[str]:
    moving = Reply.objects.filter(contact=gone).count()
    return [ngettext("%(n)d reply moves over.", "%(n)d replies move over.", moving) % {"n": moving}] if moving else []


def _refuse_nothing(keep: Contact, gone: Contact) -> None:
    """Replies stand in nobody's way."""


def _move(keep: Contact, gone: Contact, values: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """And whoever wrote under an id of the one who goes, is found under the number that stays."""
    stays = values.get("phone", keep.phone)
    given_up = [number for number in (keep.phone, gone.phone) if number and number != stays]
    if stays:
        identities.renumber(forms_of(given_up, owners=(keep.pk, gone.pk)), stays)
    return {"replies": Reply.objects.filter(contact=gone).update(contact=keep)}


add_part(Part(_lines, _refuse_nothing, _move))
