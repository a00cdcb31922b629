"""django-q2's cluster, made to stop at once, to survive a TERM to the whole group, and to notice that it is broken.

What django-q2 1.11 does by itself, measured: a TERM to the process group kills running tasks and leaves the main
process hanging for ever; the death of an idle worker or of the monitor, which die holding a queue's lock, leaves a
cluster that looks alive and does nothing. So the children ignore TERM and learn of the stop through a pipe, they die
with their parent, and any child that dies unasked breaks the cluster, which then has to be started again as a whole.
"""

import contextlib
import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing import Process
from typing import Any

from django_q import cluster as q2

from campaigns.stopping import StopPipe

logger = logging.getLogger(__name__)

BROKEN = 3  # exit status of the sentinel, and of the command, when the cluster has to be started again
PR_SET_PDEATHSIG = 1
RECYCLED = -2
TIMED_OUT = 0


def die_with_parent() -> None:
    """Ask the kernel for SIGKILL when the parent dies. Linux only; elsewhere leases and fences carry the safety."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class GuardingSentinel(q2.Sentinel):
    """The guard of the children: it replaces those that ended as planned and gives up when one died otherwise."""

    stop_pipe: StopPipe
    stop_seconds: float

    def start(self) -> None:
        parent = os.getppid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # inherited by every child
        die_with_parent()
        os.register_at_fork(after_in_child=die_with_parent)
        if os.getppid() != parent:  # it died before we asked
            os._exit(BROKEN)
        super().start()

    def reincarnate(self, process: Process) -> None:
        if not self.is_planned(process):
            self.give_up(process)
        super().reincarnate(process)

    def is_planned(self, process: Process) -> bool:
        """Recycled after many tasks, or ended by itself because its task took too long."""
        if process in (self.monitor, self.pusher):
            return False
        if process.timer.value == TIMED_OUT:  # type: ignore[attr-defined]
            return not process.is_alive() or _ends_soon(process)
        return int(process.timer.value) == RECYCLED  # type: ignore[attr-defined]

    def give_up(self, dead: Process) -> None:
        """Let what is under way end and be recorded, then end everything."""
        logger.error("A process of the worker died (exit status %s); the worker is started again", dead.exitcode)
        self.stop_pipe.stop()
        ends = time.monotonic() + self.stop_seconds
        while time.monotonic() < ends and any(_is_busy(p) for p in self.pool if p is not dead):
            time.sleep(0.05)
        for child in [*self.pool, self.monitor, self.pusher]:
            if child is not None and child.is_alive():
                child.kill()
        os._exit(BROKEN)


def _is_busy(process: Any) -> bool:
    return process.is_alive() and process.timer.value > 0


def _ends_soon(process: Process) -> bool:
    """A task over its time ends its worker; one that hangs in a system call has to be killed, and that breaks it."""
    process.join(5)
    if process.is_alive():
        process.kill()
        return False
    return True


class WorkerCluster(q2.Cluster):
    """A cluster whose sentinel is ours, and which can always be ended within a limit."""

    def __init__(self, stop_pipe: StopPipe, *, stop_seconds: float):
        super().__init__()
        GuardingSentinel.stop_pipe = stop_pipe
        GuardingSentinel.stop_seconds = stop_seconds
        self.stop_pipe = stop_pipe
        self.stop_seconds = stop_seconds

    def start(self) -> int:
        with _our_sentinel():
            return super().start()

    def is_alive(self) -> bool:
        return self.sentinel is not None and self.sentinel.is_alive()

    @property
    def descriptor(self) -> int:
        """Readable once the sentinel has ended."""
        return int(self.sentinel.sentinel)

    def stop(self) -> bool:
        """Tasks learn of it at once; whoever is still there after the limit is killed."""
        if not self.is_alive():
            return False
        self.stop_pipe.stop()
        # In a thread: setting the event waits for ever when the sentinel is killed at the wrong moment.
        threading.Thread(target=self.stop_event.set, daemon=True).start()
        self.sentinel.join(self.stop_seconds)
        if self.sentinel.is_alive():
            logger.error("The worker did not end within %.0f s and is killed", self.stop_seconds)
            self.kill()
            return False
        return True

    def kill(self) -> None:
        """SIGKILL for the sentinel, and with it for all its children."""
        with contextlib.suppress(ProcessLookupError):
            for pid in _children_of(self.sentinel.pid):
                os.kill(pid, signal.SIGKILL)
        self.sentinel.kill()
        self.sentinel.join(5)


def _children_of(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []  # not Linux, or gone already


@contextlib.contextmanager
def _our_sentinel() -> Iterator[None]:
    """django-q2 has no setting for the class; it looks the name up when the cluster starts."""
    original, q2.Sentinel = q2.Sentinel, GuardingSentinel
    try:
        yield
    finally:
        q2.Sentinel = original
