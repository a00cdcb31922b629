"""The messages of two contacts that become one: they move over, and nobody gets an announcement twice.

Called inside the transaction of `tickets.merging.merge`. Messages are locked before anything is judged: a dispatcher
that has one in its hands ends its turn first, and finds the others as they are left here. Tickets are not doubles: each
is a ticket of its own, and its message carries no other.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.enums import CampaignStatus, Channel, Channels, DeliveryStatus, SkipReason
from campaigns.explanations import TOO_LONG
from campaigns.models import Campaign, Delivery
from campaigns.models.campaign import LISTED
from campaigns.queueing import CAN_LEAVE, skip_doubles, skip_opted_out
from tickets.merging import CannotMerge, Part, add_part
from tickets.models import Contact
from tickets.optouts import CHANNELS

S, D = CampaignStatus, DeliveryStatus
TAKEN = D.taken - D.withdrawable  # has left, may have left, or is leaving at this moment
UNLISTED = (S.DRAFT, S.SCHEDULED, S.OVERDUE, *sorted(S.live))


def lines(keep: Contact, gone: Contact) -> Sequence[str]:
    moving = Delivery.objects.filter(contact=gone).count()
    double = len(doubles(keep, gone, {}))
    said = []
    if moving:
        said.append(ngettext("%(n)d message moves over.", "%(n)d messages move over.", moving) % {"n": moving})
    if double:
        said.append(
            ngettext(
                "%(n)d message of an announcement is left out, so that nobody gets it twice.",
                "%(n)d messages of announcements are left out, so that nobody gets them twice.",
                double,
            )
            % {"n": double}
        )
    return said


def refuse(keep: Contact, gone: Contact) -> None:
    """A list that is being written at this moment may hold one of the two already and be about to hold the other.

    Locking what may be launched makes a launch wait until the merge is done.
    """
    for campaign in _unlisted().only("pk", "name", "status").order_by("pk"):
        if campaign.status in S.live:
            sentence = _(
                "The list of people of “%(name)s” is being written now. Wait a minute and try again. If the campaign "
                "is paused, resume or cancel it first."
            )
            raise CannotMerge(sentence % {"name": campaign.name})


def move(keep: Contact, gone: Contact, values: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    _lock(keep, gone)
    left_out = skip_doubles([row.pk for row in doubles(keep, gone, values)], now=now)
    moved = Delivery.objects.filter(contact=gone).update(contact=keep)
    for channel in CHANNELS:
        if values.get(f"{channel}_opt_out_at"):  # either of them has said no, and so the one who stays
            skip_opted_out(keep.pk, channel, now=now)
    _rename_in_audiences(keep, gone)
    return {"deliveries": moved, "doubles": left_out}


def doubles(keep: Contact, gone: Contact, values: Mapping[str, Any]) -> list[Delivery]:
    """What must not go to them any more, because they have the same announcement already or will get it.

    Where both wait, the one to the address that stays is sent.
    """
    groups: dict[tuple[int, str], list[Delivery]] = defaultdict(list)
    for row in _in_common(keep, gone):
        # With "e-mail for whoever has no number" one person gets it on one channel; with "both" on each.
        either = row.campaign.channels == Channels.WHATSAPP_FIRST
        groups[row.campaign_id, "" if either else row.channel].append(row)
    addresses = [values.get("phone", keep.phone), values.get("email", keep.email)]
    shared = [group for group in groups.values() if len({row.contact_id for row in group}) == 2]
    return [row for group in shared for row in _too_many(group, addresses)]


def _too_many(group: list[Delivery], addresses: Sequence[str]) -> Iterator[Delivery]:
    taken = [row for row in group if row.status in TAKEN]
    waiting = [row for row in group if row.status in D.withdrawable]
    failed = [row for row in group if row.status == D.FAILED or row.error_kind == SkipReason.TEST_ONLY]
    candidates = [] if taken else sorted(waiting or failed, key=lambda row: _rank(row, addresses))
    for row in (*waiting, *failed):
        if row not in candidates[:1]:
            yield row


def _rank(row: Delivery, addresses: Sequence[str]) -> tuple[bool, bool, bool, int, int]:
    is_useless = row.error_kind == TOO_LONG  # nobody can send it again
    return is_useless, row.address not in addresses, row.channel != Channel.WHATSAPP, row.slot, row.pk


def _in_common(keep: Contact, gone: Contact) -> list[Delivery]:
    """The announcements of both in campaigns where one of them has something that could still leave.

    Of ten thousand messages that are few. Tickets are left out here and not in the question, where "has no ticket"
    would lead a database to read every announcement that there ever was.
    """
    theirs = Delivery.objects.filter(contact__in=(keep, gone)).order_by()
    could_leave = theirs.filter(CAN_LEAVE).values_list("campaign", "ticket")
    open_in = {campaign for campaign, ticket in could_leave if ticket is None}
    if not open_in:
        return []
    columns = ("status", "channel", "address", "slot", "error_kind", "contact", "ticket", "campaign")
    rows = theirs.filter(campaign__in=open_in).select_related("campaign").only(*columns, "campaign__channels")
    return [row for row in rows if row.ticket_id is None]


def _lock(keep: Contact, gone: Contact) -> None:
    """What is leaving, and all that still can: somebody may be sending it again at this moment."""
    rows = Delivery.objects.select_for_update().filter(CAN_LEAVE | Q(status=D.CLAIMED), contact__in=(keep, gone))
    list(rows.order_by("pk").values_list("pk", flat=True))


def _rename_in_audiences(keep: Contact, gone: Contact) -> None:
    """Who was chosen by name for a campaign that has no list yet, stays chosen."""
    for campaign in _unlisted().only("pk", "audience"):
        chosen = campaign.audience.get("contacts", [])
        if gone.pk in chosen:
            others = (keep.pk if number == gone.pk else number for number in chosen)
            audience = campaign.audience | {"contacts": sorted(dict.fromkeys(others))}
            Campaign.objects.filter(pk=campaign.pk).update(audience=audience)


def _unlisted() -> QuerySet[Campaign]:
    """A test is for nobody on record, and may stand still for ever."""
    return Campaign.objects.select_for_update().filter(LISTED, prepared_at=None, status__in=UNLISTED)


add_part(Part(lines, refuse, move))
