"""How states, moments and small facts look in lists and forms."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tickets.date_formats import formatted
from tickets.dates import in_zone, zone_words
from tickets.enums import CheckInResult, TicketStatus
from tickets.models import Tag

TONES = {
    TicketStatus.VALID: "ok",
    TicketStatus.BLOCKED: "warn",
    TicketStatus.VOIDED: "bad",
    TicketStatus.REPLACED: "warn",
    CheckInResult.GOOD: "ok",
    CheckInResult.REFUSED: "bad",
}
TAG_TONES = {
    Tag.Color.GREY: "neutral",
    Tag.Color.BLUE: "info",
    Tag.Color.GREEN: "ok",
    Tag.Color.AMBER: "warn",
    Tag.Color.RED: "bad",
    Tag.Color.PURPLE: "violet",
}


def badge(label: object, tone: str) -> SafeString:
    return format_html('<span class="p-badge p-badge-{}">{}</span>', tone, label)


def tag_badges(tags: Iterable[Tag]) -> SafeString | str:
    badges = format_html_join(" ", "{}", ((badge(tag.name, TAG_TONES[Tag.Color(tag.color)]),) for tag in tags))
    return format_html('<span class="p-tags">{}</span>', badges) if badges else ""


def local_time(moment: datetime | None, zone: tzinfo) -> SafeString | str:
    """The hour that people there see, with its place: never the server's."""
    if moment is None:
        return ""
    local, language = in_zone(moment, zone), get_language() or "es"
    return format_html(
        '<span class="nowrap">{}</span> <small class="nowrap">{} ({})</small>',
        formatted(local, "D j M Y"),
        date_format(local, "H:i"),
        zone_words(local, language),
    )
