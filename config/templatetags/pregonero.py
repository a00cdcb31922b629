"""Small parts that every template may use."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite. It says nothing to a screen reader: a word always stands beside it."""
    return format_html(
        '<svg class="p-icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("pregonero/icons.svg"),
        name,
    )


class ChartRow(NamedTuple):
    """The numbers of one place on the axis, as the table beside the picture shows them."""

    label: str
    values: tuple[Any, ...]
    marks: str


@register.inclusion_tag("admin/_chart.html")
def chart(data: Mapping[str, Any], element_id: str, label: str) -> dict[str, Any]:
    """A line or bar chart with its numbers as text; `label` says in a sentence what the picture shows.

    docs/theme.md says what `data` holds. It travels as JSON, so that no script stands in the page.
    """
    marks: Sequence[Mapping[str, Any]] = data.get("marks", ())
    values = zip_longest(*(series["values"] for series in data["series"]))
    rows = [
        ChartRow(str(name), numbers, "; ".join(mark["label"] for mark in marks if mark["at"] == at))
        for at, (name, numbers) in enumerate(zip_longest(data["labels"], values, fillvalue=()))
    ]
    return {"data": data, "id": element_id, "data_id": f"{element_id}-data", "label": label, "rows": rows}
