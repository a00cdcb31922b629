"""Servers of our own, which may be killed: PostgreSQL with a data folder and a port of its own, and Redis."""

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg

from tests.processes.waiting import wait_until

IN_A_TURN = """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE state = 'idle in transaction' AND state_change < clock_timestamp() - interval '20 ms'
            AND query ~ '"campaigns_(delivery|deliveryattempt|lane)"'
    )
"""
NOBODY_ELSE = "postgres"  # PostgreSQL refuses to run as root


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def postgres_programs() -> Path | None:
    """The folder of pg_ctl and initdb, of the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: float(path.parts[4]))
    named = shutil.which("pg_ctl")
    return found[-1].parent if found else (Path(named).parent if named else None)


def has_redis() -> bool:
    return shutil.which("redis-server") is not None


class OwnPostgres:
    """`with OwnPostgres() as server:`; it writes to the disk as it does by default, with fsync."""

    def __enter__(self) -> Self:
        programs = postgres_programs()
        assert programs, "PostgreSQL's programs are not installed"
        self.programs, self.port = programs, free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="pregonero-torture-"))
        if os.getuid() == 0:
            shutil.chown(self.folder, NOBODY_ELSE)
        try:
            self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync")
            options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
            self._run("pg_ctl", "--wait", f"--log={self.folder / 'log'}", f"--options={options}", "start")
        except BaseException:
            self.__exit__()
            raise
        return self

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def crash(self) -> None:
        """Everybody is thrown out in the middle of whatever it was, and the server recovers from its log."""
        self._run("pg_ctl", "--wait", f"--log={self.folder / 'log'}", "--mode=immediate", "restart")

    def stands_in_a_turn(self) -> bool:
        """Whether somebody has been silent for a while in the middle of a transaction about messages."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(IN_A_TURN).fetchone() == (True,)

    def __exit__(self, *exc: object) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "--wait", "--mode=immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), f"--pgdata={self.folder / 'data'}", *arguments]
        if os.getuid() == 0:
            command = ["su", NOBODY_ELSE, "-s", "/bin/sh", "-c", shlex.join(command)]
        # Without a pipe: the server inherits it and would keep it open.
        subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


class OwnRedis:
    """`with OwnRedis() as server:`; it keeps nothing on a disk."""

    def __enter__(self) -> Self:
        self.port = free_port()
        self._start()
        return self

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", "/"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(lambda: answers(self.port), what="the start of Redis")

    def crash(self) -> None:
        """All tasks are gone."""
        self.process.kill()
        self.process.wait(10)
        self._start()

    def __exit__(self, *exc: object) -> None:
        self.process.kill()
        self.process.wait(10)
