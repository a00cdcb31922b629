"""The product's pages as `make run` serves them: gunicorn, one process with 8 threads."""

import json
import socket
import sys
import time
import urllib.request
from typing import Any

from benchmarks.places import SCRATCH
from benchmarks.processes import PLAIN_STATIC, environment, started


class Web:
    """The pages under gunicorn, with a count of their queries."""

    def __init__(self, url: str, name: str):
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "benchmarks.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        env = environment(url, **PLAIN_STATIC)
        self.process = started([*command, "--threads", "8", "--no-control-socket"], env, SCRATCH / f"web-{name}.log")

    def __enter__(self) -> "Web":
        self.process.__enter__()
        ends = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < ends, "the pages do not answer"
            time.sleep(0.1)
        return self

    def __exit__(self, *error: Any) -> None:
        self.process.__exit__(*error)

    def _answers(self) -> bool:
        try:
            self.counts()
        except OSError:
            return False
        return True

    def counts(self) -> dict[str, int]:
        """Since the last time."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/measured", timeout=30) as answer:
            return {"looks": 0, "queries": 0, "requests": 0} | json.load(answer)
