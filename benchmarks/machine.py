"""The facts without which a number means nothing: the machine, its versions, its disk and who else was working."""

import os
import platform
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.databases import Server, SqliteServer
from benchmarks.places import SCRATCH
from benchmarks.results import percentile

WRITES = 100
BLOCK = b"x" * 4096


def facts(servers: list[Server]) -> dict[str, Any]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "django": version("django"),
        "databases": {server.name: _version_of(server) for server in servers},
        "fdatasync_ms": round(fdatasync_ms(), 3),
    }


def _version_of(server: Server) -> str:
    return sqlite3.sqlite_version if isinstance(server, SqliteServer) else server.version()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def fdatasync_ms() -> float:
    """The median of what it costs to be sure that 4 kB are on this disk."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    taken = []
    with tempfile.TemporaryFile(dir=SCRATCH) as file:
        for _ in range(WRITES):
            began = time.perf_counter()
            os.write(file.fileno(), BLOCK)
            os.fdatasync(file.fileno())
            taken.append(1000 * (time.perf_counter() - began))
    return percentile(taken, 50)


def peak_kb(pid: int) -> int:
    """VmHWM: the most memory that a process ever had; 0 when it is gone."""
    return _status_kb(pid, "VmHWM:")


def _status_kb(pid: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def group_of(leader: int) -> list[int]:
    """The living processes of a process group: a worker and its children."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _group(entry) == leader:
            found.append(int(entry.name))
    return found


def _group(entry: Path) -> int:
    try:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] == "Z" else int(fields[2])
