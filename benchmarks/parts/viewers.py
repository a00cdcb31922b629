"""Fifty people who watch one campaign while it sends: what do they cost?"""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from statistics import median
from typing import Any

from benchmarks.databases import Server
from benchmarks.parts.pages import PLAIN_STATIC
from benchmarks.places import ROOT, SCRATCH
from benchmarks.processes import environment, run_job, started
from benchmarks.results import Outcome, percentile
from benchmarks.servers import gateway

TITLE = "Viewers of a campaign"
NUMBERS = (1, 10, 50)
SECONDS = 30.0
ROWS, PEOPLE = 100_000, 20_000
LOOK_EVERY = 2.0
PACE = {"base_delay": "0.5", "step": "0", "maximum_delay": "0.5"}


def run(servers: list[Server], *, quick: bool) -> Outcome:
    outcome = Outcome()
    for server in servers:
        _watched(outcome, server, (2,) if quick else NUMBERS, 4.0 if quick else SECONDS, 500 if quick else ROWS)
    outcome.notes.append(
        "gunicorn as `make run` starts it, one process with 8 threads; every viewer asks every 2 s with a session of "
        "their own, while a worker sends. A set of queries is what counts the campaign; each request also asks for its "
        "session, its user and the campaign's row."
    )
    return outcome


def _watched(outcome: Outcome, server: Server, numbers: tuple[int, ...], seconds: float, rows: int) -> None:
    shown = []
    with server.fresh() as url, gateway(100) as calls:
        people = min(PEOPLE, rows)
        run_job("history:fill", url, rows=100, people=people, gateway=calls.url)
        campaign = run_job("history:half_sent", url, rows=rows, people=people, share=0.6)
        run_job("seed:set_pace", url, pace=PACE)
        cookies = run_job("watching:sessions", url, viewers=max(numbers))
        path = run_job("watching:address", url, campaign=campaign)
        worker = [sys.executable, "manage.py", "worker"]
        name = server.name.lower()
        with started(worker, environment(url), SCRATCH / f"watched-{name}.log"), _Web(url, name) as web:
            for number in numbers:
                taken, counts = web.watched(path, cookies[:number], seconds)
                sets = counts["looks"] / (seconds / LOOK_EVERY)
                each = counts["queries"] / counts["requests"]
                shown.append([number, len(taken), sets, each, median(taken), percentile(taken, 99)])
                if number == max(NUMBERS):
                    # One more at the edge of the time that was measured is no second set.
                    outcome.at_most(f"{number} viewers: sets of queries in 2 s, {server.name}", 1.1, sets)
    columns = ["Viewers", "answers", "sets of queries in 2 s", "queries in a request", "ms p50", "ms p99"]
    outcome.table(f"Viewers of a campaign of {rows:,}: {server.name}", columns, shown)


class _Web:
    """The pages under gunicorn, with a count of their queries."""

    def __init__(self, url: str, name: str):
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "benchmarks.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        env = environment(url, **PLAIN_STATIC)
        self.process = started([*command, "--threads", "8", "--no-control-socket"], env, SCRATCH / f"web-{name}.log")

    def __enter__(self) -> "_Web":
        self.process.__enter__()
        ends = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < ends, "the pages do not answer"
            time.sleep(0.1)
        return self

    def __exit__(self, *error: Any) -> None:
        self.process.__exit__(*error)

    def _answers(self) -> bool:
        try:
            self.counts()
        except OSError:
            return False
        return True

    def counts(self) -> dict[str, int]:
        """Since the last time."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/measured", timeout=30) as answer:
            return {"looks": 0, "queries": 0, "requests": 0} | json.load(answer)

    def watched(self, path: str, cookies: list[str], seconds: float) -> tuple[list[float], dict[str, int]]:
        self.counts()
        command = [sys.executable, "-m", "benchmarks.viewers", str(self.port), path, str(seconds), json.dumps(cookies)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return json.loads(done.stdout), self.counts()
