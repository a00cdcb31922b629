"""Taking the next deliveries of a lane: the head of the queue, compare-and-set, attempt rows written ahead.

Called inside the dispatcher's short transaction, by the holder of the lane's lease only.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush

from campaigns.arrivals import has_come_another_way
from campaigns.attempts import open_attempt
from campaigns.audience_rules import one_message_on, reason_to_skip
from campaigns.enums import DeliveryStatus, Origin, SkipReason
from campaigns.lanes import pools_of
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Lane
from campaigns.queueing import skip
from campaigns.statements import Select, first_of_each, update
from tickets.models import Contact, Event, Ticket

D = DeliveryStatus
MOST_SKIPS = 25  # for one lane in one transaction: a long row of people who opted out must not hold the database

HEADS = Select(
    Delivery,
    (
        "id",
        "campaign",
        "channel",
        "contact",
        "ticket",
        "recipient",
        "address",
        "subject",
        "text",
        "image",
        "attach_qr",
        "attach_pdf",
        "template",
        "priority",
        "slot",
        "attempts_made",
        "tries_charged",
    ),
    lambda campaign, pool, channel, limit: (
        Delivery.objects.select_for_update(skip_locked=True)
        .filter(campaign=campaign, channel=channel, pool=pool, status=D.PENDING)
        .order_by("priority", "slot", "id")[:limit]
    ),
)
CONTACT = Select(
    Contact, ("id", "whatsapp_opt_out_at", "email_opt_out_at", "language"), lambda pk: Contact.objects.filter(pk=pk)
)
TICKET = Select(
    Ticket,
    ("id", "event", "status", "code", "token", "type", "companions", "attributes"),  # what is drawn of it, too
    lambda pk: Ticket.objects.select_for_update(no_key=True).filter(pk=pk).order_by(),
)
OTHERS = Select(
    Delivery,
    ("id",),
    lambda ticket, campaign, *channels: (
        Delivery.objects.filter(ticket=ticket, channel__in=channels, status__in=sorted(D.left))
        .exclude(campaign=campaign)
        .order_by()[:1]
    ),
)


@dataclass(frozen=True)
class Claimed:
    """A delivery that is ours to send, once, and the attempt that is open for it."""

    delivery: Delivery
    attempt: DeliveryAttempt


def claim(
    lane: Lane, campaigns: Iterable[Campaign], *, room: int, now: datetime, pools: Collection[int] | None = None
) -> list[Claimed] | None:
    """Up to `room` deliveries for this lane. People who may not get theirs any more are skipped on the way.

    None: nobody was found among the first, and more people wait behind them; ask again in the next transaction.
    `pools`: those of the lane's pools in which somebody is known to wait; the others need not be looked into.
    """
    by_id = {campaign.pk: campaign for campaign in campaigns}
    wanted = [pool for pool in pools_of(lane) if pools is None or pool in pools]
    claimed: list[Claimed] = []
    looked_at = 0
    while len(claimed) < room and looked_at < MOST_SKIPS:
        heads = _heads(lane.channel, wanted, list(by_id.values()), limit=room - len(claimed))
        if not heads:
            return claimed
        looked_at += len(heads)
        # One after another: the second campaign with the same ticket must see that the first has just taken it.
        for delivery in heads:
            if _may_leave(delivery, by_id[delivery.campaign_id], now=now) and _won(delivery, lane, now):
                claimed.append(Claimed(delivery, open_attempt(delivery, lane, now=now)))
    return claimed or None


def _heads(channel: str, pools: Collection[int], campaigns: Collection[Campaign], *, limit: int) -> list[Delivery]:
    """The next rows over all campaigns: priority first, then fair turns.

    One question says where each queue begins, and only those whose turn it is are read and locked: after an evening of
    answers a thousand campaigns are open. What somebody else holds is passed over, so that a queue may begin later.
    """
    offsets = {campaign.pk: campaign.slot_offset for campaign in campaigns}
    queue: list[tuple[int, int, int, int, int, Delivery | None]] = [
        (priority, slot + offsets[campaign], pk, campaign, pool, None)
        for campaign, pool, priority, slot, pk in _first_ones(channel, pools, offsets)
    ]
    heapify(queue)
    rows: list[Delivery] = []
    while queue and len(rows) < limit:
        *_place, campaign, pool, row = heappop(queue)
        if row is not None:
            rows.append(row)
            continue
        for row in HEADS.instances(campaign, pool, shape=(channel, limit - len(rows))):
            heappush(queue, (row.priority, row.slot + offsets[campaign], row.pk, campaign, pool, row))
    return rows


def _first_ones(channel: str, pools: Collection[int], campaigns: Collection[int]) -> list[tuple[int, ...]]:
    """Campaign, pool, priority, slot and id of the first row of each queue."""
    if len(campaigns) * len(pools) <= 1:  # nothing to compare
        return [(campaign, pool, 0, 0, 0) for campaign in campaigns for pool in pools]
    each = {"campaign": campaigns, "pool": pools}
    return first_of_each(Delivery, ("priority", "slot", "id"), each, {"channel": channel, "status": D.PENDING})


def _may_leave(delivery: Delivery, campaign: Campaign, *, now: datetime) -> bool:
    """What may have changed since the launch is looked at again at the last moment."""
    _read_person(delivery, campaign)
    if reason := reason_to_skip(delivery, campaign) or _sent_meanwhile(delivery, campaign):
        skip(delivery, reason, now=now)
        return False
    return True


def _read_person(delivery: Delivery, campaign: Campaign) -> None:
    """As they are now. The ticket is locked, so that two dispatchers that have the same one take turns.

    Its event was read with the campaign: a thread without a database draws it, and nobody asks for it once per person.
    """
    delivery.contact = next(iter(CONTACT.instances(delivery.contact_id)), None) if delivery.contact_id else None
    if delivery.ticket_id is not None:
        [delivery.ticket] = TICKET.instances(delivery.ticket_id)
        event, event_id = campaign.event, delivery.ticket.event_id
        delivery.ticket.event = event if event and event.pk == event_id else Event.objects.get(pk=event_id)


def _sent_meanwhile(delivery: Delivery, campaign: Campaign) -> SkipReason | None:
    """Two campaigns that were launched at once may both have this ticket on their list: the first claim wins."""
    if delivery.ticket_id is None:
        return None
    if campaign.origin == Origin.SECOND_CHANNEL and has_come_another_way(delivery.ticket_id, delivery.channel):
        return SkipReason.ALREADY_SENT
    channels = one_message_on(campaign, delivery.channel)
    if not OTHERS.rows(delivery.ticket_id, campaign.pk, shape=channels) or campaign.audience.get("again"):
        return None
    return SkipReason.ALREADY_SENT


def _won(delivery: Delivery, lane: Lane, now: datetime) -> bool:
    won = update(
        Delivery,
        {
            "status": D.CLAIMED,
            "claimed_at": now,
            "status_changed_at": now,
            "sender_id": lane.sender_id,
            "attempts_made": delivery.attempts_made + 1,
        },
        {"id": delivery.pk, "status": D.PENDING, "attempts_made": delivery.attempts_made},
    )
    delivery.attempts_made += won
    return bool(won)
