"""What is known of messages that may or may not have arrived, for the person who decides about them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils.translation import gettext as _

from campaigns.enums import CampaignStatus, DeliveryStatus
from campaigns.explanations import Explanation, explain
from campaigns.models import Delivery, DeliveryAttempt
from whatsapp.gateways.base import ErrorKind
from whatsapp.said import in_words

D = DeliveryStatus

AROUND = timedelta(days=1)  # a number that works today worked yesterday; a month ago says little
DEAD_ADDRESS = frozenset({ErrorKind.INVALID_NUMBER, ErrorKind.NOT_ON_WHATSAPP})
NEEDED = (
    "contact_id",
    "ticket_id",
    "campaign_id",
    "channel",
    "address",
    "status",
    "error_kind",
    "sent_at",
    "status_changed_at",
)

Words = Callable[[datetime], str]  # a moment, as the reader's page or terminal writes it


@dataclass(frozen=True)
class Evidence:
    """One uncertain message with its last call, and what other messages to the same person say about it."""

    delivery: Delivery
    attempt: DeliveryAttempt | None
    neighbour: Delivery | None  # the nearest in time at the same address that arrived or failed
    again: Delivery | None  # the same ticket or message, taken another way or later

    @property
    def started_at(self) -> datetime:
        return self.attempt.started_at if self.attempt else self.delivery.status_changed_at

    @property
    def seconds(self) -> float | None:
        """How long the call lasted; None when nobody was left to see its end."""
        latency = self.attempt.latency_ms if self.attempt else None
        return None if latency is None else round(latency / 1000, 1)

    @property
    def explanation(self) -> Explanation:
        return explain(self.delivery.error_kind or ErrorKind.UNCERTAIN)

    @property
    def place(self) -> str:
        """The number or the mailbox that it left from."""
        lane = self.attempt.lane if self.attempt else None
        if lane is None:
            return str(self.delivery.sender or "")
        return str(lane.sender or lane.mailbox or "")

    @property
    def answer(self) -> str:
        """What the service said, if it said anything. Scrubbed when it was written down."""
        if self.attempt is None:
            return in_words(self.delivery.error_detail)
        status = f"HTTP {self.attempt.http_status}" if self.attempt.http_status else ""
        return " · ".join(
            part for part in (status, in_words(self.attempt.detail or self.delivery.error_detail)) if part
        )

    def signs(self, words: Words) -> Iterator[str]:
        if self.seconds is None:
            yield _("The program or its computer stopped during the call, so no answer was recorded.")
        if self.again:
            yield self._again_words(words)
        if self.neighbour and self.neighbour != self.again:
            yield _neighbour_words(self.neighbour, words)

    def _again_words(self, words: Words) -> str:
        assert self.again is not None
        named = {"channel": self.again.get_channel_display(), "moment": words(moment_of(self.again))}
        if self.delivery.ticket_id is None:
            return _("The same message left by %(channel)s: %(moment)s.") % named
        return _("The same ticket left by %(channel)s: %(moment)s.") % named

    @property
    def advice(self) -> str:
        if self.again:
            return _("The person was sent it another time. Count this one as sent.")
        if self.neighbour and self.neighbour.status == D.FAILED and self.neighbour.error_kind in DEAD_ADDRESS:
            return _("This address did not work for another message. Ask the person before you decide.")
        if self.delivery.campaign.status == CampaignStatus.CANCELLED:
            return _("Its campaign is cancelled, so it cannot be sent again. Count it as sent.")
        return _("It very likely arrived. Count it as sent, unless the person says that nothing came.")


def _neighbour_words(other: Delivery, words: Words) -> str:
    moment = words(moment_of(other))
    if other.status == D.FAILED:
        why = explain(other.error_kind).sentence
        return _("Another message to this address failed, %(moment)s: %(why)s") % {"moment": moment, "why": why}
    if other.status == D.SENT:
        return _("Another message to this address left without trouble: %(moment)s.") % {"moment": moment}
    return _("Another message reached this address: %(moment)s.") % {"moment": moment}


def moment_of(delivery: Delivery) -> datetime:
    """When it left, or when it was known to have failed."""
    return delivery.sent_at if delivery.sent_at and delivery.status != D.FAILED else delivery.status_changed_at


def evidence_of(deliveries: Sequence[Delivery]) -> list[Evidence]:
    """In three queries, however many there are. `campaign` and `sender` should be selected with them."""
    calls = _last_calls(deliveries)
    others = _others(deliveries, calls)
    return [
        Evidence(
            delivery,
            attempt := calls.get(delivery.pk),
            _nearest(delivery, attempt, others),
            _again(delivery, attempt, others),
        )
        for delivery in deliveries
    ]


def _last_calls(deliveries: Sequence[Delivery]) -> dict[int, DeliveryAttempt]:
    last = DeliveryAttempt.objects.filter(delivery__in=[d.pk for d in deliveries], number=F("delivery__attempts_made"))
    return {call.delivery_id: call for call in last.select_related("lane__sender", "lane__mailbox")}


def _others(deliveries: Sequence[Delivery], calls: dict[int, DeliveryAttempt]) -> list[Delivery]:
    """Of the same people about that time, and of the same tickets at any. Found by indexes, not by address."""
    begun = [call.started_at for call in calls.values()]
    people = {d.contact_id for d in deliveries if d.contact_id}
    tickets = {d.ticket_id for d in deliveries if d.ticket_id}
    found: dict[int, Delivery] = {}
    if people and begun:
        span = (min(begun) - AROUND, max(begun) + AROUND)
        about_then = Q(sent_at__range=span) | Q(status_changed_at__range=span)
        theirs = Delivery.objects.filter(about_then, contact__in=people).order_by().only(*NEEDED)
        # Asked for a status as well, SQLite would read all that ever arrived and not what these few people got.
        found |= {d.pk: d for d in theirs if (d.sent_at and d.status in D.arrived) or d.status == D.FAILED}
    if tickets:
        arrived = Delivery.objects.filter(ticket__in=tickets, status__in=sorted(D.arrived))
        found |= {d.pk: d for d in arrived.only(*NEEDED)}
    return list(found.values())


def _nearest(delivery: Delivery, attempt: DeliveryAttempt | None, others: Iterable[Delivery]) -> Delivery | None:
    if attempt is None or delivery.contact_id is None:
        return None
    begun = attempt.started_at
    same = [
        other
        for other in others
        if (other.contact_id, other.address) == (delivery.contact_id, delivery.address)
        and abs(moment_of(other) - begun) <= AROUND
    ]
    return min(same, key=lambda other: abs(moment_of(other) - begun), default=None)


def _again(delivery: Delivery, attempt: DeliveryAttempt | None, others: Iterable[Delivery]) -> Delivery | None:
    """Taken the other way at any time, or the same way after this call."""
    begun = attempt.started_at if attempt else delivery.status_changed_at
    same = [
        other
        for other in others
        if other.pk != delivery.pk
        and other.status != D.FAILED
        and _says_the_same(other, delivery)
        and (other.channel != delivery.channel or moment_of(other) >= begun)
    ]
    return max(same, key=moment_of, default=None)


def _says_the_same(other: Delivery, delivery: Delivery) -> bool:
    if delivery.ticket_id is not None:
        return other.ticket_id == delivery.ticket_id
    return delivery.contact_id is not None and (other.campaign_id, other.contact_id) == (
        delivery.campaign_id,
        delivery.contact_id,
    )
