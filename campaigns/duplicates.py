"""A campaign once more, as a draft: the same message, by default for those whom it did not reach."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.audience_filters import one_of
from campaigns.enums import CampaignKind, Channels
from campaigns.models import Campaign
from tickets.enums import Action
from tickets.history import record
from tickets.merging import successors
from tickets.models import Contact

COPIED = (
    *("kind", "event", "channels", "body", "email_body", "link", "link_text", "attach_qr", "attach_pdf"),
    *("template", "zone", "window_from", "window_to", "priority"),
)


def duplicate(campaign: Campaign, *, user: Any, key: str, with_reached: bool = False) -> Campaign:
    """A new draft. The same `key` makes it once: whoever presses twice gets the draft of the first time.

    Whoever got a message of the campaign, may have got it or is about to is left out, also when that happens only
    after the copy was made. `with_reached` includes them.
    """
    copy = Campaign(
        name=copied_name(campaign),
        subject=campaign.subject or _subject_without_one(campaign),
        image=campaign.image.name,
        audience=audience_of_copy(campaign, with_reached=with_reached),
        not_after=campaign.not_after if campaign.not_after and campaign.not_after > timezone.now() else None,
        created_by=user,
        form_key=key,
        **{name: getattr(campaign, name) for name in COPIED},
    )
    try:
        with transaction.atomic():
            copy.save(force_insert=True)
            record(user, campaign, Action.DUPLICATED, after={"copy": copy.name})
            record(user, copy, Action.ADDED, after={"copy_of": campaign.name})
    except IntegrityError:
        return Campaign.objects.get(form_key=key)
    return copy


def copied_name(campaign: Campaign) -> str:
    return (_("Copy of %(name)s") % {"name": campaign.name})[:150]


def _subject_without_one(campaign: Campaign) -> str:
    """An e-mail without a subject has the name of its campaign, and the copy is called something else."""
    return "" if campaign.channels == Channels.WHATSAPP else campaign.name


def audience_of_copy(campaign: Campaign, *, with_reached: bool) -> dict[str, Any]:
    chosen = _with_successors(campaign.audience)
    audience = {name: value for name, value in chosen.items() if name != "again"}
    is_tickets = campaign.kind == CampaignKind.TICKETS
    if with_reached:  # of a ticket nobody gets a second one unless it is asked for
        return audience | ({"again": True} if is_tickets else {})
    if campaign.launched_at is None:
        return chosen
    if is_tickets:  # a ticket that was sent is left out anyway; its holder may have another one that was not
        return audience
    return audience | {"not_reached_by": sorted({*audience.get("not_reached_by", []), campaign.pk})}


def _with_successors(audience: Mapping[str, Any]) -> dict[str, Any]:
    """Who was chosen by name stays chosen under another number: some have become a part of others since."""
    numbers = audience.get("contacts", [])
    if not numbers:
        return dict(audience)
    present = Contact.objects.filter(one_of("pk", numbers)).values_list("pk", flat=True)
    into = successors(set(numbers).difference(present))
    return {**audience, "contacts": sorted({into.get(number, number) for number in numbers})}
