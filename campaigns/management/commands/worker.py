"""`manage.py worker`: the background of an installation, to be kept running by a supervisor."""

import logging
import os
import select
import signal
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from campaigns import watchdog
from campaigns.cluster import BROKEN, WorkerCluster
from campaigns.kicks import enqueue
from campaigns.outages import OUTAGES, forget_broken_connection
from campaigns.stopping import STOP

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
STOP_MARGIN = 5.0
LONGEST_TICK = 20.0  # seconds that a queued tick gets before another one is queued


class Command(BaseCommand):
    help = (
        "Sends what is to be sent. Start one or more, on one or more computers, under a supervisor that starts it "
        "again when it ends. SIGTERM lets what is under way finish and then ends it."
    )
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        STOP.open()
        # The limit of a stop: the longest call, with the question before it, and a little to record it.
        call = settings.GATEWAY_CONNECT_SECONDS + settings.GATEWAY_READ_SECONDS
        limit = settings.LONGEST_CHECK_SECONDS + call + STOP_MARGIN
        connection.close()  # the children are forked, and a connection cannot be shared
        wake = _Signals()
        cluster = WorkerCluster(STOP, stop_seconds=limit)
        wake.listen()
        cluster.start()
        self.stdout.write("Worker started.")
        status = _Watch().until_stopped(cluster, wake)
        self.stdout.write("Worker stopped.")
        if status:
            # Not sys.exit: threads that wait for a broken child must not keep us.
            self.stdout.flush()
            os._exit(status)


class _Signals:
    """SIGTERM and SIGINT as something that can be waited for."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()
        os.set_blocking(self.write, False)

    def listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._came)

    def _came(self, number: int, frame: object) -> None:
        os.write(self.write, b"x")

    def wait(self, seconds: float, *, or_end_of: int) -> bool:
        """True when a signal came; at once when the process behind the descriptor `or_end_of` has ended."""
        return self.read in select.select([self.read, or_end_of], [], [], seconds)[0]


class _Watch:
    """Looks every second, and queues a tick when one is due: at the start, and whenever the schedule is late."""

    def __init__(self) -> None:
        self.watchdog = watchdog.Watchdog()
        self.patience = timedelta(seconds=min(LONGEST_TICK, settings.TICK_SECONDS))
        self.ticked = timezone.now() - self.patience

    def until_stopped(self, cluster: WorkerCluster, wake: _Signals) -> int:
        """Until a signal comes (0) or the cluster is broken (not 0)."""
        pause = 0.0  # the first look at once: after a restart somebody may be waiting
        while not wake.wait(pause, or_end_of=cluster.descriptor):
            pause = LOOK_SECONDS
            if not cluster.is_alive():
                logger.error("The worker's processes are gone")
                return BROKEN
            if not self._is_healthy():
                logger.error("Messages are due and nothing moves: the worker gives up, to be started again")
                cluster.stop()
                return BROKEN
        cluster.stop()
        return 0

    def _is_healthy(self) -> bool:
        """A database that cannot be asked is not the cluster's fault: it waits for it as everybody does."""
        now = timezone.now()
        try:
            if now - self.ticked >= self.patience and watchdog.is_tick_due(now=now):
                enqueue("campaigns.tasks.tick")
                self.ticked = now
            return not self.watchdog.is_stuck(now=now)
        except OUTAGES:
            logger.warning("The database does not answer")
            forget_broken_connection()
            return True
