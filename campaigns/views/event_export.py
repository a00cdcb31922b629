"""The people without a ticket as a file: exactly those who were asked for, streamed, and on record who took them."""

from array import array
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.text import capfirst, slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.event_reach import Reach
from campaigns.people import address_typed
from campaigns.safe_mode import masked
from campaigns.views.event_missing import Row
from campaigns.views.event_people import Choice
from campaigns.views.export import SHORTEST_ADDRESS, TYPES, XLSX
from tickets.dates import in_zone
from tickets.models import Event, Ticket
from tickets.spreadsheets import csv_pieces, xlsx_pieces

ROWS_AT_ONCE = 500
WIDTHS = (28, 14, 16, 9, 20, 32, 16, 44, 44)
FIELDS = ("holder__name", "code", "type", "companions", "holder__phone", "holder__email")


class Sheet:
    """Header and rows, with every word said at once: a file is written after the reader's language was put back."""

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


def file_of(event: Event, sheet: Sheet, kind: str) -> StreamingHttpResponse:
    """`kind` is csv or xlsx."""
    if kind == XLSX:
        pieces = xlsx_pieces(sheet.header, sheet.rows(), title=_("Without a ticket"), widths=WIDTHS)
    else:
        separator = ";" if (get_language() or "es").startswith("es") else ","
        pieces = csv_pieces(sheet.header, sheet.rows(), separator=separator)
    day = in_zone(timezone.now(), event.timezone)
    name = f"{slugify(event.name)[:60] or 'event'}-{day:%Y-%m-%d-%H%M}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type=TYPES[kind], headers=headers)


def facts(number: int, kind: str, choice: Choice) -> dict[str, Any]:
    """For the history, which outlives the people in it: of an address only enough to recognise it by."""
    typed = choice.search
    looks_like_one = address_typed(typed) or sum(letter.isdecimal() for letter in typed) >= SHORTEST_ADDRESS
    asked = {"q": masked(address_typed(typed) or typed) if looks_like_one else typed} if typed else {}
    told: dict[str, Any] = {"rows": number, "format": kind.upper(), "filters": urlencode(asked)}
    return {name: value for name, value in told.items() if value != ""}
