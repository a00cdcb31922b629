"""Meta's limit of people: how many different ones the numbers of a business portfolio may reach in 24 hours.

It is the limit of those who have not written first; whoever has counts here too, so that we never ask for too much.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Min, QuerySet
from django.db.models.expressions import RawSQL

from campaigns.enums import DeliveryStatus, LanePause
from campaigns.lanes import Rest, rest
from campaigns.models import Delivery, Lane
from whatsapp.accounts import Account, limit_of, limited_together
from whatsapp.models import Sender
from whatsapp.pacing import Veto, Wait

D = DeliveryStatus

SPAN = timedelta(hours=24)
KEPT = timedelta(seconds=5)  # for so long a count is used, with what this process has claimed since
OURS = frozenset({LanePause.NONE, LanePause.PEOPLE_LIMIT})
# As part of the text: with a parameter SQLite would not use the indexes of these states.
SENT, CLAIMED = (RawSQL(f"'{state}'", ()) for state in (D.SENT, D.CLAIMED))  # noqa: S611  (words of ours)


def people_reached(senders: Collection[int], *, now: datetime) -> int:
    """By these numbers together, in the last 24 hours; with those to whom a message is leaving at this moment."""
    first, *others = (rows.values("address") for rows, _moment in _rows(senders, now=now))
    return first.union(*others).count()


def _rows(senders: Collection[int], *, now: datetime) -> list[tuple[QuerySet[Delivery], str]]:
    """Messages of these numbers, and by which of their moments they count: each list is one part of an index."""
    since = now - SPAN
    ours = Delivery.objects.filter(sender__in=senders).order_by()
    # Few are leaving at one moment. Asked for by their number, SQLite would read everything that it ever sent.
    leaving = Delivery.objects.annotate(number=F("sender") + 0).filter(number__in=senders).order_by()
    return [
        (ours.filter(status=SENT, sent_at__gt=since), "sent_at"),
        (ours.filter(delivered_at__gt=since), "delivered_at"),
        (leaving.filter(status=CLAIMED, claimed_at__gt=since), "claimed_at"),
    ]


def _next_free(senders: Collection[int], *, now: datetime) -> datetime:
    """When the first of them was reached longer ago than that."""
    firsts = [rows.aggregate(first=Min(moment))["first"] for rows, moment in _rows(senders, now=now)]
    return min((first for first in firsts if first is not None), default=now) + SPAN


@dataclass
class _Counted:
    senders: list[int]
    people: int
    at: datetime


class PeopleLimits:
    """Of the numbers of one dispatcher, asked before each claim."""

    def __init__(self) -> None:
        self._known: dict[Account, _Counted] = {}

    def veto(self, lane: Lane, *, now: datetime) -> Wait | None:
        """Where everybody was reached whom the number may reach, its lane rests until the first was a day ago."""
        sender = lane.sender
        if sender is None or not sender.people_limit or lane.pause_reason not in OURS:
            return None
        counted = self._counted(sender, now=now)
        if counted.people >= sender.people_limit and counted.at != now:
            counted = self._count(sender, now=now)  # what was added meanwhile is only known to this process
        if counted.people < sender.people_limit:
            return None
        until = _next_free(counted.senders, now=now)
        rest(lane, Rest(LanePause.PEOPLE_LIMIT, str(sender.people_limit), until), now=now)
        return Wait(Veto.PAUSED, until)

    def note(self, lane: Lane, messages: int) -> None:
        """So many were claimed for the lane, to people who may be new."""
        if lane.sender is not None and (counted := self._known.get(limit_of(lane.sender))):
            counted.people += messages

    def _counted(self, sender: Sender, *, now: datetime) -> _Counted:
        known = self._known.get(limit_of(sender))
        return known if known and now - known.at < KEPT else self._count(sender, now=now)

    def _count(self, sender: Sender, *, now: datetime) -> _Counted:
        limit = limit_of(sender)
        senders = [one.pk for one in limited_together(limit)]
        counted = self._known[limit] = _Counted(senders, people_reached(senders, now=now), now)
        return counted
