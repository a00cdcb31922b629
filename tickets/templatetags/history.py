"""The history of one row on its "History" page, and the parts of an entry that pages show."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.db.models import Model
from django.utils import timezone
from django.utils.safestring import SafeString

from tickets.admin.showing import badge, local_time, tag_badges
from tickets.history import entries_of
from tickets.history_words import action_words, details_of, moment_words, tone_of, who
from tickets.models import HistoryEntry, Tag
from tickets.timeline import Entry

register = template.Library()
PER_PAGE = 50


@register.simple_tag
def history_of(obj: Model, page: Any = 1) -> Any:
    """A page of it, the newest first."""
    return Paginator(entries_of(obj).select_related("content_type"), PER_PAGE).get_page(page)


@register.filter
def history_who(entry: HistoryEntry) -> str:
    return who(entry)


@register.filter
def history_action(entry: HistoryEntry) -> SafeString:
    return badge(action_words(entry.action), tone_of(entry.action))


@register.filter
def history_details(entry: HistoryEntry) -> list[str]:
    return details_of(entry)


@register.filter
def moment(at: datetime) -> str:
    return moment_words(at)


@register.filter
def history_tags(tags: Iterable[Tag]) -> str:
    return tag_badges(tags)


@register.filter
def timeline_when(entry: Entry) -> str:
    """In the zone of its event or campaign, else in the site's own."""
    return local_time(entry.place.at, entry.zone or timezone.get_current_timezone())
