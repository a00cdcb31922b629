"""`python -m benchmarks`: measure, print tables, keep everything in build/bench.json."""

import argparse
import signal
import sys
import time
from pathlib import Path
from subprocess import SubprocessError

from rich.console import Console

from benchmarks import machine, results
from benchmarks.databases import WITHOUT_POSTGRES, Server, has_postgres, servers
from benchmarks.parts import PARTS, rate
from benchmarks.places import RESULTS
from benchmarks.processes import JobFailed
from benchmarks.showing import show


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # so that nothing of ours stays behind
    console = Console(width=None if sys.stdout.isatty() else 160)
    with servers(options.databases) as found:
        if options.profile:
            for line in rate.profiles(found, 100 if options.quick else 1000):
                print(line, flush=True)
            return
        broken = [name for name in options.only if not _is_measured(name, found, console, options)]
    if broken:
        raise SystemExit(f"Not measured: {', '.join(broken)}. What was measured is in {options.output}.")


def _is_measured(name: str, found: list[Server], console: Console, options: argparse.Namespace) -> bool:
    """A part that breaks must not cost the hours that the others took."""
    try:
        measure(name, found, console, quick=options.quick, path=options.output)
    except (JobFailed, AssertionError, OSError, SubprocessError, ValueError):
        console.print_exception()
        return False
    return True


def measure(name: str, found: list[Server], console: Console, *, quick: bool, path: Path) -> None:
    part = PARTS[name]
    facts = machine.facts(found) | {"title": part.TITLE, "is_quick": quick}
    console.print(f"{facts['measured_at']} {part.TITLE} …")
    began = time.monotonic()
    outcome = part.run(found, quick=quick)
    if len(found) == 1:
        outcome.notes.append(f"Only {found[0].name}" + ("." if has_postgres() else f": {WITHOUT_POSTGRES}."))
    results.save(path, name, outcome, facts | {"seconds": round(time.monotonic() - began, 1)})
    show(console, part.TITLE, results.load(path)["parts"][name])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names, default=list(PARTS), help=f"some of {','.join(PARTS)}, with commas")
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run at all?")
    parser.add_argument("--databases", choices=("all", "sqlite", "postgresql"), default="all")
    parser.add_argument("--profile", action="store_true", help="where the time of one lane goes, instead of the tables")
    parser.add_argument("--output", type=Path, default=RESULTS)
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()] or list(PARTS)
    if unknown := sorted(set(names) - set(PARTS)):
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return names


if __name__ == "__main__":
    main()
