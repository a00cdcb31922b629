"""Many gates at once: `python -m tests.processes.door_crowd TICKET SHARED NONCE`, on the database of a test.

Processes forked from one parent that has read the code already, with threads in each. They begin together: scan one
ticket, all tell the one scan NONCE of the ticket SHARED, and all take that one entry back.
"""

import json
import os
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from campaigns.cluster import die_with_parent  # noqa: E402
from tickets.checkin import Scan, check_in, find_ticket, take_back  # noqa: E402
from tickets.doorkeeper import Doorkeeper  # noqa: E402
from tickets.models import CheckIn, DoorAccess  # noqa: E402

PROCESSES, THREADS = 10, 5


def at_the_gate(ticket: str, shared: str, nonce: str) -> list[object]:
    """What one gate was told: the verdict on its scan, the one on the shared scan, whether it took the entry back."""
    try:
        keeper = Doorkeeper(access=DoorAccess.objects.select_related("event").get())
        assert keeper.access is not None
        event = keeper.access.event
        own = check_in(event, find_ticket(ticket), Scan(str(uuid4()), ticket, timezone.now()), keeper)
        both = check_in(event, find_ticket(shared), Scan(nonce, shared, timezone.now()), keeper)
        entry = CheckIn.objects.get(nonce=nonce)
        undone = take_back(entry, reason="A la vez", keeper=keeper, now=timezone.now())
        return [own.checkin.result, own.checkin.reason, both.checkin.pk, undone]
    finally:
        connection.close()


def main(*texts: str) -> int:
    gate, opener = os.pipe()
    children = [_child(texts, gate, opener) for _ in range(PROCESSES)]
    os.close(opener)  # the last one that had it: all of them read the end at the same moment
    return max(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children)


def _child(texts: tuple[str, ...], gate: int, opener: int) -> int:
    if pid := os.fork():
        return pid
    die_with_parent()
    os.close(opener)
    os.read(gate, 1)
    status = 1
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            told = list(pool.map(lambda _: at_the_gate(*texts), range(THREADS)))
        os.write(1, (json.dumps(told) + "\n").encode())  # at once, so that no two lines mix
        status = 0
    finally:
        if status:
            traceback.print_exc()
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
