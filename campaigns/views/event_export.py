"""The people without a ticket as a file: exactly those who were asked for, streamed, and on record who took them."""

from array import array
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from campaigns.event_reach import Reach
from campaigns.views.event_missing import Row
from campaigns.views.event_people import Choice
from tickets.masks import search_masked
from tickets.models import Ticket

ROWS_AT_ONCE = 500
WIDTHS = (28, 14, 16, 9, 20, 32, 16, 44, 44)
FIELDS = ("holder__name", "code", "type", "companions", "holder__phone", "holder__email")


class Sheet:
    """Header and rows, with every word said at once: a file is written after the reader's language was put back."""

    widths = WIDTHS

    def __init__(self, reach: Reach, rows: list[Row], ids: "array[int]"):
        self.ids, self._rows, self._why = ids, {row.key: row for row in rows}, reach.why_of()
        self.header = [
            _("Person"),
            _("Code"),
            _("Type"),
            _("People"),
            capfirst(_("WhatsApp number")),
            _("E-mail"),
            _("Status"),
            _("Why"),
            _("What to do"),
        ]

    def rows(self) -> Iterator[list[str]]:
        for start in range(0, len(self.ids), ROWS_AT_ONCE):
            part = self.ids[start : start + ROWS_AT_ONCE]
            for pk, *told in Ticket.objects.filter(pk__in=part).order_by("pk").values_list("pk", *FIELDS):
                yield self._row(pk, told)

    def _row(self, pk: int, told: list[Any]) -> list[str]:
        name, code, kind, companions, phone, email = told
        row = self._rows[self._why[pk].key]
        return [name, code, kind, str(companions + 1), phone, email, row.label, row.sentence, row.suggestion]


def facts(number: int, kind: str, choice: Choice) -> dict[str, Any]:
    """For the history, which outlives the people in it: of an address only enough to recognise it by."""
    asked = {"q": search_masked(choice.search)} if choice.search else {}
    told: dict[str, Any] = {"rows": number, "format": kind.upper(), "filters": urlencode(asked)}
    return {name: value for name, value in told.items() if value != ""}
