"""The audience of a campaign counted once: who gets it, who does not and why, each group whole and by number.

Of everybody only ids are kept, so that a list of 100,000 people takes a megabyte, and any part can be shown later.
"""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from campaigns.audience import Person, everybody_of
from campaigns.enums import CampaignKind, Channel
from campaigns.models import Campaign
from campaigns.personal import Finished, Measured, Writer
from campaigns.rendering import LIMITS

EXAMPLES = 5  # people that are named
SAMPLES = 3  # messages that are shown whole

RECIPIENT, SKIPPED, MERGED, FALLBACK, TOO_LONG = "to", "skipped", "merged", "fallback", "long"


class Group(NamedTuple):
    """People of the audience of whom the same is to be said."""

    kind: str
    channel: str
    word: str = ""  # the reason of those who are skipped, the name of a placeholder


class Longest(NamedTuple):
    """The message that comes nearest to the limit of its channel, in characters."""

    length: int
    limit: int
    part: str
    person: Person


class Sample(NamedTuple):
    """A finished message, and why this one is shown."""

    person: Person
    finished: Finished
    why: str = ""  # "longest", "fallback" or nothing


@dataclass
class Headcount:
    """A person on two channels counts on each. Ids are those of tickets in a campaign of tickets, else of contacts."""

    groups: dict[Group, "array[int]"] = field(default_factory=dict)  # in the order of the audience
    names: dict[Group, list[str]] = field(default_factory=dict)  # the first few of each
    merged_into: dict[tuple[str, int], int] = field(default_factory=dict)  # by channel and id: who stands for them
    too_long: list[tuple[str, str]] = field(default_factory=list)  # name and numbers
    longest: dict[str, Longest] = field(default_factory=dict)  # by channel
    first: list[Person] = field(default_factory=list)  # of those who get it, each once
    samples: list[Sample] = field(default_factory=list)
    replacements: dict[Group, str] = field(default_factory=dict)  # what is written where something is missing
    same_for_all: frozenset[str] = frozenset()  # channels on which nothing in the text differs

    def total(self, kind: str) -> int:
        return sum(len(ids) for group, ids in self.groups.items() if group.kind == kind)

    def by_channel(self, kind: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for group, ids in self.groups.items():
            if group.kind == kind:
                found[group.channel] += len(ids)
        return found

    def add(self, group: Group, key: int, name: str) -> None:
        ids = self.groups.get(group)
        if ids is None:
            ids = self.groups[group] = array("q")
            self.names[group] = []
        ids.append(key)
        if len(ids) <= EXAMPLES:
            self.names[group].append(name)


def headcount(campaign: Campaign) -> Headcount:
    """Read the whole audience once, as the launch will. Raises BadTemplate when the text cannot be filled in."""
    count = _Count(campaign)
    for person, key, stands_for in distinct(campaign):
        count.take(person, key, stands_for)
    return count.ended()


def distinct(campaign: Campaign) -> Iterator[tuple[Person, int, int | None]]:
    """Each person of the audience with their id, and the id of whoever stood in the list before with their address."""
    is_tickets = campaign.kind == CampaignKind.TICKETS
    seen: dict[tuple[str, str], int] = {}
    for people in everybody_of(campaign):
        for person in people:
            key = person.ticket.pk if is_tickets and person.ticket else person.contact.pk
            address = (person.channel, person.dedupe_key)
            before = seen.get(address)
            if before is None:
                seen[address] = key
            yield person, key, before


class _Count:
    """A headcount that is being made."""

    def __init__(self, campaign: Campaign) -> None:
        self.writer = Writer.of(campaign)
        self.found = Headcount()
        self.lengths: dict[str, int] = {}
        self.farthest: dict[str, Person] = {}  # whose message is the longest of its channel
        self.leading: dict[str, list[Person]] = {}  # the first few of each channel
        self.lacking: dict[str, Person] = {}  # the first with something missing, by channel

    def take(self, person: Person, key: int, stands_for: int | None) -> None:
        name = person.contact.name
        if stands_for is not None:
            self.found.add(Group(MERGED, person.channel), key, name)
            self.found.merged_into[person.channel, key] = stands_for
        elif person.skip:
            self.found.add(Group(SKIPPED, person.channel, str(person.skip)), key, name)
        else:
            self.found.add(Group(RECIPIENT, person.channel), key, name)
            self._measure(person, key, self.writer.measure(person))

    def _measure(self, person: Person, key: int, measured: Measured) -> None:
        channel = person.channel
        if measured.length > self.lengths.get(channel, -1):
            self.lengths[channel], self.farthest[channel] = measured.length, person
        leading = self.leading.setdefault(channel, [])
        if len(leading) < EXAMPLES:
            leading.append(person)
            first = self.found.first
            if len(first) < EXAMPLES and all(other.contact is not person.contact for other in first):
                first.append(person)
        if measured.fallbacks:
            self.lacking.setdefault(channel, person)
            for name in measured.fallbacks:
                self.found.add(Group(FALLBACK, channel, name), key, person.contact.name)
        if measured.too_long:
            self.found.add(Group(TOO_LONG, channel), key, person.contact.name)
            self.found.too_long.append((person.contact.name, measured.too_long))

    def ended(self) -> Headcount:
        found = self.found
        for channel in self._channels():
            part = self.writer.part(channel)
            found.longest[channel] = Longest(self.lengths[channel], LIMITS[part], part, self.farthest[channel])
            if self._is_same(channel):
                found.same_for_all |= {channel}
            for name, words in self.writer.replacements(channel).items():
                found.replacements[Group(FALLBACK, channel, name)] = words
        found.samples = [Sample(person, self.writer.write(person), why) for person, why in self._chosen()]
        return found

    def _chosen(self) -> list[tuple[Person, str]]:
        """The first of each channel, then whoever shows more: a missing value, the longest text, somebody else."""
        wanted = [(self.leading[channel][0], "") for channel in self._channels()]
        wanted += [(person, "fallback") for person in [*self.lacking.values()][:1]]
        differing = [channel for channel in self._channels() if not self._is_same(channel)]
        wanted += [(self.farthest[channel], "longest") for channel in differing]
        wanted += [(person, "") for people in self.leading.values() for person in people]
        chosen: dict[tuple[str, int], tuple[Person, str]] = {}
        for person, why in wanted:
            place = (person.channel, id(person))
            if place in chosen:
                chosen[place] = (person, chosen[place][1] or why)
            elif len(chosen) < SAMPLES:
                chosen[place] = (person, why)
        return list(chosen.values())

    def _channels(self) -> list[str]:
        """Those on which somebody gets it, as they are shown everywhere."""
        return [channel for channel in Channel.values if channel in self.lengths]

    def _is_same(self, channel: str) -> bool:
        return self.writer.is_same_for_all(channel)
