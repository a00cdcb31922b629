"""What became of the valid tickets of an event on each channel, and which of them have reached nobody.

One question, answered by the index `delivery_of_ticket`: of each ticket the best that happened to it on each channel.
Tickets of whom the same is to be said are counted together; only of those that did not arrive their ids are kept.
"""

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache
from itertools import chain
from typing import NamedTuple

from django.db import connection

from campaigns.arrivals import Reporting, reporting_numbers
from campaigns.enums import Channel, DeliveryStatus
from campaigns.models import Delivery
from tickets.enums import TicketStatus
from tickets.models import Event, Ticket

D = DeliveryStatus
NEVER = "never"  # no message was ever made for it


class Rank(IntEnum):
    """What counts most of several messages for one ticket: the lowest."""

    CONFIRMED = 0
    SENT = 1
    OPEN = 2
    SILENT = 3  # sent by a number that reports, and nothing was heard of it
    UNCERTAIN = 4
    FAILED = 5
    SKIPPED = 6
    NEVER = 7


RANKS = {
    D.READ: Rank.CONFIRMED,
    D.DELIVERED: Rank.CONFIRMED,
    D.SENT: Rank.SENT,
    D.WAITING: Rank.OPEN,
    D.PENDING: Rank.OPEN,
    D.CLAIMED: Rank.OPEN,
    D.UNCERTAIN: Rank.UNCERTAIN,
    D.FAILED: Rank.FAILED,
    D.EXPIRED: Rank.FAILED,
    D.SKIPPED: Rank.SKIPPED,
    D.CANCELLED: Rank.SKIPPED,
}


class Fate(NamedTuple):
    """`word`: of open messages the id of their campaign, of those that did not leave or arrive the reason."""

    rank: Rank
    state: str = ""
    word: str = ""

    @classmethod
    def of(cls, packed: str | None) -> "Fate":
        if not packed:
            return cls(Rank.NEVER)
        rank, _dot, rest = packed.partition("|")
        state, _dot, word = rest.partition("|")
        return cls(Rank(int(rank)), state, word)

    @property
    def key(self) -> str:
        """Stands for it in addresses and forms."""
        if self.rank == Rank.NEVER:
            return NEVER
        return f"open-{self.word}" if self.rank == Rank.OPEN else f"{self.state}-{self.word}"


class Pair(NamedTuple):
    """Tickets with the same fate on both channels; `ids` only of those that arrived on neither, in order."""

    whatsapp: Fate
    email: Fate
    number: int
    ids: "array[int]"

    @property
    def best(self) -> Fate:
        return min(self.whatsapp, self.email)


