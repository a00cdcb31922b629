"""The pages that staff watch, with a million rows behind them."""

from benchmarks.databases import Server
from benchmarks.processes import PLAIN_STATIC, run_job
from benchmarks.results import Cell, Outcome

TITLE = "Pages with a million rows"
ROWS, PEOPLE, SMALL, SHARE = 1_000_000, 50_000, 1_000, 0.6
MOST_QUERIES, MOST_MS = 15, 200.0
JUDGED = ("big campaign", "small campaign", "delivery list")


def run(servers: list[Server], *, quick: bool) -> Outcome:
    outcome = Outcome()
    for server in servers:
        _pages(outcome, server, rows=2000 if quick else ROWS)
    outcome.notes.append(
        "One campaign holds nearly all rows, 60 % of them sent; a second one holds 1,000. Warm database, cold cache; "
        "session and permissions are among the queries. Median of seven."
    )
    return outcome


def _pages(outcome: Outcome, server: Server, *, rows: int) -> None:
    people = min(PEOPLE, rows)
    with server.fresh() as url:
        run_job("history:fill", url, rows=SMALL, people=people, gateway="http://localhost:3010")
        big = run_job("history:half_sent", url, rows=rows, people=people, share=SHARE)
        pages = run_job("pages:look", url, PLAIN_STATIC, big=big, small=big - 1)
    shown: list[list[Cell]] = [[page["page"], page["queries"], page["ms"], page["worst_ms"]] for page in pages]
    outcome.table(f"{rows:,} deliveries: {server.name}", ["Page", "queries", "ms", "worst ms"], shown)
    slow: list[list[Cell]] = [
        [page["page"], row["ms_per_message"], row["sql"][:160].replace("|", "/")]
        for page in pages
        for row in page["slow"]
    ]
    if slow:
        outcome.table(f"Statements of 20 ms and more: {server.name}", ["Page", "ms", "Statement"], slow)
    for page in pages:
        if page["page"] in JUDGED:
            outcome.at_most(f"Page, {page['page']}: queries, {server.name}", MOST_QUERIES, page["queries"])
            outcome.at_most(f"Page, {page['page']}: milliseconds, {server.name}", MOST_MS, page["ms"], " ms")
