"""A run of the torture: rounds of strikes against an installation that sends, then the end by itself, then the verdict."""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from campaigns.models import Campaign, Delivery, DeliveryAttempt
from tests.factories import make_contact, make_sender, make_settings
from tests.processes.judging import Evidence, Record, Verdict, arrivals_of, judge
from tests.processes.operating import Operator, patiently
from tests.processes.servers import OwnPostgres, OwnRedis
from tests.processes.strikes import Striker
from tests.processes.supervised import Supervised
from tests.processes.waiting import wait_until
from tests.simulator import Simulator

LATENCY_MS = 40
LEAST_LEFT = 60  # messages: there is always somebody to reach while strikes fall


@dataclass(frozen=True)
class Plan:
    rounds: int
    seed: int
    kinds: tuple[str, ...]
    lanes: int = 4
    people: int = 120  # of each campaign
    workers: int = 1


@dataclass
class Report:
    verdict: Verdict
    strikes: Counter[str] = field(default_factory=Counter)
    campaigns: int = 0
    starts: int = 0  # of workers
    seconds: float = 0.0


class Ordeal:
    """`run` returns the report; a hang is an AssertionError that says what did not happen."""

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        *,
        postgres: OwnPostgres | None = None,
        redis: OwnRedis | None = None,
        say: Callable[[str], None],
    ):
        self.plan, self.folder, self.say = plan, folder, say
        self.postgres, self.redis = postgres, redis
        self.chance = random.Random(plan.seed)
        self.journal = folder / "arrived.jsonl"
        self.began = time.monotonic()

    def run(self) -> Report:
        with ExitStack() as stack:
            simulator = stack.enter_context(Simulator("--latency-ms", str(LATENCY_MS), "--journal", str(self.journal)))
            self._furnish(simulator.url)
            self.operator = Operator(self.chance)
            self.operator.keep_busy(LEAST_LEFT)
            self.workers = [
                stack.enter_context(Supervised(log=self.folder / f"worker{number}.log"))
                for number in range(1, self.plan.workers + 1)
            ]
            self.striker = Striker(
                self.chance,
                self.plan.kinds,
                workers=self.workers,
                simulator=simulator,
                postgres=self.postgres,
                redis=self.redis,
            )
            for number in range(1, self.plan.rounds + 1):
                self._round(number)
            wait_until(self.operator.is_all_finished, seconds=180, what="the end of the campaigns by themselves")
        return self._report()

    def _furnish(self, url: str) -> None:
        make_settings(retry_base_seconds=1, retry_cap_seconds=1, breaker_threshold=100)
        for _ in range(self.plan.lanes):
            make_sender(base_url=url)
        for _ in range(self.plan.people):
            make_contact(email="")

    # --- one round

    def _round(self, number: int) -> None:
        began = time.monotonic()
        self._wait_until_it_works_again()
        waited = time.monotonic() - began
        time.sleep(self.chance.uniform(0, 0.4))
        act = self.operator.act()
        struck = []
        for kind in self.striker.next_kinds():
            struck.append(self.striker.strike(kind))
            time.sleep(self.chance.uniform(0, 0.3))
        self.operator.resume()
        self.say(
            f"{number:3d}  {'+'.join(struck):32} {act:10} worked again after {waited:5.1f} s   "
            f"{self._arrived():6d} arrived   {sum(worker.starts for worker in self.workers):3d} starts"
        )

    def _wait_until_it_works_again(self) -> None:
        """Every worker is up and a message has arrived, so that the next strike hits something."""
        for worker in self.workers:
            wait_until(lambda w=worker: "pusher" in w.roles(), what="the restart of a worker")
        self.operator.keep_busy(LEAST_LEFT)  # only now: while one worker starts, another may send all there is
        before = self._arrived()
        wait_until(lambda: self._arrived() > before, what="the next message")

    def _arrived(self) -> int:
        return self.journal.read_bytes().count(b"\n") - 1

    # --- the end

    def _report(self) -> Report:
        return Report(
            verdict=judge(self._evidence()),
            strikes=Counter(strike.what for strike in self.striker.done),
            campaigns=self.operator.waves,
            starts=sum(worker.starts for worker in self.workers),
            seconds=time.monotonic() - self.began,
        )

    def _evidence(self) -> Evidence:
        return Evidence(
            audience=self.plan.people * self.operator.waves,
            lanes=self.plan.lanes,
            arrivals=arrivals_of(self.journal),
            records=records_of(Campaign.objects.all()),
            strikes=self.striker.done,
            paces=self.operator.paces,
            calls_in_pauses=+self.operator.calls_in_pauses,
        )


def records_of(campaigns) -> list[Record]:
    """Every delivery with the call that left or may have left: there is at most one, unless a person sends again."""
    calls = DeliveryAttempt.objects.filter(outcome__in=["accepted", "uncertain", "started"])
    last = {call.delivery_id: call for call in patiently(lambda: list(calls.order_by("number")))}
    rows = Delivery.objects.filter(campaign__in=campaigns).values_list("pk", "text", "address", "status")
    return [
        Record((text, address.lstrip("+")), status, last[pk].lane_id, last[pk].started_at.timestamp())
        if pk in last
        else Record((text, address.lstrip("+")), status)
        for pk, text, address, status in patiently(lambda: list(rows))
    ]
