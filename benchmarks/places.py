"""Where a run keeps its files: under build/, on a real disk, so that a commit costs what it costs in real life."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
RESULTS = BUILD / "bench.json"
SCRATCH = BUILD / "bench"
