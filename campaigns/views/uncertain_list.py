"""The uncertain messages: filtered, searched, a page of them at a time, and which of them somebody means."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.http import QueryDict
from django.utils.translation import gettext as _

from campaigns.enums import Channel, DeliveryStatus
from campaigns.evidence import Evidence, evidence_of
from campaigns.models import Campaign, Delivery, DeliveryAttempt
from campaigns.people import search_query, searched
from campaigns.views.base import HEAVY
from campaigns.views.showing import when

PER_PAGE = 25
MOST_OPTIONS = 50
MOST_CHOSEN = 500  # a page holds fewer; more comes from nobody's browser
OWN_MAILBOX = "mailbox-0"  # the mail server of the installation


@dataclass(frozen=True)
class Choice:
    """What somebody asked to see; anything that makes no sense counts as not asked."""

    campaign: int = 0
    place: str = ""
    channel: str = ""
    search: str = ""
    page: str = "1"

    @classmethod
    def of(cls, asked: QueryDict) -> "Choice":
        channel = asked.get("channel", "")
        place = asked.get("from", "")
        return cls(
            campaign=_id(asked.get("campaign", "")),
            place=place if _place(place) else "",
            channel=channel if channel in Channel.values else "",
            search=searched(asked.get("q", "")),
            page=asked.get("page", "1"),
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.campaign or self.place or self.channel or self.search)

    def address(self, path: str, **changes: Any) -> str:
        return (path + self.query(**changes)).removesuffix("?")

    def query(self, **changes: Any) -> str:
        """Of the same list with something changed; the first page where nothing else is said."""
        other = replace(self, **({"page": ""} | changes))
        asked = {
            "campaign": other.campaign,
            "from": other.place,
            "channel": other.channel,
            "q": other.search,
            "page": other.page,
        }
        return "?" + urlencode({name: value for name, value in asked.items() if value})


def _id(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0


def _place(typed: str) -> Q | None:
    """`number-3`, `mailbox-2`, `mailbox-0`: which lanes that means."""
    kind, _dash, number = typed.partition("-")
    if typed == OWN_MAILBOX:
        return Q(lane__channel=Channel.EMAIL, lane__mailbox=None)
    if kind in ("number", "mailbox") and _id(number):
        return Q(**{"lane__sender" if kind == "number" else "lane__mailbox": _id(number)})
    return None


def uncertain() -> QuerySet[Delivery]:
    return Delivery.objects.filter(status=DeliveryStatus.UNCERTAIN)


def matching(choice: Choice) -> QuerySet[Delivery]:
    found = uncertain()
    if choice.campaign:
        found = found.filter(campaign=choice.campaign)
    if choice.channel:
        found = found.filter(channel=choice.channel)
    if choice.search:
        found = found.filter(search_query(choice.search))
    if (place := _place(choice.place)) is not None:
        last = DeliveryAttempt.objects.filter(place, delivery=OuterRef("pk"), number=OuterRef("attempts_made"))
        found = found.filter(Exists(last))
    return found


@dataclass(frozen=True)
class Seen:
    """How many somebody saw, and a print of exactly these: one that came in place of another is a change too."""

    number: int
    mark: str

    @classmethod
    def of(cls, deliveries: QuerySet[Delivery]) -> "Seen":
        # A message that was sent again and is uncertain once more is not what was seen either: it has another call.
        sums = deliveries.order_by().aggregate(n=Count("pk"), rows=Sum("pk"), calls=Sum("attempts_made"))
        return cls(sums["n"], f"{sums['n']}-{sums['rows'] or 0}-{sums['calls'] or 0}")

    @staticmethod
    def number_in(mark: str) -> int:
        return _id(mark.partition("-")[0])


@dataclass(frozen=True)
class Meant:
    """The messages that somebody ticked, or all that match."""

    deliveries: QuerySet[Delivery]
    is_everything: bool
    ids: tuple[int, ...] = ()

    @classmethod
    def of(cls, choice: Choice, posted: QueryDict) -> "Meant":
        if posted.get("across"):
            return cls(matching(choice), is_everything=True)
        ids = sorted({pk for typed in posted.getlist("chosen")[:MOST_CHOSEN] if (pk := _id(typed))})
        return cls(uncertain().filter(pk__in=ids), is_everything=False, ids=tuple(ids))

    @property
    def is_nobody(self) -> bool:
        return not self.is_everything and not self.ids


@dataclass(frozen=True)
class Row:
    evidence: Evidence
    now: datetime

    @property
    def delivery(self) -> Delivery:
        return self.evidence.delivery

    def _when(self, moment: datetime) -> str:
        return when(moment, self.delivery.campaign.zone, now=self.now)

    @property
    def started(self) -> str:
        return self._when(self.evidence.started_at)

    @property
    def place(self) -> str:
        own = _("Mail server of this installation") if self.delivery.channel == Channel.EMAIL else ""
        return self.evidence.place or own

    @property
    def signs(self) -> list[str]:
        return list(self.evidence.signs(self._when))


@dataclass(frozen=True)
class Option:
    label: str
    query: str
    selected: bool


@dataclass(frozen=True)
class Filter:
    """One drop-down, as the lists of the admin have them."""

    title: str
    choices: list[Option]


@dataclass(frozen=True)
class Desk:
    """One look at the list."""

    choice: Choice
    now: datetime

    @cached_property
    def seen(self) -> Seen:
        return Seen.of(matching(self.choice))

    @cached_property
    def page(self) -> Page:
        rows = matching(self.choice).select_related("campaign", "sender").order_by("-pk")
        paginator = Paginator(rows.defer("text", *(f"campaign__{name}" for name in HEAVY)), PER_PAGE)
        paginator.count = self.seen.number  # counted above
        return paginator.get_page(self.choice.page)

    @cached_property
    def rows(self) -> list[Row]:
        return [Row(evidence, self.now) for evidence in evidence_of(list(self.page))]

    @property
    def previous(self) -> str:
        return self.choice.query(page=self.page.previous_page_number())

    @property
    def next(self) -> str:
        return self.choice.query(page=self.page.next_page_number())

    @cached_property
    def filters(self) -> list[Filter]:
        """Of what there is: a filter with nothing to choose from is not shown."""
        campaigns: dict[Any, str] = {}
        channels: dict[Any, str] = {}
        for pk, name, channel in (
            uncertain().values_list("campaign", "campaign__name", "channel").distinct().order_by("-campaign")
        ):
            campaigns[pk] = name
            channels[channel] = str(Channel(channel).label)
        shown = [
            self._filter(_("Campaign"), "campaign", dict(islice(campaigns.items(), MOST_OPTIONS)), 0),
            self._filter(_("Number or mailbox"), "place", _places(), ""),
            self._filter(_("Channel"), "channel", channels, ""),
        ]
        return [one for one in shown if len(one.choices) > 2 or any(c.selected for c in one.choices[1:])]

    def _filter(self, title: str, name: str, values: Mapping[Any, str], nothing: Any) -> Filter:
        current = getattr(self.choice, name)
        options = [(nothing, _("All")), *values.items()]
        return Filter(
            title,
            [Option(label, self.choice.query(**{name: value}), value == current) for value, label in options],
        )

    @cached_property
    def campaign(self) -> Campaign | None:
        if not self.choice.campaign:
            return None
        return Campaign.objects.only("pk", "name").filter(pk=self.choice.campaign).first()


def _places() -> dict[str, str]:
    """Where the last calls of the uncertain messages were made from."""
    last = DeliveryAttempt.objects.filter(
        delivery__status=DeliveryStatus.UNCERTAIN, number=F("delivery__attempts_made")
    )
    lanes = last.order_by().values_list("lane__sender", "lane__sender__name", "lane__mailbox", "lane__mailbox__name")
    places = {}
    for sender, number, mailbox, name in lanes.distinct():
        if sender:
            places[f"number-{sender}"] = number
        else:
            places[f"mailbox-{mailbox or 0}"] = name or _("Mail server of this installation")
    return dict(sorted(places.items(), key=lambda place: place[1].casefold()))
