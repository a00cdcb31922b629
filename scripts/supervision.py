"""Several programs under one process manager (supervisord), which starts again what ends, until we end."""

import contextlib
import ctypes
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
STOP_MARGIN = 5
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """What ends last has the lowest `order`: it is also what starts first."""

    name: str
    arguments: Sequence[str]
    order: int = 10
    stop_seconds: int = 10


class GaveUp(Exception):
    """A program ended again and again, or the process manager did; `str()` is its name."""


class Supervision:
    """`with Supervision(place, programs) as running:` they run; afterwards none is left."""

    def __init__(self, place: Path, programs: Sequence[Program]):
        self.place = place
        self.programs = programs
        self.own_log = self.log("supervisord")

    def log(self, program: str) -> Path:
        return self.place / "logs" / f"{program}.log"

    def __enter__(self) -> Self:
        self.own_log.parent.mkdir(parents=True, exist_ok=True)
        configuration = self.place / "supervisord.conf"
        configuration.write_text(self.configuration())
        with self.own_log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-n", "-c", str(configuration)],
                cwd=self.place,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us, who then stop the programs in order
                preexec_fn=_end_with_parent,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(sum(program.stop_seconds for program in self.programs) + STOP_MARGIN)
        except subprocess.TimeoutExpired:
            for pid in [*_children_of(self.process.pid), self.process.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def check(self) -> None:
        """Raises GaveUp when something will not run any more."""
        if self.process.poll() is not None:
            raise GaveUp("supervisord")
        log = self.own_log.read_text(errors="replace")
        for program in self.programs:
            if f"gave up: {program.name} entered FATAL state" in log:
                raise GaveUp(program.name)

    def configuration(self) -> str:
        general = {
            "nodaemon": "true",
            "logfile": "/dev/null",  # in the foreground it says the same, and why it cannot start, to its output
            "logfile_maxbytes": 0,
            "pidfile": self.place / "supervisord.pid",
            "childlogdir": self.place,
        }
        if os.getuid() == 0:
            general["user"] = "root"
        return "\n".join(
            [*_section("supervisord", general), *(line for p in self.programs for line in self._program(p))]
        )

    def _program(self, program: Program) -> list[str]:
        return _section(
            f"program:{program.name}",
            {
                "command": shlex.join(program.arguments),
                "directory": ROOT,
                "priority": program.order,
                "autorestart": "true",  # a worker ends with status 3 when it wants to be started again
                "startsecs": 1,
                "startretries": 5,
                "stopsignal": "TERM",
                "stopwaitsecs": program.stop_seconds,
                "killasgroup": "true",
                "redirect_stderr": "true",
                # Seen from where supervisord runs: a percent sign in the way to it could not be written here.
                "stdout_logfile": self.log(program.name).relative_to(self.place),
                "stdout_logfile_maxbytes": "5MB",
                "stdout_logfile_backups": 1,
            },
        )


def _section(name: str, values: dict[str, object]) -> list[str]:
    """A percent sign would begin a variable."""
    return [f"[{name}]", *(f"{key}={str(value).replace('%', '%%')}" for key, value in values.items()), ""]


def _end_with_parent() -> None:
    """When we are killed, supervisord still stops what it started. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def web(port: int) -> Program:
    address = f"127.0.0.1:{port}"
    server = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", address, "--threads", "8"]
    return Program("web", [*server, "--graceful-timeout", "3", "--no-control-socket"], order=20)


def worker(stop_seconds: int) -> Program:
    return Program("worker", [sys.executable, "manage.py", "worker"], order=30, stop_seconds=stop_seconds)
