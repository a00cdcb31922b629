"""The same tables on a terminal and in a document."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.results import Cell, short


def show(console: Console, title: str, part: dict[str, Any]) -> None:
    console.rule(title)
    for table in part["tables"]:
        shown = RichTable(title=table["title"])
        for position, column in enumerate(table["columns"]):
            shown.add_column(column, justify="left" if position == 0 else "right")
        for row in table["rows"]:
            shown.add_row(*map(short, row))
        console.print(shown)
    for note in part["notes"]:
        console.print(note, highlight=False)
    for target in part["targets"]:
        console.print(f"{verdict(target)}  {_said(target)}", style="green" if target["is_met"] else "red")


def verdict(target: dict[str, Any]) -> str:
    return "met" if target["is_met"] else "MISSED"


def _said(target: dict[str, Any]) -> str:
    return f"{target['what']}: {target['measured']} (target {target['bound']})"


def markdown(part: dict[str, Any]) -> Iterator[str]:
    for table in part["tables"]:
        yield f"**{table['title']}**\n"
        yield from _grid(table["columns"], table["rows"])
        yield ""
    for note in part["notes"]:
        yield f"{note}\n"


def targets_markdown(parts: dict[str, dict[str, Any]]) -> Iterator[str]:
    rows = [
        [target["what"], target["bound"], target["measured"], "met" if target["is_met"] else "**missed**"]
        for part in parts.values()
        for target in part["targets"]
    ]
    yield from _grid(["Target", "Bound", "Measured", ""], rows)


def machine_markdown(parts: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The machine once, and of every part when it ran, for how long and beside how much else."""
    facts = next(iter(parts.values()))
    databases = ", ".join(f"{name} {version}" for name, version in facts["databases"].items())
    yield f"{facts['cores']} cores ({facts['processor']}), {facts['memory_gb']:g} GB of memory, {facts['system']}."
    yield f"Python {facts['python']}, Django {facts['django']}, {databases}.\n"
    rows = [
        [p["title"], p["measured_at"], round(p["seconds"]), p["load_average"][0], p["fdatasync_ms"]]
        for p in parts.values()
    ]
    yield from _grid(["Part", "measured", "seconds", "load average before", "fdatasync p50, ms"], rows)


def _grid(columns: list[str], rows: list[list[Cell]]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|---" + "|---:" * (len(columns) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(map(short, row)) + " |"
