"""Real worker commands under a supervisor that starts them again, as systemd would, against the test database."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from django.conf import settings

from tests.processes.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
FAST = {
    "LEASE_SECONDS": "2",
    "TICK_SECONDS": "1",
    "PROBE_SECONDS": "0.5",
    "STALE_SECONDS": "20",
    "DISPATCH_SECONDS": "8",
    "GATEWAY_READ_SECONDS": "4",
    "GATEWAY_CONNECT_SECONDS": "2",
}
# By a word in the title; the first that fits.
TITLES = (
    ("MainProcess", "sentinel"),
    ("tasks.dispatch", "dispatcher"),
    ("processing", "busy"),
    ("idle", "idle"),
    ("monitor", "monitor"),
    ("pusher", "pusher"),
)


def database_url() -> str:
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    return f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


def environment(**extra: str) -> dict[str, str]:
    """The test's database, the real settings."""
    return (
        {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": settings.SECRET_KEY,
            "PUBLIC_URL": settings.PUBLIC_URL,
            "DATABASE_URL": database_url(),
            "EMAIL_URL": "dummymail://",
            "PYTHONUNBUFFERED": "1",
            "INSTALLATION_ID": settings.INSTALLATION_ID,
        }
        | FAST
        | extra
    )


class Supervised:
    """`manage.py worker`, started again whenever it ends, until `stop`."""

    def __init__(self, *, log: Path, command: tuple[str, ...] = ("manage.py", "worker"), **env: str):
        self.log = log
        self.command = command
        self.env = environment(**env)
        self.starts = 0
        self.statuses: list[int] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._supervise, daemon=True)

    def __enter__(self) -> "Supervised":
        self._thread.start()
        wait_until(lambda: "pusher" in self.roles(), what="the worker's start")
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [sys.executable, "-W", "ignore", *self.command],
                    cwd=ROOT,
                    env=self.env,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self.starts += 1
            self.statuses.append(self.process.wait())

    def stop(self, *, seconds: float = 30) -> float:
        """SIGTERM, as a supervisor stops it; returns how long it took. Whoever is left then is killed."""
        self._stopping.set()
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self._thread.join(seconds)
        took = time.monotonic() - began
        kill_group(self.process.pid)
        self._thread.join(5)
        return took

    def fall(self) -> None:
        """As when its computer loses power: nobody starts it again."""
        self._stopping.set()
        kill_group(self.process.pid)
        self._thread.join(5)

    def roles(self) -> dict[str, list[int]]:
        """Who does what at this moment, by the titles that the processes give themselves."""
        found: dict[str, list[int]] = {}
        for pid in group_of(self.process.pid) if self.starts else ():
            if role := _role(pid, self.process.pid):
                found.setdefault(role, []).append(pid)
        return found


def _role(pid: int, main: int) -> str:
    title = _read(f"/proc/{pid}/cmdline").replace("\0", " ")
    if pid == main:
        return "main"
    return next((role for word, role in TITLES if word in title), "")


def group_of(leader: int) -> list[int]:
    pids = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _read(f"/proc/{entry.name}/stat").rpartition(")")[2].split()
            if len(fields) > 3 and int(fields[2]) == leader and fields[0] != "Z":
                pids.append(int(entry.name))
    return pids


def kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