@dataclass(frozen=True)
class Missing:
    """Tickets that have not arrived, of whom the same is to be said. `channels`: where that happened to them."""

    fate: Fate
    ids: "array[int]"
    channels: frozenset[str]
    other_untried: int  # of how many of them no message was made on the other channel

    @property
    def number(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Reach:
    """`numbers`: the WhatsApp numbers that report, as `campaigns.arrivals` has them."""

    pairs: list[Pair]
    taken_at: datetime
    numbers: Reporting = ()

    @property
    def total(self) -> int:
        return sum(pair.number for pair in self.pairs)

    def by_channel(self, channel: str) -> Counter[Rank]:
        found: Counter[Rank] = Counter()
        for pair in self.pairs:
            found[(pair.whatsapp if channel == Channel.WHATSAPP else pair.email).rank] += pair.number
        return found

    @property
    def lost(self) -> int:
        """How many have not arrived on any channel."""
        return sum(len(pair.ids) for pair in self.pairs)

    def missing(self) -> list[Missing]:
        """What is under way first, then what somebody has to do something about."""
        groups: dict[str, list[Pair]] = {}
        for pair in self.pairs:
            if pair.ids:
                groups.setdefault(pair.best.key, []).append(pair)
        found = [_together(pairs) for pairs in groups.values()]
        return sorted(found, key=lambda one: (one.fate.rank, -one.number, one.fate))

    def tried(self) -> "array[int]":
        """Those that have not arrived although a message was made for them."""
        return _merged([pair.ids for pair in self.pairs if pair.best.rank != Rank.NEVER])

    def why_of(self) -> dict[int, Fate]:
        """By the id of each ticket that has not arrived."""
        return {pk: pair.best for pair in self.pairs for pk in pair.ids}


def _together(pairs: list[Pair]) -> Missing:
    fate = min(pair.best for pair in pairs)
    ids = _merged([pair.ids for pair in pairs])
    ways = [(Channel.WHATSAPP.value, pair.whatsapp, pair) for pair in pairs]
    ways += [(Channel.EMAIL.value, pair.email, pair) for pair in pairs]
    channels = frozenset(channel for channel, one, _pair in ways if one.key == fate.key)
    untried = sum(
        len(pair.ids) for pair in pairs if (pair.whatsapp.rank == Rank.NEVER) != (pair.email.rank == Rank.NEVER)
    )
    return Missing(fate, ids, channels, untried)


def ids_of(groups: Iterable[Missing], key: str = "") -> "array[int]":
    """Of one group or of all, in order."""
    return _merged([group.ids for group in groups if key in ("", group.fate.key)])


def _merged(lists: "Sequence[array[int]]") -> "array[int]":
    """In order. What is the only one stays as it is: mostly that is everybody."""
    return lists[0] if len(lists) == 1 else array("q", sorted(chain.from_iterable(lists)))


def reach(event: Event, now: datetime) -> Reach:
    numbers = reporting_numbers()
    moment = connection.ops.adapt_datetimefield_value
    silence = [value for pk, *ends in numbers for value in (pk, *map(moment, ends))]
    with connection.cursor() as cursor:
        cursor.execute(_sql(connection.vendor, len(numbers)), [*silence, event.pk, TicketStatus.VALID.value])
        rows = cursor.fetchall()
    return Reach([Pair(Fate.of(w), Fate.of(e), number, _ids(listed)) for w, e, number, listed in rows], now, numbers)


def _ids(listed: str | None) -> "array[int]":
    """Read as JSON, which takes a third of the time: before anything was sent that is everybody."""
    return array("q", sorted(json.loads(f"[{listed or ''}]")))


@cache
def _sql(vendor: str, numbers: int) -> str:
    """Written by hand: querysets group what is grouped already only by way of several questions.

    `numbers`: how many times one reported what became of its messages; each brings its id, since when and until when.
    """
    is_postgres = vendor == "postgresql"
    quote = connection.ops.quote_name
    tickets, messages = quote(Ticket._meta.db_table), quote(Delivery._meta.db_table)
    order = ' COLLATE "C"' if is_postgres else ""  # as SQLite compares: letter by letter
    best = f"CASE m.status {' '.join(_packed())} END"
    silent = f"WHEN m.channel = '{Channel.WHATSAPP}' AND {_silent(messages, numbers)} THEN '{Rank.SILENT:d}|sent|'"
    first = {Channel.WHATSAPP.value: silent if numbers else ""}
    ways = ", ".join(
        f"MIN(CASE {first.get(way, '')} WHEN m.channel = '{way}' THEN {best} END{order}) AS {way}"
        for way in Channel.values
    )
    each = (
        f"SELECT t.id, {ways} FROM {tickets} t LEFT JOIN {messages} m ON m.ticket_id = t.id "  # noqa: S608
        "WHERE t.event_id = %s AND t.status = %s GROUP BY t.id"
    )
    lost = f"COALESCE(whatsapp, '9'){order} >= '{Rank.OPEN:d}' AND COALESCE(email, '9'){order} >= '{Rank.OPEN:d}'"
    ids = f"CASE WHEN {lost} THEN id END"
    listed = f"STRING_AGG(({ids})::text, ',')" if is_postgres else f"GROUP_CONCAT({ids})"
    return f"SELECT whatsapp, email, COUNT(*), {listed} FROM ({each}) AS each_one GROUP BY whatsapp, email"  # noqa: S608


def _silent(messages: str, numbers: int) -> str:
    """`arrivals.is_silent`. The row itself is only looked at where the index says that it was sent."""
    of_number = " OR ".join(["d.sender_id = %s AND d.sent_at >= %s AND d.sent_at < %s"] * numbers)
    return (
        f"m.status = '{D.SENT}' AND EXISTS (SELECT 1 FROM {messages} d WHERE d.id = m.id "  # noqa: S608
        f"AND d.settled_by_id IS NULL AND d.gateway_message_id <> '' AND ({of_number}))"
    )


def _packed() -> Iterator[str]:
    """Rank, state and word as one text, of which the least is the best."""
    for state, rank in RANKS.items():
        words = f"'{rank:d}|{state.value}|'"
        if rank in (Rank.CONFIRMED, Rank.SENT):
            words = f"'{rank:d}'"
        elif rank == Rank.OPEN:
            words = f"'{rank:d}||' || m.campaign_id"
        elif rank in (Rank.FAILED, Rank.SKIPPED):
            words += " || m.error_kind"
        yield f"WHEN '{state.value}' THEN {words}"
