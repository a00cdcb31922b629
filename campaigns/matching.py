"""Which of our messages receipts are about: by the bare id and the number, else by our own reference."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import NamedTuple, TypeVar

from django.db.models import QuerySet

from campaigns.enums import DeliveryStatus
from campaigns.heard import Heard
from campaigns.lattice import ARRIVAL, RAISED_BY
from campaigns.models import Delivery, DeliveryAttempt
from campaigns.references import Reference

D = DeliveryStatus
T = TypeVar("T")

AT_ONCE = 500  # databases limit what one question may hold


class Row(NamedTuple):
    """Of a delivery, what a receipt needs to know; named as its columns."""

    id: int
    gateway_message_id: str
    status: str
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    error_kind: str
    error_detail: str
    status_changed_at: datetime
    attempts_made: int
    contact_id: int | None
    address: str
    campaign_id: int


class Call(NamedTuple):
    number: int
    started_at: datetime
    message_id: str


@dataclass
class Match:
    """A message, what was heard of it, and its calls where they matter."""

    row: Row
    heard: list[Heard] = field(default_factory=list)
    calls: dict[int, Call] = field(default_factory=dict)  # by number

    def is_of_last_call(self, one: Heard) -> bool:
        """Not of an earlier one, after which the message was sent again."""
        if (number := self.number_in(one)) is not None:
            return number == self.row.attempts_made
        earlier = (call for call in self.calls.values() if call.number < self.row.attempts_made)
        return all(call.message_id != one.message_id for call in earlier)

    def number_in(self, one: Heard) -> int | None:
        """Of the call, where the provider gave our reference back."""
        is_ours = one.reference is not None and one.reference.delivery_id == self.row.id
        return one.reference.attempt if is_ours and one.reference else None

    @property
    def needs_calls(self) -> bool:
        if self.row.status not in RAISED_BY:
            return False
        if self.row.status == D.UNCERTAIN or self.row.sent_at is None:
            return True
        return self.row.attempts_made > 1 and any(one.status not in ARRIVAL for one in self.heard)


def match(sender_id: int, heard: Sequence[Heard]) -> tuple[list[Match], list[Heard]]:
    """The messages, locked until the transaction ends; and what is nobody's, or about a message that is leaving now.

    In the latter a reference is only left where it names a call of ours.
    """
    by_message = {
        row.gateway_message_id: Match(row) for row in _by_message(sender_id, {one.message_id for one in heard})
    }
    left = []
    for one in heard:
        if one.message_id in by_message:
            by_message[one.message_id].heard.append(one)
        else:
            left.append(one)
    found = {match.row.id: match for match in by_message.values()}
    unmatched = _by_reference(sender_id, left, found)
    matches = [match for match in found.values() if match.heard]
    _read_calls([match for match in matches if match.needs_calls])
    return matches, unmatched


def _by_message(sender_id: int, ids: Collection[str]) -> Iterator[Row]:
    """Should an id ever come twice, the newest message is last."""
    for part in _parts(sorted(ids)):
        rows = _at_rest().filter(gateway_message_id__in=part).exclude(gateway_message_id="").order_by("pk")
        # Asked for the number as well, SQLite would read all that it ever sent.
        found = rows.values_list("sender", *Row._fields)
        yield from (Row(*row) for sender, *row in found if sender == sender_id)


def _at_rest() -> QuerySet[Delivery]:
    """Whoever has a row in hands keeps it: nobody waits for another, and what is left over is tried again soon."""
    return Delivery.objects.select_for_update(skip_locked=True, no_key=True).exclude(status=D.CLAIMED)


def _by_reference(sender_id: int, heard: Iterable[Heard], found: dict[int, Match]) -> list[Heard]:
    """Adds to `found`; returns what is left."""
    known = _known_calls(sender_id, {one.reference for one in heard if one.reference})
    heard = [one if one.reference in known else replace(one, reference=None) for one in heard]
    wanted = {one.reference.delivery_id for one in heard if one.reference} - found.keys()
    for part in _parts(sorted(wanted)):
        rows = _at_rest().filter(pk__in=part).order_by("pk").values_list(*Row._fields)
        found.update({row[0]: Match(Row(*row)) for row in rows})
    left = []
    for one in heard:
        match = found.get(one.reference.delivery_id) if one.reference else None
        if match is None:
            left.append(one)
        else:
            match.heard.append(one)
    return left


def _known_calls(sender_id: int, references: Collection[Reference]) -> set[Reference]:
    """Those of the references that are calls which this number made."""
    known: set[Reference] = set()
    for part in _parts(sorted({reference.delivery_id for reference in references})):
        made = DeliveryAttempt.objects.filter(delivery__in=part, sender=sender_id).order_by()
        known.update(Reference(*call) for call in made.values_list("delivery", "number"))
    return known & set(references)


def _read_calls(matches: Sequence[Match]) -> None:
    by_id = {match.row.id: match for match in matches}
    for part in _parts(sorted(by_id)):
        made = DeliveryAttempt.objects.filter(delivery__in=part).order_by()
        for pk, number, started, message_id in made.values_list(
            "delivery", "number", "started_at", "gateway_message_id"
        ):
            by_id[pk].calls[number] = Call(number, started, message_id)


def _parts(wanted: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(wanted)
    while part := list(islice(rest, AT_ONCE)):
        yield part
