"""Texts with all that is the same for everybody put in once, so that only the rest is left for each person."""

from collections.abc import Mapping

from campaigns.placeholders import Slot, Template
from campaigns.values import clean_value


def filled(template: Template, values: Mapping[str, str]) -> tuple[Template, frozenset[str]]:
    """The template with these values put in, as `render` would, and whose fallbacks that took."""
    parts: list[str | Slot] = []
    fallbacks = set()
    for part in template.parts:
        if isinstance(part, str) or part.key not in values:
            parts.append(part)
        elif value := clean_value(values[part.key]):
            parts.append(value)
        elif part.fallback is not None:
            fallbacks.add(part.name)
            parts.append(part.fallback)
    return Template(_joined(parts)), frozenset(fallbacks)


def _joined(parts: list[str | Slot]) -> tuple[str | Slot, ...]:
    """Texts that stand beside each other as one."""
    joined: list[str | Slot] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)
