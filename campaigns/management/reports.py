"""Tables about a campaign: where it stands, and who did not get it and why."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from campaigns.enums import Channel, DeliveryStatus
from campaigns.explanations import explain
from campaigns.management.words import table, waiting_words
from campaigns.numbers import Number
from campaigns.progress import Snapshot, errors_by_kind

D = DeliveryStatus

# Said even when they are zero: a line that is missing leaves a doubt.
ALWAYS = (D.FAILED, D.UNCERTAIN, D.SKIPPED)
SOMETIMES = (D.EXPIRED, D.CANCELLED)


def state_lines(seen: Snapshot) -> list[str]:
    """States down, channels across, with their sums."""
    channels = [channel for channel in Channel if channel in seen.by_channel]
    rows: list[list[object]] = [["", *(channel.label for channel in channels), _("Total")]]
    for state in D:
        if state in seen.by_state:
            counts = [seen.by_channel[channel].get(state, 0) for channel in channels]
            rows.append([state.label, *counts, seen.by_state[state]])
    sums = [sum(seen.by_channel[channel].values()) for channel in channels]
    return table([*rows, [_("Total"), *sums, seen.total]])


def outcome_lines(seen: Snapshot) -> list[str]:
    """Sent, failed and why, uncertain, skipped and why."""
    reasons = errors_by_kind(seen.campaign)
    rows: list[tuple[object, ...]] = [(D.SENT.label, seen.arrived)]
    for state in (*ALWAYS, *SOMETIMES):
        rows += _rows_of(state, seen.by_state.get(state, 0), reasons)
    return table(rows)


def reason_lines(seen: Snapshot) -> list[str]:
    """The same without what needs no reason."""
    reasons = errors_by_kind(seen.campaign)
    return table([(D(state).label, number, why_words(kind)) for state, kind, number in reasons])


def _rows_of(state: D, number: int, reasons: list[tuple[str, str, int]]) -> Iterator[tuple[object, ...]]:
    own = [(kind, count) for status, kind, count in reasons if status == state]
    for kind, count in own:
        yield state.label, count, why_words(kind)
    if not own and (number or state in ALWAYS):
        yield state.label, number


def why_words(kind: str) -> str:
    """What it means and what to do about it."""
    found = explain(kind)
    return f"{found.sentence} {found.suggestion}".strip()


def number_lines(numbers: list[Number], seen: Snapshot) -> list[str]:
    """Each number: today's messages, its pause, and why it waits."""
    rows = [(number.name, _today(number), _pause(number), _why(number, seen)) for number in numbers]
    return table([("", _("Today"), _("Pause"), ""), *rows]) if rows else []


def _today(number: Number) -> str:
    return f"{number.sent_today} / {number.cap_today}" if number.cap_today else str(number.sent_today)


def _pause(number: Number) -> str:
    slow = f" (×{number.slow_down:.2g})" if number.is_slow else ""
    return f"{number.delay:.1f} s{slow}"


def _why(number: Number, seen: Snapshot) -> str:
    if not number.rests or number.waiting is None:
        return ""
    return waiting_words(number.waiting, seen.campaign.zone, now=seen.taken_at)
