"""The people of a campaign as rows of a file: exactly those who were asked for, with what became of each message."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.enums import Channel, DeliveryStatus, SkipReason
from campaigns.explanations import explain
from campaigns.models import Campaign, Delivery
from campaigns.outcomes import CONSEQUENCES
from campaigns.people import Choice, chosen
from tickets.dates import in_zone, zone_words
from whatsapp.models import Sender
from whatsapp.said import in_words

ROWS_AT_ONCE = 2000
WIDTHS = (28, 20, 12, 16, 24, 40, 40, 9, 20, 20, 20)
FIELDS = (
    "recipient",
    "address",
    "channel",
    "status",
    "sender",
    "error_kind",
    "error_detail",
    "attempts_made",
    "sent_at",
    "delivered_at",
    "read_at",
)


class Sheet:
    """Header and rows in the reader's language: a file is written after that was put back."""

    widths = WIDTHS

    def __init__(self, campaign: Campaign, choice: Choice):
        language = get_language() or "es"
        place = zone_words(in_zone(timezone.now(), campaign.zone), language)
        self.campaign, self.choice = campaign, choice
        self.header = [
            _("Person"),
            _("Address"),
            _("Channel"),
            _("Status"),
            _("Sent from"),
            _("Reason"),
            _("Detail"),
            _("Calls"),
            *(f"{name} ({place})" for name in (_("Sent"), _("Delivered"), _("Read"))),
        ]
        kinds = {str(kind) for kind in CONSEQUENCES} | set(SkipReason.values) | {"too_long"}
        self._reasons = {kind: str(explain(kind).sentence) for kind in kinds}
        self._channels = {value: str(label) for value, label in Channel.choices}
        self._states = {value: str(label) for value, label in DeliveryStatus.choices}
        self._senders = dict(Sender.objects.values_list("pk", "name"))
        self._words_of = _reader(language)

    def rows(self) -> Iterator[list[str]]:
        """Read as they are written, so that a million take no memory."""
        found = _in_order(chosen(self.campaign, self.choice), self.choice).values_list(*FIELDS)
        for row in found.iterator(chunk_size=ROWS_AT_ONCE):
            yield self._row(row)

    def _row(self, row: Any) -> list[str]:
        recipient, address, channel, status, sender, kind, detail, calls, *moments = row
        return [
            recipient,
            address,
            self._channels.get(channel, channel),
            self._states.get(status, status),
            self._senders.get(sender, ""),
            self._reasons.get(kind, kind),
            self._words_of(detail),
            str(calls),
            *(self._moment(moment) for moment in moments),
        ]

    def _moment(self, moment: datetime | None) -> str:
        """Sorts as text, and every spreadsheet knows it for a moment."""
        return f"{moment.astimezone(self.campaign.zone):%Y-%m-%d %H:%M:%S}" if moment else ""


def _reader(language: str) -> Callable[[str], str]:
    """Of details, of which one campaign holds the same few again and again."""

    @lru_cache(maxsize=1000)
    def read(detail: str) -> str:
        with translation.override(language):
            return in_words(detail)

    return read


def _in_order(found: QuerySet[Delivery], choice: Choice) -> QuerySet[Delivery]:
    """In the order of an index, so that nothing has to be sorted before the first row can leave."""
    return found.order_by("channel", "error_kind", "pk") if choice.state else found.order_by("pk")
