"""Taking the next deliveries of a lane: the head of the queue, compare-and-set, attempt rows written ahead.

Called inside the dispatcher's short transaction, by the holder of the lane's lease only.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from campaigns.arrivals import has_come_another_way
from campaigns.attempts import open_attempt
from campaigns.audience_rules import one_message_on, reason_to_skip
from campaigns.enums import DeliveryStatus, Origin, SkipReason
from campaigns.lanes import pools_of
from campaigns.models import Campaign, Delivery, DeliveryAttempt, Lane
from campaigns.queueing import skip
from campaigns.statements import Select, update
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
        heads = _heads(lane.channel, wanted, by_id.values(), limit=room - len(claimed))
        if not heads:
            return claimed
        looked_at += len(heads)
        # One after another: the second campaign with the same ticket must see that the first has just taken it.
        for delivery in heads:
            if _may_leave(delivery, by_id[delivery.campaign_id], now=now) and _won(delivery, lane, now):
                claimed.append(Claimed(delivery, open_attempt(delivery, lane, now=now)))
    return claimed or None


def _heads(channel: str, pools: Iterable[int], campaigns: Iterable[Campaign], *, limit: int) -> list[Delivery]:
    """The next rows over all campaigns: priority first, then fair turns. One short index look-up each."""
    rows: list[tuple[int, int, int, Delivery]] = []
    for campaign in campaigns:
        for pool in pools:
            heads = HEADS.instances(campaign.pk, pool, shape=(channel, limit))
            rows += [(d.priority, d.slot + campaign.slot_offset, d.pk, d) for d in heads]
    rows.sort(key=lambda row: row[:3])
    return [row[3] for row in rows[:limit]]


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
