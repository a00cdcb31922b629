"""The launch of a campaign for 100,000 people: how long it takes and how much memory."""

import sys
import time
from itertools import product
from typing import NamedTuple

from benchmarks.databases import Server
from benchmarks.machine import group_of, peak_kb
from benchmarks.places import SCRATCH
from benchmarks.processes import environment, run_job, started
from benchmarks.results import Cell, Outcome

TITLE = "Launch of many people"
PEOPLE = 100_000
MOST_SECONDS, MOST_MB = 20.0, 150.0
SETTLE_SECONDS = 6.0  # until the worker has started its processes and made its first tick
KINDS = ("announcement", "tickets")


class Launched(NamedTuple):
    seconds: float
    idle_mb: float  # the biggest process of the worker before
    growth_mb: float  # of the process that grew most
    all_growth_mb: float


def run(servers: list[Server], *, quick: bool) -> Outcome:
    outcome = Outcome()
    people = 1000 if quick else PEOPLE
    rows: list[list[Cell]] = []
    for server, kind in product(servers, KINDS):
        done = launched(server, kind, people)
        rows.append([f"{server.name}, {kind}", people, done.seconds, people / done.seconds, *done[1:]])
        what = f"Launch of {people:,}, {kind}, {server.name}"
        outcome.at_most(f"{what}: seconds", MOST_SECONDS, done.seconds, " s")
        outcome.at_most(f"{what}: memory above the idle worker", MOST_MB, done.growth_mb, " MB")
    columns = [
        "Launch",
        "people",
        "seconds",
        "people/s",
        "idle process, MB",
        "growth, MB",
        "growth of all processes, MB",
    ]
    outcome.table("From the press of the button until the list is complete", columns, rows)
    outcome.notes.append(
        "A worker runs beside it, as in an installation; the memory is VmHWM, the most that a process ever had."
    )
    return outcome


def launched(server: Server, kind: str, people: int) -> Launched:
    with server.fresh() as url:
        campaign = run_job("launching:draft", url, people=people, kind=kind)
        command = [sys.executable, "manage.py", "worker"]
        with started(command, environment(url), SCRATCH / f"launch-{server.name.lower()}.log") as worker:
            time.sleep(SETTLE_SECONDS)
            before = _memory_mb(worker.pid)
            done = run_job("launching:launch", url, campaign=campaign, most_seconds=600)
            after = _memory_mb(worker.pid)
    assert done["listed"] == people, f"{done['listed']} of {people} people are on the list"
    growth = [after[pid] - mb for pid, mb in before.items() if pid in after]
    return Launched(done["seconds"], max(before.values()), max(growth), sum(growth))


def _memory_mb(leader: int) -> dict[int, float]:
    return {pid: peak_kb(pid) / 1024 for pid in group_of(leader)}
