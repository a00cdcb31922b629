"""Many processes that do the same at once: `python -m tests.processes.crowd WHAT NUMBER`, on the database of a test.

Twenty worker commands would be 160 processes, most of which never touch a lane. What contends for lanes, claims and
pace is one dispatching loop in each, so that each process here is that loop and nothing else: forked from one parent
that has read the code already, without a slot, since slots only save work and protect nothing. They begin together.
"""

import json
import os
import random
import sys
import time
import traceback
from collections.abc import Callable

import django

django.setup()


from campaigns import tasks  # noqa: E402
from campaigns.cluster import die_with_parent  # noqa: E402
from campaigns.dispatch import Dispatch  # noqa: E402
from campaigns.models import Campaign  # noqa: E402


def dispatch() -> int:
    """Short slices of different lengths: lanes go from hand to hand. Returns how many calls this process made."""
    made = 0
    while Campaign.objects.filter(status="sending").exists():
        made += Dispatch(budget=random.uniform(0.7, 1.8)).run()
        # The next kick; without a pause those without a lane only burn the processor.
        time.sleep(random.uniform(0.3, 1))
    return made


def tick() -> dict[str, int]:
    return tasks.tick()


JOBS: dict[str, Callable[[], object]] = {"dispatch": dispatch, "tick": tick}


def main(what: str, number: int) -> int:
    gate, opener = os.pipe()
    children = [_child(JOBS[what], gate, opener) for _ in range(number)]
    os.close(opener)  # the last one that had it: all of them read the end at the same moment
    return max(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children)


def _child(job: Callable[[], object], gate: int, opener: int) -> int:
    if pid := os.fork():
        return pid
    die_with_parent()  # whoever gives up on the parent ends everybody
    os.close(opener)
    os.read(gate, 1)
    status = 1
    try:
        os.write(1, (json.dumps(job()) + "\n").encode())  # at once, so that no two lines mix
        status = 0
    finally:
        if status:
            traceback.print_exc()
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
