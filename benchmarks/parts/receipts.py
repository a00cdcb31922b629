"""What gateways post, beside a campaign that sends: is anything lost, and does the campaign feel it?"""

import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from statistics import mean, median
from typing import Any

from benchmarks.databases import Server
from benchmarks.places import ROOT, SCRATCH
from benchmarks.processes import environment, run_job, started
from benchmarks.results import Cell, Outcome, percentile
from benchmarks.servers import Arrival, GatewayServer, gateway
from benchmarks.web import Web

TITLE = "Receipts beside a campaign"
MESSAGES = 3_334  # three receipts each
SECONDS = 50.0  # that they are spread over
MOST_SECONDS = 60.0
MOST_RATIO = 1.02
DELAY = 2.0  # as installed
LANES = 4
LATENCY_MS = 100
PACE = {"base_delay": f"{DELAY}", "step": "0", "maximum_delay": f"{DELAY}"}
WARM_UP = 5.0  # seconds until everything has started
PATIENCE = 120.0


def run(servers: list[Server], *, quick: bool) -> Outcome:
    outcome = Outcome()
    messages, seconds = (40, 5.0) if quick else (MESSAGES, SECONDS)
    rows: list[list[Cell]] = []
    at_once: list[list[Cell]] = []
    for server in servers:
        rows += _beside(outcome, server, messages, seconds)
        taken = _at_once(server, messages)
        at_once.append([server.name, 3 * messages, taken["statements"], 1000 * taken["seconds"]])
    columns = ["Database", "messages", "gap mean, s", "p50, s", "p99, s", "posts a second", "answer p50, ms", "p99, ms"]
    outcome.table(f"Gaps of {LANES} numbers that pause {DELAY:g} s, without and with posts of receipts", columns, rows)
    columns = ["Database", "receipts", "statements", "ms"]
    outcome.table("All of them in one post, applied to the rows", columns, at_once)
    outcome.notes.append(
        "Each receipt is a POST of its own, in a slightly wrong order, through gunicorn with 8 threads: authenticated, "
        "stored, answered, and read by the worker that also sends. Lost is what the row of its message does not show."
    )
    return outcome


def _beside(outcome: Outcome, server: Server, messages: int, seconds: float) -> Iterator[list[Cell]]:
    sending = round(LANES * (WARM_UP + 2 * seconds + PATIENCE) / DELAY)
    with server.fresh() as url, gateway(LATENCY_MS) as calls:
        run_job("seed:campaign", url, messages=sending, gateway=calls.url, lanes=LANES, pace=PACE)
        run_job("receipts:past", url, messages=messages, first=sending + 1)
        path, name = run_job("receipts:address", url), server.name.lower()
        worker = [sys.executable, "manage.py", "worker"]
        with started(worker, environment(url), SCRATCH / f"receipts-{name}.log"), Web(url, f"receipts-{name}") as web:
            _wait_for_calls(calls, seconds=PATIENCE)
            time.sleep(WARM_UP)
            quiet = (time.monotonic(), time.monotonic() + seconds)
            time.sleep(seconds)
            posted = _post(web.port, path, messages, seconds)
            found = run_job("receipts:wait", url, messages=messages, most_seconds=PATIENCE)
        log = sorted(calls.log(), key=lambda call: call.arrived)
    without = gaps(log, *quiet)
    beside = gaps(log, posted["began"], posted["ended"])
    refused = 3 * messages - posted["answers"].get("200", 0)
    _judge(outcome, server.name, found["at"] - posted["began"], found["lost"] + refused, mean(beside) / mean(without))
    rate = 3 * messages / (posted["ended"] - posted["began"])
    yield [f"{server.name}, without", len(without), *_spread(without), None, None, None]
    yield [
        f"{server.name}, with",
        len(beside),
        *_spread(beside),
        rate,
        median(posted["taken"]),
        percentile(posted["taken"], 99),
    ]


def _judge(outcome: Outcome, name: str, took: float, lost: int, ratio: float) -> None:
    outcome.at_most(f"10,000 receipts posted, kept and read: {name}", MOST_SECONDS, took, " s")
    outcome.at_most(f"Receipts that were lost: {name}", 0, float(lost))
    outcome.at_most(f"Gap between messages with receipts over without: {name}", MOST_RATIO, round(ratio, 4))


def _spread(found: list[float]) -> list[float]:
    return [mean(found), median(found), percentile(found, 99)]


def gaps(log: list[Arrival], since: float, until: float) -> list[float]:
    """From the end of each call of that time to the beginning of the next one of its lane."""
    by_lane: dict[int, list[Arrival]] = defaultdict(list)
    for call in log:
        by_lane[call.lane].append(call)
    pairs = [pair for calls in by_lane.values() for pair in pairwise(calls)]
    return [after.arrived - call.answered for call, after in pairs if since <= call.answered < until]


def _wait_for_calls(calls: GatewayServer, *, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not calls.log():
        assert time.monotonic() < ends, "nothing leaves"
        time.sleep(0.5)


def _post(port: int, path: str, messages: int, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.poster", str(port), path, str(messages), str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _at_once(server: Server, messages: int) -> dict[str, Any]:
    with server.fresh() as url:
        run_job("seed:campaign", url, messages=1, lanes=1)
        run_job("receipts:past", url, messages=messages, first=2)
        taken = run_job("receipts:at_once", url, messages=messages)
    assert taken["changed"] == messages, f"{taken['changed']} of {messages} messages were changed"
    return taken
