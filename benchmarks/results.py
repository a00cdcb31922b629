"""What a benchmark hands back: tables for people, targets that were met or missed, and the file that keeps them."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    title: str
    columns: list[str]
    rows: list[list[Cell]]


@dataclass(frozen=True)
class Target:
    """A promise of the project, and what was measured."""

    what: str
    bound: str
    measured: str
    is_met: bool


@dataclass
class Outcome:
    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def table(self, title: str, columns: Iterable[str], rows: Iterable[Iterable[Cell]]) -> None:
        self.tables.append(Table(title, list(columns), [list(row) for row in rows]))

    def at_most(self, what: str, bound: float, measured: float, unit: str = "") -> None:
        self._judge(what, f"≤ {bound:g}{unit}", measured, unit, is_met=measured <= bound)

    def at_least(self, what: str, bound: float, measured: float, unit: str = "") -> None:
        self._judge(what, f"≥ {bound:g}{unit}", measured, unit, is_met=measured >= bound)

    def _judge(self, what: str, bound: str, measured: float, unit: str, *, is_met: bool) -> None:
        self.targets.append(Target(what, bound, f"{short(measured)}{unit}", is_met))


def short(number: Cell) -> str:
    """As many digits as a measurement deserves."""
    if number is None:
        return "–"
    if not isinstance(number, float):
        return f"{number:,}" if isinstance(number, int) else number
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def percentile(values: Iterable[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[0] if len(ordered) == 1 else quantiles(ordered, n=100, method="inclusive")[percent - 1]


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {"parts": {}}


def save(path: Path, name: str, outcome: Outcome, facts: dict[str, Any]) -> None:
    """One part at a time: what was measured before stays, with the facts of its own hour."""
    results = load(path)
    results["parts"][name] = facts | asdict(outcome)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
