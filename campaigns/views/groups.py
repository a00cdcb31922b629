"""Groups of the audience as lines of the launch page: how many, why, the first few, and where all are listed."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from campaigns.enums import Channel, SkipReason
from campaigns.headcount import FALLBACK, MERGED, RECIPIENT, SKIPPED, TOO_LONG, Group, Headcount

ORDER = (RECIPIENT, SKIPPED, MERGED, FALLBACK, TOO_LONG)


@dataclass(frozen=True)
class Line:
    group: Group
    channel: str
    reason: str
    number: int
    examples: str
    has_more: bool
    query: str  # of the page that lists them all
    written: str = ""  # in place of what is missing

    @property
    def name(self) -> str:
        """Of the placeholder."""
        return self.group.word


def lines_of(count: Headcount, options: str) -> dict[str, list[Line]]:
    """By what is said of the people, the largest group first. `options` are those of the launch page, as a query."""
    found: dict[str, list[Line]] = {}
    for kind in ORDER:
        groups = [group for group in count.groups if group.kind == kind]
        groups.sort(key=lambda group: (-len(count.groups[group]), group.channel, group.word))
        found[kind] = [_line(group, count, options) for group in groups]
    return found


def _line(group: Group, count: Headcount, options: str) -> Line:
    number, names = len(count.groups[group]), count.names[group]
    return Line(
        group=group,
        channel=str(Channel(group.channel).label),
        reason=reason_of(group),
        number=number,
        examples=", ".join(names),
        has_more=number > len(names),
        query=f"{options}&{query_of(group)}",
        written=count.replacements.get(group, ""),
    )


def query_of(group: Group) -> str:
    asked = {"who": group.kind, "on": group.channel, "why": group.word}
    return urlencode({name: value for name, value in asked.items() if value})


def reason_of(group: Group) -> str:
    """What is said of these people."""
    if group.kind == SKIPPED:
        return str(SkipReason(group.word).label)
    sentences = {
        RECIPIENT: _("Gets it"),
        MERGED: _("Shares an address"),
        FALLBACK: _("Nothing is known for {%(name)s}") % {"name": group.word},
        TOO_LONG: _("The text gets too long"),
    }
    return sentences[group.kind]
