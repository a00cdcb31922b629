"""The dispatcher of the product in a process of its own, until nothing is left to send."""

import contextlib
import cProfile
import pstats
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from benchmarks.jobs.counting import Statements
from campaigns.dispatch import Dispatch
from campaigns.models import Campaign


def drain(*, profile: str = "", statements: bool = False, most_seconds: float = 600) -> dict[str, Any]:
    """Slice after slice, as a worker does it. CPU is that of this process, its calling threads included."""
    counted = Statements()
    began, cpu = time.monotonic(), time.process_time()
    recorded = 0
    with profiled(profile), counted.counting() if statements else contextlib.nullcontext():
        while time.monotonic() - began < most_seconds and Campaign.objects.filter(status="sending").exists():
            recorded_now = Dispatch(budget=settings.DISPATCH_SECONDS).run()
            recorded += recorded_now
            if not recorded_now:  # a lane that a dead holder still has
                time.sleep(0.05)
    return {
        "recorded": recorded,
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - cpu,
        "statements": counted.per(recorded) if statements else [],
    }


@contextlib.contextmanager
def profiled(path: str) -> Iterator[None]:
    """cProfile of the thread that owns the database; the calls run in others."""
    if not path:
        yield
        return
    profiler = cProfile.Profile()
    with profiler:
        yield
    profiler.dump_stats(path)
    with Path(path).with_suffix(".txt").open("w") as text:
        stats = pstats.Stats(profiler, stream=text)
        stats.sort_stats("tottime").print_stats(60)
        stats.sort_stats("cumulative").print_stats(90)
