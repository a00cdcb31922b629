"""`python -m benchmarks.report`: docs/performance.md from build/bench.json and the words of performance.in.md.

A line `<!-- targets -->`, `<!-- machine -->` or `<!-- part: pace -->` stands for what was measured.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.places import RESULTS, ROOT
from benchmarks.showing import machine_markdown, markdown, targets_markdown

WORDS = Path(__file__).with_name("performance.in.md")
REPORT = ROOT / "docs" / "performance.md"
PLACE = re.compile(r"^<!-- (targets|machine|part: (\w+)) -->$", re.MULTILINE)
NOT_MEASURED = "Not measured in this run."


def render(words: str, measured: dict[str, Any]) -> str:
    parts = measured["parts"]

    def fill(place: re.Match[str]) -> str:
        return "\n".join(_lines(place[1], place[2], parts)).rstrip()

    return PLACE.sub(fill, words)


def _lines(place: str, part: str | None, parts: dict[str, dict[str, Any]]) -> Iterator[str]:
    if not parts or (part and part not in parts):
        return iter([NOT_MEASURED])
    if place == "targets":
        return targets_markdown(parts)
    if place == "machine":
        return machine_markdown(parts)
    assert part
    quick = ["Small sizes: these numbers only show that it runs.\n"] if parts[part]["is_quick"] else []
    return iter([*quick, *markdown(parts[part])])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--output", type=Path, default=REPORT)
    options = parser.parse_args()
    if not options.results.exists():
        raise SystemExit(f"{options.results} is not there: run `make bench` first.")
    options.output.write_text(render(WORDS.read_text(), results.load(options.results)))


if __name__ == "__main__":
    main()
