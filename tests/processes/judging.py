"""The invariants of a run, from what arrived at the simulator and what the database says. Pure."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

SLOWEST_DEATH = 1.0  # seconds until a strike on one process has reached those that end with it
LONGEST_CALL = 5.0  # seconds: a call that a strike left uncertain began at most so long before it
TOLERANCE = 0.002  # of two clocks, which a restarted simulator sets anew

Key = tuple[str, str]  # the text, which names the campaign, and the digits of the number


@dataclass(frozen=True)
class Arrival:
    key: Key
    at: float  # seconds since 1970, as all moments here


@dataclass(frozen=True)
class Record:
    """A delivery as the database has it, with the one call that left or may have left."""

    key: Key
    status: str
    lane: int | None = None
    started_at: float = 0.0


@dataclass(frozen=True)
class Span:
    """What was being done, or was in force, from a moment to another one: a strike, a pace."""

    began: float
    ended: float
    what: str = ""
    seconds: float = 0.0  # of a pace


@dataclass
class Evidence:
    audience: int  # over all campaigns
    lanes: int
    arrivals: list[Arrival]
    records: list[Record]
    strikes: list[Span] = field(default_factory=list)
    paces: list[Span] = field(default_factory=list)
    calls_in_pauses: Counter[str] = field(default_factory=Counter)  # by campaign

    def keys(self, *statuses: str) -> set[Key]:
        return {record.key for record in self.records if record.status in statuses}


@dataclass
class Verdict:
    """What the run amounts to; `faults` are sentences, none when everything holds."""

    sent: int = 0
    uncertain_arrived: int = 0
    uncertain_not_arrived: int = 0
    doubled: int = 0
    lost: int = 0
    shortest: float = 0.0  # seconds by which the shortest gap was longer than its pace
    faults: list[str] = field(default_factory=list)


def arrivals_of(journal: Path) -> list[Arrival]:
    """From the simulator's file, whose lines outlive its own kill -9."""
    found = []
    for text in journal.read_text().splitlines():
        try:
            line = json.loads(text)
        except ValueError:  # the line in which it was killed
            continue
        if "number" in line:
            found.append(Arrival((line["text"], line["phone"]), line["received_at"]))
    return sorted(found, key=lambda arrival: arrival.at)


def judge(evidence: Evidence) -> Verdict:
    verdict = _counted(evidence)
    margins = gap_margins(evidence)
    verdict.shortest = min((margin for _, margin in margins), default=0.0)
    verdict.faults = [
        *_about_people(evidence, verdict),
        *_about_doubts(evidence),
        *(f"{words}: {-margin:.3f} s too short" for words, margin in margins if margin < -TOLERANCE),
        *_about_pauses(evidence),
    ]
    return verdict


def _counted(evidence: Evidence) -> Verdict:
    reached = {arrival.key for arrival in evidence.arrivals}
    sent, uncertain = evidence.keys("sent"), evidence.keys("uncertain")
    return Verdict(
        sent=len(sent),
        uncertain_arrived=len(uncertain & reached),
        uncertain_not_arrived=len(uncertain - reached),
        doubled=sum(1 for times in Counter(arrival.key for arrival in evidence.arrivals).values() if times > 1),
        lost=evidence.audience - len(evidence.records) + len(sent - reached),
    )


def _about_people(evidence: Evidence, verdict: Verdict) -> Iterable[str]:
    """Nobody twice, nobody lost, and nobody reached who is not on record as such."""
    states = Counter(record.status for record in evidence.records)
    if verdict.doubled:
        yield f"{verdict.doubled} people got a message twice"
    if verdict.lost:
        yield f"{verdict.lost} people are lost: no record, or sent and never arrived"
    if states.total() != evidence.audience:
        yield f"{states.total()} records for an audience of {evidence.audience}"
    if others := {status: number for status, number in states.items() if status not in ("sent", "uncertain")}:
        yield f"neither sent nor uncertain: {others}"
    if unknown := {arrival.key for arrival in evidence.arrivals} - evidence.keys("sent", "uncertain"):
        yield f"{len(unknown)} arrived and are not on record as such"


def _about_doubts(evidence: Evidence) -> Iterable[str]:
    """An uncertain message needs a strike that cut its call, and no strike cuts more calls than there are lanes."""
    by_strike: Counter[Span] = Counter()
    for record in sorted(evidence.records, key=lambda record: record.started_at):
        if record.status != "uncertain":
            continue
        possible = [strike for strike in evidence.strikes if _may_have_cut(strike, record)]
        if not possible:
            yield f"uncertain without a strike: {record.key}"
            continue
        by_strike[next((one for one in possible if by_strike[one] < evidence.lanes), possible[-1])] += 1
    for strike, number in by_strike.items():
        if number > evidence.lanes:
            yield f"{number} uncertain after {strike.what}, with {evidence.lanes} lanes"


def _may_have_cut(strike: Span, record: Record) -> bool:
    """A call that was under way when it fell, or that began before the last process had noticed its parent's death."""
    return strike.began - LONGEST_CALL <= record.started_at <= strike.ended + SLOWEST_DEATH


def gap_margins(evidence: Evidence) -> list[tuple[str, float]]:
    """For each two messages of a lane after another, by how much their distance exceeds the pace.

    The pace is the lowest one that was in force between the two.
    """
    lane_of = {record.key: record.lane for record in evidence.records}
    by_lane: defaultdict[int | None, list[float]] = defaultdict(list)
    for arrival in evidence.arrivals:
        by_lane[lane_of.get(arrival.key)].append(arrival.at)
    return [
        (f"lane {lane} at {second:.3f}", second - first - pace_between(evidence.paces, first, second))
        for lane, moments in by_lane.items()
        for first, second in pairwise(moments)
    ]


def pace_between(paces: list[Span], first: float, second: float) -> float:
    return min((pace.seconds for pace in paces if pace.began <= second and pace.ended >= first), default=0.0)


def _about_pauses(evidence: Evidence) -> Iterable[str]:
    for campaign, number in evidence.calls_in_pauses.items():
        yield f"{number} calls while {campaign} was paused"
