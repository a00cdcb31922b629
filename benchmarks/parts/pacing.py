"""How faithfully the pause between two messages is kept, by the worker as it runs in an installation."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, product
from typing import NamedTuple

from benchmarks.databases import Server
from benchmarks.places import SCRATCH
from benchmarks.processes import environment, run_job, started
from benchmarks.results import Cell, Outcome, percentile
from benchmarks.servers import Arrival, GatewayServer, gateway

TITLE = "Fidelity of the pace"
LATENCY_MS = 100
MESSAGES = 200
MOST_GAP_ERROR_MS = 50.0
MOST_EXTRA_PERCENT = 1.0
PATIENCE = 120.0  # seconds beyond the ideal before it counts as stuck
LOOK_SECONDS = 1.0


class Rule(NamedTuple):
    """min(base + (i // every) * step, maximum), as in the settings."""

    name: str
    base: float
    step: float
    every: int
    maximum: float

    def delay(self, index: int) -> float:
        return min(self.base + index // self.every * self.step, self.maximum)

    def settings(self) -> dict[str, str | int]:
        return {
            "base_delay": f"{self.base:g}",
            "step": f"{self.step:g}",
            "every": self.every,
            "maximum_delay": f"{self.maximum:g}",
        }


REAL = Rule("2 s to 5 s, as installed", 2.0, 0.5, 10, 5.0)
SCALED = Rule("0.2 s to 0.5 s", 0.2, 0.05, 10, 0.5)
TINY = Rule("0.02 s to 0.05 s", 0.02, 0.005, 10, 0.05)


def run(servers: list[Server], *, quick: bool) -> Outcome:
    outcome = Outcome()
    rows: list[list[Cell]] = []
    for server, rule in product(servers, (TINY,) if quick else (TINY, SCALED)):
        rows.append(_row(outcome, server, rule, sent(server, rule, 15 if quick else MESSAGES)))
    if not quick:  # a quarter of an hour in which next to nothing happens: all databases at once
        with ThreadPoolExecutor() as threads:
            for server, log in zip(servers, threads.map(lambda one: sent(one, REAL, MESSAGES), servers), strict=True):
                rows.append(_row(outcome, server, REAL, log))
    columns = [
        "Database, rule",
        "messages",
        "gap error p50, ms",
        "p99, ms",
        "worst, ms",
        "earliest, ms",
        "total, s",
        "over the ideal, %",
    ]
    outcome.table(f"`manage.py worker`, one number, a gateway that takes {LATENCY_MS} ms", columns, rows)
    outcome.notes.append(
        "Gap error: from the end of a call to the arrival of the next one, less the rule's delay; below 0 would be too "
        "early. It contains building the message, connecting and the request. Ideal: the sum of all delays and of the "
        "time that the gateway took. A slice of a dispatcher ends every 40 s, so its hand-over is in these numbers."
    )
    return outcome


def sent(server: Server, rule: Rule, messages: int) -> list[Arrival]:
    """What the gateway saw of a whole campaign, in the order of the calls."""
    log = SCRATCH / f"worker-{server.name.lower()}.log"
    with server.fresh() as url, gateway(LATENCY_MS) as calls:
        run_job("seed:campaign", url, messages=messages, gateway=calls.url, lanes=1, pace=rule.settings())
        with started([sys.executable, "manage.py", "worker"], environment(url), log):
            _wait(calls, messages, seconds=PATIENCE + ideal_seconds(rule, messages))
        return sorted(calls.log(), key=lambda call: call.arrived)


def ideal_seconds(rule: Rule, messages: int) -> float:
    return sum(rule.delay(index) + LATENCY_MS / 1000 for index in range(messages))


def _wait(calls: GatewayServer, messages: int, *, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while len(calls.log()) < messages:
        assert time.monotonic() < ends, f"only {len(calls.log())} of {messages} messages left in time"
        time.sleep(LOOK_SECONDS)


def gap_errors_ms(log: list[Arrival], rule: Rule) -> list[float]:
    return [1000 * (b.arrived - a.answered - rule.delay(index)) for index, (a, b) in enumerate(pairwise(log))]


def extra_percent(log: list[Arrival], rule: Rule) -> float:
    """How much longer it took than the rule and the gateway together."""
    took = log[-1].answered - log[0].arrived
    ideal = sum(call.answered - call.arrived for call in log) + sum(map(rule.delay, range(len(log) - 1)))
    return 100 * (took / ideal - 1)


def _row(outcome: Outcome, server: Server, rule: Rule, log: list[Arrival]) -> list[Cell]:
    errors, extra = gap_errors_ms(log, rule), extra_percent(log, rule)
    p99 = percentile(errors, 99)
    what = f"{rule.name}, {server.name}"
    outcome.at_most(f"Gap error, p99: {what}", MOST_GAP_ERROR_MS, p99, " ms")
    if rule is REAL:
        outcome.at_most(f"Total time over rule and gateway: {what}", MOST_EXTRA_PERCENT, extra, " %")
    took = log[-1].answered - log[0].arrived
    return [f"{server.name}: {rule.name}", len(log), percentile(errors, 50), p99, max(errors), min(errors), took, extra]
