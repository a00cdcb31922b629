"""How commands write: tables, moments and numbers in words."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import zip_longest

from django.core.management.base import BaseCommand
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rich.cells import cell_len

from campaigns import safe_mode
from campaigns.progress import Snapshot
from campaigns.waiting import Waiting
from tickets.date_formats import formatted
from tickets.dates import in_zone, time_words, zone_words


def table(rows: Sequence[Sequence[object]]) -> list[str]:
    """Columns side by side; those that hold numbers are aligned to the right."""
    columns = list(zip_longest(*rows, fillvalue=""))
    widths = [max(cell_len(str(cell)) for cell in column) for column in columns]
    are_numbers = [any(isinstance(cell, int) for cell in column) for column in columns]
    return ["  ".join(_padded(row, widths, are_numbers)).rstrip() for row in rows]


def _padded(row: Sequence[object], widths: list[int], are_numbers: list[bool]) -> Iterator[str]:
    for cell, width, is_number in zip(map(str, row), widths, are_numbers, strict=False):
        blanks = " " * (width - cell_len(cell))
        yield blanks + cell if is_number else cell + blanks


def moment_words(moment: datetime, zone: tzinfo, *, now: datetime) -> str:
    """`15:42 (Bogotá)` for today, else with its day."""
    local = in_zone(moment, zone)
    hour = time_words(local, _language())
    return hour if local.date() == in_zone(now, zone).date() else f"{formatted(local, 'j M Y')}, {hour}"


def clock_words(moment: datetime, zone: tzinfo) -> str:
    """`15:42:07 (Bogotá)`."""
    local = in_zone(moment, zone)
    return f"{local:%H:%M:%S} ({zone_words(local, _language())})"


def _language() -> str:
    return get_language() or "es"


def waiting_words(waiting: Waiting, zone: tzinfo, *, now: datetime) -> str:
    if waiting.until is None or waiting.until <= now:
        return waiting.sentence
    until = moment_words(waiting.until, zone, now=now)
    return _("%(sentence)s Until %(moment)s.") % {"sentence": waiting.sentence, "moment": until}


def counts_words(seen: Snapshot) -> str:
    words = [_("%(done)d of %(total)d") % {"done": seen.done, "total": seen.total}]
    if seen.failed:
        words.append(_("%(n)d failed") % {"n": seen.failed})
    if seen.uncertain:
        words.append(_("%(n)d uncertain") % {"n": seen.uncertain})
    return ", ".join(words)


def say_safe_mode(command: BaseCommand) -> None:
    """Beside what a command answers, so that programs may go on reading that."""
    if safe_mode.is_on():
        command.stderr.write(command.style.WARNING(safe_mode.sentence()))
