"""`python -m tests.processes.torture`: an installation of its own, struck again and again. docs/torture.md."""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.processes.servers import OwnPostgres, OwnRedis

WORDS = """
  strikes        {strikes}
  campaigns      {campaigns}, {people} people each
  sent           {sent}
  uncertain      {arrived} that arrived, {not_arrived} that did not
  doubled        {doubled}
  lost           {lost}
  shortest gap   {shortest:.0f} ms longer than its pace
  worker starts  {starts}
  duration       {seconds:.0f} s"""


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def main() -> int:
    chosen = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        postgres = stack.enter_context(OwnPostgres()) if chosen.database == "postgresql" else None
        redis = stack.enter_context(OwnRedis()) if chosen.broker == "redis" else None
        os.environ |= _environment(folder, postgres, redis)
        return _run(chosen, folder, postgres, redis)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.processes.torture", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--broker", choices=["orm", "redis"], default="orm")
    parser.add_argument("--seed", type=int, help="The same seed, the same strikes after the same pauses. Default: any.")
    parser.add_argument("--workers", type=int, help="Default: 1 on SQLite, 2 on PostgreSQL.")
    parser.add_argument("--kinds", help="Only these strikes, with commas between them.")
    chosen = parser.parse_args()
    chosen.seed = random.randrange(10**6) if chosen.seed is None else chosen.seed
    return chosen


@contextmanager
def _folder() -> Iterator[Path]:
    """In memory where the system has such a place: a killed process loses nothing of what it gave to the kernel."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="pregonero-torture-", dir=memory))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path, postgres: OwnPostgres | None, redis: OwnRedis | None) -> dict[str, str]:
    from tests.processes.supervised import FAST

    return FAST | {
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "DATABASE_URL": postgres.url if postgres else f"sqlite:///{folder / 'torture.sqlite3'}",
        "Q_REDIS_URL": redis.url if redis else "",
        "LOG_LEVEL": "ERROR",
    }


def _run(chosen: argparse.Namespace, folder: Path, postgres: OwnPostgres | None, redis: OwnRedis | None) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    from tests.processes.ordeal import Ordeal, Plan
    from tests.processes.strikes import kinds_for

    call_command("migrate", verbosity=0)
    kinds = tuple(chosen.kinds.split(",")) if chosen.kinds else kinds_for(postgres=bool(postgres), redis=bool(redis))
    workers = chosen.workers or (2 if postgres else 1)
    plan = Plan(rounds=chosen.rounds, seed=chosen.seed, kinds=kinds, workers=workers)
    say(f"{chosen.rounds} rounds, {chosen.database}, {chosen.broker}, {workers} workers, seed {chosen.seed}")
    try:
        report = Ordeal(plan, folder, postgres=postgres, redis=redis, say=say).run()
    except AssertionError as error:
        say(f"\nBROKEN: {error}")
        _show_logs(folder)
        return 1
    _show(report, plan)
    if report.verdict.faults:
        _show_logs(folder)
    return 1 if report.verdict.faults else 0


def _show(report, plan) -> None:
    verdict = report.verdict
    say(
        WORDS.format(
            strikes=", ".join(f"{kind} {times}" for kind, times in sorted(report.strikes.items())),
            campaigns=report.campaigns,
            people=plan.people,
            sent=verdict.sent,
            arrived=verdict.uncertain_arrived,
            not_arrived=verdict.uncertain_not_arrived,
            doubled=verdict.doubled,
            lost=verdict.lost,
            shortest=1000 * verdict.shortest,
            starts=report.starts,
            seconds=report.seconds,
        )
    )
    for fault in verdict.faults:
        say(f"BROKEN: {fault}")


def _show_logs(folder: Path) -> None:
    for log in sorted(folder.glob("worker*.log")):
        say(f"\n--- the end of {log.name}")
        say("\n".join(log.read_text(errors="replace").splitlines()[-60:]))


if __name__ == "__main__":
    sys.exit(main())
