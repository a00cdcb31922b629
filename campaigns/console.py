"""A campaign that is followed from a command until it is over.

A bar where somebody is watching; plain lines everywhere else, so that a log can be read afterwards.
"""

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import IO, Protocol, Self, cast

from django.core.management.base import OutputWrapper
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from campaigns.management.words import clock_words, counts_words, moment_words, waiting_words
from campaigns.models import Campaign
from campaigns.progress import Snapshot, snapshot
from campaigns.scene import Scene
from campaigns.waiting import Waiting
from whatsapp.pacing import Veto

LOOK_SECONDS = 1.0
LINE_SECONDS = 10.0  # between two plain lines that differ by numbers only
COUNTED_DOWN = timedelta(minutes=2)  # a wait that ends within this is counted down; a longer one has an hour
BAR_WIDTH = 30


def follow(
    campaign: Campaign,
    *,
    out: OutputWrapper,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], datetime] = timezone.now,
) -> Snapshot:
    """Look at it, and show it, until it is over. It only looks: Ctrl-C ends the looking and nothing else."""
    with _display(out) as display:
        while True:
            seen = _look(campaign, now=clock())
            if seen is None:
                display.say(_("The database does not answer. It is asked again."))
            else:
                display.show(seen)
                if seen.is_over:
                    return seen
            sleep(LOOK_SECONDS)


def _look(campaign: Campaign, *, now: datetime) -> Snapshot | None:
    """A run of hours outlives a restart of the database, and so does the watching."""
    try:
        campaign.refresh_from_db()
        return snapshot(campaign, Scene(now))
    except (OperationalError, InterfaceError):
        connection.close()
        return None


class Display(Protocol):
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    def show(self, seen: Snapshot) -> None: ...
    def say(self, sentence: str) -> None: ...


def _display(out: OutputWrapper) -> Display:
    console = Console(file=cast(IO[str], Unbroken(out)))
    return Bar(console) if console.is_terminal and not console.is_dumb_terminal else Lines(out)


class Unbroken:
    """Django's wrapper ends a line after everything that is written; rich moves about and ends its lines itself."""

    def __init__(self, out: OutputWrapper):
        self.out = out
        self.encoding = getattr(sys.stdout, "encoding", None) or "utf-8"

    def write(self, text: str) -> None:
        self.out.write(text, ending="")

    def flush(self) -> None:
        self.out.flush()

    def isatty(self) -> bool:
        return self.out.isatty()


class Bar:
    """One bar that moves, and under it the current wait; gone when it is over."""

    def __init__(self, console: Console):
        # Drawn by us after each look: no thread, and nothing on the screen that was not counted.
        self.live = Live(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )

    def __enter__(self) -> Self:
        self.live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.live.stop()

    def show(self, seen: Snapshot) -> None:
        bar = Table.grid(padding=(0, 1))
        bar.add_row(
            Text(str(seen.campaign.get_status_display())),
            ProgressBar(total=max(seen.total, 1), completed=seen.done, width=BAR_WIDTH),
            Text(f"{seen.percent} %"),
            Text(counts_words(seen)),
            Text(_end_words(seen)),
        )
        wait = _countdown(seen.waiting, seen) if seen.waiting else ""
        self.live.update(Group(bar, Text(wait)), refresh=True)

    def say(self, sentence: str) -> None:
        self.live.update(Text(sentence), refresh=True)


def _end_words(seen: Snapshot) -> str:
    if seen.finish_at is None:
        return ""
    return "→ " + moment_words(seen.finish_at, seen.campaign.zone, now=seen.taken_at)


def _countdown(waiting: Waiting, seen: Snapshot) -> str:
    now = seen.taken_at
    if waiting.until is None or not now < waiting.until <= now + COUNTED_DOWN:
        return waiting_words(waiting, seen.campaign.zone, now=now)
    return f"{waiting.sentence} {(waiting.until - now).total_seconds():.0f} s"


class Lines:
    """A line at once when the state or the reason for waiting changes, every few seconds when only numbers do."""

    def __init__(self, out: OutputWrapper):
        self.out = out
        self.news: object = None
        self.counts: dict[str, int] = {}
        self.told_at: datetime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.out.flush()

    def show(self, seen: Snapshot) -> None:
        # The gap between two messages comes and goes with each of them: that is movement, not news.
        waiting = None if seen.waiting and seen.waiting.reason == Veto.PACE else seen.waiting
        news = (seen.campaign.status, waiting and waiting.reason)
        if news == self.news and not self._has_moved(seen):
            return
        self.news, self.counts, self.told_at = news, seen.by_state, seen.taken_at
        parts = [clock_words(seen.taken_at, seen.campaign.zone), str(seen.campaign.get_status_display())]
        if seen.total:
            parts += [f"{seen.percent} %", counts_words(seen)]
        if waiting:
            parts.append(waiting_words(waiting, seen.campaign.zone, now=seen.taken_at))
        self._write("  ".join(parts))

    def _has_moved(self, seen: Snapshot) -> bool:
        is_due = self.told_at is None or seen.taken_at - self.told_at >= timedelta(seconds=LINE_SECONDS)
        return is_due and seen.by_state != self.counts

    def say(self, sentence: str) -> None:
        if sentence != self.news:
            self.news = sentence
            self._write(sentence)

    def _write(self, line: str) -> None:
        self.out.write(line)
        self.out.flush()  # a pipe would keep it back until there are many
