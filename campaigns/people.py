"""The people of a campaign as somebody asked to see them: which, how many, and the page after a given one.

A list of a million goes on from the last row that was shown (keyset): counting rows to skip them takes longer with
every page. The keys come from indexes alone (see the indexes of `Delivery`); only the rows of one page are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet

from campaigns.enums import Channel, DeliveryStatus
from campaigns.models import Campaign, Delivery
from tickets.countries import default_country
from tickets.phones import BadPhone, normalize_phone

D = DeliveryStatus

PER_PAGE = 50
LONGEST_SEARCH = 100
LONGEST_REASON = 30
LONGEST_NUMBER = 18  # digits: what an id can have in every database
# Only these keep a reason. Naming them lets the index be used, which begins with the state.
WITH_REASON = sorted({D.FAILED, D.UNCERTAIN, D.SKIPPED, D.EXPIRED, D.WAITING, D.PENDING})


@dataclass(frozen=True)
class Choice:
    """Which people somebody asked for; anything that makes no sense counts as not asked."""

    state: str = ""
    channel: str = ""
    reason: str = ""
    number: str = ""  # the id of the WhatsApp number that sent it
    search: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> "Choice":
        state, channel = asked.get("state", ""), asked.get("channel", "")
        return cls(
            state=state if state in D.values else "",
            channel=channel if channel in Channel.values else "",
            reason=asked.get("reason", "").strip().replace("\x00", "")[:LONGEST_REASON],
            number=str(_whole(asked.get("number", "")) or ""),
            search=searched(asked.get("q", "")),
        )

    @property
    def fields(self) -> dict[str, str]:
        """What was asked, as a form or an address says it."""
        asked = {"state": self.state, "channel": self.channel, "reason": self.reason, "number": self.number}
        return {name: value for name, value in {**asked, "q": self.search}.items() if value}

    @property
    def is_counted(self) -> bool:
        """By state and channel, as everybody is counted for the page anyway."""
        return not (self.reason or self.number or self.search)


@dataclass(frozen=True)
class Place:
    """Where in the list: after one row or before another; `at` is the position of its first row, for the reader."""

    after: int = 0
    before: int = 0
    at: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> "Place":
        after, before = _whole(asked.get("after", "")), _whole(asked.get("before", ""))
        if not (after or before):
            return cls()
        return cls(after, 0 if after else before, max(_whole(asked.get("at", "")), 1))


@dataclass(frozen=True)
class Part:
    """The rows of one page, and whether there are others around them."""

    deliveries: list[Delivery]
    place: Place
    has_previous: bool
    has_next: bool


def chosen(campaign: Campaign, choice: Choice) -> QuerySet[Delivery]:
    """Everybody who was asked for, in no order."""
    found = Delivery.objects.filter(campaign=campaign).order_by()
    if choice.state:
        found = found.filter(status=choice.state)
    elif choice.reason:
        found = found.filter(status__in=WITH_REASON)
    elif choice.channel:
        found = found.filter(status__in=D.values)
    if choice.channel:
        found = found.filter(channel=choice.channel)
    if choice.reason:
        found = found.filter(error_kind=choice.reason, channel__in=Channel.values)
    if choice.number:
        found = found.filter(sender=int(choice.number))
    return found.filter(search_query(choice.search)) if choice.search else found


def count(campaign: Campaign, choice: Choice, by_channel: Mapping[str, Mapping[str, int]]) -> int:
    """How many were asked for; `by_channel` are the campaign's totals, by channel and state."""
    if not choice.is_counted:
        return chosen(campaign, choice).count()
    return sum(
        number
        for channel, states in by_channel.items()
        for state, number in states.items()
        if choice.channel in ("", channel) and choice.state in ("", state)
    )


def part_of(campaign: Campaign, choice: Choice, place: Place) -> Part:
    """One page. A place that has nobody any more is the beginning."""
    found = _by_key(chosen(campaign, choice), choice)
    if place.before:
        return _before(found, place)
    rows = _rows(found.filter(key__gt=place.after) if place.after else found)
    if place.after and not rows:
        return part_of(campaign, choice, Place())
    return Part(rows[:PER_PAGE], place, place.after > 0, len(rows) > PER_PAGE)


def _before(found: QuerySet[Any], place: Place) -> Part:
    rows = _rows(found.filter(key__lt=place.before), "-")[::-1]
    if len(rows) > PER_PAGE:
        return Part(rows[1:], place, True, True)
    rows = _rows(found)  # the first page, whole
    return Part(rows[:PER_PAGE], Place(), False, len(rows) > PER_PAGE)


def _by_key(found: QuerySet[Delivery], choice: Choice) -> QuerySet[Any]:
    """With the key that orders the list.

    By state, channel and reason it hides that it is the primary key. Otherwise databases walk along that one, reading
    row after row until enough fit, which for a rare reason means all of them; so they sort what one index holds.
    """
    is_in_totals = bool(choice.state or choice.channel or choice.reason) and not choice.number
    return found.annotate(key=F("pk") + 0 if is_in_totals else F("pk"))


def _rows(found: QuerySet[Any], direction: str = "") -> list[Delivery]:
    """One more than a page has, to know whether there is another. The keys are found first, in an index."""
    keys = found.order_by(f"{direction}key").values("pk")[: PER_PAGE + 1]
    return list(Delivery.objects.filter(pk__in=keys).select_related("sender").defer("text").order_by(f"{direction}pk"))


def address_of(choice: Choice, place: Place) -> str:
    """The query string that asks for the same people at this place."""
    where = {"after": place.after, "before": place.before, "at": place.at if place.at > 1 else 0}
    return urlencode({**choice.fields, **{name: value for name, value in where.items() if value}})


def searched(typed: str) -> str:
    """What somebody typed to find people, as a database may be asked for it."""
    return typed.replace("\x00", "").strip()[:LONGEST_SEARCH]


def search_query(typed: str) -> Q:
    """A part of a name, or a whole address however it was typed."""
    address = address_typed(typed)
    return Q(address=address) if address else Q(recipient__icontains=typed)


def address_typed(typed: str) -> str:
    """The number or e-mail address as deliveries keep it; empty when somebody typed a name."""
    if "@" in typed:
        return typed.strip().lower()
    try:
        return normalize_phone(typed, default_country()).e164
    except BadPhone:
        return ""


def _whole(typed: str) -> int:
    """0 for what is no number that an id can be."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= LONGEST_NUMBER else 0
