"""Fifty people who watch one campaign while it sends: what do they cost?"""

import json
import subprocess
import sys
from statistics import median

from benchmarks.databases import Server
from benchmarks.places import ROOT, SCRATCH
from benchmarks.processes import environment, run_job, started
from benchmarks.results import Outcome, percentile
from benchmarks.servers import gateway
from benchmarks.web import Web

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
        with started(worker, environment(url), SCRATCH / f"watched-{name}.log"), Web(url, name) as web:
            for number in numbers:
                taken, counts = watched(web, path, cookies[:number], seconds)
                sets = counts["looks"] / (seconds / LOOK_EVERY)
                each = counts["queries"] / counts["requests"]
                shown.append([number, len(taken), sets, each, median(taken), percentile(taken, 99)])
                if number == max(NUMBERS):
                    # One more at the edge of the time that was measured is no second set.
                    outcome.at_most(f"{number} viewers: sets of queries in 2 s, {server.name}", 1.1, sets)
    columns = ["Viewers", "answers", "sets of queries in 2 s", "queries in a request", "ms p50", "ms p99"]
    outcome.table(f"Viewers of a campaign of {rows:,}: {server.name}", columns, shown)


def watched(web: Web, path: str, cookies: list[str], seconds: float) -> tuple[list[float], dict[str, int]]:
    """Milliseconds of all answers, and what they cost."""
    web.counts()
    command = [sys.executable, "-m", "benchmarks.viewers", str(web.port), path, str(seconds), json.dumps(cookies)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout), web.counts()
