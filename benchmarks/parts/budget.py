"""What every page of the staff may ask, take and weigh, with a big installation behind it."""

from typing import Any

from benchmarks.databases import Server
from benchmarks.processes import PLAIN_STATIC, run_job
from benchmarks.results import Cell, Outcome

TITLE = "Every page within its budget"
PEOPLE, SENDING, FINISHED = 100_000, 700_000, 300_000
MOST_QUERIES, MOST_MS, MOST_KB = 15, 200.0, 200.0
# The pages that are opened all day: every list, a campaign and an event.
QUICK = ("_changelist", "admin:campaigns_campaign_change", "admin:campaigns_campaign_event")


def run(servers: list[Server], *, quick: bool) -> Outcome:
    outcome = Outcome()
    for server in servers:
        _budget(outcome, server, scale=0.002 if quick else 1)
    outcome.notes.append(
        "Each address of the site that shows a page to staff; of a campaign, an event, a tag and a list a big one. "
        "Warm database, cold cache; session and permissions are among the queries. The page without what it loads, not "
        "compressed. Median of three."
    )
    return outcome


def _budget(outcome: Outcome, server: Server, *, scale: float) -> None:
    people = round(PEOPLE * scale)
    with server.fresh() as url:
        over = round(FINISHED * scale)
        run_job("history:fill", url, rows=over, campaign_size=over, people=people, gateway="http://localhost:3010")
        sending = run_job("history:half_sent", url, rows=round(SENDING * scale), people=people, share=0.6)
        pages = run_job("budget:look", url, PLAIN_STATIC, sending=sending, finished=sending - 1)
    title = f"{people:,} people, {round((SENDING + FINISHED) * scale):,} messages: {server.name}"
    shown: list[list[Cell]] = [[page["page"], page["queries"], page["ms"], page["kb"]] for page in pages]
    outcome.table(title, ["Page", "queries", "ms", "KB"], shown)
    often = [page for page in pages if page["page"].endswith(QUICK)]
    for what, bound, key, among in (
        ("queries", MOST_QUERIES, "queries", pages),
        ("size", MOST_KB, "kb", pages),
        ("milliseconds, lists, campaign and event", MOST_MS, "ms", often),
    ):
        worst = max(among, key=lambda page: page[key])
        unit = {"kb": " KB", "ms": " ms"}.get(key, "")
        outcome.at_most(f"{_one(worst)} of {len(among)} pages: {what}, {server.name}", bound, worst[key], unit)


def _one(page: dict[str, Any]) -> str:
    return f"Worst ({page['page'].removeprefix('admin:')})"
