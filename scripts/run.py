"""`make run`: the pages and the worker of this installation, on this computer, until Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from scripts.supervision import GaveUp, Supervision, web, worker

ROOT = Path(__file__).resolve().parent.parent
WORKER_STOP_SECONDS = 110


def main() -> int:
    port = int(os.environ.get("PORT", "8000"))
    for command in (["migrate", "-v", "0"], ["collectstatic", "--noinput", "-v", "0"]):
        subprocess.run([sys.executable, "-W", "ignore", "manage.py", *command], cwd=ROOT, check=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.stdout.write(f"The pages are at http://localhost:{port}/admin/ — Ctrl-C ends them and the worker.\n")
    sys.stdout.write("The first person who may log in: .venv/bin/python manage.py createsuperuser\n")
    try:
        with Supervision(ROOT / "var" / "run", [web(port), worker(WORKER_STOP_SECONDS)]) as running:
            while True:
                running.check()
                time.sleep(1)
    except GaveUp as error:
        sys.stderr.write(f"“{error}” does not run. The reason is in var/run/logs/{error}.log.\n")
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
