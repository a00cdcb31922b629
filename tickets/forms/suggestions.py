"""A text that may be anything, with words to choose from: no script is needed for it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tickets.models import TicketType
from tickets.types import GENERAL

MOST = 60


class SuggestInput(forms.TextInput):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off"} | (attrs or {}))
        self.suggestions: Sequence[tuple[str, str]] = ()  # each with a note on it

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        list_id = f"{(attrs or {}).get('id') or name}-suggestions"
        shown = super().render(name, value, (attrs or {}) | {"list": list_id}, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', self.suggestions)
        return format_html('{}<datalist id="{}">{}</datalist>', shown, list_id, options)


def suggested_types() -> list[tuple[str, str]]:
    """The types of the events that are still open, each with the events that have it; first what all others have."""
    found: dict[str, list[str]] = {}
    rows = TicketType.objects.filter(event__is_active=True).order_by("name", "event__starts_at")
    for name, event in rows.values_list("name", "event__name")[:MOST]:
        found.setdefault(name, []).append(event)
    return [(GENERAL, ""), *((name, ", ".join(events)) for name, events in found.items() if name != GENERAL)]
