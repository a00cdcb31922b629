"""The judge of the torture sees what it is there to see."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.processes.judging import Arrival, Evidence, Record, Span, arrivals_of, judge

FOREVER = float("inf")
GOOD = Evidence(
    audience=3,
    lanes=1,
    arrivals=[Arrival(("a", "1"), 10.0), Arrival(("a", "2"), 10.5), Arrival(("a", "3"), 11.2)],
    records=[
        Record(("a", "1"), "sent", 7, 9.9),
        Record(("a", "2"), "sent", 7, 10.4),
        Record(("a", "3"), "uncertain", 7, 11.1),
    ],
    strikes=[Span(11.3, 11.4, "group")],
    paces=[Span(0.0, 10.6, "pace", 0.5), Span(10.6, FOREVER, "pace", 0.7)],
)


def faults(**changes):
    return judge(replace(GOOD, **changes)).faults


def test_nothing_is_wrong_where_everything_holds():
    verdict = judge(GOOD)
    assert verdict.faults == []
    assert (verdict.sent, verdict.uncertain_arrived, verdict.doubled, verdict.lost) == (2, 1, 0, 0)
    assert verdict.shortest == pytest.approx(0.0)


def test_a_person_who_is_reached_twice_is_seen():
    [twice, *_] = faults(arrivals=[*GOOD.arrivals, Arrival(("a", "1"), 99.0)])
    assert twice == "1 people got a message twice"


def test_a_person_who_is_lost_is_seen():
    assert "1 people are lost" in faults(arrivals=GOOD.arrivals[1:])[0]
    assert "1 people are lost" in faults(audience=4)[0]


def test_an_arrival_without_a_record_is_seen():
    assert faults(arrivals=[*GOOD.arrivals, Arrival(("b", "9"), 99.0)]) == ["1 arrived and are not on record as such"]


@pytest.mark.parametrize("status", ["pending", "failed", "claimed"])
def test_any_other_end_is_seen(status):
    records = [*GOOD.records[:2], Record(("a", "3"), status, 7, 11.1)]
    assert f"neither sent nor uncertain: {{'{status}': 1}}" in faults(records=records)


def test_a_gap_that_is_too_short_is_seen():
    arrivals = [*GOOD.arrivals[:2], Arrival(("a", "3"), 10.9)]
    assert faults(arrivals=arrivals) == ["lane 7 at 10.900: 0.100 s too short"]


def test_lanes_have_gaps_of_their_own():
    records = [*GOOD.records[:2], replace(GOOD.records[2], lane=8)]
    assert faults(arrivals=[*GOOD.arrivals[:2], Arrival(("a", "3"), 10.6)], records=records) == []


@pytest.mark.parametrize("strikes", [[], [Span(99.0, 99.1, "group")], [Span(1.0, 1.1, "group")]])
def test_a_doubt_without_a_strike_is_seen(strikes):
    assert faults(strikes=strikes) == ["uncertain without a strike: ('a', '3')"]


def test_more_doubts_than_calls_under_way_are_seen():
    records = [*GOOD.records[:1], replace(GOOD.records[1], status="uncertain"), GOOD.records[2]]
    assert faults(records=records) == ["2 uncertain after group, with 1 lanes"]


def test_a_call_of_a_process_that_died_a_moment_later_belongs_to_that_strike():
    records = [*GOOD.records[:1], replace(GOOD.records[1], status="uncertain"), GOOD.records[2]]
    strikes = [Span(10.2, 10.3, "main"), Span(11.3, 11.4, "group")]
    assert faults(records=records, strikes=strikes) == []
    assert faults(records=records, strikes=[Span(9.2, 9.3, "main"), strikes[1]]) != []


def test_a_call_during_a_pause_is_seen():
    assert faults(calls_in_pauses=Counter(a=1)) == ["1 calls while a was paused"]


def test_the_line_in_which_the_simulator_was_killed_is_left_out(tmp_path):
    journal = tmp_path / "arrived.jsonl"
    line = '{"number": 1, "text": "a", "phone": "1", "received_at": 10.0}'
    journal.write_text(f'{{"journal": "whatsapp_simulator"}}\n{line}\n{line[:20]}\n')
    assert arrivals_of(journal) == [Arrival(("a", "1"), 10.0)]
