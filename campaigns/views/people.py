"""The people of a campaign: each with what became of their message, filtered, searched, fifty on a page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from campaigns.enums import DeliveryStatus
from campaigns.explanations import Explanation, explain
from campaigns.models import Campaign, Delivery
from campaigns.progress import Snapshot
from campaigns.views.showing import DELIVERY_TONES
from tickets.countries import default_country
from tickets.phones import BadPhone, normalize_phone

PER_PAGE = 50
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Row:
    delivery: Delivery
    tone: str
    explanation: Explanation | None


@dataclass(frozen=True)
class Choice:
    """What somebody asked to see of the list; anything that makes no sense counts as not asked."""

    state: str = ""
    search: str = ""
    page: str = "1"

    @classmethod
    def of(cls, asked: Any) -> "Choice":
        state = asked.get("state", "")
        return cls(
            state=state if state in DeliveryStatus.values else "",
            search=asked.get("q", "").strip()[:LONGEST_SEARCH],
            page=asked.get("page", "1"),
        )

    def query(self, page: int) -> str:
        asked = {"state": self.state, "q": self.search, "page": page if page > 1 else ""}
        return urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True)
class People:
    choice: Choice
    page: Page
    rows: list[Row]
    has_any: bool

    @property
    def previous(self) -> str:
        return self.choice.query(self.page.previous_page_number())

    @property
    def next(self) -> str:
        return self.choice.query(self.page.next_page_number())


def people_page(campaign: Campaign, asked: Any, counted: Snapshot) -> People:
    """The page has just counted everybody; only what is searched for is counted here."""
    choice = Choice.of(asked)
    pages = Paginator(_chosen(Delivery.objects.filter(campaign=campaign), choice), PER_PAGE)
    if not choice.search:
        pages.count = counted.by_state.get(choice.state, 0) if choice.state else counted.total
    page = pages.get_page(choice.page)
    return People(choice, page, [_row(delivery) for delivery in page], counted.total > 0)


def _chosen(deliveries: QuerySet[Delivery], choice: Choice) -> QuerySet[Delivery]:
    if choice.state:
        deliveries = deliveries.filter(status=choice.state)
    if choice.search:
        deliveries = deliveries.filter(search_query(choice.search))
    return deliveries.select_related("sender").defer("text").order_by("pk")


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


def _row(delivery: Delivery) -> Row:
    explained = explain(delivery.error_kind) if delivery.error_kind else None
    return Row(delivery, DELIVERY_TONES[DeliveryStatus(delivery.status)], explained)
