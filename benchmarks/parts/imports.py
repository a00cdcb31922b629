"""A list of 50,000 people: how long it takes until they are in the contacts, and out again, and how much memory."""

from benchmarks.databases import Server
from benchmarks.processes import run_job
from benchmarks.results import Cell, Outcome

TITLE = "Lists of many people"
PEOPLE = 50_000
MOST_SECONDS, MOST_MB = 60.0, 200.0
STEPS = ("check", "import", "again, check", "again, import")


def run(servers: list[Server], *, quick: bool) -> Outcome:
    outcome = Outcome()
    people = 1000 if quick else PEOPLE
    rows: list[list[Cell]] = []
    for server in servers:
        with server.fresh() as url:
            found = run_job("importing:imported", url, people=people)
            out = run_job("importing:exported", url)
        steps = [*((step, found[step], found["growth_mb"]) for step in STEPS)]
        steps += [(f"export, {kind}", out[kind], out["growth_mb"]) for kind in ("csv", "xlsx")]
        for step, seconds, memory in steps:
            rows.append([f"{server.name}, {step}", people, seconds, people / seconds, seconds / MOST_SECONDS, memory])
        what = f"List of {people:,}, {server.name}"
        outcome.at_most(f"{what}: seconds of the import", MOST_SECONDS, found["import"], " s")
        outcome.at_most(f"{what}: memory of the process in all", MOST_MB, found["peak_mb"], " MB")
        outcome.at_most(f"Export of {people:,}, {server.name}: memory that it takes", MOST_MB, out["growth_mb"], " MB")
    columns = ["Step", "people", "seconds", "people/s", "of the 60 s", "growth of the process, MB"]
    outcome.table("A CSV of name, number, e-mail, birthday, tag and one more column", columns, rows)
    outcome.notes.append("The tasks of the worker, one after another in one process; VmHWM is the most it ever had.")
    return outcome
