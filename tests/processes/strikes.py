"""What may happen to an installation at any moment, and how it is made to happen."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator

from tests.processes.judging import Span
from tests.processes.servers import OwnPostgres, OwnRedis
from tests.processes.supervised import FAST, Supervised, kill_group
from tests.simulator import Simulator

ROLES = ("dispatcher", "idle", "monitor", "pusher", "sentinel", "main")
EVERYWHERE = (*ROLES, "group", "freeze-dispatcher", "freeze-group", "simulator")
TRIES = 100  # to stop a worker in the middle of a transaction
LONGER_THAN_A_LEASE = float(FAST["LEASE_SECONDS"]) + 1


def kinds_for(*, postgres: bool, redis: bool) -> tuple[str, ...]:
    return (*EVERYWHERE, *(["database", "freeze-turn"] if postgres else []), *(["redis"] if redis else []))


class Striker:
    """Each kind once in an order of chance, then all of them again in another one."""

    def __init__(
        self,
        chance: random.Random,
        kinds: tuple[str, ...],
        *,
        workers: list[Supervised],
        simulator: Simulator,
        postgres: OwnPostgres | None = None,
        redis: OwnRedis | None = None,
    ):
        self.chance, self.kinds, self.workers = chance, kinds, workers
        self.simulator, self.postgres, self.redis = simulator, postgres, redis
        self.done: list[Span] = []
        self._bag: list[str] = []

    def next_kinds(self) -> list[str]:
        """One; sometimes a second one that follows at once."""
        return [self._draw() for _ in range(2 if self.chance.random() < 0.2 else 1)]

    def _draw(self) -> str:
        if not self._bag:
            self._bag = self.chance.sample(self.kinds, len(self.kinds))
        return self._bag.pop()

    def strike(self, kind: str) -> str:
        """Returns what was struck: a role that nobody has at this moment stands for the whole worker."""
        worker = self.chance.choice(self.workers)
        began = time.time()
        struck = self._strike(kind, worker)
        self.done.append(Span(began, time.time(), struck))
        return struck

    def _strike(self, kind: str, worker: Supervised) -> str:
        servers: dict[str, Callable[[], None]] = {"simulator": self._restart_simulator}
        if self.postgres:
            servers["database"] = self.postgres.crash
        if self.redis:
            servers["redis"] = self.redis.crash
        if kind in servers:
            servers[kind]()
            return kind
        if kind == "freeze-turn":
            return self._freeze_in_a_turn()
        verb, _, role = kind.rpartition("-")
        pids = worker.roles().get(role, [])
        if not pids:
            _signal_all(worker, frozen=bool(verb))
            return f"{verb}-group" if verb else "group"
        _signal(self.chance.choice(pids), frozen=bool(verb))
        return kind

    def _freeze_in_a_turn(self) -> str:
        """As `freeze-group`, but in the middle of a transaction: where the lease runs out between claim and commit."""
        assert self.postgres
        for _ in range(TRIES):
            with _frozen(self.chance.choice(self.workers)):
                time.sleep(0.03)
                if self.postgres.stands_in_a_turn():
                    time.sleep(LONGER_THAN_A_LEASE)
                    return "freeze-turn"
            time.sleep(self.chance.uniform(0.001, 0.02))
        return "freeze-turn in vain"

    def _restart_simulator(self) -> None:
        self.simulator.kill()
        time.sleep(self.chance.uniform(0, 1))
        self.simulator.start_again()


def _signal(pid: int, *, frozen: bool) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile
        if not frozen:
            os.kill(pid, signal.SIGKILL)
            return
        os.kill(pid, signal.SIGSTOP)
        time.sleep(LONGER_THAN_A_LEASE)
        os.kill(pid, signal.SIGCONT)


def _signal_all(worker: Supervised, *, frozen: bool) -> None:
    if not frozen:
        kill_group(worker.process.pid)
        return
    with _frozen(worker):
        time.sleep(LONGER_THAN_A_LEASE)


@contextlib.contextmanager
def _frozen(worker: Supervised) -> Iterator[None]:
    leader = worker.process.pid
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGSTOP)
    yield
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGCONT)
