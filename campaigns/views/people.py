"""The people of a campaign: each with what became of their message, filtered, searched, fifty on a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns.enums import Channel, DeliveryStatus
from campaigns.explanations import SENT_ONLY, Explanation, explain
from campaigns.models import Campaign, Delivery
from campaigns.people import PER_PAGE, Choice, Part, Place, address_of, count, part_of
from campaigns.scene import Scene
from campaigns.views.live import Live
from campaigns.views.showing import DELIVERY_TONES, is_unconfirmed

LONGEST_OPTION = 60


@dataclass(frozen=True)
class Row:
    delivery: Delivery
    tone: str
    explanation: Explanation | None

    @property
    def unconfirmed(self) -> str | Promise:
        """What is to be said of a WhatsApp message of which only the sending is known."""
        return SENT_ONLY.sentence if is_unconfirmed(self.delivery) else ""


class Option(NamedTuple):
    """One entry of a drop-down."""

    value: str
    label: str
    is_chosen: bool


class Filter(NamedTuple):
    """One drop-down; `everything` is its first entry, which filters nothing."""

    name: str
    label: str
    everything: str
    options: list[Option]


@dataclass(frozen=True)
class People:
    choice: Choice
    part: Part
    rows: list[Row]
    filters: list[Filter]
    total: int
    has_any: bool

    @property
    def first(self) -> int:
        """Its position in the list; the list may have grown or shrunk since the reader came here."""
        return max(1, min(self.part.place.at, self.total - len(self.rows) + 1))

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def here(self) -> str:
        return address_of(self.choice, self.part.place)

    @property
    def beginning(self) -> str:
        return address_of(self.choice, Place())

    @property
    def previous(self) -> str:
        first = self.part.deliveries[0].pk
        return address_of(self.choice, Place(before=first, at=max(self.first - PER_PAGE, 1)))

    @property
    def next(self) -> str:
        last = self.part.deliveries[-1].pk
        return address_of(self.choice, Place(after=last, at=self.last + 1))


def people_page(campaign: Campaign, asked: Mapping[str, Any], live: Live, scene: Scene) -> People:
    """The page has just counted everybody; only what is searched for is counted here."""
    choice = Choice.of(asked)
    part = part_of(campaign, choice, Place.of(asked))
    return People(
        choice=choice,
        part=part,
        rows=[_row(delivery) for delivery in part.deliveries],
        filters=_filters(choice, live, scene),
        total=count(campaign, choice, live.snapshot.by_channel),
        has_any=live.snapshot.total > 0,
    )


def _filters(choice: Choice, live: Live, scene: Scene) -> list[Filter]:
    """What there is to choose from; a drop-down with less than two entries helps nobody, unless it is in use."""
    states = [(state.value, f"{state.label} ({state.number})") for state in live.states]
    channels = [(value, str(label)) for value, label in Channel.choices if value in live.snapshot.by_channel]
    reasons = {trouble.kind: trouble.explanation.sentence for trouble in live.troubles if trouble.kind}
    senders = [(str(lane.sender.pk), lane.sender.name) for lane in scene.lanes if lane.sender]
    all_filters = [
        _filter("state", _("Status"), _("All statuses"), states, choice.state),
        _filter("channel", _("Channel"), _("All channels"), channels, choice.channel),
        _filter("reason", _("Reason"), _("All reasons"), list(reasons.items()), choice.reason),
        _filter("number", _("Sent from"), _("All numbers"), sorted(senders, key=lambda one: one[1]), choice.number),
    ]
    return [one for one in all_filters if len(one.options) > 1 or one.name == "state" or one.name in choice.fields]


def _filter(name: str, label: str, everything: str, known: list[tuple[str, Any]], chosen: str) -> Filter:
    if chosen and chosen not in [value for value, _label in known]:
        known = [*known, (chosen, _unlisted(name, chosen))]
    return Filter(name, label, everything, [Option(value, _short(str(text)), value == chosen) for value, text in known])


def _unlisted(name: str, value: str) -> str:
    """What is chosen and has nobody any more keeps its name."""
    if name == "state":
        return str(DeliveryStatus(value).label)
    if name == "channel":
        return str(Channel(value).label)
    return str(explain(value).sentence) if name == "reason" else value


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_OPTION else text[: LONGEST_OPTION - 1] + "…"


def _row(delivery: Delivery) -> Row:
    explained = explain(delivery.error_kind) if delivery.error_kind else None
    return Row(delivery, DELIVERY_TONES[DeliveryStatus(delivery.status)], explained)
