"""The benchmarks themselves: what is computed from a log, what is printed, and that a small one runs at all."""

import argparse
import contextlib
import json
import re
import subprocess
import sys

import pytest

from benchmarks import __main__ as bench
from benchmarks import poster, report, results
from benchmarks.parts import PARTS, pacing, rate, receipts
from benchmarks.servers import Arrival
from tests.processes.supervised import ROOT, database_url

RULE = pacing.Rule("exact", base=1.0, step=0.5, every=2, maximum=1.5)


def exact_calls(*, late=0.0, count=4):
    """Calls of 0.1 s each that keep the rule, every one of them so much too late."""
    at, calls = 100.0, []
    for index in range(count):
        calls.append(Arrival(1, at, at + 0.1))
        at += 0.1 + RULE.delay(index) + late
    return calls


class TestDatabase:
    """The test's own database in the place of a fresh one, which would take seconds to migrate."""

    __test__ = False
    name = "SQLite"

    @contextlib.contextmanager
    def fresh(self):
        yield database_url()


def test_a_run_that_keeps_the_rule_has_no_gap_error():
    assert pacing.gap_errors_ms(exact_calls(), RULE) == pytest.approx([0, 0, 0], abs=1e-6)
    assert pacing.extra_percent(exact_calls(), RULE) == pytest.approx(0, abs=1e-6)


def test_gap_errors_are_what_every_call_is_late():
    assert pacing.gap_errors_ms(exact_calls(late=0.02), RULE) == pytest.approx([20, 20, 20])
    assert pacing.extra_percent(exact_calls(late=0.02), RULE) == pytest.approx(100 * 0.06 / 3.9)


def test_the_rate_counts_from_the_first_call_to_the_last_answer():
    assert rate.rate_of([Arrival(1, 2.0, 3.0), Arrival(2, 0.0, 0.5), Arrival(1, 1.0, 1.5)]) == 1.0


def test_each_lane_is_judged_by_its_own_pace():
    log = [Arrival(lane, at, at) for lane, step in ((1, 3), (2, 6)) for at in (0.0, 1.0 * step, 2.0 * step)]
    assert rate.kept_pace(log, 3.0, lanes=3) == [1.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("number", "text"), [(1234567, "1,234,567"), (0.98321, "0.983"), (1234.5, "1,234"), (None, "–")]
)
def test_numbers_have_the_digits_they_deserve(number, text):
    assert results.short(number) == text


def test_targets_say_whether_they_were_met():
    outcome = results.Outcome()
    outcome.at_most("Gap", 50, 50.0, " ms")
    outcome.at_least("Rate", 120, 119.9, "/s")
    assert [(t.bound, t.measured, t.is_met) for t in outcome.targets] == [
        ("≤ 50 ms", "50 ms", True),
        ("≥ 120/s", "120/s", False),
    ]


def test_a_part_measured_anew_leaves_the_others(tmp_path):
    path = tmp_path / "build" / "bench.json"
    results.save(path, "pace", results.Outcome(notes=["old"]), {"cores": 2})
    results.save(path, "rate", results.Outcome(), {"cores": 2})
    results.save(path, "pace", results.Outcome(notes=["new"]), {"cores": 2})
    parts = json.loads(path.read_text())["parts"]
    assert {name: part["notes"] for name, part in parts.items()} == {"pace": ["new"], "rate": []}


def test_only_takes_names_of_parts():
    assert bench._names("email, pace") == ["email", "pace"]
    assert bench._names("") == list(PARTS)
    with pytest.raises(argparse.ArgumentTypeError, match="speed"):
        bench._names("speed")


def test_the_report_shows_tables_targets_and_what_is_missing(tmp_path):
    outcome = results.Outcome(notes=["As seen by the gateway."])
    outcome.table("One lane", ["Database", "per second"], [["SQLite", 151.26], ["PostgreSQL", None]])
    outcome.at_least("One lane, SQLite", 160, 151.26, "/s")
    facts = {
        "cores": 2,
        "processor": "a processor",
        "memory_gb": 4.0,
        "system": "Linux",
        "python": "3.11",
        "django": "5.2",
    }
    facts |= {
        "databases": {"SQLite": "3.45"},
        "title": "Rate",
        "seconds": 3.2,
        "measured_at": "2026-11-25T15:00:00+00:00",
    }
    facts |= {"load_average": [0.1, 0.2, 0.3], "fdatasync_ms": 1.5, "is_quick": False}
    path = tmp_path / "bench.json"
    results.save(path, "rate", outcome, facts)
    shown = report.render(
        "<!-- targets -->\n<!-- machine -->\n<!-- part: rate -->\n<!-- part: pace -->", results.load(path)
    )
    assert "| One lane, SQLite | ≥ 160/s | 151/s | **missed** |" in shown
    assert "| Rate | 2026-11-25T15:00:00+00:00 | 3 | 0.1 | 1.5 |" in shown
    assert "| SQLite | 151 |\n| PostgreSQL | – |\n\nAs seen by the gateway." in shown
    assert shown.endswith(report.NOT_MEASURED)


def test_the_report_has_a_place_for_every_part():
    assert set(re.findall(r"<!-- part: (\w+) -->", report.WORDS.read_text())) == set(PARTS)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_small_measurement_sends_with_the_real_engine_in_a_process_of_its_own():
    measured = rate.one_lane(TestDatabase(), 5, statements=True)
    assert measured["rate"] > 0
    assert measured["cpu_ms"] > 0
    inserted = [
        row["per_message"] for row in measured["statements"] if 'INTO "campaigns_deliveryattempt"' in row["sql"]
    ]
    assert inserted == [1.0]


def test_the_command_says_which_parts_there_are():
    done = subprocess.run([sys.executable, "-m", "benchmarks", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert ",".join(PARTS) in "".join(done.stdout.split())


def test_the_gaps_beside_receipts_are_those_of_each_lane():
    log = [Arrival(lane, at, at + 0.1) for at, lane in ((0.0, 1), (0.5, 2), (2.1, 1), (3.0, 2), (9.0, 1))]
    assert receipts.gaps(log, 0.0, 1.0) == pytest.approx([2.0, 2.4])


def test_a_poster_posts_three_receipts_for_each_message_in_a_slightly_wrong_order():
    posts = [json.loads(body) for body in poster.bodies(50)]
    assert sorted((post["message_id"], post["ack"]) for post in posts) == sorted(
        (f"PAST{number}", ack) for number in range(1, 51) for ack in (1, 2, 3)
    )
    assert posts != sorted(posts, key=lambda post: (int(post["message_id"][4:]), post["ack"]))
