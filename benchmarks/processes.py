"""Starting what is measured: processes with the product's own settings, and what the kernel says about them."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.places import ROOT, SCRATCH

PLAIN_STATIC = {"DJANGO_SETTINGS_MODULE": "benchmarks.settings_pages"}  # for whatever shows pages


class JobFailed(Exception):
    """A measured process ended with an error; its own words are in the message."""


def environment(database_url: str, **extra: str) -> dict[str, str]:
    """The product's settings as an installation has them; only the database and the addresses are ours."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    ours = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
        "PUBLIC_URL": "http://localhost:8000",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "DATABASE_URL": database_url,
        "INSTALLATION_FILE": str(installation_file(database_url)),
        "EMAIL_URL": "dummymail://",
        "MEDIA_ROOT": str(SCRATCH / "media"),
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
    }
    return kept | ours | extra


def installation_file(database_url: str) -> Path:
    """What this computer remembers of a database, beside our own files: it goes when the database goes."""
    return SCRATCH / f"{Path(database_url).stem}.installation.json"


def job_command(job: str, arguments: dict[str, Any]) -> list[str]:
    return [sys.executable, "-m", "benchmarks.child", job, json.dumps(arguments)]


def run_job(job: str, database_url: str, env: dict[str, str] | None = None, **arguments: Any) -> Any:
    """Run one job to its end and return its answer."""
    done = subprocess.run(
        job_command(job, arguments),
        cwd=ROOT,
        env=environment(database_url, **(env or {})),
        capture_output=True,
        text=True,
    )
    return answer_of(job, done.returncode, done.stdout, done.stderr)


def answer_of(job: str, status: int, output: str, errors: str) -> Any:
    if status != 0:
        raise JobFailed(f"{job} ended with {status}:\n{errors[-3000:]}")
    return json.loads(output.strip().splitlines()[-1])


@contextlib.contextmanager
def started(command: list[str], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, which ends with the block, whatever happens in it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[Any], *, seconds: float = 20) -> None:
    """As a supervisor does it: SIGTERM first, and the whole group when that does not help."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    kill_group(process)


def kill_group(process: subprocess.Popen[Any]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
